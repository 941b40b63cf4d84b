"""Boundaries as straight edges in a tree: nearest edge of many points, and the point of an edge farthest
from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

import shapely

from landkit.overlay.shapes import Flags, Floats, Ints, Shapes, in_blocks

# How far the deepest point found between two vertices may fall short of the true one.
DEPTH_STEP_M: Final = 0.001
DEPTH_STEP_SHARE: Final = 0.001
POINTS_AT_ONCE: Final = 5000


@dataclass(frozen=True)
class Edges:
    """Edges of polygon rings (边界线段): `start` and `end` (n, 2); `after` the edge that follows; `owner` the
    polygon.
    """

    start: Floats
    end: Floats
    after: Ints
    owner: Ints

    @cached_property
    def lines(self) -> Shapes:
        """Each edge as a line."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges in a tree."""
        return shapely.STRtree(self.lines)

    def only(self, keep: Flags) -> Edges:
        """Some of the edges; where the edge that follows is not among them, `after` is -1."""
        new = np.where(keep, np.cumsum(keep) - 1, -1)
        return Edges(self.start[keep], self.end[keep], new[self.after[keep]], self.owner[keep])

    def moved(self, by: Floats) -> Edges:
        """The same edges, those of each owner moved by its row of `by` (owners, 2)."""
        return replace(self, start=self.start + by[self.owner], end=self.end + by[self.owner])

    @cached_property
    def _corners(self) -> tuple[npt.NDArray[np.complex128], Ints]:
        """The vertices in order, and the edge that starts at each."""
        corner = self.start[:, 0] + 1j * self.start[:, 1]
        order = np.argsort(corner, kind="stable")
        return corner[order], order

    def at_corner(self, points: Floats) -> Ints:
        """An edge that starts exactly at each point, or -1: those points need no search."""
        corner, edge = self._corners
        point = points[:, 0] + 1j * points[:, 1]
        at = np.minimum(np.searchsorted(corner, point), len(corner) - 1)
        return np.where(corner[at] == point, edge[at], -1)

    def nearest(self, points: Floats, workers: int | None = None) -> tuple[Floats, Ints]:
        """Distance of each point (n, 2) to the nearest edge, and which edge that is."""
        edge = self.at_corner(points)
        distance = np.zeros(len(points))
        away = np.flatnonzero(edge < 0)
        distance[away], edge[away] = self._search(points[away], workers)
        return distance, edge

    def _search(self, points: Floats, workers: int | None) -> tuple[Floats, Ints]:
        tree = self.tree

        def work(rows: slice) -> tuple[Floats, Ints]:
            found, distance = tree.query_nearest(
                shapely.points(points[rows]), return_distance=True, all_matches=False
            )
            return distance, found[1]

        done = in_blocks(work, len(points), workers, POINTS_AT_ONCE)
        return (
            np.concatenate([np.zeros(0), *[d for d, _ in done]]),
            np.concatenate([np.zeros(0, dtype=np.int64), *[e for _, e in done]]),
        )

    def distance_to(self, points: Floats, edge: Ints) -> Floats:
        """Distance of each point to one given edge."""
        start, end = self.start[edge], self.end[edge]
        return np.asarray(np.hypot(*(points - _foot(points, start, end)).T))


