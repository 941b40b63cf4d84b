"""Exact area that two polygons share, without making the shared polygon: signed trapezoids.

The derivation and an example by hand stand in the package's docstring.
"""

from __future__ import annotations

from landkit.overlay.kernel.compiled import compiled


@compiled
def lower_trapezoids(left, right, a_left, a_right, b_left, b_right):
    """Area between x = left and x = right below the lower of two straight lines, given by their heights at
    both ends.
    """
    at_left, at_right, width = a_left - b_left, a_right - b_right, right - left
    if at_left >= 0 and at_right >= 0:
        return 0.5 * (b_left + b_right) * width
    if at_left <= 0 and at_right <= 0:
        return 0.5 * (a_left + a_right) * width
    share = at_left / (at_left - at_right)  # of the width, where they cross
    cross = a_left + share * (a_right - a_left)
    if at_left < 0:
        return 0.5 * ((a_left + cross) * share + (cross + b_right) * (1 - share)) * width
    return 0.5 * ((b_left + cross) * share + (cross + a_right) * (1 - share)) * width


@compiled
def edges_over(xy, ring_start, rings, window, out):
    """The edges of `rings` closed rings that count in a window, as (x0, y0, x1, y1) from its lower left
    corner; how many.

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
            out[count, 0], out[count, 1] = x0 - window[0], y0 - window[1]
            out[count, 2], out[count, 3] = x1 - window[0], y1 - window[1]
            count += 1
    return count


@compiled
def under_edge(ax0, ay0, ax1, ay1, edges, count):
    """Signed area below one edge (running right) and each of `count` edges: the inner sum."""
    total = 0.0
    rise = (ay1 - ay0) / (ax1 - ax0)
    for j in range(count):
        bx0, by0, bx1, by1, sign = edges[j, 0], edges[j, 1], edges[j, 2], edges[j, 3], 1.0
        if bx1 < bx0:
            bx0, by0, bx1, by1, sign = bx1, by1, bx0, by0, -1.0
        left, right = max(ax0, bx0), min(ax1, bx1)
        if right <= left:
            continue
        slope = (by1 - by0) / (bx1 - bx0)
        total += sign * lower_trapezoids(
            left,
            right,
            ay0 + rise * (left - ax0),
            ay1 + rise * (right - ax1),
            by0 + slope * (left - bx0),
            by1 + slope * (right - bx1),
        )
    return total


@compiled
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
