"""The walk of many parcels along a line, in blocks and threads, and what it found of each.

The steps and stretches are those of the calibration (thresholds.py): a step of 4 sigma, at least 1 m and at most 5 m; the
shortest stretch four steps; depths cut at 6 sigma.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from landkit.arrays import Flags, Floats, Ints
from landkit.overlay.edge_tree import Tree, along_curve
from landkit.overlay.shapes import in_blocks
from landkit.overlay.walk.columns import COLUMNS, NAMES, SCALES, WINDOW

REACH_SIGMAS: Final = (
    6.0  # what lies farther from the line is not on the shared run, and depths are cut there
)
STEP_SIGMAS: Final = 4.0
LEAST_STEP_M: Final = 1.0
GREATEST_STEP_M: Final = 5.0
AT_ONCE: Final = 125
BOXES_AT_ONCE: Final = 5000


def step_m(sigma_m: float) -> float:
    """Distance between two looks at the line along a boundary (剖面步长)."""
    return min(GREATEST_STEP_M, max(LEAST_STEP_M, STEP_SIGMAS * sigma_m))


def stretch_lengths_m(sigma_m: float) -> Floats:
    """Lengths of the stretches that are averaged (区段长度)."""
    return np.asarray(WINDOW * step_m(sigma_m) * 2.0 ** np.arange(SCALES))


@dataclass(frozen=True)
class Walk:
    """What the walk found, one row per parcel; depths are positive where the parcel breaks the line.

    depth_m     deepest point of the parcel's own edge, 0 where it does not break the line
    through_m   deepest point of the line's edge inside the parcel, 0 where it does not run there
    gap_m       distance between the two boundaries
    vertices    of both boundaries on the run they share, at least 2; deep, deep_through: those deeper than 3 sigma
    run_m, inside_m, longest_m   edge near or in breach; edge in breach; its longest stretch
    mean_m      mean depth of the edge in breach
    core_m, core_mean_m, normal, straight   the shared run: its length, mean depth, mean normal into the breach, and how far
                the normals agree (1: a straight line)
    ratio       likelihood of an encroachment against none, for the order of review
    best, middle  (parcels, lengths): greatest mean depth of each length; that of the middle of the longest shared run
    """

    depth_m: Floats
    through_m: Floats
    gap_m: Floats
    vertices: Ints
    deep: Ints
    deep_through: Ints
    run_m: Floats
    inside_m: Floats
    longest_m: Floats
    mean_m: Floats
    core_m: Floats
    core_mean_m: Floats
    normal: Floats
    straight: Floats
    ratio: Floats
    best: Floats
    middle: Floats

    def put(self, rows: Ints, other: Walk) -> Walk:
        """The same walk with some rows taken from another."""
        out = {}
        for name, mine in vars(self).items():
            column = mine.copy()
            column[rows] = getattr(other, name)
            out[name] = column
        return Walk(**out)


def walk_along(
    parcels: Tree,
    line: Tree,
    *,
    sign: float,
    sigma_m: float,
    clip_m: float,
    scatter_m: Floats,
    whole: bool = True,
    workers: int | None = None,
) -> Walk:
    """Walk every parcel of a tree along a line that has edges; shapes in metres, both trees of one origin.

    `sign` is +1 where the area of the line is forbidden and -1 where what lies outside it is; `scatter_m` the scatter of the
    mean depth of each stretch length.  With `whole` false only the shared run is walked: run, core, normal, straight, middle.
    """
    from landkit.overlay.walk.parcels import walk_parcels  # loads numba

    count = len(parcels.first) - 1
    rows = along_curve(parcels.seg[parcels.first[:-1], :2]) if count else np.empty(0, np.int64)
    out = np.zeros((count, COLUMNS))
    best, middle = np.full((count, SCALES), -np.inf), np.full((count, SCALES), np.nan)
    how = (float(sign), float(sigma_m), step_m(sigma_m), float(clip_m), REACH_SIGMAS * sigma_m, bool(whole))

    def work(
        some: slice,
    ) -> None:  # neighbours one after the other: the line's edges near them are still at hand
        walk_parcels(rows[some], line, parcels, how, scatter_m, out, best, middle)

    in_blocks(work, count, workers, AT_ONCE)
    named: dict[str, Any] = dict(zip(NAMES, out.T, strict=True))
    normal = np.column_stack([named.pop("normal_x"), named.pop("normal_y")])
    counts = {name: named.pop(name).astype(np.int64) for name in ("vertices", "deep", "deep_through")}
    return Walk(**named, **counts, normal=normal, best=best, middle=middle)


def near_line(box: Floats, line: Tree, room_m: float, workers: int | None = None) -> Flags:
    """Which boxes (n, 4) come within `room_m` of the boxes of the line's edges (taken eight at a time)."""
    from landkit.overlay.walk.parcels import boxes_near  # loads numba

    there, near = box - np.tile(line.origin, 2), np.zeros(len(box), np.bool_)

    def work(some: slice) -> None:
        boxes_near(there[some], line, room_m, near[some])

    in_blocks(work, len(box), workers, BOXES_AT_ONCE)
    return near
