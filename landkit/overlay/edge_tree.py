"""The edges of polygons in a tree of boxes: eight edges that follow each other make a box, eight boxes the next.

Edges that follow each other on a ring lie side by side, so the order they are drawn in is all the sorting that a boundary
needs; only the rings themselves are put in order of place.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

import shapely

from landkit.overlay.shapes import Floats, Ints, Shapes

FAN: Final = 8  # edges or boxes in one box
CURVE_BITS: Final = 16


class Tree(NamedTuple):
    """Edges of polygons (边界线段), the polygon on their left.

    `seg` (n, 4) x, y of start and end; `after`, `before` the neighbours on the ring; `first` (polygons + 1) where the edges
    of each polygon begin; `box` (m, 4) the boxes of all levels, those of level k from `offset[k]` on.  Coordinates
    count from `origin` so that they keep their digits.
    """

    seg: Floats
    after: Ints
    before: Ints
    first: Ints
    box: Floats
    offset: Ints
    origin: Floats


def tree_of(polygons: Shapes, origin: Floats, *, by_place: bool = False) -> Tree:
    """The edges of polygons and multipolygons; with `by_place` the polygons are sorted along a curve first.

    None among them has no edges.  Coordinates count from `origin`.
    """
    if by_place:
        polygons = polygons[np.argsort(_along_curve(polygons), kind="stable")]
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    parts = shapely.orient_polygons(shapely.remove_repeated_points(parts), exterior_cw=False)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    keep = np.append(np.diff(ring) == 0, False)[: len(xy)]
    at = np.flatnonzero(keep)
    seg = np.hstack([xy[at], xy[at + 1]]) - np.tile(origin, 2)
    begins = np.searchsorted(ring[at], np.arange(len(rings) + 1))
    first = np.searchsorted(polygon[part], np.arange(len(polygons) + 1))
    after, before = np.arange(1, len(at) + 1), np.arange(-1, len(at) - 1)
    after[begins[1:] - 1], before[begins[:-1]] = begins[:-1], begins[1:] - 1
    box, offset = _boxes(seg)
    seg = np.ascontiguousarray(seg)
    return Tree(seg, after, before, begins[first], box, offset, np.asarray(origin, dtype=np.float64))


def moved(tree: Tree, by: Floats) -> Tree:
    """The same polygons, each moved by its row of `by` (polygons, 2)."""
    owner = np.repeat(np.arange(len(tree.first) - 1), np.diff(tree.first))
    seg = tree.seg + np.tile(by, 2)[owner]
    return tree._replace(seg=seg, box=_boxes(seg)[0])


def some(tree: Tree, which: Ints) -> Tree:
    """The polygons `which` of a tree, in that order."""
    begins, ends = tree.first[which], tree.first[which + 1]
    take = _ranges(begins, ends)
    move = np.repeat(np.cumsum(ends - begins) - ends, ends - begins)  # from old to new position
    box, offset = _boxes(tree.seg[take])
    first = np.concatenate([[0], np.cumsum(ends - begins)])
    return Tree(
        tree.seg[take], tree.after[take] + move, tree.before[take] + move, first, box, offset, tree.origin
    )


def _ranges(begins: Ints, ends: Ints) -> Ints:
    """The numbers from each begin up to its end, one range after the other."""
    size = ends - begins
    return np.asarray(np.arange(int(size.sum())) + np.repeat(begins - (np.cumsum(size) - size), size))


def _boxes(seg: Floats) -> tuple[Floats, Ints]:
    low, high = np.minimum(seg[:, :2], seg[:, 2:]), np.maximum(seg[:, :2], seg[:, 2:])
    levels = []
    while True:
        at = np.arange(0, len(low), FAN)
        low, high = np.minimum.reduceat(low, at), np.maximum.reduceat(high, at)
        levels.append(np.hstack([low, high]))
        if len(low) <= FAN:
            return np.vstack(levels), np.cumsum([0, *[len(x) for x in levels]])


def _along_curve(polygons: Shapes) -> Ints:
    """Place of each polygon's centre along a Z-order curve."""
    box = shapely.bounds(polygons)
    centre = (box[:, :2] + box[:, 2:]) / 2
    low = centre.min(axis=0)
    size = max(float((centre.max(axis=0) - low).max()), 1e-9)
    cells = np.minimum((centre - low) / size * 2**CURVE_BITS, 2**CURVE_BITS - 1).astype(np.int64)
    key = np.zeros(len(polygons), dtype=np.int64)
    for bit in range(CURVE_BITS):
        key |= ((cells[:, 0] >> bit & 1) << 2 * bit) | ((cells[:, 1] >> bit & 1) << 2 * bit + 1)
    return key
