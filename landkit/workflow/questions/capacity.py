"""The question of capacity (增量): what is left inside the urban development boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit import overlay
from landkit.analysis import capacity
from landkit.geometry import area_m2
from landkit.model import Capacity, say_all, why

if TYPE_CHECKING:
    from landkit.workflow.ask import Answers


def answer(answers: Answers) -> Capacity:
    """增量: one row per park."""
    units = answers.units("parks", "park_id")
    if units is None:
        return Capacity(
            pd.DataFrame(columns=["park_id", "park_name", "spare_mu", "years_left", "reason"]),
            notes=(why("no_parks_layer"),),
        )
    answers.progress("capacity", 0, 1)
    spare, shapes = _spare(answers, units)
    dated = answers.places("parks", "park_id").pieces.rename(columns={"unit": "park_id"})
    supply_date = (
        answers.parcels["supply_date"]
        if "supply_date" in answers.parcels.columns
        else pd.Series(pd.NaT, index=answers.parcels.index)
    )
    dated = dated.assign(supply_date=dated["parcel"].map(supply_date))
    rule = answers.ground.rules.get("capacity.supply_years")
    supply = pd.Series(dtype=float)
    if rule is not None:
        supply = capacity.yearly_supply_m2(
            dated, as_of=answers.ground.study.study.as_of, years=int(rule.value)
        )
    by_park = answers.stock.tables["by_park"]
    counted = (
        by_park[by_park["stock_status"].isin(("confirmed", "candidate"))].groupby("park_id")["area_m2"].sum()
    )
    reserve = answers.ground.rules.get("capacity.reserve_years")
    table = capacity.capacity_table(spare, supply, counted, reserve=reserve)
    table["reason"] = [say_all(r, answers.lang) for r in table.pop("reasons")]
    frame = gpd.GeoDataFrame(table, geometry=shapes.reindex(table["park_id"]).to_numpy(), crs=units.crs)
    answers.progress("capacity", 1, 1)
    return Capacity(
        frame,
        rules=answers.rules_used(k for k in answers.ground.rules if k.startswith("capacity.")),
        layers=answers.versions(lambda _: True),
    )


def _spare(answers: Answers, units: gpd.GeoDataFrame) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """Planned land inside the urban development boundary, not built, not forbidden by another line; its shape too."""
    out = pd.DataFrame(
        {
            "park_name": units["park_name"] if "park_name" in units.columns else "",
            "area_m2": units["area_m2"],
        },
        index=units.index,
    )
    built = answers.units("parks_built", "park_id")
    forbidding = {n: line for n, line in answers.lines.items() if line.forbids_building}
    missing = [n for n in forbidding if answers.ground.line(n) is None]
    empty = gpd.GeoSeries([None] * len(units), index=units.index, crs=units.crs)
    out["built_m2"] = answers.area_by_park("parks_built").reindex(units.index)
    if built is None or missing or "urban_development_boundary" not in forbidding:
        return out.assign(inside_boundary_m2=np.nan, spare_m2=np.nan), empty
    inside = overlay.encroachment(
        units.geometry, answers.line_area("urban_development_boundary"), breach="inside"
    )
    shape = gpd.GeoSeries(inside.geometry.to_numpy(), index=units.index, crs=units.crs)
    out["inside_boundary_m2"] = area_m2(shape).fillna(0.0)
    taken = [built.geometry] + [
        answers.line_area(n) for n, line in forbidding.items() if line.breach == "inside"
    ]
    for away in taken:
        usable = shape[shape.notna() & ~shape.is_empty]
        rest = overlay.encroachment(usable, away, breach="outside")
        shape = gpd.GeoSeries(rest.geometry.to_numpy(), index=usable.index, crs=units.crs).reindex(
            units.index
        )
    out["spare_m2"] = area_m2(shape).fillna(0.0)
    return out, shape
