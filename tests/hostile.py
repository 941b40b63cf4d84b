"""A frame that tries every format: nulls, empty shapes, heights, long and rare text, ids of 62 bits, days and time zones."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from exported import square

import geopandas as gpd
import shapely

LONG = "地块约定动工日期已过，𠮷㙍 "


def hostile_frame() -> gpd.GeoDataFrame:
    """Five rows: a polygon with a hole, nothing, empty, a multi-polygon, a polygon with heights."""
    holed = square().difference(shapely.box(500_020, 3_580_020, 500_040, 3_580_040))
    shapes = [
        holed,
        None,
        shapely.Polygon(),
        shapely.MultiPolygon([square(200), square(400)]),
        shapely.force_3d(square(600.123456), 12.5),
    ]
    return gpd.GeoDataFrame(
        {
            "parcel_id": ["0012", "0013", "00000", "a'b", None],
            "stock_class": ["idle", None, "underused", "idle", ""],
            "地块编号": ["001", "㙍𠮷", "", None, " 前后空格 "],
            "企业全称": ["扬州㙍有限公司", None, "a\nb", "\t制表", "=1+1"],
            "再开发潜力等级": ["一", "二", "三", None, "+86"],
            "再开发潜力等级说明": ["甲", "乙", None, "丁", "-2"],
            "再开发潜力等级说明备注": ["长" * 85, LONG * 15, "长" * 1000, "x", None],
            "企业唯一标识": pd.array([2**62 + 1, None, -(2**62) - 1, 0, 1], dtype="Int64"),
            "plain_id": np.array([2**53 + 1, 2, 3, 4, 5]),
            "middle_id": np.array([2**40, 2, 3, 4, 5]),
            "层数": pd.array([1, None, 3, 4, None], dtype="Int32"),
            "floor_area_ratio": [1.1, np.nan, 1e15 / 7, -0.0, 1e-12 / 3],
            "是否闲置": pd.array([True, None, False, True, None], dtype="boolean"),
            "verified": [True, False, True, False, True],
            "supply_date": pd.to_datetime(["2020-02-29", None, "1999-12-31", "2026-11-26", "1900-01-01"]),
            "交地日期": [dt.date(2020, 2, 29), None, dt.date(1582, 10, 15), dt.date(9999, 12, 31), None],
            "登记时刻": pd.to_datetime(
                ["2026-03-01T09:30:15.123456", None, "2026-01-01T00:00:00.000001", None, None]
            ),
            "上传时刻": pd.to_datetime(
                ["2026-03-01T09:30:15+08:00", None, None, None, None], utc=True
            ).tz_convert("Asia/Shanghai"),
            "rules": [("idle.years", "idle.fee"), (), None, ("x",), None],
            "全空": [None] * 5,
        },
        geometry=shapes,
        crs=4549,
    )
