"""Whether a displacement that was found is one: undone, it must bring parcels to the line as nothing else would."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from landkit.overlay.displacement_fit import SharedRuns, shared_runs
from landkit.overlay.displacement_model import Displacement, TileShift, Walker, search_m, tile_corner
from landkit.overlay.profile import REACH_SIGMAS
from landkit.overlay.shapes import Flags, Floats

LARGE_SIGMAS: Final = 4.0  # a displacement from which on it must be seen in how many parcels lie at the line
MORE_AT_LINE: Final = 1.5
OTHER_WAY: Final = 10  # runs pushed one way from which on the other way must be explained too
AT_LINE_SIGMAS: Final = 2.0  # a run farther from the line counts nothing for a place
CLEARLY: Final = 3.0  # standard errors


def believable(
    walker: Walker, found: Displacement, places: Floats, sigma_m: float, tile: TileShift | None = None
) -> bool:
    """Whether a displacement, undone, truly brings parcels to the line.

    It must bring those it had pushed out as well as those it had pushed in: parcels that all encroach look displaced to
    those on one side of a line only.  And a large one must bring half as many again as lay at the line before: parcels
    that never followed the line lie everywhere, and some of them at any place one looks.  With too few runs on either side
    nobody can say, and the displacement stands.  Of a tile only its own parcels are asked.
    """
    moved, reach = found.at(places), search_m(sigma_m)
    own = np.ones(len(places), dtype=bool)
    if tile is not None:
        own = (tile_corner(places) == (tile.x, tile.y)).all(axis=1)
    if not _stands_out(walker, moved, places, own, sigma_m):
        return False

    def look(by: Floats) -> tuple[SharedRuns, Flags]:
        runs, close = (
            shared_runs(walker(by, reach), places),
            shared_runs(walker(by, REACH_SIGMAS * sigma_m), places),
        )
        at_line = np.zeros(len(places), dtype=bool)
        at_line[close.parcel[np.abs(close.depth_m) < 3 * sigma_m]] = True
        runs = runs.only(np.flatnonzero(own[runs.parcel]))
        return runs, at_line[runs.parcel]

    runs, at_line = look(-moved)
    size = float(np.sqrt((moved[own] ** 2).sum(axis=1).mean()))
    if size > LARGE_SIGMAS * sigma_m and at_line.sum() < MORE_AT_LINE * look(np.zeros_like(moved))[1].sum():
        return False
    push = (runs.normal * moved[runs.parcel]).sum(axis=1)
    far = float(np.quantile(np.abs(push), 0.9)) / 2 if len(push) else 0.0
    ways = at_line[push > far], at_line[push < -far]
    if min(len(way) for way in ways) < OTHER_WAY:
        return True
    low, high = sorted(float(way.mean()) for way in ways)
    return low >= high / 2


def _stands_out(walker: Walker, moved: Floats, places: Floats, own: Flags, sigma_m: float) -> bool:
    """Whether parcels moved back lie closer to the line than moved as far another way: on, to the left, to the right.

    Somewhere about parcels that have nothing to do with a line there is a place where most of them lie at it by chance; a
    search that looks everywhere finds it, and no test of what is found there can tell that it was looked for.
    """

    def closeness(by: Floats) -> Floats:
        runs, close = shared_runs(walker(by, REACH_SIGMAS * sigma_m), places), np.zeros(len(places))
        close[runs.parcel] = np.maximum(0.0, 1 - (runs.depth_m / (AT_LINE_SIGMAS * sigma_m)) ** 2)
        return close[own]

    here, aside = closeness(-moved), np.column_stack([-moved[:, 1], moved[:, 0]])
    gains = [here - closeness(by) for by in (moved, aside, -aside)]
    return all(gain.sum() > CLEARLY * math.sqrt(len(gain)) * gain.std() for gain in gains)
