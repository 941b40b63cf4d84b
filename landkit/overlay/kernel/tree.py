"""A packed Hilbert tree: boxes sorted along a Hilbert curve and grouped by eights, level upon level.

Kamel & Faloutsos, "On Packing R-trees", CIKM 1993.  Neighbours on the curve are neighbours on the ground, so
the groups are compact, and the tree needs no pointers: the children of node k are the nodes 8k to 8k + 7 of
the level below.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Floats, Ints
from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing, compiled

HILBERT_BITS: Final = 16
ROW_BITS: Final = 63 - 2 * HILBERT_BITS


class Tree(NamedTuple):
    """`order`: which box stands at each place of level 0; `box` (nodes, 4): the levels one after another;
    `level_start` (levels + 1): where each begins; the top level has at most FAN nodes.
    """

    order: Ints
    box: Floats
    level_start: Ints


@borrowing
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


@borrowing
def fill_level(below, above):
    """Fill in the boxes of the groups of FAN boxes below."""
    for node in range(len(above)):
        first = node * FAN
        for axis in range(4):
            above[node, axis] = below[first, axis]
        for k in range(first + 1, min(first + FAN, len(below))):
            above[node, 0], above[node, 1] = (
                min(above[node, 0], below[k, 0]),
                min(above[node, 1], below[k, 1]),
            )
            above[node, 2], above[node, 3] = (
                max(above[node, 2], below[k, 2]),
                max(above[node, 3], below[k, 3]),
            )


def along_curve(box: Floats) -> Ints:
    """The rows of `box` (n, 4) in the order of their middles along a Hilbert curve (希尔伯特序)."""
    corner = box[:, :2].min(axis=0)
    widest = max(float((box[:, 2:].max(axis=0) - corner).max()), 1e-9)
    places = hilbert_places(box, corner, widest / ((1 << HILBERT_BITS) - 1))
    # the row stands in the lower bits: one plain sort, and equal places keep the order of their rows
    return np.sort(places << ROW_BITS | np.arange(len(box))) & ((1 << ROW_BITS) - 1)


def pack(box: Floats) -> Tree:
    """The tree over boxes (n, 4); an empty one has a single empty level (空间索引)."""
    if not len(box):
        return Tree(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(2, np.int64))
    order = along_curve(box)
    levels = [box[order]]
    while len(levels[-1]) > FAN:
        above = np.empty((-(-len(levels[-1]) // FAN), 4))
        fill_level(levels[-1], above)
        levels.append(above)
    start = np.cumsum([0, *[len(level) for level in levels]])
    return Tree(order, np.concatenate(levels), start)
