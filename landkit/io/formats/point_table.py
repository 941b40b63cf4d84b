"""Tables with a place in each row: WKT, degrees, or plane coordinates in a CRS that is stated (带坐标的表)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import CRSError, LayerError
from landkit.io.source import Asked, slices
from landkit.io.tables.read import read_table_source
from landkit.io.tables.workbooks import sheet_names
from landkit.model import Finding, Reading, finding, why
from landkit.text import data_toml

_PAIRS: Final = (("longitude", "latitude"), ("east", "north"), ("x", "y"))


def headers(asked: Asked) -> list[dict[str, Any]]:
    """Each table; a workbook has one a sheet.  They are read for that: tables have no header that counts rows.

    Raises: LayerError.
    """
    if asked.layer is None and asked.path.suffix.lower() == ".xlsx":
        sheets = sheet_names(asked.path)
        if len(sheets) > 1:
            return [_header(dataclasses.replace(asked, layer=sheet)) for sheet in sheets]
    return [_header(asked)]


def _header(asked: Asked) -> dict[str, Any]:
    source = read_table_source(asked.path, sheet=asked.layer, encoding=asked.encoding, limits=asked.limits)
    table = source.frame
    kind = _kind(table)
    return {
        "layer": _name(asked, source.facts),
        "rows": len(table),
        "crs": None,
        "extent": None,
        "fields": [str(c) for c in table.columns],
        "types": [str(t) for t in table.infer_objects().dtypes],
        "geometry": None if kind is None else "WKT" if kind == ("wkt",) else "Point",
        "encoding": source.facts.get("encoding", "UTF-8"),
        "encoding_by": source.facts.get("encoding_by", "format"),
        "format": asked.path.suffix.upper().lstrip("."),
    }


def _name(asked: Asked, facts: Mapping[str, Any]) -> str:
    """How the table is asked for: by its sheet, or as the one of its file."""
    return asked.layer or str(facts.get("sheet", asked.path.stem))


def read(asked: Asked) -> Reading:
    """All rows, with their shapes; a cell that is none is null, with a finding.   Raises: LayerError, CRSError."""
    source = read_table_source(asked.path, sheet=asked.layer, encoding=asked.encoding, limits=asked.limits)
    table = source.frame
    kind = _kind(table)
    if kind is None:
        raise LayerError(
            "table_without_place", path=asked.name, columns="/".join(map(str, table.columns[:12]))
        )
    columns = [_column(table, part) or "" for part in kind]
    facts = {
        "layer": _name(asked, source.facts),
        "format": "table",
        "geometry_from": columns,
        **source.facts,
    }
    if kind == ("wkt",):
        shapes, findings = _from_wkt(table[columns[0]], columns[0])
    else:
        numbers = [pd.to_numeric(table[c], errors="coerce").to_numpy(dtype=float) for c in columns]
        findings = _not_numbers(table, columns, numbers)
        east, north, swapped = _east_north(asked, kind, columns, numbers)
        findings += swapped
        shapes = shapely.points(east, north)
        shapes[np.isnan(east) | np.isnan(north)] = None
    frame = gpd.GeoDataFrame(table.drop(columns=columns), geometry=shapes)
    return Reading(frame, (*source.findings, *findings), facts)


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The same in parts: a table stands whole in memory.   Raises: LayerError, CRSError."""
    yield from slices(read(asked), rows)


def _kind(table: pd.DataFrame) -> tuple[str, ...] | None:
    if _column(table, "wkt"):
        return ("wkt",)
    return next((pair for pair in _PAIRS if all(_column(table, part) for part in pair)), None)


def _column(table: pd.DataFrame, part: str) -> Any:
    names = {n.casefold() for n in data_toml("fields/coordinates.toml")[part]}
    return next((c for c in table.columns if "".join(str(c).split()).casefold() in names), None)


def _from_wkt(cells: pd.Series[Any], column: str) -> tuple[Any, list[Finding]]:
    said = [v.strip() if isinstance(v, str) else "" for v in cells]
    words = np.array([w or None for w in said], dtype=object)
    shapes = shapely.from_wkt(words, on_invalid="ignore")
    odd = np.flatnonzero([w is not None and s is None for w, s in zip(words, shapes, strict=True)])
    return shapes, [_odd(int(row), column, str(words[row])) for row in odd]


def _not_numbers(table: pd.DataFrame, columns: list[str], numbers: list[Any]) -> list[Finding]:
    found = []
    for column, values in zip(columns, numbers, strict=True):
        given = (table[column].astype("object").fillna("").astype(str).str.strip() != "").to_numpy()
        found += [
            _odd(int(row), column, str(table[column].iloc[row]))
            for row in np.flatnonzero(given & np.isnan(values))
        ]
    return found


def _odd(row: int, column: str, value: str) -> Finding:
    reason = why("place_unreadable", row=row + 1, column=column, value=value[:40])
    return finding("", "geometry.unreadable", reason, row=str(row + 1), value=value[:40])


def _east_north(
    asked: Asked, kind: tuple[str, ...], columns: list[str], numbers: list[Any]
) -> tuple[Any, Any, list[Finding]]:
    """Eastings and northings.  X and Y are told apart by where the stated CRS is used; both or neither: refused."""
    if kind == ("east", "north"):
        return numbers[0], numbers[1], []
    if kind == ("longitude", "latitude"):
        _refuse_no_degrees(asked, columns, numbers)
        return numbers[0], numbers[1], []
    if asked.crs is None:
        raise CRSError("crs_missing", layer=asked.name)
    box = _box(asked.crs, asked.name)
    as_named, turned = _share_inside(numbers[0], numbers[1], box), _share_inside(numbers[1], numbers[0], box)
    if as_named == turned:
        x, y = (f"{np.nanmedian(n):.3f}" for n in numbers)
        raise CRSError("axes_unclear", path=asked.name, crs=asked.crs, x=x, y=y)
    first = as_named > turned
    reason = why(
        "axes_by_size", east=columns[0] if first else columns[1], north=columns[1] if first else columns[0]
    )
    east, north = (numbers[0], numbers[1]) if first else (numbers[1], numbers[0])
    return east, north, [finding("", "axes.by_size", reason)]


def _box(crs: str, name: str) -> tuple[float, float, float, float]:
    """Where a CRS is used, in its own units: west, south, east, north."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", layer=name, crs=crs) from error
    area = system.area_of_use
    if area is None:
        raise CRSError("axes_unclear", path=name, crs=crs, x="x", y="y")
    if system.is_geographic:
        return area.bounds
    turn = pyproj.Transformer.from_crs(system.geodetic_crs, system, always_xy=True)
    west, south, east, north = turn.transform_bounds(*area.bounds)
    return west, south, east, north


def _share_inside(east: Any, north: Any, box: tuple[float, float, float, float]) -> float:
    inside = (east >= box[0]) & (east <= box[2]) & (north >= box[1]) & (north <= box[3])
    return float(inside.mean()) if len(inside) else 0.0


def _refuse_no_degrees(asked: Asked, columns: list[str], numbers: list[Any]) -> None:
    """Columns called longitude and latitude must hold degrees, in that order."""
    lon, lat = (np.nanmax(np.abs(n)) if len(n) and not np.isnan(n).all() else 0.0 for n in numbers)
    if lon > 180 or lat > 90:
        raise CRSError(
            "no_degrees", path=asked.name, columns="/".join(columns), values=f"{lon:.6g}/{lat:.6g}"
        )
