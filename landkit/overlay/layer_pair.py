"""What a layer of parcels and a line say of each other before any parcel is judged: scatter and displacement.

Measured on a sample of the parcels near the line, spread evenly over their order, so that it costs the same for a town and a
province.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from landkit.overlay.displacement import Displacement, find_displacement, search_m
from landkit.overlay.edge_tree import Tree, moved, some
from landkit.overlay.profile import REACH_SIGMAS, Walk, near_line, walk_along
from landkit.overlay.scatter import LEAST_RUNS, Scatter, measure_scatter, stated_scatter
from landkit.overlay.shapes import Floats, Ints

UNALIGNED: Final = 2.5  # scatter over the stated accuracy from which on nothing was aligned
SAMPLE: Final = 6000  # parcels near the line that are looked at


@dataclass(frozen=True)
class LayerPair:
    """Two layers against each other (图层对): `scatter` of the pair once aligned, `displacement` of the parcels."""

    scatter: Scatter
    displacement: Displacement = field(default_factory=Displacement)


def compare_layers(
    parcels: Tree, centres: Floats, line: Tree, *, sign: float, sigma_m: float, workers: int | None = None
) -> LayerPair:
    """Scatter and displacement of parcels against a line, with the stated joint accuracy where too few share it.

    `centres` (parcels, 2) are places of the parcels, in the coordinates of the trees.
    """
    near = np.flatnonzero(near_line(parcels, line, search_m(sigma_m)))
    if len(near) < LEAST_RUNS:
        return LayerPair(stated_scatter(sigma_m))
    rows = sample_of(near, SAMPLE)
    part, places = some(parcels, rows), centres[rows]
    walked: dict[tuple[bytes, float], Walk] = {}  # the search comes back to where it was: above all to where parcels lie

    def walker(moved_m: Floats, clip_m: float) -> Walk:
        key = moved_m.tobytes() if moved_m.any() else b"", clip_m
        if key not in walked:
            walked[key] = walk_along(
                moved(part, moved_m) if moved_m.any() else part,
                line,
                sign=sign,
                sigma_m=sigma_m,
                clip_m=clip_m,
                scatter_m=stated_scatter(sigma_m).used_m,
                whole=False,
                workers=workers,
            )
        return walked[key]

    found = find_displacement(walker, places, sigma_m)
    scatter = measure_scatter(walker(-found.at(places), REACH_SIGMAS * sigma_m), sigma_m)
    if (
        found.found and scatter.measured_m > UNALIGNED * sigma_m
    ):  # parcels that do not follow the line, in any place
        found = Displacement()
        scatter = measure_scatter(walker(np.zeros_like(places), REACH_SIGMAS * sigma_m), sigma_m)
    return LayerPair(scatter, found)


def sample_of(rows: Ints, count: int) -> Ints:
    """At most so many of the rows, evenly spread."""
    return (
        rows if len(rows) <= count else rows[np.unique(np.linspace(0, len(rows) - 1, count).astype(np.int64))]
    )
