"""Outlines as flat coordinates, taken out of the shapes once for all that is asked of them, and which are valid at a look.

GEOS asks of every edge whether it meets another one; that is half of the time of measuring an area.  Most parcels need no such
search: from the middle of its box (星形) one sees the whole outline.  Going round it, one's gaze then turns the
same way along every edge, once round in all; so each direction meets one edge only, and no two edges can meet.

Gaze turns left along the edge from a to b where the cross product of a - c and b - c is positive, c the middle.  Worked example:
corners (0,0) (4,0) (4,3) (0,3), c = (2, 1.5); along the lower side (-2)(-1.5) - (2)(-1.5) = 6, and so along the others.
For the bow-tie (0,0) (4,3) (4,0) (0,3) it is 0, 6, 0, -6: not certain, and GEOS is asked.

The rings of a polygon with holes make one chain: shell, a leap, hole.  It is never seen whole: a hole that turns one's gaze the
same way all along goes round the middle, and its shell has done so before.

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
    """Closed rings one after another (轮廓): vertices seen from the middle of each ring's box, how one's gaze turns along the
    edge from each vertex to the next (0 from ring to ring), that middle, and the first and last vertex of each ring; the last
    is the first one again.

    Seen from there small rings far from the origin keep their digits.
    """

    x: Floats
    y: Floats
    turn: Floats
    middle_x: Floats
    middle_y: Floats
    first: Ints
    last: Ints


def has_one_ring(shapes: Shapes) -> Flags:
    """Which shapes are polygons without holes, and not empty."""
    alone = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    return np.asarray(alone & (shapely.get_num_coordinates(shapes) > 0))


def outlines_of(rings: Shapes, box: Floats) -> Outlines:
    """The coordinates of rings, or of polygons, in these boxes; the rings of one with holes make one chain, never seen whole."""
    size = shapely.get_num_coordinates(rings).astype(np.int64)
    return outlines_at(shapely.get_coordinates(rings), size, box)


def outlines_at(xy: Floats, size: Ints, box: Floats) -> Outlines:
    """The same of rings that have so many of these coordinates each, one after another."""
    end = np.cumsum(size)
    turn = np.empty(len(xy))
    with np.errstate(invalid="ignore", over="ignore"):  # coordinates that are no number
        middle_x, middle_y = (box[:, :2] + box[:, 2:]).T / 2
        x, y = xy[:, 0] - np.repeat(middle_x, size), xy[:, 1] - np.repeat(middle_y, size)
        np.multiply(x[:-1], y[1:], out=turn[:-1])
        turn[:-1] -= x[1:] * y[:-1]
    turn[end - 1] = 0
    return Outlines(x, y, turn, middle_x, middle_y, end - size, end - 1)


def width_and_height(box: Floats) -> Floats:
    """Width and height together of boxes (n, 4)."""
    return np.asarray(box[:, 2] - box[:, 0] + (box[:, 3] - box[:, 1]))


def seen_whole(rings: Outlines, across: Floats) -> Flags:
    """Which rings are seen whole from the middle of their boxes, and so are valid for certain (必为有效).

    `across` is the width and height together of each ring's box.
    """
    if not len(rings.first):
        return np.zeros(0, np.bool_)
    turn, first, last = rings.turn, rings.first, rings.last
    turn[last] = turn[last - 1]  # no edge begins there
    least, most = np.minimum.reduceat(turn, first), np.maximum.reduceat(turn, first)
    turn[last] = 0
    above, rises = rings.y >= 0, np.zeros(len(turn), np.bool_)
    np.greater(above[1:], above[:-1], out=rises[:-1])
    rises[last] = False
    with np.errstate(invalid="ignore", over="ignore"):
        room = ROUNDING * across**2 + SMALLEST
        one_way = (least > room) | (most < -room)
    return np.asarray(one_way & (np.add.reduceat(rises, first, dtype=np.int64) == 1))
