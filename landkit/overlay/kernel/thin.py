"""Rings thinned to a window: what lies outside is straightened, what lies inside is untouched.

Each vertex outside the window lies beyond at least one of its four sides; `outcode` says which (Cohen and
Sutherland).  Where a vertex and both its neighbours lie beyond the same side, the vertex may go: the triangle
it cuts off lies beyond that side too, so inside the window no point changes from in to out.
"""

from __future__ import annotations

from landkit.overlay.kernel.compiled import borrowing

ALL_SIDES = 15


@borrowing
def outcode(x, y, window):
    """Beyond which sides of the window a point lies: left 1, right 2, below 4, above 8; 0 is in or on it."""
    sides = 0
    if x < window[0]:
        sides = 1
    elif x > window[2]:
        sides = 2
    if y < window[1]:
        sides |= 4
    elif y > window[3]:
        sides |= 8
    return sides


@borrowing
def thin_ring(xy, first, end, window, out, at):
    """Thin the closed ring `xy[first:end]` into `out[at:]`; gives the new end and whether an edge may touch the
    window.

    The new end is `at` where nothing of the ring can count inside the window.
    """
    last, done, touches, common = end - 2, at, False, ALL_SIDES
    kept = outcode(xy[last, 0], xy[last, 1], window)
    here = outcode(xy[first, 0], xy[first, 1], window)
    for v in range(first, last + 1):
        following = v + 1 if v < last else first
        ahead = outcode(xy[following, 0], xy[following, 1], window)
        common &= here
        if v == first or (kept & here & ahead) == 0:
            touches |= v > first and (kept & here) == 0
            out[done, 0], out[done, 1] = xy[v, 0], xy[v, 1]
            done += 1
            kept = here
        here = ahead
    if common != 0 or done - at < 3:
        return at, False
    touches |= (kept & here) == 0
    out[done, 0], out[done, 1] = out[at, 0], out[at, 1]
    return done + 1, touches


@borrowing
def beyond(box, ring, window):
    """Whether a ring's box lies beyond one side of the window: then none of the ring counts inside."""
    apart_x = box[ring, 2] < window[0] or box[ring, 0] > window[2]
    return apart_x or box[ring, 3] < window[1] or box[ring, 1] > window[3]


@borrowing
def thin(rings, count, window, out, first):
    """Thin `count` rings into those of `out` from `first` on; gives how many are kept and whether an edge may touch the
    window.

    Both are (xy, ring_start, is_shell, box); of rings beyond the window no vertex is looked at.  A hole goes with its shell:
    where the shell encloses nothing of the window, its holes take nothing away.
    """
    xy, ring_start, is_shell, box = rings
    out_xy, out_start, out_shell, out_box = out
    at, touches, shell_gone = first, False, False
    for ring in range(count):
        if shell_gone and not is_shell[ring]:
            continue
        begin = end = out_start[at]
        near = False
        if not beyond(box, ring, window):
            end, near = thin_ring(xy, ring_start[ring], ring_start[ring + 1], window, out_xy, begin)
        if is_shell[ring]:
            shell_gone = end == begin
        if end > begin:
            touches |= near
            out_shell[at] = is_shell[ring]
            for axis in range(4):
                out_box[at, axis] = box[ring, axis]
            at += 1
            out_start[at] = end
    return at - first, touches


@borrowing
def winding(xy, ring_start, rings, x, y):
    """How often the rings wind around a point that lies on none of their edges: 1 in a polygon, 0 outside."""
    turns = 0
    for ring in range(rings):
        for v in range(ring_start[ring], ring_start[ring + 1] - 1):
            x0, y0, x1, y1 = xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1]
            if (y0 > y) == (y1 > y):
                continue
            side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
            if y1 > y0 and side > 0:
                turns += 1
            elif y1 < y0 and side < 0:
                turns -= 1
    return turns
