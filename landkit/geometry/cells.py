"""Polygons over cells of a grid (网格精确面积): how much of each cell lies in them, without sampling.

Each edge is cut at the grid lines, and the signed area beside each piece is summed along the row: the share of a cell is
exact up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes, ranges, starts

PIECES_AT_ONCE: Final = 4_000_000
CELLS_AT_ONCE: Final = 4_000_000
_NOISE: Final = 1e-9  # shares below this are rounding, not land


@dataclass(frozen=True)
class Grid:
    """North-up cells: the upper left corner and the size of a cell in units of the CRS, how many stand across and down."""

    left: float
    top: float
    cell_width: float
    cell_height: float
    width: int
    height: int

    def columns_rows(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Places in cells from the upper left corner."""
        return (x - self.left) / self.cell_width, (self.top - y) / self.cell_height

    def part(self, row: int, column: int, side: int) -> Grid:
        """At most side x side of its cells from a cell on, to the right and down."""
        left, top = self.left + column * self.cell_width, self.top - row * self.cell_height
        width, height = min(side, self.width - column), min(side, self.height - row)
        return Grid(left, top, self.cell_width, self.cell_height, width, height)

    @property
    def box(self) -> shapely.Polygon:
        """Its outline."""
        low = self.top - self.height * self.cell_height
        return shapely.box(self.left, low, self.left + self.width * self.cell_width, self.top)


@dataclass(frozen=True)
class CellShares:
    """Pairs of a shape and a cell that it covers in part (像元占比): place of the shape, row, column, share of the cell."""

    shape: Ints
    row: Ints
    column: Ints
    share: Floats


@dataclass(frozen=True)
class _Windows:
    """The cells of each shape's own box, one after another in one flat array; each row has one cell more at its end."""

    start: Ints
    row: Ints
    column: Ints
    width: Ints
    height: Ints

    @property
    def cells(self) -> Ints:
        """How many each shape takes."""
        return self.height * (self.width + 1)

    def place(self, shape: Ints, row: Ints, column: Ints) -> Ints:
        """Where a cell of a shape stands in the flat array."""
        inside = (row - self.row[shape]) * (self.width[shape] + 1) + column - self.column[shape]
        return np.asarray(self.start[shape] + inside, dtype=np.int64)


def cover_cells(shapes: Shapes, grid: Grid, *, weights: Floats) -> tuple[Floats, Floats]:
    """For each row of `weights` (one value per shape) the sum per cell of weight x covered share; and the covered share.

    Overlapping shapes count twice, missing ones not at all.
    """
    known = ~shapely.is_missing(shapes)
    shapes = shapely.orient_polygons(shapes[known], exterior_cw=False)
    factors = np.vstack([np.atleast_2d(weights)[:, known], np.ones(len(shapes))])
    cells = np.zeros((len(factors), grid.height * (grid.width + 1)))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    for chosen in _batches(_expected_pieces(parts, grid), PIECES_AT_ONCE):
        part, row, column, height, beside = _pieces(parts[chosen], grid)
        shape = owner[chosen][part]
        place = row * (grid.width + 1) + column
        for band, factor in zip(cells, factors, strict=True):
            band += np.bincount(place, weights=(height - beside) * factor[shape], minlength=len(band))
            band += np.bincount(place + 1, weights=beside * factor[shape], minlength=len(band))
    sums = cells.reshape(len(factors), grid.height, grid.width + 1)
    for band in sums:
        np.cumsum(band, axis=1, out=band)
    return sums[:-1, :, :-1], sums[-1, :, :-1]


def cells_of_shapes(shapes: Shapes, grid: Grid) -> Iterator[CellShares]:
    """Each polygon with the cells that it covers, some millions of cells at a time.

    The shapes lie within the grid and are valid; missing ones cover nothing.
    """
    windows = _windows(shapes, grid)
    cost = np.maximum(windows.cells, _expected_pieces(shapes, grid).astype(np.int64))
    for chosen in _batches(cost, CELLS_AT_ONCE):
        yield _cells_of(shapes[chosen], grid, chosen)


