"""Outlines as flat coordinates, taken out of the shapes once for all that is asked of them, and which are valid at a look.

GEOS asks of every edge whether it meets another one; that is half of the time of measuring an area.  Most parcels need no such
search: from the middle of its corners (星形) one sees the whole outline.  Going round it, one's gaze then turns the
same way along every edge, once round in all; so each direction meets one edge only, and no two edges can meet.

Gaze turns left along the edge from a to b where the cross product of a - c and b - c is positive, c the middle.  Worked example:
corners (0,0) (4,0) (4,3) (0,3), c = (2, 1.5); along the lower side (-2)(-1.5) - (2)(-1.5) = 6, and so along the others.
For the bow-tie (0,0) (4,3) (4,0) (0,3) it is 0, 6, 0, -6: not certain, and GEOS is asked.

How far rounding may move a cross product: a corner is known to 2 u w along x and 2 u h along y (u = 2^-53, the outline
w by h), so the product to 12 u w h, less than 3.4e-16 (w + h)^2.  What is nearer to 0 than thirty times that is not certain.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes

FARTHEST: Final = 1e9  # no map projection goes there; with the zone before the easting it is 45,500,000 m
ROUNDING: Final = 1e-14
SMALLEST: Final = 1e-280  # below it products of doubles lose their digits


class Outlines(NamedTuple):
    """Closed rings one after another (轮廓): vertices seen from each ring's first one, that one, the place and size of each ring.

    Seen from there small rings far from the origin keep their digits.
    """

    x: Floats
    y: Floats
    corner: Floats
    first: Ints
    size: Ints

    def only(self, which: Flags) -> Outlines:
        """Some of the rings."""
        if which.all():
            return self
        mine, size = np.repeat(which, self.size), self.size[which]
        return Outlines(self.x[mine], self.y[mine], self.corner[which], np.cumsum(size) - size, size)


def has_one_ring(shapes: Shapes) -> Flags:
    """Which shapes are polygons without holes, and not empty."""
    alone = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    return np.asarray(alone & ~shapely.is_empty(shapes))


def outlines_of(rings: Shapes) -> Outlines:
    """The coordinates of rings, or of polygons that have one ring each."""
    xy, size = shapely.get_coordinates(rings), shapely.get_num_coordinates(rings).astype(np.int64)
    first = np.cumsum(size) - size
    corner = xy[first]
    with np.errstate(invalid="ignore"):  # coordinates that are no number
        x, y = (xy[:, axis] - np.repeat(corner[:, axis], size) for axis in (0, 1))
    return Outlines(x, y, corner, first, size)


def width_and_height(box: Floats) -> Floats:
    """Width and height together of boxes (n, 4)."""
    return np.asarray(box[:, 2] - box[:, 0] + (box[:, 3] - box[:, 1]))


def seen_whole(rings: Outlines, across: Floats) -> Flags:
    """Which rings are seen whole from the middle of their corners, and so are valid for certain (必为有效).

    `across` is the width and height together of each ring's box.
    """
    if not len(rings.size):
        return np.zeros(0, np.bool_)
    corners, last = rings.size - 1, rings.first + rings.size - 1
    with np.errstate(invalid="ignore", over="ignore"):
        middle = [np.add.reduceat(along, rings.first) / corners for along in (rings.x, rings.y)]
        x, y = (a - np.repeat(m, rings.size) for a, m in zip((rings.x, rings.y), middle, strict=True))
        turn = np.empty(len(x))
        turn[:-1] = x[:-1] * y[1:]
        turn[:-1] -= x[1:] * y[:-1]
        turn[last] = turn[rings.first]  # from one ring to the next is no edge
        room = ROUNDING * across**2 + SMALLEST
        left, right = np.minimum.reduceat(turn, rings.first), np.maximum.reduceat(turn, rings.first)
    above, rises = y >= 0, np.zeros(len(y), np.bool_)
    np.greater(above[1:], above[:-1], out=rises[:-1])
    rises[last] = False
    once = np.add.reduceat(rises, rings.first, dtype=np.int64) == 1
    return np.asarray(((left > room) | (right < -room)) & once)
