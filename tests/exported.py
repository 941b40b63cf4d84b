"""A layer as it is handed over: rare characters, codes with zeros, nothing known, large whole numbers, days, lists."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely


def square(x: float = 0, size: float = 100) -> shapely.Polygon:
    return shapely.box(500_000 + x, 3_580_000, 500_000 + x + size, 3_580_000 + size)


def layer(**columns: Any) -> gpd.GeoDataFrame:
    """Three rows: a polygon with a hole, a null geometry, a multi-polygon."""
    holed = square().difference(shapely.box(500_020, 3_580_020, 500_040, 3_580_040))
    shapes = [holed, None, shapely.MultiPolygon([square(200), square(400)])]
    return gpd.GeoDataFrame({"parcel_id": ["0012", "0013", None], **columns}, geometry=shapes, crs=4549)


RICH = {
    "stock_class": ["idle", None, "underused"],
    "area_m2": [9600.0, np.nan, 20000.123456789],
    "逾期未动工的说明": ["㙍与𠮷", "", "a\nb"],
    "企业唯一标识": pd.array([2**62 + 1, None, -5], dtype="Int64"),
    "synthetic": [True, None, False],
    "verified": [True, False, True],
    "supply_date": pd.to_datetime(["2020-02-29", None, "1999-12-31"]),
    "rules": [("idle.years", "idle.fee"), (), None],
}


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {n: packed.read(n) for n in packed.namelist()}
