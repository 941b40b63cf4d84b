"""A raster as tables: one fingerprint for each row and each column of cells of a band, and its tags."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

import rasterio

from landkit.printed import Printed, said


def printed_raster(path: Path) -> list[Printed]:
    """Tags, CRS, place and size of the cells; of each band its rows and its columns, where a changed cell shows in both."""
    with rasterio.open(path, driver="GTiff") as raster:
        facts = {
            **dict(sorted(raster.tags().items())),
            "crs": raster.crs.to_wkt() if raster.crs else None,
            "transform": " ".join(repr(v) for v in tuple(raster.transform)[:6]),
            "nodata": raster.nodata,
            **{f"band {i}": n for i, n in enumerate(raster.descriptions, 1)},
            **{f"unit {i}": n for i, n in enumerate(raster.units, 1)},
        }
        tables = [Printed("tags", {"value": [said(v) for v in facts.values()]}, list(facts))]
        for band in range(1, raster.count + 1):
            cells = raster.read(band)
            tables.append(_lines(f"band {band} rows", cells))
            tables.append(_lines(f"band {band} columns", np.ascontiguousarray(cells.T)))
    return tables


def _lines(name: str, cells: np.ndarray[Any, Any]) -> Printed:
    digests = [hashlib.blake2b(line.tobytes(), digest_size=8).hexdigest() for line in cells]
    return Printed(name, {"cells": digests}, [str(i) for i in range(len(cells))])
