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

FEW = 64  # edges of a parcel, or blocks around one, that are looked at one after the other


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


@borrowing
def lay_out(tree, around, laid, which):
    """Copy the edges of some blocks side by side, so that several are measured at once; how many, 0 where there are too many.

    `laid` (6, FEW FAN): x, y of the start, the way to the end, 1 / length2, room for a squared distance; `which` edges they are.
    """
    count = 0
    if len(around) > FEW:
        return count
    for block in around:
        for i in range(block * FAN, min(len(tree.seg), block * FAN + FAN)):
            dx, dy = tree.seg[i, 2] - tree.seg[i, 0], tree.seg[i, 3] - tree.seg[i, 1]
            laid[0, count], laid[1, count], laid[2, count], laid[3, count] = (
                tree.seg[i, 0],
                tree.seg[i, 1],
                dx,
                dy,
            )
            laid[4, count], which[count] = 1 / (dx * dx + dy * dy), i
            count += 1
    return count


@borrowing
def measure_laid(x, y, ax, ay, dx, dy, per_length2, d2, count):
    """Squared distance of a point to each of the edges laid out: a loop without branches, which the processor does by fours."""
    for k in range(count):
        px, py = x - ax[k], y - ay[k]
        t = (px * dx[k] + py * dy[k]) * per_length2[k]
        t = 0.0 if t < 0.0 else (1.0 if t > 1.0 else t)
        ex, ey = px - t * dx[k], py - t * dy[k]
        d2[k] = ex * ex + ey * ey


@borrowing
def nearest_laid(x, y, tree, laid, which, count, room, guess, stack):
    """As `nearest` of the whole tree, where every edge that comes within `room` of the point is laid out (`lay_out`)."""
    if count > 0:
        measure_laid(x, y, laid[0], laid[1], laid[2], laid[3], laid[4], laid[5], count)
        at = 0
        for k in range(1, count):
            if laid[5, k] < laid[5, at]:
                at = k
        guess = which[at]
        best, foot = to_edge(x, y, tree.seg, guess)
        if best <= room * room:
            return best, guess, foot
    return nearest(x, y, tree, 0, len(tree.seg), guess, stack)


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
def side(x, y, tree, i, t):
    """+1 where a point whose nearest edge is i (foot t) lies in the area, else -1.

    At a vertex the two normals are summed: the sum points into the area wherever that vertex is the nearest point.
    """
    nx, ny = inward(tree, i)
    vx, vy = tree.seg[i, 0], tree.seg[i, 1]
    if t <= 0.0:
        mx, my = inward(tree, tree.before[i])
        nx, ny = nx + mx, ny + my
    elif t >= 1.0:
        vx, vy = tree.seg[i, 2], tree.seg[i, 3]
        mx, my = inward(tree, tree.after[i])
        nx, ny = nx + mx, ny + my
    return 1.0 if (x - vx) * nx + (y - vy) * ny > 0.0 else -1.0


@inlined
def depth_at(x, y, tree, lo, hi, guess, stack):
    """Signed distance of a point to the boundary of an area (positive inside) and the nearest edge."""
    if hi - lo <= FEW * FAN:
        best, i, t = np.inf, -1, 0.0
        if guess >= 0:
            best, t = to_edge(x, y, tree.seg, guess)
            i = guess
        for block in range(lo // FAN, (hi - 1) // FAN + 1):
            if box_d2(x, y, tree.box, block) < best:
                best, i, t = nearest_in_block(x, y, tree, block, lo, hi, best, i, t)
    else:
        best, i, t = nearest(x, y, tree, lo, hi, guess, stack)
    return side(x, y, tree, i, t) * math.sqrt(best), i


@inlined
def depth_laid(x, y, tree, laid, which, count, room, guess, stack):
    """As `depth_at` of the whole tree, where every edge that comes within `room` of the point is laid out (`lay_out`)."""
    best, i, t = nearest_laid(x, y, tree, laid, which, count, room, guess, stack)
    return side(x, y, tree, i, t) * math.sqrt(best), i


@borrowing
def deepest_below(seg, i, t, reach, depth, tree, laid, which, count, room, sign, stack):
    """As `deepest_in`, in the area of a whole tree (`sign` 1) or outside it (-1), with edges laid out as in `nearest_laid`."""
    a, b = max(0.0, t - reach), min(1.0, t + reach)
    ax, ay, dx, dy = seg[i, 0], seg[i, 1], seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
    guess = -1
    for _ in range(24):
        u, v = a + (b - a) / 3, b - (b - a) / 3
        du, guess = depth_laid(ax + u * dx, ay + u * dy, tree, laid, which, count, room, guess, stack)
        dv, guess = depth_laid(ax + v * dx, ay + v * dy, tree, laid, which, count, room, guess, stack)
        depth = max(depth, sign * du, sign * dv)
        if sign * du < sign * dv:
            a = u
        else:
            b = v
    return depth


@borrowing
def deepest_in(seg, i, t, reach, depth, tree, lo, hi, stack):
    """The greatest depth on edge i in the area of the edges lo to hi, within `reach` (a share of edge i) of t.

    Found by thirds; never less than `depth`.
    """
    a, b = max(0.0, t - reach), min(1.0, t + reach)
    ax, ay, dx, dy = seg[i, 0], seg[i, 1], seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
    guess = -1
    for _ in range(24):
        u, v = a + (b - a) / 3, b - (b - a) / 3
        du, guess = depth_at(ax + u * dx, ay + u * dy, tree, lo, hi, guess, stack)
        dv, guess = depth_at(ax + v * dx, ay + v * dy, tree, lo, hi, guess, stack)
        depth = max(depth, du, dv)
        if du < dv:
            a = u
        else:
            b = v
    return depth


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
    """Blocks of eight edges whose boxes meet a box, in ascending order; as many as `out` holds, and how many there are."""
    top = len(tree.offset) - 2
    n = count = 0
    for node in range(tree.offset[top + 1] - 1, tree.offset[top] - 1, -1):
        stack[n, 0], stack[n, 1] = node, top
        n += 1
    while n > 0:
        n -= 1
        node, level = stack[n, 0], stack[n, 1]
        if not meets(tree.box, node, x0, y0, x1, y1):
            continue
        if level == 0:
            if count < len(out):
                out[count] = node
            count += 1
            continue
        a = tree.offset[level - 1] + (node - tree.offset[level]) * FAN
        for child in range(min(a + FAN, tree.offset[level]) - 1, a - 1, -1):
            stack[n, 0], stack[n, 1] = child, level - 1
            n += 1
    return count


@inlined
def meets(box, i, x0, y0, x1, y1):
    """Whether a box of the tree meets a box."""
    return box[i, 0] <= x1 and box[i, 2] >= x0 and box[i, 1] <= y1 and box[i, 3] >= y0
