"""The round-trip certificate: what a stranger reads from a file equals what was meant.

Compared are rows, names and order of columns, texts, numbers to the last digit, days, and of every shape its
bounds, area, heights and number of points; and the CRS.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError

Certificate = dict[str, Any]


def compare(
    expected: pd.DataFrame,
    found: pd.DataFrame,
    *,
    what: str,
    exact: bool,
    grid_m: float = 0.0,
    slack: float = 0.0,
) -> Certificate:
    """The certificate, where rows, columns, texts, numbers, days and shapes of both are equal.

    Not `exact`: a DBF holds no blanks at the edge and no empty text.  `slack` is what a format loses of a number
    (of its size, or of 1 where it is smaller), `grid_m` the grid that it moves coordinates to, in units of the CRS.

    Raises: ExportError where they differ, with the first place.
    """

    def differs(detail: str) -> ExportError:
        return ExportError("export_roundtrip", path=what, detail=detail)

    if len(expected) != len(found):
        raise differs(f"rows {len(expected)} != {len(found)}")
    columns = _names(expected)
    if columns != _names(found):
        raise differs(f"columns {', '.join(columns)} != {', '.join(_names(found))}")
    sums: dict[str, float] = {}
    for column in columns:
        row = _first_difference(expected[column], found[column], exact=exact, slack=slack)
        if row is not None:
            raise differs(f"{column}, row {row + 1}")
        if expected[column].dtype != object and expected[column].dtype.kind != "M":
            known = expected[column].dropna().astype("float64").to_numpy(dtype=float)
            sums[column] = math.fsum(known[np.isfinite(known)])
    certificate: Certificate = {"rows": len(expected), "sum": sums, "bounds": None, "area": None, "ok": True}
    fewer = {c: n for c in columns if (n := _with_fewer_digits(expected[c], found[c]))}
    if fewer:
        certificate["fewer_digits"] = fewer
    if isinstance(expected, gpd.GeoDataFrame):
        certificate |= _compare_geometry(expected, found, differs, grid_m)
    return certificate


def joined(parts: Sequence[Certificate]) -> Certificate:
    """The certificate of rows that were compared part by part."""
    if len(parts) == 1:
        return parts[0]
    boxes = np.array([p["bounds"] for p in parts if p["bounds"] is not None])
    areas = [p["area"] for p in parts if p["area"] is not None]
    whole: Certificate = {
        "rows": sum(p["rows"] for p in parts),
        "sum": {c: math.fsum(p["sum"][c] for p in parts) for c in parts[0]["sum"]},
        "bounds": [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
        if len(boxes)
        else None,
        "area": math.fsum(areas) if areas else None,
        "ok": all(p["ok"] for p in parts),
    }
    fewer = sum((Counter(p.get("fewer_digits", {})) for p in parts), Counter[str]())
    return whole | ({"fewer_digits": dict(fewer)} if fewer else {})


def _names(frame: pd.DataFrame) -> list[str]:
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    return [str(c) for c in frame.columns if c != geometry]


def _first_difference(
    expected: pd.Series[Any], found: pd.Series[Any], *, exact: bool, slack: float
) -> int | None:
    if expected.dtype == object:
        return _first_text_difference(expected, found, exact=exact)
    if expected.dtype.kind == "M":
        return _first_other_day(expected, found)
    return _first_number_difference(expected, found, slack=slack)


def _first_text_difference(expected: pd.Series[Any], found: pd.Series[Any], *, exact: bool) -> int | None:
    back = found.astype(object).where(found.notna(), None).tolist()
    for row, (a, b) in enumerate(zip(expected.tolist(), back, strict=True)):
        if not exact:
            a, b = (a or "").strip() or None, (b.strip() or None if isinstance(b, str) else b)
        if a != b:
            return row
    return None


def _first_other_day(expected: pd.Series[Any], found: pd.Series[Any]) -> int | None:
    wanted = expected.to_numpy("datetime64[ms]")
    if isinstance(found.dtype, pd.DatetimeTZDtype):  # a geodatabase calls every date one of UTC
        found = found.dt.tz_convert("UTC").dt.tz_localize(None)
    try:
        got = np.array([None if pd.isna(v) else v for v in found], dtype="datetime64[ms]")
    except (TypeError, ValueError):
        return 0
    bad = np.flatnonzero(~((wanted == got) | (np.isnat(wanted) & np.isnat(got))))
    return int(bad[0]) if len(bad) else None


def _first_number_difference(expected: pd.Series[Any], found: pd.Series[Any], *, slack: float) -> int | None:
    gaps, gaps_back = expected.isna().to_numpy(bool), found.isna().to_numpy(bool)
    if (gaps != gaps_back).any():
        return int(np.flatnonzero(gaps != gaps_back)[0])
    kinds = {expected.dtype.kind, found.dtype.kind}
    if not kinds <= set("iubf"):
        return int(np.flatnonzero(~gaps)[0]) if (~gaps).any() else None
    if kinds <= set("iub"):  # whole numbers digit by digit: as floats 2^62 and 2^62 + 1 are the same
        wanted, got = (v[~gaps].to_numpy("int64") for v in (expected, found))
        bad = np.flatnonzero(~gaps)[wanted != got]
        return int(bad[0]) if len(bad) else None
    wanted, got = (v[~gaps].to_numpy("float64") for v in (expected, found))
    slack = 0.0 if expected.dtype.kind in "iub" else slack
    with np.errstate(invalid="ignore"):
        same = (np.abs(wanted - got) <= slack * np.maximum(1.0, np.abs(wanted))) | (wanted == got)
    bad = np.flatnonzero(~gaps)[~same]
    return int(bad[0]) if len(bad) else None


def _with_fewer_digits(expected: pd.Series[Any], found: pd.Series[Any]) -> int:
    """In how many rows a number lost digits that count: a DBF has 15 decimals, so 1e-12 is cut to 3 digits."""
    if expected.dtype.kind != "f":
        return 0
    wanted, got = expected.to_numpy("float64"), found.to_numpy("float64")
    with np.errstate(invalid="ignore"):
        return int((np.abs(wanted - got) > 1e-9 * np.abs(wanted)).sum())


def _compare_geometry(
    expected: gpd.GeoDataFrame, found: pd.DataFrame, differs: Callable[[str], ExportError], grid_m: float
) -> Certificate:
    if not isinstance(found, gpd.GeoDataFrame):
        raise differs("geometry") if expected.geometry.notna().any() else differs("geometry column")
    wanted, got = (np.asarray(f.geometry.array, dtype=object) for f in (expected, found))
    if (shapely.is_missing(wanted) != shapely.is_missing(got)).any():
        raise differs("null geometry")
    if found.crs is None or not _same_crs(expected.crs, found.crs):
        raise differs("CRS")
    known = np.flatnonzero(~shapely.is_missing(wanted))
    a, b = wanted[known], got[known]
    for what, slack in _shape_facts(a, b, grid_m):
        bad = known[slack]
        if len(bad):
            raise _misdrawn(wanted[bad[0]], int(bad[0]) + 1, what, differs)
    bounds = shapely.bounds(a)
    whole = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()] if len(a) else None
    return {"bounds": whole, "area": math.fsum(shapely.area(a))}


def _misdrawn(shape: Any, row: int, fact: str, differs: Callable[[str], ExportError]) -> ExportError:
    """A shape that came back otherwise: an invalid one, which formats close in ways of their own, is said to be that."""
    error = differs(f"{fact}, row {row}")
    if shapely.is_valid(shape):
        return error
    facts = {"path": error.facts["path"], "row": row, "reason": shapely.is_valid_reason(shape)}
    return ExportError("export_invalid_shape", **facts)


def _shape_facts(a: Any, b: Any, grid_m: float) -> list[tuple[str, Any]]:
    """What is compared of each shape, with the rows in which it differs."""
    area, back = shapely.area(a), shapely.area(b)
    room = 1e-9 * np.maximum(1.0, area) + grid_m * shapely.length(a)
    bounds = np.abs(shapely.bounds(a) - shapely.bounds(b)).max(axis=1, initial=0.0)
    return [
        ("points", shapely.get_num_coordinates(a) != shapely.get_num_coordinates(b)),
        ("bounds", ~(bounds <= grid_m)),
        ("area", ~(np.abs(area - back) <= room)),
        ("heights", ~(np.abs(_mean_height(a) - _mean_height(b)) <= max(grid_m, 1e-9))),
    ]


def _mean_height(shapes: Any) -> Any:
    """Mean height of the points of each shape; 0 where it has none."""
    points, owner = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    count = np.maximum(np.bincount(owner, minlength=len(shapes)), 1)
    return np.bincount(owner, weights=np.nan_to_num(points[:, 2]), minlength=len(shapes)) / count


def _same_crs(one: Any, other: Any) -> bool:
    if one.to_epsg() is not None and one.to_epsg() == other.to_epsg():
        return True
    return bool(one.equals(other, ignore_axis_order=True)) or one.to_epsg(40) == other.to_epsg(40) is not None
