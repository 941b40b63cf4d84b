"""The question of parks (园区): one row each, from the other answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.analysis import parks
from landkit.geometry import area_m2
from landkit.model import Parks, Verdict, why
from landkit.workflow.contract import CONTRACT

if TYPE_CHECKING:
    from landkit.workflow.ask import Answers


def answer(answers: Answers) -> Parks:
    """园区: one row per park."""
    units = answers.units("parks", "park_id")
    if units is None:
        return Parks(pd.DataFrame(columns=CONTRACT["parks"]), notes=(why("no_parks_layer"),))
    head = pd.DataFrame(
        {
            "park_name": units["park_name"] if "park_name" in units.columns else "",
            "area_m2": units["area_m2"],
        }
    )
    certain = _certain_m2(answers)
    areas = {
        n: answers.area_by_park(r)
        for n, r in (("built", "parks_built"), ("administered", "parks_administered"))
        if answers.ground.of_role(r)
    }
    table = parks.park_table(
        head,
        stock=answers.stock.tables["by_park"],
        encroached=answers.places("parks", "park_id").split(certain),
        money=answers.park_money(),
        areas_m2=areas,
    )
    rated = answers.enterprises_with_park()["park_id"]
    if answers.years:
        share = pd.crosstab(rated, answers.ratings[answers.years[0]]["rating"].fillna("-"))
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
        rules=answers.rules_used(r.id for r in answers.stock.rules),
        layers=answers.versions(lambda x: x.role.startswith("parks")),
    )


def _certain_m2(answers: Answers) -> pd.Series[float]:
    """Of each parcel, the ground in certain conflict with any line, counted once."""
    shapes: list[list[shapely.Geometry]] = [[] for _ in answers.parcels.index]
    for frame in answers.judged.values():
        for at in np.flatnonzero((frame["verdict"] == Verdict.CONFLICT).to_numpy()):
            piece = frame.geometry.iloc[at]
            if piece is not None and not piece.is_empty:
                shapes[at].append(piece)
    union = [shapely.union_all(s) if s else None for s in shapes]
    return area_m2(gpd.GeoSeries(union, index=answers.parcels.index, crs=answers.parcels.crs)).fillna(0.0)
