"""What a layer of parcels and a line say of each other before any parcel is judged: scatter and displacement.

Measured on a sample of the parcels near the line, spread evenly from west to east, so that it costs the same for a town and a
province.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from landkit.arrays import Floats, Ints
from landkit.overlay.displacement.model import Displacement, Walker, search_m
from landkit.overlay.displacement.search import layer_displacement, tile_displacements
from landkit.overlay.edge_tree import Tree, moved
from landkit.overlay.verdict.scatter import LEAST_RUNS, Scatter, measure_scatter, stated_scatter
from landkit.overlay.walk.profile import REACH_SIGMAS, Walk, near_line, walk_along

UNALIGNED: Final = 2.5  # scatter over the stated accuracy from which on nothing was aligned
SAMPLE: Final = 6000  # parcels near the line that are looked at, for scatter and tiles
FEW: Final = (
    1500  # for the layer as a whole: the mean of so many runs is known to a thirtieth of their scatter
)


@dataclass(frozen=True)
class LayerPair:
    """Two layers against each other (图层对): `scatter` of the pair once aligned, `displacement` of the parcels."""

    scatter: Scatter
    displacement: Displacement = field(default_factory=Displacement)


def compare_layers(
    box: Floats,
    edges_of: Callable[[Ints], Tree],
    line: Tree,
    *,
    sign: float,
    sigma_m: float,
    workers: int | None = None,
) -> LayerPair:
    """Scatter and displacement of parcels against a line, with the stated joint accuracy where too few share it.

    `box` (parcels, 4) are the boxes of the parcels; `edges_of` gives the edges of those that are looked at, in the coordinates
    of the line's tree.
    """
    centres = centres_of(box, line.origin)
    near = from_west(np.flatnonzero(near_line(box, line, search_m(sigma_m), workers)), centres)
    if len(near) < LEAST_RUNS:
        return LayerPair(stated_scatter(sigma_m))

    def walker_of(rows: Ints) -> Walker:
        part = edges_of(rows)
        walked: dict[
            tuple[bytes, float], Walk
        ] = {}  # a search comes back to places, above all to where parcels lie

        def walk(moved_m: Floats, clip_m: float) -> Walk:
            there = part if not moved_m.any() else moved(part, moved_m)
            key = b"" if there is part else moved_m.tobytes(), clip_m
            if key not in walked:
                walked[key] = walk_along(
                    there,
                    line,
                    sign=sign,
                    sigma_m=sigma_m,
                    clip_m=clip_m,
                    scatter_m=stated_scatter(sigma_m).used_m,
                    whole=False,
                    workers=workers,
                )
            return walked[key]

        return walk

    few, rows = sample_of(near, FEW), sample_of(near, SAMPLE)
    walker = walker_of(rows)
    found = layer_displacement(walker if len(few) == len(rows) else walker_of(few), centres[few], sigma_m)
    found = tile_displacements(walker, found, centres[rows], sigma_m)
    # what is displaced as a whole follows the line, unless its scatter says that there is no such place
    close = walker(-found.at(centres[rows]), REACH_SIGMAS * sigma_m)
    scatter = measure_scatter(close, sigma_m, follow=found.found)
    if found.found and scatter.measured_m > UNALIGNED * sigma_m:
        found = Displacement()
        scatter = measure_scatter(walker(np.zeros((len(rows), 2)), REACH_SIGMAS * sigma_m), sigma_m)
    return LayerPair(scatter, found)


def centres_of(box: Floats, origin: Floats) -> Floats:
    """The middles of boxes (n, 4), counted from an origin."""
    return np.asarray((box[:, :2] + box[:, 2:]) / 2 - origin)


def from_west(rows: Ints, centres: Floats) -> Ints:
    """The rows from west to east: a sample of them, and what is found on it, does not depend on their order in a file."""
    x, y = centres[rows].T
    return rows[np.lexsort((rows, y, x))]


def sample_of(rows: Ints, count: int) -> Ints:
    """At most so many of the rows, evenly spread."""
    return (
        rows if len(rows) <= count else rows[np.unique(np.linspace(0, len(rows) - 1, count).astype(np.int64))]
    )
