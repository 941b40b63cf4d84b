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
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely

from landkit.io.gdal import read_ogr
from landkit.printed import Printed, row_keys, said

AT_ONCE: Final = 20_000  # rows that are held as texts at a time


def printed_geopackage(path: Path) -> list[Printed]:
    """Each layer of a GeoPackage, with the id of the figure in each column; the styles last."""
    layers = [layer_table(read_ogr(path, layer=n), n) for n in _layers(path)]
    return [*layers, *_printed_styles(path)]


def geopackage_parts(path: Path) -> Iterator[Printed]:
    """The same, layers of very many rows in parts under one name: what fingerprints are made of."""
    for name in _layers(path):
        info = pyogrio.read_info(path, layer=name, force_feature_count=True)
        count, fid = int(info["features"]), str(info["fid_column"])
        if count <= AT_ONCE:
            yield layer_table(read_ogr(path, layer=name), name)
            continue
        numbers = _flags_with_gaps(path, name, info)
        for at in range(0, count, AT_ONCE):
            where = f'"{fid}" > {at} AND "{fid}" <= {at + AT_ONCE}'
            part = read_ogr(path, layer=name, where=where)
            yield layer_table(part.assign(**{c: part[c].astype(float) for c in numbers}), name)
    yield from _printed_styles(path)


def _flags_with_gaps(path: Path, name: str, info: Mapping[str, Any]) -> list[str]:
    """The flags of a layer that are missing in some row: read at once they all are numbers."""
    flags = [
        str(f) for f, kind in zip(info["fields"], info["ogr_subtypes"], strict=True) if kind == "OFSTBoolean"
    ]
    table, columns = _quoted(name), {f: _quoted(f) for f in flags}
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        asked = {f: f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {c} IS NULL)" for f, c in columns.items()}  # noqa: S608
        return [f for f, query in asked.items() if base.execute(query).fetchone()[0]]


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _layers(path: Path) -> list[str]:
    names = [str(row[0]) for row in pyogrio.list_layers(path)]
    return [n for n in names if n != "layer_styles"]


def _printed_styles(path: Path) -> list[Printed]:
    if "layer_styles" not in [str(row[0]) for row in pyogrio.list_layers(path)]:
        return []
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        rows = base.execute("SELECT f_table_name, styleQML FROM layer_styles ORDER BY id").fetchall()
    return [Printed("layer_styles", {"styleQML": [str(q) for _, q in rows]}, [str(n) for n, _ in rows])]


def printed_shapefile(path: Path) -> list[Printed]:
    """The one layer of a zipped shapefile under its full names, and its other files line by line."""
    return list(_of_shapefile(path, None))


def shapefile_parts(path: Path) -> Iterator[Printed]:
    """The same, a layer of very many rows in parts under one name: what fingerprints are made of."""
    return _of_shapefile(path, AT_ONCE)


def _of_shapefile(path: Path, most: int | None) -> Iterator[Printed]:
    with tempfile.TemporaryDirectory(prefix=".landkit-", ignore_cleanup_errors=True) as scratch:
        with zipfile.ZipFile(path) as packed:
            inside = [n for n in packed.namelist() if "/" not in n and "\\" not in n]
            for name in inside:
                packed.extract(name, scratch)
        main = min(inside, key=lambda n: (not n.endswith(".shp"), not n.endswith(".dbf")), default="")
        if not main.endswith((".shp", ".dbf")):
            raise ValueError(", ".join(inside))
        place, stem = Path(scratch) / main, main[:-4]
        fields = place.with_suffix(".fields.csv")
        full = _full_names(fields.read_bytes() if fields.name in inside else b"")
        at = 0
        while True:
            frame = pyogrio.read_dataframe(place, skip_features=at, max_features=most)
            if at and not len(frame):
                break
            yield layer_table(frame, stem, full)
            at += len(frame)
            if most is None or len(frame) < most:
                break
        for name in sorted(n for n in inside if n.endswith((".csv", ".cpg", ".prj", ".qml", ".sld"))):
            lines = (Path(scratch) / name).read_bytes().decode("utf-8-sig").split("\n")
            yield Printed(name, {"line": lines}, [str(i) for i in range(1, len(lines) + 1)])


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
