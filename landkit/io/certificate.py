"""The round-trip certificate: what a stranger reads from a file equals what was meant.

Compared are rows, columns, texts, numbers, bounds, area and CRS.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError

Certificate = dict[str, Any]


def compare(expected: pd.DataFrame, found: pd.DataFrame, *, what: str, exact: bool) -> Certificate:
    """The certificate, where rows, columns, texts, numbers, bounds and area of both are equal."""

    def differs(detail: str) -> ExportError:
        return ExportError("export_roundtrip", path=what, detail=detail)

    if len(expected) != len(found):
        raise differs(f"rows {len(expected)} != {len(found)}")
    geometry = expected.geometry.name if isinstance(expected, gpd.GeoDataFrame) else None
    columns = [c for c in expected.columns if c != geometry]
    missing = [c for c in columns if c not in found.columns]
    if missing:
        raise differs(f"columns {', '.join(missing)}")
    sums: dict[str, float] = {}
    for column in columns:
        if expected[column].dtype == object:
            row = _first_text_difference(expected[column], found[column], exact=exact)
        else:
            wanted = expected[column].astype("float64").to_numpy(dtype=float)
            row = _first_number_difference(wanted, found[column], exact=exact)
            sums[column] = math.fsum(wanted[np.isfinite(wanted)])
        if row is not None:
            raise differs(f"{column}, row {row + 1}")
    certificate: Certificate = {"rows": len(expected), "sum": sums, "bounds": None, "area": None, "ok": True}
    if geometry is not None:
        certificate |= _compare_geometry(expected, found, differs)
    return certificate


def _first_text_difference(expected: pd.Series[Any], found: pd.Series[Any], *, exact: bool) -> int | None:
    back = found.astype(object).where(found.notna(), None).tolist()
    for row, (a, b) in enumerate(zip(expected.tolist(), back, strict=True)):
        if not exact:  # a DBF holds no blanks at the edge and no empty text
            a, b = (a or "").strip() or None, (b.strip() or None if isinstance(b, str) else b)
        if a != b:
            return row
    return None


def _first_number_difference(
    wanted: np.ndarray[Any, Any], found: pd.Series[Any], *, exact: bool
) -> int | None:
    try:
        got = found.astype("float64").to_numpy(dtype=float)
    except (TypeError, ValueError):
        return 0 if len(found) else None
    slack = 0.0 if exact else 1e-9
    with np.errstate(invalid="ignore"):
        same = (np.abs(wanted - got) <= slack * np.maximum(1.0, np.abs(wanted))) | (wanted == got)
    bad = np.flatnonzero(~(same | (np.isnan(wanted) & np.isnan(got))))
    return int(bad[0]) if len(bad) else None


def _compare_geometry(expected: Any, found: Any, differs: Any) -> Certificate:
    if not isinstance(found, gpd.GeoDataFrame):
        raise differs("geometry") if expected.geometry.notna().any() else differs("geometry column")
    wanted, got = (np.asarray(f.geometry.array, dtype=object) for f in (expected, found))
    if (shapely.is_missing(wanted) != shapely.is_missing(got)).any():
        raise differs("null geometry")
    if found.crs is None or not _same_crs(expected.crs, found.crs):
        raise differs("CRS")
    known = ~shapely.is_missing(wanted)
    a, b = shapely.bounds(wanted[known]), shapely.bounds(got[known])
    if len(a) and not np.array_equal(a, b):
        raise differs("bounds")
    area, back = math.fsum(shapely.area(wanted[known])), math.fsum(shapely.area(got[known]))
    if not math.isclose(area, back, rel_tol=1e-9, abs_tol=1e-9):
        raise differs(f"area {area} != {back}")
    bounds = [*a[:, :2].min(axis=0).tolist(), *a[:, 2:].max(axis=0).tolist()] if len(a) else None
    return {"bounds": bounds, "area": area}


def _same_crs(one: Any, other: Any) -> bool:
    if one.to_epsg() is not None and one.to_epsg() == other.to_epsg():
        return True
    return bool(one.equals(other, ignore_axis_order=True)) or one.to_epsg(40) == other.to_epsg(40) is not None
