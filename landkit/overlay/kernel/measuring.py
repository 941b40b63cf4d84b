"""Areas and widths of the pieces of an overlay, from the coordinates in their bytes: no shape is made to be measured.

What is not certainly valid, or too large or far away for the series of geometry/gauss_krueger.py, goes to `measured_m2`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

import pyproj

from landkit.arrays import Flags, Floats, Ints, starts
from landkit.geometry.gauss_krueger import Grid, grid_of, rings_m2
from landkit.geometry.outlines import outlines_at
from landkit.overlay.kernel.polygons import NOT_PLAIN, Polygons
from landkit.overlay.kernel.reading import Layer, Room, Wkb, fixed, laid_out, rings_and_vertices
from landkit.overlay.shapes import in_blocks
from landkit.overlay.shared import measured_m2

ROWS_AT_ONCE: Final = 4000  # what stands in the processor's cache
NO_LENGTH_M: Final = 1e-12


class Sizes(NamedTuple):
    """Of each piece the ellipsoidal area in m2, how many parts it has, and the mean width (twice the area over the perimeter)
    of all of it and of its widest part (图斑大小).
    """

    m2: Floats
    parts: Ints
    width_m: Floats
    widest_m: Floats


def pieces_m2(pieces: Wkb, wkt: str, workers: int | None, *, valid: bool = False) -> Floats:
    """Ellipsoidal area of each piece in m2 (图斑椭球面积); unless all are known to be `valid`, what is not is mended first, never
    left out.
    """
    measure = _measure_of(wkt)
    found = in_blocks(
        lambda rows: measure(*_read(pieces, rows, valid)), len(pieces.start) - 1, workers, ROWS_AT_ONCE
    )
    return np.concatenate([np.empty(0), *found])


def sizes_of(pieces: Wkb, wkt: str, workers: int | None) -> Sizes:
    """Area, parts and widths of valid pieces, all of them plain rows as from `wkb_from`; widths are those on the plane."""
    measure = _measure_of(wkt)

    def work(rows: slice) -> Sizes:
        some, layer = _read(pieces, rows, True)
        assert layer is not None
        return Sizes(measure(some, layer), *_widths(layer[0].polygons))

    none = Sizes(np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty(0))
    found = in_blocks(work, len(pieces.start) - 1, workers, ROWS_AT_ONCE)
    return Sizes(*(np.concatenate(column) for column in zip(none, *found, strict=True)))


def _read(pieces: Wkb, rows: slice, valid: bool) -> tuple[Wkb, tuple[Layer, Flags] | None]:
    """Some of the pieces, laid out with which of them are certainly valid; None where one is no plain row."""
    some = Wkb(fixed(pieces.data.view()), pieces.start[rows.start : rows.stop + 1])
    rings, vertices = rings_and_vertices(some)
    if (rings == NOT_PLAIN).any():
        return some, None
    return some, laid_out(some, starts(rings), starts(vertices), 1, Room(), valid=valid)


def _measure_of(wkt: str) -> Callable[[Wkb, tuple[Layer, Flags] | None], Floats]:
    """What measures pieces that were read, in a CRS: those that are certainly valid and suit its grid by their coordinates, the
    others as shapes.
    """
    grid = grid_of(pyproj.CRS.from_wkt(wkt))

    def measure(pieces: Wkb, read: tuple[Layer, Flags] | None) -> Floats:
        found = np.full(len(pieces.start) - 1, np.nan)
        if grid is not None and read is not None:
            area, suits = _polygons_m2(read[0].polygons, grid)
            found = np.where(read[1] & suits, area, np.nan)
        rest = np.flatnonzero(np.isnan(found))
        if len(rest):
            found[rest] = measured_m2(pieces.rows(rest), wkt)
        return found

    return measure


def _widths(polygons: Polygons) -> tuple[Ints, Floats, Floats]:
    """How many parts, mean width and width of the widest part of polygons on the plane."""
    first, count = polygons.ring_start[:-1], len(polygons.area)
    xy = polygons.xy[: polygons.ring_start[-1]]
    x, y = (xy - np.repeat(xy[first], np.diff(polygons.ring_start), axis=0)).T
    twice, length = np.zeros((2, len(xy)))
    twice[:-1], length[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1], np.hypot(np.diff(xy[:, 0]), np.diff(xy[:, 1]))
    between = polygons.ring_start[1:] - 1  # from one ring to the next
    twice[between] = length[between] = 0.0
    part = np.cumsum(polygons.is_shell) - 1
    area = np.bincount(part, np.add.reduceat(twice, first)) / 2  # holes run the other way round
    around = np.bincount(part, np.add.reduceat(length, first))
    owner = np.repeat(np.arange(count), np.diff(polygons.first_ring))[polygons.is_shell]
    widest = np.zeros(count)
    np.maximum.at(widest, owner, 2 * area / np.maximum(around, NO_LENGTH_M))
    width = 2 * np.bincount(owner, area, count) / np.bincount(owner, around, count)
    return np.bincount(owner, minlength=count), width, widest


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
