"""Ellipsoidal area of the pieces of an overlay, from the coordinates in their bytes: no shape is made to be measured.

What is not certainly valid, or too large or far away for the series of geometry/gauss_krueger.py, goes to `measured_m2`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

import pyproj

from landkit.arrays import Flags, Floats, starts
from landkit.geometry.gauss_krueger import Grid, grid_of, rings_m2
from landkit.geometry.outlines import outlines_at
from landkit.overlay.kernel.polygons import NOT_PLAIN, Polygons
from landkit.overlay.kernel.reading import Room, Wkb, fixed, laid_out, rings_and_vertices
from landkit.overlay.shapes import in_blocks
from landkit.overlay.shared import measured_m2

ROWS_AT_ONCE: Final = 4000  # what stands in the processor's cache


def pieces_m2(pieces: Wkb, wkt: str, workers: int | None) -> Floats:
    """Ellipsoidal area of each piece in m2 (图斑椭球面积); what is not valid is mended first, never left out."""
    grid = grid_of(pyproj.CRS.from_wkt(wkt))
    data = fixed(pieces.data.view())

    def work(rows: slice) -> Floats:
        some = Wkb(data, pieces.start[rows.start : rows.stop + 1])
        found = np.full(rows.stop - rows.start, np.nan) if grid is None else _on_grid_m2(some, grid)
        rest = np.flatnonzero(np.isnan(found))
        if len(rest):
            found[rest] = measured_m2(some.rows(rest), wkt)
        return found

    return np.concatenate([np.empty(0), *in_blocks(work, len(pieces.start) - 1, workers, ROWS_AT_ONCE)])


def _on_grid_m2(pieces: Wkb, grid: Grid) -> Floats:
    """Area of the pieces that are certainly valid and suit the grid; NaN for the others."""
    rings, vertices = rings_and_vertices(pieces)
    if (rings == NOT_PLAIN).any():
        return np.full(len(rings), np.nan)
    layer, sure = laid_out(pieces, starts(rings), starts(vertices), 1, Room())
    area, suits = _polygons_m2(layer.polygons, grid)
    return np.where(sure & suits, area, np.nan)


def _polygons_m2(polygons: Polygons, grid: Grid) -> tuple[Floats, Flags]:
    """Area of polygons, and which of them the grid is good for, with all their rings."""
    first, count = polygons.ring_start[:-1], len(polygons.area)
    xy = polygons.xy[: polygons.ring_start[-1]]
    box = np.hstack([np.minimum.reduceat(xy, first, axis=0), np.maximum.reduceat(xy, first, axis=0)])
    owner = np.repeat(np.arange(count), np.diff(polygons.first_ring))
    with np.errstate(invalid="ignore", over="ignore"):  # of those that are not valid
        ring_m2 = rings_m2(outlines_at(xy, np.diff(polygons.ring_start), box), grid)
        signed = np.where(polygons.is_shell, ring_m2, -ring_m2)
    suits = np.bincount(owner[~grid.suits(box)], minlength=count) == 0
    return np.asarray(np.bincount(owner, signed, count)), np.asarray(suits)
