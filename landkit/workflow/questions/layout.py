"""The question of layout (布局): parcels and parks against the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

import geopandas as gpd

from landkit import overlay
from landkit.analysis import layout
from landkit.analysis.places import find_places
from landkit.model import Code, Layout, say_all, why

if TYPE_CHECKING:
    from landkit.workflow.ask import Answers


def answer(answers: Answers) -> Layout:
    """布局: parcels and parks against the plan's axes and clusters."""
    answers.progress("layout", 0, 1)
    plan = answers.ground.plan
    clusters = answers.places("clusters", "cluster_id").of_parcel
    axes = answers.ground.of_role("axes")
    distances = layout.axis_distances(
        answers.parcels.geometry,
        axes.frame if axes else gpd.GeoDataFrame({"axis_id": []}, geometry=[], crs=answers.parcels.crs),
    )
    roles = layout.industry_roles(answers.enterprises_with_park(), plan)
    listed = layout.listed_share(answers.land, roles.to_dict(), answers.parcels.index)
    table = pd.DataFrame(
        {"parcel_id": answers.parcels.index, "park_id": answers.park_of}, index=answers.parcels.index
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
    table = table.join(layout.judge_parcels(answers.park_of, clusters, listed, distances, plan))
    worded = answers.word(table, "layout")
    frame = gpd.GeoDataFrame(worded, geometry=answers.parcels.geometry.to_numpy(), crs=answers.parcels.crs)
    answers.progress("layout", 1, 1)
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
        layers=answers.versions(lambda x: x.role in ("parcels", "parks", "clusters", "axes")),
        tables={"parks": _layout_of_parks(answers, roles), "sentences": _sentences(answers)},
        notes=notes,
    )


def _layout_of_parks(answers: Answers, roles: pd.Series[Any]) -> pd.DataFrame:
    units = answers.units("parks", "park_id")
    clusters = answers.units("clusters", "cluster_id")
    if units is None:
        return pd.DataFrame(columns=["park_id", "layout_verdict", "reason"])
    shared = (
        pd.DataFrame(overlay.overlaps(units, clusters, geometry=False))
        if clusters is not None
        else pd.DataFrame({"parcel": [], "zone": [], "area_m2": []})
    )
    places = find_places(units["area_m2"].astype(float), shared)
    sales = answers.park_money(by=roles.fillna("unknown"))
    out = layout.judge_parks(units, places.of_parcel, sales, answers.ground.plan)
    out["reason"] = [say_all(r, answers.lang) for r in out.pop("reasons")]
    return out


def _sentences(answers: Answers) -> pd.DataFrame:
    """The plan's sentences that verdicts rest on."""
    plan = answers.ground.plan
    parts = (
        [("cluster", p) for p in plan.clusters.values()]
        + [("axis", p) for p in plan.axes.values()]
        + [("park", p) for p in plan.parks.values()]
    )
    rows = [
        (f"{kind}:{p.id}", p.name.code.split("|")[0 if answers.lang == "zh" else 1], p.quote, plan.title)
        for kind, p in parts
    ]
    return pd.DataFrame(rows, columns=["sentence", "what", "quote", "document"])