def _cells_of(shapes: Shapes, grid: Grid, labels: Ints) -> CellShares:
    windows = _windows(shapes, grid)
    parts, owner = shapely.get_parts(shapely.orient_polygons(shapes, exterior_cw=False), return_index=True)
    part, row, column, height, beside = _pieces(parts, grid)
    shape = owner[part].astype(np.int64)
    row = np.clip(row, windows.row[shape], windows.row[shape] + windows.height[shape] - 1)
    # an edge on the right side of the shape's box stands at the end of its last cell, not in the next
    last = np.minimum(column, windows.column[shape] + windows.width[shape] - 1)
    beside += height * (column - last)
    place = windows.place(shape, row, last)
    count = int(windows.cells.sum())
    flat = np.bincount(place, weights=height - beside, minlength=count).astype(np.float64)
    flat += np.bincount(place + 1, weights=beside, minlength=count)
    shares = np.cumsum(
        flat
    )  # each row of a closed ring sums to nothing: what is summed before it does not matter
    covered = np.flatnonzero(shares > _NOISE)
    of = np.searchsorted(windows.start, covered, side="right") - 1
    row, column = np.divmod(covered - windows.start[of], windows.width[of] + 1)
    return CellShares(labels[of], row + windows.row[of], column + windows.column[of], shares[covered])


def _windows(shapes: Shapes, grid: Grid) -> _Windows:
    west, south, east, north = shapely.bounds(shapes).T
    gone = np.isnan(west)
    left, top = grid.columns_rows(west, north)
    right, bottom = grid.columns_rows(east, south)
    row, low = _whole(np.floor(top), grid.height - 1, gone), _whole(np.ceil(bottom), grid.height, gone)
    column, far = _whole(np.floor(left), grid.width - 1, gone), _whole(np.ceil(right), grid.width, gone)
    width = np.where(gone, 0, np.maximum(far - column, 1))
    height = np.where(gone, 0, np.maximum(low - row, 1))
    start = starts(height * (width + 1))[:-1]
    return _Windows(start, row, column, width, height)


def _whole(values: Floats, most: int, gone: Flags) -> Ints:
    return np.asarray(np.clip(np.where(gone, 0, values), 0, most), dtype=np.int64)


def _expected_pieces(shapes: Shapes, grid: Grid) -> Floats:
    length = shapely.length(shapes) / min(grid.cell_width, grid.cell_height)
    return np.asarray(np.nan_to_num(shapely.get_num_coordinates(shapes) + 4 * length), dtype=float)


def _batches(cost: npt.NDArray[Any], most: int) -> Iterator[Ints]:
    """Places in order, so many together that their cost stays near `most`."""
    breaks = np.flatnonzero(np.diff(np.floor(np.cumsum(cost) / most)) > 0) + 1
    yield from (chosen for chosen in np.split(np.arange(len(cost)), breaks) if len(chosen))


def _pieces(parts: Shapes, grid: Grid) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """The pieces of the edges: part, row, column, height in cells (downwards), and the area left of it in its cell."""
    rings, owner = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = grid.columns_rows(xy[:, 0], xy[:, 1])
    inside = ring[1:] == ring[:-1]
    x0, y0, x1, y1 = x[:-1][inside], y[:-1][inside], x[1:][inside], y[1:][inside]
    edge, start, end = _cut_at_grid(x0, y0, x1, y1)
    dx, dy = (x1 - x0)[edge], (y1 - y0)[edge]
    middle = (start + end) / 2
    mid_x, mid_y = x0[edge] + dx * middle, y0[edge] + dy * middle
    column = np.clip(np.floor(mid_x).astype(np.int64), 0, grid.width - 1)
    row = np.clip(np.floor(mid_y).astype(np.int64), 0, grid.height - 1)
    height = dy * (end - start)  # rows count down: the left side of a counter-clockwise shell adds
    return owner[ring[:-1][inside]][edge], row, column, height, height * (mid_x - column)


def _cut_at_grid(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> tuple[Ints, Floats, Floats]:
    """Edges cut where they cross a grid line: (edge, start of the piece, its end), both from 0 to 1."""
    edges, places = [], []
    for a, b in ((x0, x1), (y0, y1)):
        low, high = np.floor(np.minimum(a, b)), np.floor(np.maximum(a, b))
        count = (high - low).astype(np.int64)
        edge = np.repeat(np.arange(len(a)), count)
        step = ranges(np.zeros_like(count), count)
        line = low[edge] + 1 + step
        edges.append(edge)
        places.append((line - a[edge]) / (b - a)[edge])
    ends = np.arange(len(x0))
    edge = np.concatenate([*edges, ends, ends])
    place = np.clip(np.concatenate([*places, np.zeros(len(x0)), np.ones(len(x0))]), 0.0, 1.0)
    order = np.lexsort((place, edge))
    edge, place = edge[order], place[order]
    same = edge[1:] == edge[:-1]
    return edge[:-1][same], place[:-1][same], place[1:][same]
