"""Do any two edges of closed rings meet elsewhere than where one ends and the next begins?

Asked of every piece before it is handed out and of every polygon before it is let in.  The answer errs to one
side only: where two edges nearly touch it says that they do, and GEOS is asked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from landkit.overlay.kernel.compiled import borrowing, compiled
from landkit.overlay.kernel.polygons import box_of

FEW_EDGES: Final = 64
FAN: Final = 8
# A corner or a gap is called clear when it is this many times wider than what rounding can move.
ROUNDING: Final = 1e-15 * 8


@borrowing
def side(ax, ay, bx, by, px, py, grain):
    """On which side of the line a-b a point lies: 1 left, -1 right, 0 where rounding could decide."""
    dx, dy, ex, ey = bx - ax, by - ay, px - ax, py - ay
    cross = dx * ey - dy * ex
    room = grain * (abs(dx) + abs(dy) + abs(ex) + abs(ey)) + ROUNDING * (abs(dx * ey) + abs(dy * ex))
    if cross > room:
        return 1
    return -1 if cross < -room else 0


@borrowing
def edges_meet(xy, i, j):
    """Whether the edges that start at vertices i and j touch or cross, or nearly so."""
    ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
    cx, cy, dx, dy = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
    if min(ax, bx) > max(cx, dx) or max(ax, bx) < min(cx, dx):
        return False
    if min(ay, by) > max(cy, dy) or max(ay, by) < min(cy, dy):
        return False
    grain = 2.3e-16 * max(abs(ax), abs(ay))
    c, d = side(ax, ay, bx, by, cx, cy, grain), side(ax, ay, bx, by, dx, dy, grain)
    if c == d and c != 0:
        return False
    a, b = side(cx, cy, dx, dy, ax, ay, grain), side(cx, cy, dx, dy, bx, by, grain)
    return not (a == b and a != 0)


@borrowing
def corner_clear(xy, before, at, after):
    """Whether the ring neither stands still nor turns back on itself at a vertex."""
    ux, uy = xy[before, 0] - xy[at, 0], xy[before, 1] - xy[at, 1]
    vx, vy = xy[after, 0] - xy[at, 0], xy[after, 1] - xy[at, 1]
    if (ux == 0 and uy == 0) or (vx == 0 and vy == 0):
        return False
    if ux * vx + uy * vy <= 0:
        return True
    grain = 2.3e-16 * max(abs(xy[at, 0]), abs(xy[at, 1]))
    return side(xy[before, 0], xy[before, 1], xy[at, 0], xy[at, 1], xy[after, 0], xy[after, 1], grain) != 0


@borrowing
def corners_clear(xy, ring_start, rings):
    """`corner_clear` at every vertex of closed rings."""
    for ring in range(rings):
        first, last = ring_start[ring], ring_start[ring + 1] - 2
        for v in range(first, last + 1):
            before = v - 1 if v > first else last
            if not corner_clear(xy, before, v, v + 1):
                return False
    return True


@borrowing
def neighbours(i, j, ring_i, ring_j, ring_start):
    """Whether edge j follows edge i, or i follows j round the end of their ring (i < j)."""
    if ring_i != ring_j:
        return False
    return j == i + 1 or (i == ring_start[ring_i] and j == ring_start[ring_i + 1] - 2)


@borrowing
def few_apart(xy, ring_start, rings):
    """Every edge against every other."""
    for ring_i in range(rings):
        for i in range(ring_start[ring_i], ring_start[ring_i + 1] - 1):
            for ring_j in range(ring_i, rings):
                start = i + 1 if ring_j == ring_i else ring_start[ring_j]
                for j in range(start, ring_start[ring_j + 1] - 1):
                    if edges_meet(xy, i, j) and not neighbours(i, j, ring_i, ring_j, ring_start):
                        return False
    return True


@borrowing
def vertex_of(edge, ring, ring_start):
    """The vertex at which an edge starts; edges are counted through all rings, each of which has one vertex more."""
    return ring_start[0] + edge + ring


@borrowing
def ring_at(edge, ring, ring_start):
    """The ring of an edge, sought from a ring that begins before it."""
    while vertex_of(edge, ring, ring_start) >= ring_start[ring + 1] - 1:
        ring += 1
    return ring


@compiled
def runs_of_edges(xy, ring_start, rings):
    """Runs of eight edges, which are neighbours round a ring and so on the ground: their boxes in a tree of eights, where
    each of its levels begins, and the ring that each run begins in.
    """
    count = ring_start[rings] - ring_start[0] - rings
    n = (count + FAN - 1) // FAN
    box, first_ring = np.empty((n + n // 7 + 32, 4)), np.empty(n, np.int64)
    ring = 0
    for run in range(n):
        first_ring[run] = ring_at(run * FAN, ring, ring_start)
        last = min(run * FAN + FAN, count) - 1
        ring = ring_at(last, first_ring[run], ring_start)
        begin = vertex_of(run * FAN, first_ring[run], ring_start)
        box_of(xy, begin, vertex_of(last, ring, ring_start) + 2, box[run])
    levels = np.zeros(32, np.int64)
    level, low = 1, 0
    levels[1] = n
    while n - low > FAN:
        high = n
        for first in range(low, high, FAN):
            box[n] = box[first]
            for k in range(first + 1, min(first + FAN, high)):
                box[n, 0], box[n, 1] = min(box[n, 0], box[k, 0]), min(box[n, 1], box[k, 1])
                box[n, 2], box[n, 3] = max(box[n, 2], box[k, 2]), max(box[n, 3], box[k, 3])
            n += 1
        low = high
        level += 1
        levels[level] = n
    return box, levels[: level + 1], first_ring


@borrowing
def disjoint(a, b):
    """Whether two boxes share no point."""
    return a[0] > b[2] or a[2] < b[0] or a[1] > b[3] or a[3] < b[1]


@borrowing
def outside(xy, v, box):
    """Whether the edge that starts at a vertex lies beside, above or below a box."""
    if max(xy[v, 0], xy[v + 1, 0]) < box[0] or min(xy[v, 0], xy[v + 1, 0]) > box[2]:
        return True
    return max(xy[v, 1], xy[v + 1, 1]) < box[1] or min(xy[v, 1], xy[v + 1, 1]) > box[3]


@borrowing
def one_way(xy, first, last):
    """Whether every edge from vertex first to vertex last leads on in the direction from the one to the other: then they
    cast shadows on it that only touch, and no two of them can meet.
    """
    dx, dy = xy[last, 0] - xy[first, 0], xy[last, 1] - xy[first, 1]
    for v in range(first, last):
        along, aside = (xy[v + 1, 0] - xy[v, 0]) * dx, (xy[v + 1, 1] - xy[v, 1]) * dy
        if along + aside <= ROUNDING * (abs(along) + abs(aside)):
            return False
    return True


@borrowing
def runs_apart(xy, ring_start, count, i, j, first_ring, box):
    """Whether no edge of run i meets one of run j but where one follows the other (i <= j)."""
    ring, end = first_ring[i], min(j * FAN + FAN, count) - 1
    begin, stop = vertex_of(i * FAN, ring, ring_start), vertex_of(end, ring, ring_start) + 1
    if j <= i + 1 and ring_at(end, ring, ring_start) == ring and one_way(xy, begin, stop):
        return True
    for a in range(i * FAN, min(i * FAN + FAN, count)):
        ring = ring_at(a, ring, ring_start)
        v = vertex_of(a, ring, ring_start)
        if outside(xy, v, box[j]):
            continue
        other = ring if i == j else first_ring[j]
        for b in range(a + 1 if i == j else j * FAN, min(j * FAN + FAN, count)):
            other = ring_at(b, other, ring_start)
            w = vertex_of(b, other, ring_start)
            if not neighbours(v, w, ring, other, ring_start) and edges_meet(xy, v, w):
                return False
    return True


@compiled
def many_apart(xy, ring_start, rings):
    """Every edge against those whose boxes meet its own: the tree of edges walked against itself."""
    box, levels, first_ring = runs_of_edges(xy, ring_start, rings)
    count = ring_start[rings] - ring_start[0] - rings
    stack = np.empty((64 * 64 * 2, 3), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2] = len(levels) - 1, 0, 0
    depth = 1
    while depth > 0:
        depth -= 1
        level, i, j = stack[depth, 0], stack[depth, 1], stack[depth, 2]
        if level == 0:
            if not runs_apart(xy, ring_start, count, i, j, first_ring, box):
                return False
            continue
        offset, size = levels[level - 1], levels[level] - levels[level - 1]
        for a in range(i * FAN, min(i * FAN + FAN, size)):
            for b in range(max(j * FAN, a) if i == j else j * FAN, min(j * FAN + FAN, size)):
                if a == b or not disjoint(box[offset + a], box[offset + b]):
                    stack[depth, 0], stack[depth, 1], stack[depth, 2] = level - 1, a, b
                    depth += 1
    return True


@borrowing
def seen_whole(xy, first, end):
    """Whether a point sees the whole ring `xy[first:end]` from inside, the middle of its vertices (星形).

    Where it does, one's gaze turns the same way along every edge, once round in all: no two edges can meet.
    """
    x = y = 0.0
    for v in range(first, end - 1):
        x, y = x + (xy[v, 0] - xy[first, 0]), y + (xy[v, 1] - xy[first, 1])
    x, y = xy[first, 0] + x / (end - 1 - first), xy[first, 1] + y / (end - 1 - first)
    grain, rounds = 2.3e-16 * max(abs(x), abs(y)), 0
    for v in range(first, end - 1):
        if side(xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1], x, y, grain) != 1:
            return False
        rounds += xy[v, 1] <= y < xy[v + 1, 1]
    return rounds == 1


@compiled
def edges_apart(xy, ring_start, rings):
    """Whether no two edges of the rings meet but where one follows the other, and no corner is a spike."""
    if rings == 1 and seen_whole(xy, ring_start[0], ring_start[1]):
        return True
    if not corners_clear(xy, ring_start, rings):
        return False
    if ring_start[rings] - ring_start[0] - rings <= FEW_EDGES:
        return few_apart(xy, ring_start, rings)
    return many_apart(xy, ring_start, rings)
