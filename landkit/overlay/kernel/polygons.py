"""Polygons as flat arrays, read straight from well-known binary (WKB).

A row of WKB is `01 | type | count ...`: for type 3 (Polygon) the number of rings, then for each ring the
number of vertices and the vertices as pairs of doubles; for type 6 (MultiPolygon) the number of polygons,
each with a header of its own.  Only this plain form is read here: little-endian, two dimensions, no SRID;
`reading.py` brings everything else to it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Flags, Floats, Ints
from landkit.overlay.kernel.arrays import copy_run
from landkit.overlay.kernel.compiled import borrowing

POLYGON: Final = 3
MULTIPOLYGON: Final = 6
HEAD_BYTES: Final = 9  # byte order, type, how many rings or parts
NOT_PLAIN: Final = -1
EVERY_WAY: Final = 1e300


class Polygons(NamedTuple):
    """Rings of polygons (多边形环): shells run counter-clockwise, holes clockwise, each repeats its first
    vertex.

    `xy` (vertices, 2); ring r is `xy[ring_start[r]:ring_start[r + 1]]`; polygon i has the rings
    `first_ring[i]` to `first_ring[i + 1]`; `box` (n, 4) is min x, min y, max x, max y; `area` is planar.
    """

    xy: Floats
    ring_start: Ints
    is_shell: Flags
    first_ring: Ints
    box: Floats
    area: Floats


@borrowing
def number_at(data, at):
    """The unsigned 32-bit little-endian number at a byte."""
    low = np.int64(data[at]) | np.int64(data[at + 1]) << 8
    return low | np.int64(data[at + 2]) << 16 | np.int64(data[at + 3]) << 24


@borrowing
def count_polygon(data, at, end):
    """Rings, vertices and end of the polygon body at `at`; rings are NOT_PLAIN where the bytes run out."""
    if at + 4 > end:
        return NOT_PLAIN, 0, at
    rings, vertices = number_at(data, at), 0
    at += 4
    for _ in range(rings):
        if at + 4 > end:
            return NOT_PLAIN, 0, at
        size = number_at(data, at)
        at += 4 + 16 * size
        if size < 4 or at > end:
            return NOT_PLAIN, 0, at
        vertices += size
    return (rings if rings else NOT_PLAIN), vertices, at


@borrowing
def count_row(data, at, end):
    """Rings and vertices of one row of WKB; rings are NOT_PLAIN where it is not a plain polygon."""
    if end - at < 9 or data[at] != 1:
        return NOT_PLAIN, 0
    kind = number_at(data, at + 1)
    if kind == POLYGON:
        rings, vertices, done = count_polygon(data, at + 5, end)
        return (rings if done == end else NOT_PLAIN), vertices
    if kind != MULTIPOLYGON:
        return NOT_PLAIN, 0
    parts, rings, vertices = number_at(data, at + 5), 0, 0
    at += 9
    for _ in range(parts):
        if at + 5 > end or data[at] != 1 or number_at(data, at + 1) != POLYGON:
            return NOT_PLAIN, 0
        more, some, at = count_polygon(data, at + 5, end)
        if more == NOT_PLAIN:
            return NOT_PLAIN, 0
        rings += more
        vertices += some
    return (rings if at == end and rings else NOT_PLAIN), vertices


@borrowing
def count_rows(data, start, rings, vertices):
    """Fill `rings` and `vertices` for the rows `data[start[i]:start[i + 1]]`."""
    for row in range(len(rings)):
        rings[row], vertices[row] = count_row(data, start[row], start[row + 1])


@borrowing
def turn(xy, first, last):
    """Turn the vertices first..last around in place."""
    while first < last:
        for axis in range(2):
            other = xy[first, axis]
            xy[first, axis] = xy[last, axis]
            xy[last, axis] = other
        first += 1
        last -= 1


@borrowing
def ring_area(xy, first, end):
    """Signed area of a closed ring, counter-clockwise positive, measured from its first vertex so that large
    coordinates cost no digits.
    """
    x0, y0, twice = xy[first, 0], xy[first, 1], 0.0
    for v in range(first, end - 1):
        twice += (xy[v, 0] - x0) * (xy[v + 1, 1] - y0) - (xy[v + 1, 0] - x0) * (xy[v, 1] - y0)
    return twice / 2


@borrowing
def fill_polygon(data, at, vertex, ring, raw, xy, ring_start, is_shell):
    """Copy the polygon body at `at`, its rings turned the right way round; gives the places after it, and its
    area.
    """
    area = 0.0
    count = number_at(data, at)
    at += 4
    for nth in range(count):
        size = number_at(data, at)
        at += 4
        copy_run(data, at, at + 16 * size, raw, 16 * vertex)
        at += 16 * size
        signed = ring_area(xy, vertex, vertex + size)
        if (signed > 0) != (nth == 0):
            turn(xy, vertex, vertex + size - 1)
            signed = -signed
        area += signed
        vertex += size
        is_shell[ring] = nth == 0
        ring += 1
        ring_start[ring] = vertex
    return at, vertex, ring, area


@borrowing
def box_of(xy, first, end, box):
    """The bounds of some vertices."""
    box[0], box[1], box[2], box[3] = EVERY_WAY, EVERY_WAY, -EVERY_WAY, -EVERY_WAY
    for v in range(first, end):
        box[0] = min(box[0], xy[v, 0])
        box[1] = min(box[1], xy[v, 1])
        box[2] = max(box[2], xy[v, 0])
        box[3] = max(box[3], xy[v, 1])


@borrowing
def fill_rows(data, start, raw, polygons, first, end, first_vertex):
    """Copy the rows first..end of WKB into `polygons`; `raw` are the bytes of its `xy`, `first_vertex` where
    each row's vertices begin.
    """
    xy, ring_start, is_shell, first_ring, box, area = polygons
    for row in range(first, end):
        at, vertex, ring, parts = start[row], first_vertex[row], first_ring[row], 1
        ring_start[ring] = vertex  # whoever fills the row before may not be there yet
        kind = number_at(data, at + 1)
        at += 5
        if kind == MULTIPOLYGON:
            parts = number_at(data, at)
            at += 4
        area[row] = 0.0
        for _ in range(parts):
            if kind == MULTIPOLYGON:
                at += 5
            at, vertex, ring, more = fill_polygon(data, at, vertex, ring, raw, xy, ring_start, is_shell)
            area[row] += more
        box_of(xy, first_vertex[row], vertex, box[row])
