"""A packed Hilbert tree: boxes sorted along a Hilbert curve and grouped by eights, level upon level.

Kamel & Faloutsos, "On Packing R-trees", CIKM 1993.  Neighbours on the curve are neighbours on the ground, so
the groups are compact, and the tree needs no pointers: the children of node k are the nodes 8k to 8k + 7 of
the level below.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from landkit.overlay.kernel.compiled import compiled
from landkit.overlay.shapes import Floats, Ints

FAN: Final = 8
HILBERT_BITS: Final = 16


class Tree(NamedTuple):
    """`order`: which box stands at each place of level 0; `box` (nodes, 4): the levels one after another;
    `level_start` (levels + 1): where each begins; the top level has at most FAN nodes.
    """

    order: Ints
    box: Floats
    level_start: Ints


@compiled
def hilbert_place(x, y):
    """Place along the Hilbert curve of a cell of a grid of 2^16 x 2^16.

    From the largest square to the smallest: which quarter, in the order in which the curve visits them; then
    the quarter is turned so that it looks like the whole.
    """
    place, half = np.int64(0), np.int64(1) << (HILBERT_BITS - 1)
    while half > 0:
        right = 1 if x & half else 0
        upper = 1 if y & half else 0
        place += half * half * ((3 * right) ^ upper)
        if upper == 0:
            if right == 1:
                x, y = (1 << HILBERT_BITS) - 1 - x, (1 << HILBERT_BITS) - 1 - y
            x, y = y, x
        half >>= 1
    return place


@compiled
def hilbert_places(box, corner, cell):
    """Hilbert place of the middle of each box."""
    out = np.empty(len(box), np.int64)
    for row in range(len(box)):
        x = np.int64(((box[row, 0] + box[row, 2]) / 2 - corner[0]) / cell)
        y = np.int64(((box[row, 1] + box[row, 3]) / 2 - corner[1]) / cell)
        out[row] = hilbert_place(x, y)
    return out


def pack(box: Floats) -> Tree:
    """The tree over boxes (n, 4); an empty one has a single empty level (空间索引)."""
    if not len(box):
        return Tree(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(2, np.int64))
    corner = box[:, :2].min(axis=0)
    widest = max(float((box[:, 2:].max(axis=0) - corner).max()), 1e-9)
    order = np.argsort(hilbert_places(box, corner, widest / ((1 << HILBERT_BITS) - 1)), kind="stable")
    levels = [box[order]]
    while len(levels[-1]) > FAN:
        below, first = levels[-1], np.arange(0, len(levels[-1]), FAN)
        low = np.minimum.reduceat(below[:, :2], first)
        levels.append(np.concatenate([low, np.maximum.reduceat(below[:, 2:], first)], axis=1))
    start = np.cumsum([0, *[len(level) for level in levels]])
    return Tree(order, np.concatenate(levels), start)