def edges_of(shapes: Shapes) -> Edges:
    """The edges of all rings of polygons; None among the shapes has none."""
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(shapely.remove_repeated_points(parts), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(np.diff(ring) != 0, True)[: len(xy)]
    keep = np.flatnonzero(~last)
    ring = ring[keep]
    after = np.arange(1, len(keep) + 1)
    closes = np.flatnonzero(np.append(np.diff(ring) != 0, True)[: len(ring)])
    after[closes] = np.concatenate([[0], closes[:-1] + 1])[: len(closes)]
    return Edges(xy[keep], xy[keep + 1], after, part_owner[ring_part[ring]])


def farthest(
    walk: Edges, owners: int, other: Edges, rims: Shapes | None = None, workers: int | None = None
) -> tuple[Floats, Floats]:
    """How far each owner's edges go from other edges at most (owners,), and the distance at the start of each
    edge.

    `rims`, where given, are the boundaries that `other` is made of, one for each owner.  Distances at
    vertices are exact.  Between vertices an edge is halved only while its bound says that it could beat what
    its owner already has by more than 1 mm and 1 part in 1,000.
    """
    count = len(walk.start)
    loose = np.flatnonzero(walk.after < 0)
    end = walk.after.copy()
    end[loose] = count + np.arange(len(loose))
    points = np.concatenate([walk.start, walk.end[loose]])
    if rims is None:
        distance, edge = other.nearest(points, workers)
    else:
        owner = np.concatenate([walk.owner, walk.owner[loose]])
        distance, edge = _apart(points, rims[owner], workers), np.full(len(points), -1)
    best = np.zeros(owners)
    np.maximum.at(best, walk.owner, np.maximum(distance[:count], distance[end]))
    spans = _Spans(walk.start, walk.end, walk.owner, distance[:count], distance[end], edge[:count], edge[end])
    _search_between(spans, other, best, workers)
    return best, distance[:count]


def _search_between(spans: _Spans, other: Edges, best: Floats, workers: int | None) -> None:
    """Raise `best` by what lies between the ends of the spans."""
    while len(spans.owner):
        enough = best[spans.owner] + np.maximum(DEPTH_STEP_M, DEPTH_STEP_SHARE * best[spans.owner])
        could = _walking_bound(spans) > enough
        spans = spans.only(could).with_edges(other, workers)
        spans = spans.only(_bound(other, spans) > enough[could])
        middle = (spans.a + spans.b) / 2
        distance, edge = other.nearest(middle, workers)
        np.maximum.at(best, spans.owner, distance)
        spans = spans.halved(middle, distance, edge)


def _apart(points: Floats, rims: Shapes, workers: int | None) -> Floats:
    """Distance of each point to its own rim."""

    def work(rows: slice) -> Floats:
        return np.asarray(shapely.distance(shapely.points(points[rows]), rims[rows]))

    return np.concatenate([np.zeros(0), *in_blocks(work, len(points), workers, POINTS_AT_ONCE)])


@dataclass(frozen=True)
class _Spans:
    """Stretches of a walk from a to b, with the distance at both and the edge it is the distance to."""

    a: Floats
    b: Floats
    owner: Ints
    far_a: Floats
    far_b: Floats
    edge_a: Ints
    edge_b: Ints

    def only(self, keep: Flags) -> _Spans:
        return _Spans(
            self.a[keep],
            self.b[keep],
            self.owner[keep],
            self.far_a[keep],
            self.far_b[keep],
            self.edge_a[keep],
            self.edge_b[keep],
        )

    def with_edges(self, other: Edges, workers: int | None) -> _Spans:
        """The same spans, the nearest edges found where they were not known (-1)."""
        edge_a, edge_b = self.edge_a.copy(), self.edge_b.copy()
        for points, edge in ((self.a, edge_a), (self.b, edge_b)):
            unknown = edge < 0
            edge[unknown] = other.nearest(points[unknown], workers)[1]
        return replace(self, edge_a=edge_a, edge_b=edge_b)

    def halved(self, middle: Floats, far: Floats, edge: Ints) -> _Spans:
        return _Spans(
            np.concatenate([self.a, middle]),
            np.concatenate([middle, self.b]),
            np.tile(self.owner, 2),
            np.concatenate([self.far_a, far]),
            np.concatenate([far, self.far_b]),
            np.concatenate([self.edge_a, edge]),
            np.concatenate([edge, self.edge_b]),
        )


def _walking_bound(spans: _Spans) -> Floats:
    """No point of a span is farther from the edges than this: distance changes no faster than one walks."""
    return np.asarray((spans.far_a + spans.far_b + np.hypot(*(spans.b - spans.a).T)) / 2)


def _bound(to: Edges, spans: _Spans) -> Floats:
    """No point of a span is farther from the edges than this either.

    The distance to one straight edge is convex along a walk; so, for any point q in between, no point is
    farther than the greatest of: a, b, q to the edge nearest a, q to the edge nearest b.
    """
    ends, bound = np.maximum(spans.far_a, spans.far_b), _walking_bound(spans)
    edge_a, edge_b = spans.edge_a, spans.edge_b
    for corner in (to.start[edge_a], to.end[edge_a], to.start[edge_b], to.end[edge_b], spans.a, spans.b):
        q = _foot(corner, spans.a, spans.b)
        at_q = np.maximum(to.distance_to(q, edge_a), to.distance_to(q, edge_b))
        bound = np.minimum(bound, np.maximum(ends, at_q))
    return np.asarray(bound)


def _foot(points: Floats, start: Floats, end: Floats) -> Floats:
    """The point of each segment nearest to each point."""
    along = end - start
    square = (along**2).sum(axis=1)
    t = ((points - start) * along).sum(axis=1) / np.where(square > 0, square, 1.0)
    return np.asarray(start + np.clip(t, 0.0, 1.0)[:, None] * along)
