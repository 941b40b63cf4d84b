"""The question of layout (布局): parcels and parks against the plan."""

from __future__ import annotations

from typing import Any

import pandas as pd

import geopandas as gpd

from landkit import overlay
from landkit.analysis import layout
from landkit.analysis.places import find_places
from landkit.model import Code, Layout, say_all, why
from landkit.workflow.common import Common


def answer(common: Common) -> Layout:
    """布局: parcels and parks against the plan's axes and clusters."""
    common.progress("layout", 0, 1)
    plan = common.ground.plan
    clusters = common.places("clusters", "cluster_id").of_parcel
    axes = common.ground.of_role("axes")
    distances = layout.axis_distances(
        common.parcels.geometry,
        axes.frame if axes else gpd.GeoDataFrame({"axis_id": []}, geometry=[], crs=common.parcels.crs),
    )
    roles = layout.industry_roles(common.enterprises_with_park(), plan)
    listed = layout.listed_share(common.land, roles.to_dict(), common.parcels.index)
    table = pd.DataFrame(
        {"parcel_id": common.parcels.index, "park_id": common.park_of}, index=common.parcels.index
    )
    table["cluster_id"], table["cluster_share"], table["cluster_shares"] = (
        clusters["unit"],
        clusters["share"],
        clusters["shares"],
    )
    table = table.join(distances).assign(listed_share=listed)
    table["in_corridor"] = (
        table["axis_distance_m"] <= plan.corridor_width_m if plan.corridor_width_m else pd.NA
    )
    table = table.join(layout.judge_parcels(common.park_of, clusters, listed, distances, plan))
    worded = common.word(table, "layout")
    frame = gpd.GeoDataFrame(worded, geometry=common.parcels.geometry.to_numpy(), crs=common.parcels.crs)
    common.progress("layout", 1, 1)
    notes = (
        (
            why(
                "corridor",
                zh=plan.corridor[0],
                en=plan.corridor[1],
                words=Code("plan", f"{plan.corridor[0]}|{plan.corridor[1]}"),
            ),
        )
        if plan.corridor[0]
        else ()
    )
    return Layout(
        frame.reset_index(drop=True),
        layers=common.versions(lambda x: x.role in ("parcels", "parks", "clusters", "axes")),
        tables={"parks": _layout_of_parks(common, roles), "sentences": _sentences(common)},
        notes=notes,
    )


def _layout_of_parks(common: Common, roles: pd.Series[Any]) -> pd.DataFrame:
    units = common.units("parks", "park_id")
    clusters = common.units("clusters", "cluster_id")
    if units is None:
        return pd.DataFrame(columns=["park_id", "layout_verdict", "reason"])
    shared = (
        pd.DataFrame(overlay.overlaps(units, clusters, geometry=False))
        if clusters is not None
        else pd.DataFrame({"parcel": [], "zone": [], "area_m2": []})
    )
    places = find_places(units["area_m2"].astype(float), shared)
    sales = common.park_money(by=roles.fillna("unknown"))
    out = layout.judge_parks(units, places.of_parcel, sales, common.ground.plan)
    out["reason"] = [say_all(r, common.lang) for r in out.pop("reasons")]
    return out


def _sentences(common: Common) -> pd.DataFrame:
    """The plan's sentences that verdicts rest on."""
    plan = common.ground.plan
    parts = (
        [("cluster", p) for p in plan.clusters.values()]
        + [("axis", p) for p in plan.axes.values()]
        + [("park", p) for p in plan.parks.values()]
    )
    rows = [
        (f"{kind}:{p.id}", p.name.code.split("|")[0 if common.lang == "zh" else 1], p.quote, plan.title)
        for kind, p in parts
    ]
    return pd.DataFrame(rows, columns=["sentence", "what", "quote", "document"])
