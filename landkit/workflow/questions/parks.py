"""The question of parks (园区): one row each, from the other answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.analysis import parks
from landkit.geometry import area_m2
from landkit.model import Parks, Stock, Verdict, why
from landkit.workflow.common import Common
from landkit.workflow.contract import CONTRACT


def answer(common: Common, stock: Stock) -> Parks:
    """园区: one row per park."""
    units = common.units("parks", "park_id")
    if units is None:
        return Parks(pd.DataFrame(columns=CONTRACT["parks"]), notes=(why("no_parks_layer"),))
    head = pd.DataFrame(
        {
            "park_name": units["park_name"] if "park_name" in units.columns else "",
            "area_m2": units["area_m2"],
        }
    )
    certain = _certain_m2(common)
    areas = {
        n: common.area_by_park(r)
        for n, r in (("built", "parks_built"), ("administered", "parks_administered"))
        if common.ground.of_role(r)
    }
    table = parks.park_table(
        head,
        stock=stock.tables["by_park"],
        encroached=common.places("parks", "park_id").split(certain),
        money=common.park_money(),
        areas_m2=areas,
    )
    rated = common.enterprises_with_park()["park_id"]
    if common.years:
        share = pd.crosstab(rated, common.ratings[common.years[0]]["rating"].fillna("-"))
        for name in ("A", "B", "C", "D", "T"):
            table[f"rated_{name.lower()}"] = (
                table["park_id"].map(share[name]).fillna(0).astype(int) if name in share.columns else 0
            )
    ordered = [*CONTRACT["parks"], *[c for c in table.columns if c not in CONTRACT["parks"]]]
    frame = gpd.GeoDataFrame(
        table[ordered], geometry=units.geometry.reindex(table["park_id"]).to_numpy(), crs=units.crs
    )
    return Parks(
        frame,
        rules=common.rules_used(r.id for r in stock.rules),
        layers=common.versions(lambda x: x.role.startswith("parks")),
        tables={"stock": stock.tables["by_park"]},
    )


def _certain_m2(common: Common) -> pd.Series[float]:
    """Of each parcel, the ground in certain conflict with any line, counted once."""
    shapes: list[list[shapely.Geometry]] = [[] for _ in common.parcels.index]
    for frame in common.judged.values():
        for at in np.flatnonzero((frame["verdict"] == Verdict.CONFLICT).to_numpy()):
            piece = frame.geometry.iloc[at]
            if piece is not None and not piece.is_empty:
                shapes[at].append(piece)
    union = [shapely.union_all(s) if s else None for s in shapes]
    return area_m2(gpd.GeoSeries(union, index=common.parcels.index, crs=common.parcels.crs)).fillna(0.0)
