"""Whether a displacement that was found is one: undone, it must bring parcels to the line as nothing else would."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from landkit.arrays import Flags, Floats
from landkit.overlay.displacement.fit import shared_runs
from landkit.overlay.displacement.model import Displacement, TileShift, Walker, search_m, tile_corner
from landkit.overlay.walk.profile import REACH_SIGMAS

LARGE_SIGMAS: Final = (
    4.0  # a displacement from which on parcels as delivered lie clearly farther from the line
)
OTHER_WAY: Final = 10  # runs pushed one way from which on the other way must be explained too
AT_LINE_SIGMAS: Final = 2.0  # a run farther from the line counts nothing for a place
CLEARLY: Final = 3.0  # standard errors


def believable(
    walker: Walker, found: Displacement, places: Floats, sigma_m: float, tile: TileShift | None = None
) -> bool:
    """Whether a displacement, undone, truly brings parcels to the line.

    It must bring those it had pushed out as well as those it had pushed in: parcels that all encroach look displaced to
    those on one side of a line only.  With too few runs on either side nobody can say, and the displacement stands.  Of a
    tile only its own parcels are asked.
    """
    moved = found.at(places)
    own = np.ones(len(places), dtype=bool)
    if tile is not None:
        own = (tile_corner(places) == (tile.x, tile.y)).all(axis=1)
    if not _stands_out(walker, moved, places, own, sigma_m):
        return False

    reaches = search_m(sigma_m), REACH_SIGMAS * sigma_m
    runs, close = (shared_runs(walker(-moved, reach), places) for reach in reaches)
    at_line = np.zeros(len(places), dtype=bool)
    at_line[close.parcel[np.abs(close.depth_m) < 3 * sigma_m]] = True
    runs = runs.only(np.flatnonzero(own[runs.parcel]))
    push = (runs.normal * moved[runs.parcel]).sum(axis=1)
    far = float(np.quantile(np.abs(push), 0.9)) / 2 if len(push) else 0.0
    at_line = at_line[runs.parcel]
    ways = at_line[push > far], at_line[push < -far]
    if min(len(way) for way in ways) < OTHER_WAY:
        return True
    low, high = sorted(float(way.mean()) for way in ways)
    return low >= high / 2


def _stands_out(walker: Walker, moved: Floats, places: Floats, own: Flags, sigma_m: float) -> bool:
    """Whether parcels moved back lie closer to the line than moved as far another way: on, to the left, to the right.

    Somewhere about parcels that have nothing to do with a line there is a place where most of them lie at it by chance; a
    search that looks everywhere finds it, and no test of what is found there can tell that it was looked for.  Where they
    were far off, they must also lie closer than as delivered.
    """

    def closeness(by: Floats) -> Floats:
        runs, close = shared_runs(walker(by, REACH_SIGMAS * sigma_m), places), np.zeros(len(places))
        close[runs.parcel] = np.maximum(0.0, 1 - (runs.depth_m / (AT_LINE_SIGMAS * sigma_m)) ** 2)
        return close[own]

    here, aside = closeness(-moved), np.column_stack([-moved[:, 1], moved[:, 0]])
    others = [moved, aside, -aside]
    if np.sqrt((moved[own] ** 2).sum(axis=1).mean()) > LARGE_SIGMAS * sigma_m:
        others.append(np.zeros_like(moved))
    gains = [here - closeness(by) for by in others]
    return all(gain.sum() > CLEARLY * math.sqrt(len(gain)) * gain.std() for gain in gains)
