"""A raster as tables: one fingerprint for each row and each column of cells of a band, and its tags."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

import rasterio

from landkit.printed import Printed, said

_CACHE_BYTES: Final = 64 * 2**20  # of blocks that GDAL keeps


def printed_raster(path: Path) -> list[Printed]:
    """Tags, CRS, place and size of the cells; of each band its rows and its columns, where a changed cell shows in both."""
    with rasterio.Env(GDAL_CACHEMAX=_CACHE_BYTES), rasterio.open(path, driver="GTiff") as raster:
        return [_tags(raster), *_bands(raster)]


def printed_picture(path: Path) -> list[Printed]:
    """A PNG: its rows and its columns of pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, driver="PNG") as picture:
            pixels = picture.read().transpose(1, 2, 0)
    turned = pixels.transpose(1, 0, 2)
    return [_lines("rows", np.ascontiguousarray(pixels)), _lines("columns", np.ascontiguousarray(turned))]


def _tags(raster: Any) -> Printed:
    facts = {
        **dict(sorted(raster.tags().items())),
        "crs": raster.crs.to_wkt() if raster.crs else None,
        "transform": " ".join(repr(v) for v in tuple(raster.transform)[:6]),
        "nodata": raster.nodata,
        **{f"band {i}": n for i, n in enumerate(raster.descriptions, 1)},
        **{f"unit {i}": n for i, n in enumerate(raster.units, 1)},
    }
    return Printed("tags", {"value": [said(v) for v in facts.values()]}, list(facts))


def _bands(raster: Any) -> Iterator[Printed]:
    for band in range(1, raster.count + 1):
        yield from _rows_and_columns(band, raster.read(band))


def _rows_and_columns(band: int, cells: np.ndarray[Any, Any]) -> Iterator[Printed]:
    """Of one band, which is let go before the next is read."""
    yield _lines(f"band {band} rows", cells)
    yield _lines(f"band {band} columns", cells.T)


def _lines(name: str, cells: np.ndarray[Any, Any]) -> Printed:
    digests = [hashlib.blake2b(line.tobytes(), digest_size=8).hexdigest() for line in cells]
    return Printed(name, {"cells": digests}, [str(i) for i in range(len(cells))], shapes="cells")
