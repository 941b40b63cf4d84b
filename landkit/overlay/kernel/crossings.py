"""Where the edges of two polygons cross, and which crossing follows which along either of them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Flags, Floats, Ints
from landkit.overlay.kernel.compiled import borrowing, compiled

MOST_CROSSINGS: Final = 128
UNCLEAR: Final = -1
# Nearer than this share of an edge to its end, a crossing may be a touch: not for this method.
END_SHARE: Final = 1e-9
PARALLEL: Final = 1e-12


class Crossings(NamedTuple):
    """Crossings of polygon A with polygon B (交点): edges and rings they lie on, how far along each edge (0 to
    1), the point, whether A enters B there, the next crossing along A and along B.
    """

    a_edge: Ints
    b_edge: Ints
    a_ring: Ints
    b_ring: Ints
    a_share: Floats
    b_share: Floats
    xy: Floats
    enters: Flags
    next_on_a: Ints
    next_on_b: Ints
    done: Flags


@compiled
def room_for_crossings():
    """Empty arrays for the crossings of one pair, used again for the next."""
    n = MOST_CROSSINGS
    return Crossings(
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n),
        np.empty(n),
        np.empty((n, 2)),
        np.empty(n, np.bool_),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.bool_),
    )


@borrowing
def boxes_apart(dx, dy, cx, cy, ex, ey):
    """Whether the edge from (0, 0) to (dx, dy) and the one from (cx, cy) to (ex, ey) have boxes that are
    apart.
    """
    if min(cx, ex) > max(0.0, dx) or max(cx, ex) < min(0.0, dx):
        return True
    return min(cy, ey) > max(0.0, dy) or max(cy, ey) < min(0.0, dy)


@borrowing
def meet(dx, dy, cx, cy, ex, ey):
    """How the edge from (0, 0) to (dx, dy) meets the edge from (cx, cy) to (ex, ey).

    Gives 1 where they cross, 0 where they do not, UNCLEAR where they touch or nearly so; the shares of both
    edges at the crossing; and their cross product, negative where the first edge goes to the left side of the
    second.
    """
    fx, fy = ex - cx, ey - cy
    cross = dx * fy - dy * fx
    size = (abs(dx) + abs(dy)) * (abs(fx) + abs(fy))
    if abs(cross) <= PARALLEL * size:
        on_one_line = abs(dx * cy - dy * cx) <= END_SHARE * (abs(dx) + abs(dy))
        return (UNCLEAR if on_one_line else 0), 0.0, 0.0, cross
    a, b = (cx * fy - cy * fx) / cross, (cx * dy - cy * dx) / cross
    if min(a, b) < -END_SHARE or max(a, b) > 1 + END_SHARE:
        return 0, a, b, cross
    if min(a, b) < END_SHARE or max(a, b) > 1 - END_SHARE:
        return UNCLEAR, a, b, cross
    return 1, a, b, cross


@borrowing
def bounds(xy, first, end):
    """The box of some vertices."""
    low_x, low_y, high_x, high_y = xy[first, 0], xy[first, 1], xy[first, 0], xy[first, 1]
    for v in range(first + 1, end):
        low_x, low_y = min(low_x, xy[v, 0]), min(low_y, xy[v, 1])
        high_x, high_y = max(high_x, xy[v, 0]), max(high_y, xy[v, 1])
    return low_x, low_y, high_x, high_y


@borrowing
def find_crossings(polygons, row, b_xy, b_start, b_rings, found):
    """All crossings of polygon `row` with the rings of B: how many, or UNCLEAR where the two touch."""
    count, xy = 0, polygons.xy
    low_x, low_y, high_x, high_y = bounds(b_xy, b_start[0], b_start[b_rings])
    for ring in range(polygons.first_ring[row], polygons.first_ring[row + 1]):
        for edge in range(polygons.ring_start[ring], polygons.ring_start[ring + 1] - 1):
            x0, y0 = xy[edge, 0], xy[edge, 1]
            dx, dy = xy[edge + 1, 0] - x0, xy[edge + 1, 1] - y0
            if boxes_apart(dx, dy, low_x - x0, low_y - y0, high_x - x0, high_y - y0):
                continue
            for b_ring in range(b_rings):
                for v in range(b_start[b_ring], b_start[b_ring + 1] - 1):
                    cx, cy = b_xy[v, 0] - x0, b_xy[v, 1] - y0
                    ex, ey = b_xy[v + 1, 0] - x0, b_xy[v + 1, 1] - y0
                    if boxes_apart(dx, dy, cx, cy, ex, ey):
                        continue
                    how, a_share, b_share, cross = meet(dx, dy, cx, cy, ex, ey)
                    if how == 0:
                        continue
                    if how == UNCLEAR or count == MOST_CROSSINGS:
                        return UNCLEAR
                    found.a_edge[count], found.b_edge[count] = edge, v
                    found.a_ring[count], found.b_ring[count] = ring, b_ring
                    found.a_share[count], found.b_share[count] = a_share, b_share
                    found.xy[count, 0], found.xy[count, 1] = x0 + a_share * dx, y0 + a_share * dy
                    found.enters[count], found.done[count] = cross < 0, False
                    count += 1
    return count


@borrowing
def link(ring, edge, share, count, following):
    """For each crossing the next one round its ring; the first of the ring follows the last."""
    for k in range(count):
        nearest, first = -1, k
        for m in range(count):
            if ring[m] != ring[k]:
                continue
            if edge[m] < edge[first] or (edge[m] == edge[first] and share[m] < share[first]):
                first = m
            if edge[m] < edge[k] or (edge[m] == edge[k] and share[m] <= share[k]):
                continue
            if (
                nearest < 0
                or edge[m] < edge[nearest]
                or (edge[m] == edge[nearest] and share[m] < share[nearest])
            ):
                nearest = m
        following[k] = nearest if nearest >= 0 else first
