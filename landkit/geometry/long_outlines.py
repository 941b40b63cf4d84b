"""Which polygons with long rough outlines are valid for certain, in half the time that GEOS takes to find it (必为有效).

A polygon is valid whose edges meet only where one follows the other, whose holes lie in their shell, and of which no shell
lies in another and no hole in another.  Runs of edges (runs.py) clear most of the edges; those left are compared two by two:

    apart     both ends of one edge lie on the same side of the other;
    a corner  an edge and the one that follows it are not parallel, so that they share no more than the corner.

What is nearer than rounding can tell, or touches, is not certain; GEOS is asked.

How far rounding may move a cross product: a difference of coordinates is known to u of itself (u = 2^-53), so the product to
4 u (|left| + |right|), less than 5e-16 of it.  What is nearer to 0 than twenty times that is not certain.

GEOS is quick where an outline runs on in one direction for many edges, as digitised ones do: 13 to 40 ns for each vertex.  On
one that turns back every third edge, as outlines of a raster and of the made city do, it takes 130 to 270 ns, this 60 to 150.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.geometry.outlines import FARTHEST, ROUNDING, SMALLEST
from landkit.geometry.runs import EVERY_WAY, QUARTER, RUN, Runs, edges_between, near_pairs, quartered

AT_ONCE: Final = 2048 * RUN  # vertices: what stands in the processor's cache
MOST_LEFT: Final = (
    1  # pairs of runs for each run that have to be looked at in quarters; with more of them GEOS is quicker
)
ROUGH: Final = 0.2  # share of corners at which an outline turns back to the east, west, north or south


@dataclass(frozen=True)
class Rings:
    """Rings of polygons laid out in whole runs: edge k goes from vertex k to the next one; the last vertex of a ring, which is
    its first one, is repeated until the run is full.

    `xy` has one vertex more at the end.  `corners` counts a ring's vertices without repeats, `shape` is its polygon, `shell` the
    ring in which it is a hole; a shell's is itself.
    """

    xy: Floats
    first_run: Ints
    corners: Ints
    shape: Ints
    shell: Ints

    @property
    def first(self) -> Ints:
        """The first vertex of each ring."""
        return np.asarray(RUN * self.first_run)

    @property
    def last(self) -> Ints:
        """The last vertex of each ring; no edge begins there."""
        return np.append(self.first[1:], len(self.xy) - 1) - 1

    @property
    def of_runs(self) -> Ints:
        """The ring of each run."""
        runs = np.diff(self.first_run, append=len(self.xy) // RUN)
        return np.repeat(np.arange(len(runs)), runs)

    def ground(self, ring: int) -> shapely.Polygon:
        """What lies within a ring."""
        first = RUN * self.first_run[ring]
        return shapely.Polygon(self.xy[first : first + self.corners[ring] + 1])


def rough(shapes: Shapes, vertices: int) -> Flags:
    """Which outlines turn back so often that GEOS is slow with them, by the first so many of their vertices; all have as many."""
    size = shapely.get_num_coordinates(shapes)
    first = (np.cumsum(size) - size)[:, None] + np.arange(vertices)
    forward = np.diff(shapely.get_coordinates(shapes)[first], axis=1) > 0
    return np.asarray((forward[:, 1:] != forward[:, :-1]).any(axis=2).mean(axis=1) > ROUGH)


def certainly_valid(shapes: Shapes) -> Flags:
    """Which polygons, none of them empty, are valid and on the earth for certain; of the others GEOS must be asked."""
    sure = np.ones(len(shapes), np.bool_)
    if not len(shapes):
        return sure
    with np.errstate(invalid="ignore", over="ignore"):  # coordinates that are no number
        rings = _rings_of(shapes)
        runs = _runs_of(rings)
    box = runs.together(rings.first_run)
    odd = ~(
        (box.west < box.east) & (box.south < box.north) & (np.abs(np.array(box[:4])) < FARTHEST).all(axis=0)
    )
    if odd.any():
        sure[rings.shape[odd]] = False
        sure[sure] = certainly_valid(shapes[sure])
        return sure
    sure[_meeting(rings, runs)] = False
    sure[_badly_nested(rings, box, sure)] = False
    return sure


def _rings_of(shapes: Shapes) -> Rings:
    parts, shape = shapely.get_parts(shapes, return_index=True)
    part, size = _sizes(parts)
    runs, times = -(-size // RUN), np.ones(size.sum(), np.int64)
    times[np.cumsum(size) - 1] += RUN * runs - size
    times[-1] += 1
    shells = np.flatnonzero(np.diff(part, prepend=-1))
    shell = np.repeat(shells, np.diff(shells, append=len(part)))
    xy = np.repeat(shapely.get_coordinates(parts), times, axis=0)
    return Rings(xy, np.cumsum(runs) - runs, size - 1, shape[part], shell)


def _sizes(parts: Shapes) -> tuple[Ints, Ints]:
    """The part and the number of vertices of each ring; an empty part has none."""
    rings = np.where(shapely.is_empty(parts), 0, 1 + shapely.get_num_interior_rings(parts))
    part, size = np.repeat(np.arange(len(parts)), rings), np.repeat(shapely.get_num_coordinates(parts), rings)
    size[rings[part] > 1] = shapely.get_num_coordinates(shapely.get_rings(parts[rings > 1]))
    return part, size.astype(np.int64)


def _runs_of(rings: Rings) -> Runs:
    """All runs, from some thousands of vertices at a time."""
    last, done = rings.last, []
    for at in range(0, len(rings.xy) - 1, AT_ONCE):
        to = min(at + AT_ONCE, len(rings.xy) - 1)
        begin, end = (rings.xy[a:b].T.copy() for a, b in ((at, to), (at + 1, to + 1)))
        mine = last[slice(*np.searchsorted(last, (at, to)))] - at
        end[:, mine] = begin[:, mine]
        done.append(edges_between(begin, end).by_four().by_four())
    return Runs(*(np.concatenate(column) for column in zip(*done, strict=True)))


def _meeting(rings: Rings, runs: Runs) -> Ints:
    """Polygons two of whose edges meet, or may, other than where one follows the other."""
    ring = rings.of_runs
    one, other, many = near_pairs(runs, rings.shape[ring])
    left = ~((other - one == 1) & (ring[one] == ring[other]) & runs.go_on(one, other))
    owner = rings.shape[ring]
    crowded = np.bincount(owner[one[left]], minlength=owner[-1] + 1) > MOST_LEFT * np.bincount(owner)
    many = np.append(many, np.flatnonzero(crowded))
    left &= ~crowded[owner[one]]
    turning = np.flatnonzero((runs.ways == 0) & ~crowded[owner])
    pairs = np.array([np.append(one[left], turning), np.append(other[left], turning)])
    used, (one, other) = np.unique(pairs, return_inverse=True)
    number = (RUN * used[:, None] + np.arange(RUN)).ravel()
    end = number + 1
    end[RUN - 1 :: RUN] -= np.isin(number[RUN - 1 :: RUN], rings.last)
    edges, ring = edges_between(rings.xy[number].T, rings.xy[end].T), np.repeat(ring[used], RUN)
    i, j = quartered(one, other, edges.by_four(), number[::QUARTER] // QUARTER, ring[::QUARTER])
    i, j = quartered(i, j, edges, number, ring)
    long = (edges.ways[i] != EVERY_WAY) & (edges.ways[j] != EVERY_WAY)
    i, j = i[long], j[long]
    corner = _follows(rings, number[i], number[j], ring[i], ring[j])
    clear = np.where(
        corner, edges.go_on(i, j) | _bends(rings, number[i], number[j]), _apart(rings, number[i], number[j])
    )
    return np.append(many, rings.shape[ring[i[~clear]]])


def _follows(rings: Rings, i: Ints, j: Ints, ring_i: Ints, ring_j: Ints) -> Flags:
    """Whether the edge from vertex j follows that from vertex i, or i follows j where their ring closes (i < j)."""
    closes = (i == rings.first[ring_i]) & (j == i + rings.corners[ring_i] - 1)
    return np.asarray((ring_i == ring_j) & ((j - i == 1) | closes))


def _bends(rings: Rings, i: Ints, j: Ints) -> Flags:
    """Whether two edges are not parallel, for certain."""
    return np.asarray(_turn(rings.xy[i + 1] - rings.xy[i], rings.xy[j + 1] - rings.xy[j]) != 0)


def _apart(rings: Rings, i: Ints, j: Ints) -> Flags:
    """Whether both ends of one of two edges lie on the same side of the other, for certain."""
    a, b, c, d = (rings.xy[v] for v in (i, i + 1, j, j + 1))
    of_one = _turn(b - a, c - a) * _turn(b - a, d - a)
    of_other = _turn(d - c, a - c) * _turn(d - c, b - c)
    return np.asarray((of_one > 0) | (of_other > 0))


def _turn(one: Floats, other: Floats) -> Floats:
    """1 where the second direction is to the left of the first, -1 where to the right, 0 where rounding could decide."""
    left, right = one[:, 0] * other[:, 1], one[:, 1] * other[:, 0]
    room = ROUNDING * (np.abs(left) + np.abs(right)) + SMALLEST
    return np.sign(left - right) * (np.abs(left - right) > room)


def _badly_nested(rings: Rings, box: Runs, sure: Flags) -> Ints:
    """Polygons with a hole outside its shell, or with a shell or hole in another, or maybe; edges that meet are ruled out."""
    some = np.flatnonzero(sure[rings.shape] & (np.bincount(rings.shape)[rings.shape] > 1))
    if not len(some):
        return some
    is_hole = rings.shell != np.arange(len(rings.shell))
    holes = some[is_hole[some]]
    one, other, many = near_pairs(box.only(some), rings.shape[some])
    inner, outer = some[np.append(one, other)], some[np.append(other, one)]
    alike = (is_hole[inner] == is_hole[outer]) & box.within(inner, outer)
    inner, outer = inner[alike], outer[alike]
    wrong = inner[_lies_in(rings, inner, outer)], holes[~_lies_in(rings, holes, rings.shell[holes])]
    return np.concatenate([many, *(rings.shape[ring] for ring in wrong)])


def _lies_in(rings: Rings, inner: Ints, outer: Ints) -> Flags:
    """Whether rings lie in others whose edges they do not meet: one of their corners tells."""
    around, place = np.unique(outer, return_inverse=True)
    grounds = np.array([rings.ground(ring) for ring in around.tolist()], dtype=object)
    shapely.prepare(grounds)
    return np.asarray(shapely.contains_xy(grounds[place], *rings.xy[rings.first[inner]].T))
