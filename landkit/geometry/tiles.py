"""A large grid in tiles (栅格分块): only those that polygons lie in, each with the polygons cut to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Ints, Shapes, ranges
from landkit.geometry.cells import Grid
from landkit.geometry.shape import polygons_of

TILE: Final = 1024  # cells along a side


@dataclass(frozen=True)
class Tile:
    """A part of a grid: its own cells, the row and column of its corner, and the polygons in it by their place."""

    grid: Grid
    row: int
    column: int
    places: Ints
    shapes: Shapes


def tiles_of_shapes(grid: Grid, shapes: Shapes) -> Iterator[Tile]:
    """The tiles that polygons lie in, row by row; memory is that of one tile, however large the grid."""
    seen, first, last = _ranges(grid, shapes)
    size = last - first + 1
    count = size.prod(axis=0)
    which = np.repeat(np.arange(len(seen)), count)
    step = ranges(np.zeros_like(count), count)
    down, across = np.divmod(step, size[1][which])
    row, column = first[0][which] + down, first[1][which] + across
    order = np.lexsort((column, row))
    ends = np.flatnonzero(np.diff(row[order]) | np.diff(column[order])) + 1
    for at in np.split(order, ends) if len(order) else ():
        corner = int(row[at[0]]) * TILE, int(column[at[0]]) * TILE
        part = grid.part(*corner, TILE)
        places = seen[which[at]]
        yield Tile(part, *corner, places, _cut(shapes[places], part.box))


def _ranges(grid: Grid, shapes: Shapes) -> tuple[Ints, Ints, Ints]:
    """The shapes that reach the grid, and the first and the last (row, column) of the tiles that each takes."""
    west, south, east, north = shapely.bounds(shapes).T
    left, top = grid.columns_rows(west, north)
    right, low = grid.columns_rows(east, south)
    seen = np.flatnonzero((right > 0) & (low > 0) & (left < grid.width) & (top < grid.height))
    first = np.floor(np.maximum([top[seen], left[seen]], 0) / TILE).astype(np.int64)
    most = [[grid.height - 1], [grid.width - 1]]
    return seen, first, np.floor(np.minimum([low[seen], right[seen]], most) / TILE).astype(np.int64)


def _cut(shapes: Shapes, box: shapely.Polygon) -> Shapes:
    shapely.prepare(box)
    across = ~shapely.covers(box, shapes)
    cut = shapes.copy()
    cut[across] = [polygons_of(s) for s in shapely.intersection(shapes[across], box)]
    return cut
