"""Layers of a GeoPackage, and a zipped shapefile with its field list, as tables of cells; a shape is one cell."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import math
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely

from landkit.io.gdal import read_ogr
from landkit.printed import Printed, row_keys, said


def printed_geopackage(path: Path) -> list[Printed]:
    """Each layer of a GeoPackage, with the id of the figure in each column; the styles last."""
    names = [str(row[0]) for row in pyogrio.list_layers(path)]
    tables = [layer_table(read_ogr(path, layer=n), n) for n in names if n != "layer_styles"]
    if "layer_styles" in names:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            rows = base.execute("SELECT f_table_name, styleQML FROM layer_styles ORDER BY id").fetchall()
        tables.append(
            Printed("layer_styles", {"styleQML": [str(q) for _, q in rows]}, [str(n) for n, _ in rows])
        )
    return tables


def printed_shapefile(path: Path) -> list[Printed]:
    """The one layer of a zipped shapefile under its full names, and its other files line by line."""
    with tempfile.TemporaryDirectory(prefix=".landkit-", ignore_cleanup_errors=True) as scratch:
        with zipfile.ZipFile(path) as packed:
            inside = {n: packed.read(n) for n in packed.namelist() if "/" not in n and "\\" not in n}
        for name, data in inside.items():
            (Path(scratch) / name).write_bytes(data)
        main = min(inside, key=lambda n: (not n.endswith(".shp"), not n.endswith(".dbf")), default="")
        if not main.endswith((".shp", ".dbf")):
            raise ValueError(", ".join(inside))
        frame = pyogrio.read_dataframe(Path(scratch) / main)
    stem = main[:-4]
    full = _full_names(inside.get(f"{stem}.fields.csv", b""))
    tables = [layer_table(frame, stem, full)]
    for name in sorted(n for n in inside if n.endswith((".csv", ".cpg", ".prj", ".qml", ".sld"))):
        lines = inside[name].decode("utf-8-sig").split("\n")
        tables.append(Printed(name, {"line": lines}, [str(i) for i in range(1, len(lines) + 1)]))
    return tables


def _full_names(data: bytes) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return {r["short"]: r["name"] for r in rows if not r["part"]}


def layer_table(frame: pd.DataFrame, name: str, full: Mapping[str, str] | None = None) -> Printed:
    """A layer that was read, as a table of cells: columns under their full names, each shape a fingerprint."""
    full = full or {}
    spatial = isinstance(frame, gpd.GeoDataFrame)
    geometry = str(frame.geometry.name) if spatial else ""
    fields = [str(c) for c in frame.columns if c != geometry]
    columns = {full.get(c, c): _cells(frame[c]) for c in fields}
    numbers = [full.get(c, c) for c in fields if frame[c].dtype.kind in "iuf"]
    rows = row_keys(list(columns.values())) or [str(i) for i in range(1, len(frame) + 1)]
    shapes = np.asarray(frame.geometry.array, dtype=object) if spatial else np.empty(0, dtype=object)
    if spatial:
        columns[geometry] = _shapes(shapes)
    return Printed(name, columns, rows, {c: f"{name}.{c}" for c in numbers}, geometry, _measures(shapes))


def _measures(shapes: Any) -> dict[str, float]:
    """Area and bounds of all shapes together, in units of their CRS."""
    if not len(shapes) or not np.isfinite(shapely.total_bounds(shapes)).all():
        return {}
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    area = math.fsum(shapely.area(shapes[~shapely.is_missing(shapes)]))
    return {"area": area, "x_min": west, "y_min": south, "x_max": east, "y_max": north}


def _cells(values: pd.Series[Any]) -> list[str]:
    return [said(None if v is pd.NA or v is pd.NaT else _day(v)) for v in values.tolist()]


def _day(value: Any) -> Any:
    """A moment at midnight is a day."""
    midnight = isinstance(value, pd.Timestamp) and value == value.normalize()
    return value.date() if midnight else value


def _shapes(shapes: Any) -> list[str]:
    return [
        said(None) if w is None else hashlib.blake2b(w, digest_size=8).hexdigest()
        for w in shapely.to_wkb(shapes)
    ]
