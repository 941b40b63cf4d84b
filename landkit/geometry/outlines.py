"""Outlines as coordinates, taken out of the shapes once for all that is asked of them, and which are valid at a look.

GEOS asks of every edge whether it meets another one; that is half of the time of measuring an area.  Most parcels need no such
search: from the middle of its corners (星形) one sees the whole outline.  Going round it, one's gaze then turns the same
way along every edge, once round in all; so each direction meets one edge only, and no two edges can meet.

Gaze turns left along the edge from a to b where the cross product of a - c and b - c is positive, c the middle.  Worked example:
corners (0,0) (4,0) (4,3) (0,3), c = (2, 1.5); along the lower side (-2)(-1.5) - (2)(-1.5) = 6, and so along the others.
For the bow-tie (0,0) (4,3) (4,0) (0,3) it is 0, 6, 0, -6: not certain, and GEOS is asked.

How far rounding may move a cross product: a corner is known to 2 u w along x and 2 u h along y (u = 2^-53, the outline
w by h), so the product to 12 u w h, less than 3.4e-16 (w + h)^2.  What is nearer to 0 than thirty times that is not certain.

Nor need one ask for holes or parts (孔洞, 多部件): the corners of a shape are taken as one run.  A closed ring along which gaze
always turns the same way goes round at least once, so a run of two rings goes round at least twice and is not certain.

Rings of about equally many corners stand side by side as the columns of a table: each step is then one sweep over its rows.
Shorter ones stay where they end, which adds nothing: a ring has the same area in any table, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

FARTHEST: Final = 1e9  # no map projection goes there; with the zone before the easting it is 45,500,000 m
ROUNDING: Final = 1e-14
SMALLEST: Final = 1e-280  # below it products of doubles lose their digits
CORNERS_AT_ONCE: Final = (
    200_000  # in one table: with fewer, threads hand over to each other more than they work
)
FEW_CORNERS: Final = 4_000  # a table takes as long as one of none


def are_areal(shapes: Shapes) -> Flags:
    """Which shapes are polygons or multipolygons, empty ones too."""
    kind = shapely.get_type_id(shapes)
    return np.asarray((kind == 3) | (kind == 6))


class Outlines(NamedTuple):
    """Closed rings side by side (轮廓): a column is a ring, rows are its corners, the first and last the same one.

    x, y are seen from the middle of each ring's corners, so that small rings far from the origin keep their digits; turn, a
    row for each edge, is the cross product of its ends; edges counts them; start is the first corner.
    """

    x: Floats
    y: Floats
    turn: Floats
    edges: Ints
    start: Floats  # (2, n)
    middle: Floats  # (2, n)
    box: Floats  # (n, 4)


def outlines_of(shapes: Shapes) -> Iterator[tuple[Ints, Outlines]]:
    """The outlines of shapes, rings or polygons, some thousand corners at a time, and the places of these shapes.

    All coordinates of a shape are taken as one ring; empty shapes are left out.
    """
    xy, size = shapely.get_coordinates(shapes), shapely.get_num_coordinates(shapes).astype(np.int64)
    first, order = np.cumsum(size) - size, _by_size(size)
    while len(order):
        count = _in_one_table(size[order[: 1 + CORNERS_AT_ONCE // size[order[0]]]])
        some, order = order[:count], order[count:]
        yield some, _side_by_side(xy, first[some], size[some])


def _by_size(size: Ints) -> Ints:
    """The places of sizes from the smallest to the largest, without those of none."""
    least, most = (int(size.min()), int(size.max())) if len(size) else (0, 0)
    if 0 < least == most:
        return np.arange(len(size))
    order = np.argsort(
        size.astype(np.uint16) if most < 1 << 16 else size, kind="stable"
    )  # by digits where they are few
    return order[size[order] > 0]


def _in_one_table(size: Ints) -> int:
    """How many of the rings, the smallest first, share a table: up to a quarter longer, and any where these are few."""
    corners = size * np.arange(1, len(size) + 1)
    alike = (size <= size[0] * 5 // 4) & (corners <= CORNERS_AT_ONCE)
    return max(1, int(np.count_nonzero(alike | (corners <= FEW_CORNERS))))


@np.errstate(invalid="ignore", over="ignore")  # coordinates that are no number
def _side_by_side(xy: Floats, first: Ints, size: Ints) -> Outlines:
    rows, edges = int(size[-1]), size - 1
    if size[0] == rows and first[-1] - first[0] == rows * (len(size) - 1):  # one after the other
        corners = xy[first[0] : first[-1] + rows].reshape(-1, rows, 2).T
    else:
        place = first + np.minimum(np.arange(rows)[:, None], edges)
        corners = xy.take(place, axis=0, mode="clip").transpose(2, 0, 1)  # none is outside
    start = corners[:, 0].copy()
    table = np.subtract(corners, start[:, None], order="C")
    down = table.swapaxes(0, 1)
    box = np.concatenate([start + joined(down, np.minimum), start + joined(down, np.maximum)]).T
    middle = joined(down) / edges
    table -= middle[:, None]
    x, y = table
    turn = x[:-1] * y[1:]
    turn -= x[1:] * y[:-1]
    return Outlines(x, y, turn, edges, start, start + middle, box)


@np.errstate(invalid="ignore", over="ignore")
def seen_whole(rings: Outlines) -> Flags:
    """Which outlines are seen whole from the middle of their corners, and so are valid for certain (必为有效)."""
    west, south, east, north = rings.box.T
    room = ROUNDING * (east - west + (north - south)) ** 2 + SMALLEST
    left, right, above = _count(rings.turn > room), _count(rings.turn < -room), rings.y >= 0
    once = _count(above[1:] > above[:-1]) == 1
    return np.asarray(((left == rings.edges) | (right == rings.edges)) & once)


def _count(flags: Flags) -> npt.NDArray[np.int32]:
    return np.asarray(flags.sum(axis=0, dtype=np.int32))


def joined(rows: Floats, join: np.ufunc = np.add) -> Floats:
    """Sums down the columns: halves are added as of 2, 4, 8 ... rows, so that more rows of zeros change no digit."""
    half = 1 << (len(rows) - 1).bit_length() >> 1
    total = rows[:half].copy()
    join(total[: len(rows) - half], rows[half:], out=total[: len(rows) - half])
    while half > 1:
        half //= 2
        join(total[:half], total[half : 2 * half], out=total[:half])
    return np.asarray(total[0])
