"""The question of capacity (增量): what is left inside the urban development boundary."""

from __future__ import annotations

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit import overlay
from landkit.analysis import capacity
from landkit.geometry import area_m2
from landkit.model import Capacity, Stock, say_all, why
from landkit.workflow.common import Common


def answer(common: Common, stock: Stock) -> Capacity:
    """增量: one row per park."""
    units = common.units("parks", "park_id")
    if units is None:
        return Capacity(
            pd.DataFrame(columns=["park_id", "park_name", "spare_mu", "years_left", "reason"]),
            notes=(why("no_parks_layer"),),
        )
    common.progress("capacity", 0, 1)
    spare, shapes = _spare(common, units)
    dated = common.places("parks", "park_id").pieces.rename(columns={"unit": "park_id"})
    supply_date = (
        common.parcels["supply_date"]
        if "supply_date" in common.parcels.columns
        else pd.Series(pd.NaT, index=common.parcels.index)
    )
    dated = dated.assign(supply_date=dated["parcel"].map(supply_date))
    rule = common.ground.rules.get("capacity.supply_years")
    supply = pd.Series(dtype=float)
    if rule is not None:
        supply = capacity.yearly_supply_m2(
            dated, as_of=common.ground.study.study.as_of, years=int(rule.value)
        )
    by_park = stock.tables["by_park"]
    counted = (
        by_park[by_park["stock_status"].isin(("confirmed", "candidate"))].groupby("park_id")["area_m2"].sum()
    )
    reserve = common.ground.rules.get("capacity.reserve_years")
    table = capacity.capacity_table(spare, supply, counted, reserve=reserve)
    table["reason"] = [say_all(r, common.lang) for r in table.pop("reasons")]
    frame = gpd.GeoDataFrame(table, geometry=shapes.reindex(table["park_id"]).to_numpy(), crs=units.crs)
    common.progress("capacity", 1, 1)
    return Capacity(
        frame,
        rules=common.rules_used(k for k in common.ground.rules if k.startswith("capacity.")),
        layers=common.versions(lambda _: True),
    )


def _spare(common: Common, units: gpd.GeoDataFrame) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """Planned land inside the urban development boundary, not built, not forbidden by another line; its shape too."""
    out = pd.DataFrame(
        {
            "park_name": units["park_name"] if "park_name" in units.columns else "",
            "area_m2": units["area_m2"],
        },
        index=units.index,
    )
    built = common.units("parks_built", "park_id")
    forbidding = {n: line for n, line in common.lines.items() if line.forbids_building}
    missing = [n for n in forbidding if common.ground.line(n) is None]
    empty = gpd.GeoSeries([None] * len(units), index=units.index, crs=units.crs)
    out["built_m2"] = common.area_by_park("parks_built").reindex(units.index)
    if built is None or missing or "urban_development_boundary" not in forbidding:
        return out.assign(inside_boundary_m2=np.nan, spare_m2=np.nan), empty
    inside = overlay.encroachment(
        units.geometry, common.line_area("urban_development_boundary"), breach="inside"
    )
    shape = gpd.GeoSeries(inside.geometry.to_numpy(), index=units.index, crs=units.crs)
    out["inside_boundary_m2"] = area_m2(shape).fillna(0.0)
    taken = [built.geometry] + [
        common.line_area(n) for n, line in forbidding.items() if line.breach == "inside"
    ]
    for away in taken:
        usable = shape[shape.notna() & ~shape.is_empty]
        rest = overlay.encroachment(usable, away, breach="outside")
        shape = gpd.GeoSeries(rest.geometry.to_numpy(), index=usable.index, crs=units.crs).reindex(
            units.index
        )
    out["spare_m2"] = area_m2(shape).fillna(0.0)
    return out, shape
