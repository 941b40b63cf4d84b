"""Where polygons come within a small distance of each other: first by polygon, then by short runs of their rings."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.overlay.shapes import in_blocks

AT_ONCE: Final = 5000  # shapes or pairs
RUN_EDGES: Final = 16
MANY_VERTICES: Final = 500  # from here on an index of a polygon's edges pays even for few neighbours


class Runs(NamedTuple):
    """The rings of polygons cut into runs of a few edges (环段); each begins where the one before ends.

    `xy` are the vertices of all rings, `begin` and `end` the first and last vertex of each run, `owner` its polygon,
    `after` the run that follows on its ring.
    """

    xy: Floats
    begin: Ints
    end: Ints
    owner: Ints
    after: Ints

    def vertices(self) -> tuple[Ints, Ints]:
        """The vertices of all runs one after the other, and the run that each stands for."""
        size = self.end - self.begin + 1
        run = np.repeat(np.arange(len(size)), size)
        return np.arange(len(run)) + (self.begin - (np.cumsum(size) - size))[run], run

    def edges(self, which: Flags) -> tuple[Ints, Ints]:
        """The edges of some runs, each by its first vertex (the next one ends it), and the run that each stands in."""
        at, run = self.vertices()
        keep = np.append(np.diff(run) == 0, False)[: len(run)] & which[run]
        return at[keep], run[keep]

    def lines(self) -> Shapes:
        """Each run as a line."""
        at, run = self.vertices()
        return np.asarray(shapely.linestrings(self.xy[at], indices=run), dtype=object)


class Near(NamedTuple):
    """Pairs of runs within a distance of each other, neighbours on a ring left out; `apart` where they are of two
    polygons.
    """

    one: Ints
    other: Ints
    apart: Flags


def runs_of(polygons: Shapes) -> Runs:
    """The rings of polygons in runs."""
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.cumsum(np.bincount(ring, minlength=len(rings))) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    begins = (np.arange(len(xy)) - first[ring]) % RUN_EDGES == 0
    begins[last] = False
    begin = np.flatnonzero(begins)
    of_ring = ring[begin]
    ends_ring = np.append(np.diff(of_ring) > 0, True)
    end = np.where(ends_ring, last[of_ring], np.append(begin[1:], 0))
    after = np.where(ends_ring, np.searchsorted(of_ring, of_ring), np.arange(1, len(begin) + 1))
    return Runs(xy, begin, end, polygon[of_ring], after)


def meeting(polygons: Shapes, distance: float) -> Flags:
    """Which polygons come within a distance of another one, or share ground with it (相邻或重叠)."""
    one, other = pairs_by_box(polygons, distance)
    size = shapely.get_num_coordinates(polygons)
    swap = size[one] < size[other]  # the larger one of a pair is indexed
    one, other = np.where(swap, other, one), np.where(swap, one, other)
    indexed = size[one] >= MANY_VERTICES
    near = np.zeros(len(one), dtype=bool)
    near[indexed] = _indexed_dwithin(polygons, one[indexed], other[indexed], distance)
    near[~indexed] = _dwithin(polygons, one[~indexed], other[~indexed], distance)
    out = np.zeros(len(polygons), dtype=bool)
    out[one[near]] = out[other[near]] = True
    return out


def _dwithin(polygons: Shapes, one: Ints, other: Ints, distance: float) -> Flags:
    """Which pairs of polygons come within a distance, in threads."""
    near = in_blocks(
        lambda rows: shapely.dwithin(polygons[one[rows]], polygons[other[rows]], distance),
        len(one),
        None,
        AT_ONCE,
    )
    return np.concatenate([np.zeros(0, np.bool_), *near])


def _indexed_dwithin(polygons: Shapes, one: Ints, other: Ints, distance: float) -> Flags:
    """The same with an index of the first ones' edges, which threads may not share."""
    large = polygons[np.unique(one)]
    shapely.prepare(large)
    near = shapely.dwithin(polygons[one], polygons[other], distance)
    shapely.destroy_prepared(large)
    return np.asarray(near)


def near_runs(runs: Runs, lines: Shapes, distance: float) -> Near:
    """The runs that come near another run, of their own polygon or of another one."""
    one, other = pairs_by_box(lines, distance)
    next_to = (runs.after[one] == other) | (runs.after[other] == one)
    one, other = one[~next_to], other[~next_to]
    near = shapely.dwithin(lines[one], lines[other], distance)
    one, other = one[near], other[near]
    return Near(one, other, runs.owner[one] != runs.owner[other])


def pairs_by_box(shapes: Shapes, distance: float) -> Ints:
    """Pairs (each once) of shapes whose boxes come within a distance."""
    room = distance * np.array([-1, -1, 1, 1])
    across = shapely.linestrings((shapely.bounds(shapes) + room).reshape(-1, 2, 2))  # made sooner than boxes
    tree = shapely.STRtree(across)
    found = in_blocks(lambda rows: _after_itself(tree, across, rows), len(shapes), None, AT_ONCE)
    return np.concatenate([np.zeros((2, 0), np.int64), *found], axis=1)


def _after_itself(tree: shapely.STRtree, lines: Shapes, rows: slice) -> Ints:
    """Pairs of some rows and later ones, whose boxes meet."""
    one, other = tree.query(lines[rows])
    pairs = np.stack([one + rows.start, other])
    return np.asarray(pairs[:, pairs[0] < pairs[1]])


def holders(points: Shapes, polygons: Shapes) -> tuple[Ints, Ints]:
    """Pairs (point, polygon) where a polygon holds a point."""
    point, polygon = shapely.STRtree(polygons).query(points)
    large = polygons[shapely.get_num_coordinates(polygons) >= MANY_VERTICES]
    shapely.prepare(large)
    held = shapely.intersects(polygons[polygon], points[point])
    shapely.destroy_prepared(large)
    return point[held], polygon[held]
