"""The polygon that two polygons share, by the walk of Weiler and Atherton, checked against its exact area.

Weiler & Atherton, "Hidden surface removal using polygon area sorting", SIGGRAPH 1977.  Shells run
counter-clockwise and holes clockwise, so inside is always on the left.  From a crossing where A enters B
follow A to the next crossing; there A leaves B, so follow B to the next one; and so on until the start comes
round.  Everything the walk cannot be sure of (touching, shared edges, islands and holes that no edge crosses,
too many crossings) ends in UNCLEAR, and so does a result whose area is not the one measured without it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Floats, Ints
from landkit.overlay.kernel.arrays import copy_run, longer
from landkit.overlay.kernel.compiled import borrowing, compiled
from landkit.overlay.kernel.crossings import (
    MOST_CROSSINGS,
    UNCLEAR,
    find_crossings,
    link,
    room_for_crossings,
)
from landkit.overlay.kernel.polygons import HEAD_BYTES, MULTIPOLYGON, POLYGON, ring_area, turn
from landkit.overlay.kernel.simple import edges_apart

SAME_AREA_M2: Final = 1e-6
SAME_AREA_SHARE: Final = 1e-9
MOST_VERTICES: Final = 4096


class Piece(NamedTuple):
    """Room for one shared polygon: closed rings one after another, `ring_start` where each begins."""

    xy: Floats
    ring_start: Ints


@compiled
def room_for_piece():
    """Empty arrays for one piece, used again for the next."""
    return Piece(np.empty((MOST_VERTICES, 2)), np.empty(MOST_CROSSINGS + 1, np.int64))


@borrowing
def copy_between(xy, first, end, after, to, out, at):
    """Copy the vertices of a closed ring `xy[first:end]` from the end of edge `after` to the start of edge
    `to`; gives the new end of `out`, or UNCLEAR where it is full.
    """
    v = after
    while True:
        v += 1
        if v == end - 1:
            v = first
        if at + 4 > len(out):
            return UNCLEAR
        out[at, 0], out[at, 1] = xy[v, 0], xy[v, 1]
        at += 1
        if v == to:
            return at


@borrowing
def along(k, edge, share, following, xy, first, end, out, at):
    """Write crossing-free vertices between crossing k and the next on its ring; the new end of `out`."""
    ahead = following[k]
    if edge[ahead] == edge[k] and share[ahead] > share[k]:
        return at
    return copy_between(xy, first, end, edge[k], edge[ahead], out, at)


@borrowing
def put_crossing(found, k, out, at):
    """Write a crossing as a vertex, and that the walk came by."""
    out[at, 0], out[at, 1] = found.xy[k, 0], found.xy[k, 1]
    found.done[k] = True
    return at + 1


@borrowing
def trace_ring(polygons, b_xy, b_start, found, count, start, out, at):
    """Walk one ring of the shared polygon from the crossing `start`; gives its end in `out`, or UNCLEAR."""
    k, begin = start, at
    for _ in range(count):
        a_ring, a_xy = found.a_ring[k], polygons.xy
        first, end = polygons.ring_start[a_ring], polygons.ring_start[a_ring + 1]
        at = put_crossing(found, k, out, at)
        at = along(k, found.a_edge, found.a_share, found.next_on_a, a_xy, first, end, out, at)
        leave = found.next_on_a[k]
        if at == UNCLEAR or found.enters[leave] or found.done[leave] or at + 4 > len(out):
            return UNCLEAR
        at = put_crossing(found, leave, out, at)
        first, end = b_start[found.b_ring[leave]], b_start[found.b_ring[leave] + 1]
        at = along(leave, found.b_edge, found.b_share, found.next_on_b, b_xy, first, end, out, at)
        k = found.next_on_b[leave]
        if at == UNCLEAR or not found.enters[k] or at + 4 > len(out):
            return UNCLEAR
        if k == start:
            out[at, 0], out[at, 1] = out[begin, 0], out[begin, 1]
            return at + 1
        if found.done[k]:
            return UNCLEAR
    return UNCLEAR


@borrowing
def same_area(area, exact):
    """The run-time check (运行时自检): the area of the shape made is the one measured without making it."""
    return abs(area - exact) <= SAME_AREA_M2 + SAME_AREA_SHARE * exact


@compiled
def clip(polygons, row, b_xy, b_start, b_rings, exact, found, piece):
    """Write what polygon `row` shares with the rings of B into `piece`; how many rings, or UNCLEAR.

    `exact` is the shared area as `area.shared_area` measured it.
    """
    count = find_crossings(polygons, row, b_xy, b_start, b_rings, found)
    if count < 2:
        return UNCLEAR
    link(found.a_ring, found.a_edge, found.a_share, count, found.next_on_a)
    link(found.b_ring, found.b_edge, found.b_share, count, found.next_on_b)
    rings, at, total = 0, 0, 0.0
    piece.ring_start[0] = 0
    for k in range(count):
        if not found.enters[k] or found.done[k]:
            continue
        at = trace_ring(polygons, b_xy, b_start, found, count, k, piece.xy, at)
        area = ring_area(piece.xy, piece.ring_start[rings], at) if at != UNCLEAR else 0.0
        if area <= 0:  # a hole, or nothing
            return UNCLEAR
        total += area
        rings += 1
        piece.ring_start[rings] = at
    good = same_area(total, exact) and edges_apart(piece.xy, piece.ring_start, rings)
    return rings if good else UNCLEAR


@borrowing
def put_number(wkb, at, number):
    """Write an unsigned 32-bit little-endian number."""
    for byte in range(4):
        wkb[at + byte] = (number >> (8 * byte)) & 255
    return at + 4


@borrowing
def put_head(wkb, at, kind, count):
    """Write byte order, type and the number of what follows."""
    wkb[at] = 1
    return put_number(wkb, put_number(wkb, at + 1, kind), count)


@compiled
def put_piece(wkb, at, piece, rings):
    """Write rings, each a polygon of its own, as WKB at `at`; gives the place after it."""
    raw = piece.xy.reshape(-1).view(np.uint8)
    if rings > 1:
        at = put_head(wkb, at, MULTIPOLYGON, rings)
    for ring in range(rings):
        first, end = piece.ring_start[ring], piece.ring_start[ring + 1]
        at = put_number(wkb, put_head(wkb, at, POLYGON, 1), end - first)
        copy_run(raw, 16 * first, 16 * end, wkb, at)
        at += 16 * (end - first)
    return at


@borrowing
def bytes_of(piece, rings):
    """How many bytes `put_piece` writes."""
    return HEAD_BYTES + rings * (HEAD_BYTES + 4) + 16 * piece.ring_start[rings]


@compiled
def turned(xy, ring_start, rings):
    """The rings the other way round: they then enclose everything that they did not."""
    out = xy[: ring_start[rings]].copy()
    for ring in range(rings):
        turn(out, ring_start[ring], ring_start[ring + 1] - 1)
    return out


@compiled
def clip_all(polygons, rows, local, exact, wanted, outside):
    """Clip the pairs `wanted`: pair k is polygon `rows[k]` with the k-th local rings and the area `exact[k]`.

    Gives WKB, where in it each wanted piece begins, and which were made; with `outside` the pieces are what
    lies outside the rings.
    """
    found, piece = room_for_crossings(), room_for_piece()
    wkb, at = np.empty(256 * len(wanted) + 1024, np.uint8), 0
    start, made = np.zeros(len(wanted) + 1, np.int64), np.zeros(len(wanted), np.bool_)
    for n, k in enumerate(wanted):
        ring_from, rings = local.first_ring[k], local.first_ring[k + 1] - local.first_ring[k]
        first = local.ring_start[ring_from]
        b_start = local.ring_start[ring_from : ring_from + rings + 1] - first
        b_xy = local.xy[first:]
        if outside:
            b_xy = turned(b_xy, b_start, rings)
        pieces = clip(polygons, rows[k], b_xy, b_start, rings, exact[k], found, piece)
        if pieces != UNCLEAR:
            wkb = longer(wkb, at + bytes_of(piece, pieces))
            at = put_piece(wkb, at, piece, pieces)
            made[n] = True
        start[n + 1] = at
    return wkb[:at], start, made
