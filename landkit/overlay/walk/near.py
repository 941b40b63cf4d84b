"""Nearest edges and signed distances to a boundary, compiled.

Trees are those of edge_tree.py, areas on the left of their edges.  A depth is a distance counted positive inside
the other side's area.  numba compiles these functions once for each machine and keeps the result.  What is called for every
point is compiled into its caller (`inline`): handing a tree of arrays over costs more than the work.
"""

from __future__ import annotations

import math

import numpy as np

from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing, inlined


@inlined
def to_edge(x, y, seg, i):
    """Squared distance of a point to an edge, and where its foot lies on it (0 to 1)."""
    ax, ay = seg[i, 0], seg[i, 1]
    dx, dy = seg[i, 2] - ax, seg[i, 3] - ay
    t = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
    t = min(1.0, max(0.0, t))
    ex, ey = x - ax - t * dx, y - ay - t * dy
    return ex * ex + ey * ey, t


@borrowing
def nearest(x, y, tree, lo, hi, guess, stack):
    """Of the edges lo to hi the one nearest to a point: squared distance, edge, foot; `guess` is an edge to begin with."""
    best, edge, foot = np.inf, -1, 0.0
    if guess >= 0:
        best, foot = to_edge(x, y, tree.seg, guess)
        edge = guess
    top = len(tree.offset) - 2
    n = 0
    for node in range(tree.offset[top], tree.offset[top + 1]):
        stack[n, 0], stack[n, 1] = node, top
        n += 1
    while n > 0:
        n -= 1
        node, level = stack[n, 0], stack[n, 1]
        if box_d2(x, y, tree.box, node) >= best:
            continue
        first = node - tree.offset[level]
        if level == 0:
            best, edge, foot = nearest_in_block(x, y, tree, node, lo, hi, best, edge, foot)
            continue
        span = FAN**level  # edges under one child
        a = tree.offset[level - 1] + first * FAN
        b = min(a + FAN, tree.offset[level])
        base = n
        for child in range(a, b):
            at = (child - tree.offset[level - 1]) * span
            if at >= hi or at + span <= lo or box_d2(x, y, tree.box, child) >= best:
                continue
            k = n  # the nearest child last, so that it is looked at first
            d2 = box_d2(x, y, tree.box, child)
            while k > base and box_d2(x, y, tree.box, stack[k - 1, 0]) < d2:
                stack[k, 0], stack[k, 1] = stack[k - 1, 0], stack[k - 1, 1]
                k -= 1
            stack[k, 0], stack[k, 1] = child, level - 1
            n += 1
    return best, edge, foot


@inlined
def nearest_in_block(x, y, tree, block, lo, hi, best, edge, foot):
    """The best so far, or the nearest edge of a block of eight if that is nearer."""
    seg = tree.seg
    for i in range(max(lo, block * FAN), min(hi, block * FAN + FAN)):
        dx, dy = seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
        px, py = x - seg[i, 0], y - seg[i, 1]
        across, length2 = px * dy - py * dx, dx * dx + dy * dy
        if across * across >= best * length2:  # even the line through the edge lies no nearer
            continue
        d2, t = to_edge(x, y, seg, i)
        if d2 < best:
            best, edge, foot = d2, i, t
    return best, edge, foot


@inlined
def box_d2(x, y, box, i):
    """Squared distance of a point to a box."""
    dx = max(box[i, 0] - x, x - box[i, 2], 0.0)
    dy = max(box[i, 1] - y, y - box[i, 3], 0.0)
    return dx * dx + dy * dy


@inlined
def inward(tree, i):
    """Unit normal of an edge into the area on its left."""
    dx, dy = tree.seg[i, 2] - tree.seg[i, 0], tree.seg[i, 3] - tree.seg[i, 1]
    length = math.sqrt(dx * dx + dy * dy)
    return -dy / length, dx / length


@inlined
def left_of(x, y, seg, i):
    """How far left of an edge a point lies, times the edge's length: negative on its right."""
    return (seg[i, 2] - seg[i, 0]) * (y - seg[i, 1]) - (seg[i, 3] - seg[i, 1]) * (x - seg[i, 0])


@inlined
def side(x, y, tree, i, t):
    """+1 where a point whose nearest edge is i (foot t) lies in the area, else -1.

    At a vertex a point left of one edge and right of the other lies beyond its tip: in the area where the ring turns right.
    """
    seg = tree.seg
    left = left_of(x, y, seg, i) > 0.0
    if t <= 0.0 or t >= 1.0:
        first = tree.before[i] if t <= 0.0 else i
        second = i if t <= 0.0 else tree.after[i]
        if (left_of(x, y, seg, first) > 0.0) != (left_of(x, y, seg, second) > 0.0):
            left = left_of(seg[second, 2], seg[second, 3], seg, first) < 0.0
    return 1.0 if left else -1.0


@borrowing
def edges_d2(a, i, b, j):
    """Squared distance between two edges; 0 where they cross."""
    ax, ay, bx, by = a[i, 0], a[i, 1], a[i, 2], a[i, 3]
    cx, cy, dx, dy = b[j, 0], b[j, 1], b[j, 2], b[j, 3]
    s1 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    s2 = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    s3 = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    s4 = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    if s1 * s2 < 0 and s3 * s4 < 0:
        return 0.0
    mine = min(to_edge(ax, ay, b, j)[0], to_edge(bx, by, b, j)[0])
    return min(mine, to_edge(cx, cy, a, i)[0], to_edge(dx, dy, a, i)[0])


@borrowing
def blocks_in_box(tree, x0, y0, x1, y1, stack, out):
    """Put the blocks of eight edges whose boxes meet a box into `out`, in ascending order; how many, too many if one is left."""
    top = len(tree.offset) - 2
    n = count = 0
    for node in range(tree.offset[top + 1] - 1, tree.offset[top] - 1, -1):
        stack[n, 0], stack[n, 1] = node, top
        n += meets(tree.box, node, x0, y0, x1, y1)
    while n > 0 and count <= len(out):
        n -= 1
        node, level = stack[n, 0], stack[n, 1]
        if level == 0:
            if count < len(out):
                out[count] = node
            count += 1
            continue
        a = tree.offset[level - 1] + (node - tree.offset[level]) * FAN
        for child in range(min(a + FAN, tree.offset[level]) - 1, a - 1, -1):
            stack[n, 0], stack[n, 1] = (
                child,
                level - 1,
            )  # in any case: without a branch there is nothing to guess wrong
            n += meets(tree.box, child, x0, y0, x1, y1)
    return count


@inlined
def meets(box, i, x0, y0, x1, y1):
    """Whether a box of the tree meets a box."""
    return (box[i, 0] <= x1) & (box[i, 2] >= x0) & (box[i, 1] <= y1) & (box[i, 3] >= y0)


@inlined
def edge_meets(seg, i, box, room):
    """Whether the box of an edge comes within `room` of a box."""
    return (
        (min(seg[i, 0], seg[i, 2]) <= box[2] + room)
        & (max(seg[i, 0], seg[i, 2]) >= box[0] - room)
        & (min(seg[i, 1], seg[i, 3]) <= box[3] + room)
        & (max(seg[i, 1], seg[i, 3]) >= box[1] - room)
    )
