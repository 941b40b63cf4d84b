"""The edges of polygons in a tree of boxes: eight edges that follow each other make a box, eight boxes the next.

Edges that follow each other on a ring lie side by side, so the order they are drawn in is all the sorting that a boundary
needs; only the rings themselves are put in order of place.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from landkit.arrays import Floats, Ints, ranges, starts
from landkit.overlay.shapes import in_blocks

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer

FAN: Final = 8  # edges or boxes in one box
CURVE_BITS: Final = 16
AT_ONCE: Final = 20_000  # polygons in one piece of work


class Tree(NamedTuple):
    """Edges of polygons (边界线段), the polygon on their left.

    `seg` (n, 4) x, y of start and end; `after`, `before` the neighbours on the ring; `first` (polygons + 1) where the edges
    of each polygon begin; `box` (m, 4) the boxes of all levels, those of level k from `offset[k]` on.  Coordinates
    count from `origin` so that they keep their digits.
    """

    seg: Floats
    after: Ints
    before: Ints
    first: Ints
    box: Floats
    offset: Ints
    origin: Floats


class Drawn(NamedTuple):
    """Polygons read once (已读多边形): as rings, to be cut out of each other, and as a tree of their edges, to be walked."""

    layer: Layer
    tree: Tree


def drawn(layer: Layer, origin: Floats) -> Drawn:
    """The polygons of a layer with their edges; coordinates of the tree count from `origin`."""
    return Drawn(layer, tree_of(layer, origin))


def tree_of(layer: Layer, origin: Floats, *, by_place: bool = False) -> Tree:
    """The edges of the polygons of a layer that have a length; with `by_place` the polygons are sorted along a curve first.

    Coordinates count from `origin`.
    """
    from landkit.overlay.kernel.edges import count_edges, fill_edges  # loads numba

    box = layer.polygons.box
    rows = along_curve((box[:, :2] + box[:, 2:]) / 2) if by_place else np.arange(len(box))
    first = np.zeros(len(rows) + 1, np.int64)
    count_edges(layer.polygons, rows, first[1:])
    np.cumsum(first, out=first)
    seg, after, before = (
        np.empty((first[-1], 4)),
        np.empty(first[-1], np.int64),
        np.empty(first[-1], np.int64),
    )
    start = np.asarray(origin, dtype=np.float64)

    def work(some: slice) -> None:
        fill_edges(layer.polygons, rows, some.start, some.stop, first, start, seg, after, before)

    in_blocks(work, len(rows), None, AT_ONCE)
    return Tree(seg, after, before, first, *_boxes(seg), start)


def moved(tree: Tree, by: Floats) -> Tree:
    """The same polygons, each moved by its row of `by` (polygons, 2)."""
    owner = np.repeat(np.arange(len(tree.first) - 1), np.diff(tree.first))
    seg = tree.seg + np.tile(by, 2)[owner]
    return tree._replace(seg=seg, box=_boxes(seg)[0])


def some(tree: Tree, which: Ints) -> Tree:
    """The polygons `which` of a tree, in that order."""
    begins, ends = tree.first[which], tree.first[which + 1]
    take, first = ranges(begins, ends), starts(ends - begins)
    move = np.repeat(first[:-1] - begins, ends - begins)  # from old to new position
    box, offset = _boxes(tree.seg[take])
    return Tree(
        tree.seg[take], tree.after[take] + move, tree.before[take] + move, first, box, offset, tree.origin
    )


def _boxes(seg: Floats) -> tuple[Floats, Ints]:
    """The boxes of all levels, and where each level begins; one level at least."""
    from landkit.overlay.kernel.edges import box_edges  # loads numba
    from landkit.overlay.kernel.tree import fill_level

    size = [-(-len(seg) // FAN)]
    while size[-1] > FAN:
        size.append(-(-size[-1] // FAN))
    offset = np.cumsum([0, *size])
    box = np.empty((offset[-1], 4))
    levels = np.split(box, offset[1:-1])
    box_edges(seg, levels[0])
    for below, above in itertools.pairwise(levels):
        fill_level(below, above)
    return box, offset


def along_curve(points: Floats) -> Ints:
    """The rows of some points (n, 2), not none, in their order along a Z-order curve."""
    low = points.min(axis=0)
    size = max(float((points.max(axis=0) - low).max()), 1e-9)
    cells = np.minimum((points - low) / size * 2**CURVE_BITS, 2**CURVE_BITS - 1).astype(np.int64)
    key = np.zeros(len(points), dtype=np.int64)
    for bit in range(CURVE_BITS):
        key |= ((cells[:, 0] >> bit & 1) << 2 * bit) | ((cells[:, 1] >> bit & 1) << 2 * bit + 1)
    return np.argsort(key, kind="stable")
