"""The edges that can be nearest to any point of a neighbourhood, laid side by side; compiled.

One stands somewhere and looks as far as the next points reach.  The nearest edge there lies b away; whatever is nearest
to a point within reach r lies at most b + 2 r away, for distance changes no faster than one walks.  These few edges are
picked once and every point of the neighbourhood is measured against them alone: what comes out is the same as if all
edges were measured.  They are picked from the edges around a box, laid out once (`wide`); where that does not hold all that are
near enough it is widened, and where there are too many of them the tree is asked.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Floats, Ints
from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing, compiled, inlined
from landkit.overlay.walk.near import blocks_in_box, edge_meets, nearest, side, to_edge

BLOCKS: Final = 64  # of eight edges each, that are laid out at most
MARGIN_M: Final = 1e-6  # more than rounding can do to a distance
WIDER: Final = 1.5  # so much wider than needed, for the next points may need more
GOLDEN: Final = (math.sqrt(5) - 1) / 2
LOOKS: Final = 20  # each leaves that share of the way
INFINITE: Final = int(np.array(np.inf).view(np.int64))  # its bits

# rows of edges laid out: start, way to the end, 1 / length2, room for a squared distance
AX, AY, DX, DY, PER_LENGTH2, D2 = range(6)
# numbers: where one stands, the square of how far one goes from there, how far the box's neighbourhood is laid out, how far
# it cannot be, the box
X, Y, REACH2, ROOM, TOO_FAR, BOX = range(6)
# counts: edges of `wide` and of `few`, the edges lo to hi that are looked at, the edge that was nearest last
WIDE, FEW, LO, HI, LAST = range(5)


class Sight(NamedTuple):
    """Room to look at the edges of one tree (视野): those around a box, those near where one stands, and which they are."""

    wide: Floats
    few: Floats
    which: Ints  # (2, n) of `wide` and of `few`
    number: Floats
    size: Ints
    blocks: Ints
    stack: Ints


@compiled
def new_sight():
    """Room to look, not yet at anything."""
    most = BLOCKS * FAN + FAN  # rows as long as a power of two would share one line of the cache
    return Sight(
        np.empty((6, most)),
        np.empty((6, most)),
        np.empty((2, most), np.int64),
        np.empty(BOX + 4),
        np.empty(5, np.int64),
        np.empty(BLOCKS, np.int64),
        np.empty((256, 2), np.int64),
    )


@borrowing
def open_sight(tree, lo, hi, box, room, sight):
    """Begin to look at the edges lo to hi of a tree from a box: lay out those that come within `room` of it."""
    number, size = sight.number, sight.size
    number[REACH2], number[ROOM], number[TOO_FAR] = -1.0, -1.0, np.inf
    number[BOX], number[BOX + 1], number[BOX + 2], number[BOX + 3] = box
    size[WIDE], size[FEW], size[LO], size[HI], size[LAST] = 0, 0, lo, hi, -1
    widen(room, tree, sight)


@borrowing
def open_all(tree, lo, hi, sight):
    """Begin to look at the edges lo to hi of a tree: lay out all of them, unless they are too many."""
    number, size = sight.number, sight.size
    number[REACH2], number[ROOM], number[TOO_FAR] = -1.0, -1.0, -1.0
    size[WIDE], size[FEW], size[LO], size[HI], size[LAST] = 0, 0, lo, hi, -1
    if hi - lo <= BLOCKS * FAN:
        for i in range(lo, hi):
            lay(tree.seg, i, sight.wide, i - lo)
            sight.which[0, i - lo] = i
        number[ROOM], size[WIDE] = np.inf, hi - lo


@borrowing
def widen(room, tree, sight):
    """Lay out the edges that come within `room` of the box; whether they are more than before and not too many."""
    number, size = sight.number, sight.size
    if room <= number[ROOM] or room >= number[TOO_FAR]:
        return False
    x0, y0, x1, y1 = number[BOX], number[BOX + 1], number[BOX + 2], number[BOX + 3]
    found = blocks_in_box(tree, x0 - room, y0 - room, x1 + room, y1 + room, sight.stack, sight.blocks)
    if found > BLOCKS:
        number[TOO_FAR] = room
        return False
    n = 0
    for b in range(found):
        block = sight.blocks[b]
        for i in range(max(size[LO], block * FAN), min(size[HI], block * FAN + FAN)):
            sight.which[0, n] = i  # in any case: without a branch there is nothing to guess wrong
            n += edge_meets(tree.seg, i, (x0, y0, x1, y1), room)
    for k in range(n):
        lay(tree.seg, sight.which[0, k], sight.wide, k)
    number[ROOM], size[WIDE] = room, n
    return True


@inlined
def lay(seg, i, laid, k):
    """Lay out edge i in place k."""
    dx, dy = seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
    laid[AX, k], laid[AY, k], laid[DX, k], laid[DY, k] = seg[i, 0], seg[i, 1], dx, dy
    laid[PER_LENGTH2, k] = 1 / (dx * dx + dy * dy)


@borrowing
def measure(x, y, ax, ay, dx, dy, per_length2, d2, count):
    """Squared distance of a point to each of the edges laid out: a loop without branches, which the processor does by fours."""
    for k in range(count):
        px, py = x - ax[k], y - ay[k]
        t = (px * dx[k] + py * dy[k]) * per_length2[k]
        t = 0.0 if t < 0.0 else (1.0 if t > 1.0 else t)
        ex, ey = px - t * dx[k], py - t * dy[k]
        d2[k] = ex * ex + ey * ey


@borrowing
def least_of(d2, count):
    """The least of `count` squared distances, infinite if there are none; the place after them is room to work in.

    Bits of numbers that are not negative stand in the order of the numbers, and of integers the processor takes the least by
    fours.
    """
    bits = d2.view(np.int64)
    least = INFINITE
    for k in range(count):
        least = min(least, bits[k])
    bits[count] = least
    return d2[count]


@inlined
def look(x, y, reach, tree, sight):
    """Stand at a point and pick the edges that may be nearest to any point within `reach` of it; none if too many."""
    far = look_near(x, y, reach, sight)
    if far > sight.number[ROOM]:
        look_far(x, y, reach, far, tree, sight)


@borrowing
def look_near(x, y, reach, sight):
    """As `look`, where enough is laid out; how far off the nearest edge of a point in reach can be, infinite if unknown."""
    number, wide, count = sight.number, sight.wide, sight.size[WIDE]
    number[X], number[Y], number[REACH2] = x, y, reach * reach
    measure(x, y, wide[AX], wide[AY], wide[DX], wide[DY], wide[PER_LENGTH2], wide[D2], count)
    far = math.sqrt(least_of(wide[D2], count)) + 2 * reach + MARGIN_M
    if far <= number[ROOM]:
        pick(far * far, sight)
    return far


@borrowing
def look_far(x, y, reach, far, tree, sight):
    """As `look`, where what is laid out does not reach so `far`."""
    if widen(WIDER * far, tree, sight):
        look_near(x, y, reach, sight)
    else:
        widen(WIDER * pick_from_tree(x, y, reach, tree, sight), tree, sight)  # for the next time


@borrowing
def pick(most, sight):
    """Of the edges laid out and measured, those not farther than the root of `most`."""
    wide, few, which, size = sight.wide, sight.few, sight.which, sight.size
    n = 0
    for k in range(size[WIDE]):
        which[1, n] = k
        n += wide[D2, k] <= most
    for j in range(n):
        k = which[1, j]
        for row in range(D2):
            few[row, j] = wide[row, k]
        which[1, j] = which[0, k]
    size[FEW] = n


@borrowing
def pick_from_tree(x, y, reach, tree, sight):
    """As `look` with nothing laid out; how far off the nearest edge of a point within `reach` can be."""
    size, few, blocks = sight.size, sight.few, sight.blocks
    size[FEW] = 0
    best, _, _ = ask_tree(x, y, tree, sight)
    far = math.sqrt(best) + 2 * reach + MARGIN_M
    found = blocks_in_box(tree, x - far, y - far, x + far, y + far, sight.stack, blocks)
    n = 0
    for b in range(found if found <= BLOCKS else 0):
        for i in range(max(size[LO], blocks[b] * FAN), min(size[HI], blocks[b] * FAN + FAN)):
            if to_edge(x, y, tree.seg, i)[0] <= far * far:
                lay(tree.seg, i, few, n)
                sight.which[1, n] = i
                n += 1
    size[FEW] = n
    return far


@borrowing
def ask_tree(x, y, tree, sight):
    """The nearest edge of a point by the tree: squared distance, edge, foot."""
    size = sight.size
    best, edge, foot = nearest(x, y, tree, size[LO], size[HI], size[LAST], sight.stack)
    size[LAST] = edge
    return best, edge, foot


@inlined
def in_sight(x, y, sight):
    """Whether a point lies within reach of where one stands."""
    dx, dy = x - sight.number[X], y - sight.number[Y]
    return dx * dx + dy * dy <= sight.number[REACH2]


@inlined
def depth_at(x, y, tree, sight):
    """Signed distance of a point in sight to the boundary of an area (positive inside), and the nearest edge."""
    few, at, least = sight.few, -1, np.inf
    for k in range(sight.size[FEW]):
        px, py = x - few[AX, k], y - few[AY, k]
        t = (px * few[DX, k] + py * few[DY, k]) * few[PER_LENGTH2, k]
        t = min(1.0, max(0.0, t))
        ex, ey = px - t * few[DX, k], py - t * few[DY, k]
        d2 = ex * ex + ey * ey
        if d2 < least:
            at, least = k, d2
    if at >= 0:
        i = sight.which[1, at]
        best, t = to_edge(x, y, tree.seg, i)
    else:
        best, i, t = ask_tree(x, y, tree, sight)
    return side(x, y, tree, i, t) * math.sqrt(best), i


@inlined
def depth_along(seg, i, t, length, reach, tree, sight):
    """`depth_at` the point t of edge i, that long: where it is out of sight one stands ahead on the edge to look around."""
    dx, dy = seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
    x, y = seg[i, 0] + t * dx, seg[i, 1] + t * dy
    if not in_sight(x, y, sight):
        ahead = min(reach / length, 1.0 - t)
        look(x + ahead * dx, y + ahead * dy, reach, tree, sight)
    return depth_at(x, y, tree, sight)


@borrowing
def deepest(seg, i, t, reach, depth, tree, sign, sight):
    """The greatest depth on edge i in an area (`sign` 1) or outside it (-1), within `reach` (a share of edge i) of t.

    Found by golden section (Kiefer 1953), to a ten-thousandth of the reach; never less than `depth`.
    """
    a, b = max(0.0, t - reach), min(1.0, t + reach)
    ax, ay, dx, dy = seg[i, 0], seg[i, 1], seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
    middle = (a + b) / 2
    look(ax + middle * dx, ay + middle * dy, (b - a) / 2 * math.sqrt(dx * dx + dy * dy), tree, sight)
    p = b - GOLDEN * (b - a)
    dp, _ = depth_at(ax + p * dx, ay + p * dy, tree, sight)
    depth = max(depth, sign * dp)
    for _ in range(LOOKS):
        q = a + b - p
        dq, _ = depth_at(ax + q * dx, ay + q * dy, tree, sight)
        depth = max(depth, sign * dq)
        better = sign * dq > sign * dp
        beyond = better == (q > p)  # no branches: they would be guessed wrong half of the time
        a, b = (min(p, q) if beyond else a), (b if beyond else max(p, q))
        p, dp = (q if better else p), (dq if better else dp)
    return depth
