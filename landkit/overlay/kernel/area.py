"""Exact area that two polygons share, without making the shared polygon: signed trapezoids.

The derivation and an example by hand stand in the package's docstring.
"""

from __future__ import annotations

from typing import Final

from landkit.overlay.kernel.compiled import borrowing

# An edge over a window is a column of seven rows: its left end, its right end, its rise, the sign of its trapezoids,
# and room for what it adds.  Rows lie together in memory, so that the processor does several edges at once.
LEFT_X: Final = 0
LEFT_Y: Final = 1
RIGHT_X: Final = 2
RIGHT_Y: Final = 3
RISE: Final = 4
SIGN: Final = 5
ADDED: Final = 6
EDGE_ROWS: Final = 7


@borrowing
def edges_over(xy, ring_start, rings, window, edges):
    """The edges of `rings` closed rings that count in a window, seen from its lower left corner; how many.

    An edge beside the window stands over no point of it; an edge below it has all of the window above; an
    upright edge has no width.  None of them adds area.
    """
    count = 0
    for ring in range(rings):
        for v in range(ring_start[ring], ring_start[ring + 1] - 1):
            x0, x1 = xy[v, 0], xy[v + 1, 0]
            y0, y1 = xy[v, 1], xy[v + 1, 1]
            if x0 == x1 or max(x0, x1) <= window[0] or min(x0, x1) >= window[2]:
                continue
            if max(y0, y1) <= window[1]:
                continue
            sign = 1.0
            if x1 < x0:
                x0, y0, x1, y1, sign = x1, y1, x0, y0, -1.0
            edges[LEFT_X, count], edges[LEFT_Y, count] = x0 - window[0], y0 - window[1]
            edges[RIGHT_X, count], edges[RIGHT_Y, count] = x1 - window[0], y1 - window[1]
            edges[RISE, count], edges[SIGN, count] = (y1 - y0) / (x1 - x0), sign
            count += 1
    return count


@borrowing
def lower_trapezoids(x0, y0, x1, y1, edges, count):
    """Fill in for each of `count` edges its signed area below the lower of it and the edge from (x0, y0) to (x1, y1),
    which runs right, over the x that both span.

    Written without a branch.  Where the two cross, the first is the lower one over a `share` of the width, in which
    it lies below by `low` at one end.
    """
    rise = (y1 - y0) / (x1 - x0)
    left_x, left_y, right_x, right_y = edges[LEFT_X], edges[LEFT_Y], edges[RIGHT_X], edges[RIGHT_Y]
    slope, sign, added = edges[RISE], edges[SIGN], edges[ADDED]
    for j in range(count):
        left = x0 if x0 > left_x[j] else left_x[j]
        right = x1 if x1 < right_x[j] else right_x[j]
        width = right - left if right > left else 0.0
        at_left = left_y[j] + slope[j] * (left - left_x[j])
        at_right = right_y[j] + slope[j] * (right - right_x[j])
        over_left = y0 + rise * (left - x0) - at_left
        over_right = y1 + rise * (right - x1) - at_right
        low = over_left if over_left < over_right else over_right
        high = over_right if over_left < over_right else over_left
        below, below_too = min(low, 0.0), min(high, 0.0)
        span = low - high if low < high else -1.0
        share = (below - below_too) / span if low < high else 1.0
        added[j] = 0.5 * sign[j] * width * (at_left + at_right + share * (below + below_too))


@borrowing
def under_edge(x0, y0, x1, y1, edges, count):
    """Signed area below one edge (running right) and each of `count` edges: the inner sum."""
    lower_trapezoids(x0, y0, x1, y1, edges, count)
    total = 0.0
    for j in range(count):
        total += edges[ADDED, j]
    return total


@borrowing
def shared_area(polygons, row, window, edges, count):
    """Area that polygon `row` shares with the polygon whose edges over the window were collected by
    `edges_over`; the window is the polygon's box.
    """
    xy, total = polygons.xy, 0.0
    for ring in range(polygons.first_ring[row], polygons.first_ring[row + 1]):
        for v in range(polygons.ring_start[ring], polygons.ring_start[ring + 1] - 1):
            x0, y0 = xy[v, 0] - window[0], xy[v, 1] - window[1]
            x1, y1 = xy[v + 1, 0] - window[0], xy[v + 1, 1] - window[1]
            if x0 < x1:
                total += under_edge(x0, y0, x1, y1, edges, count)
            elif x0 > x1:
                total -= under_edge(x1, y1, x0, y0, edges, count)
    return total
