"""The question of intensity (强度): per parcel, per enterprise, and that no fen is lost between the two."""

from __future__ import annotations

import pandas as pd

import geopandas as gpd

from landkit.analysis import intensity
from landkit.model import Code, Intensity, column_of, why
from landkit.units import FEN_PER_WAN_YUAN
from landkit.workflow.common import Common


def answer(common: Common) -> Intensity:
    """强度: per parcel and per enterprise."""
    common.progress("intensity", 0, 1)
    figures = common.parcel_figures.copy()
    figures["rating"] = figures["rating_now"]
    figures["reasons"] = column_of(intensity.reasons_of(figures), figures.index)
    figures.insert(0, "parcel_id", figures.index)
    figures.insert(1, "park_id", common.park_of)
    figures["year"] = common.years[0] if common.years else pd.NA
    worded = common.word(figures, "intensity", drop=("gaps", "rating_gap", "rating_now", "has_enterprise"))
    frame = gpd.GeoDataFrame(worded, geometry=common.parcels.geometry.to_numpy(), crs=common.parcels.crs)
    ids = [k for k in common.ground.rules if k.startswith(("rating.", "intensity."))]
    common.progress("intensity", 1, 1)
    return Intensity(
        frame.reset_index(drop=True),
        rules=common.rules_used(ids),
        layers=common.versions(lambda x: x.role == "parcels"),
        tables={"enterprises": _enterprise_table(common), "conservation": _conservation(common)},
    )


def _enterprise_table(common: Common) -> pd.DataFrame:
    if not common.years:
        return common.enterprises.reset_index(drop=True)
    year = common.years[0]
    rated = common.ratings[year]
    out = common.figures[year].assign(year=year, score=rated["score"], rating=rated["rating"])
    if len(common.years) > 1:
        out["rating_before"] = common.ratings[common.years[1]]["rating"]
    because = [
        why("inputs_of", enterprise=str(i), missing=tuple(Code("column", c) for c in m))
        if m
        else why("rated", year=year)
        for i, m in zip(out.index, rated["missing"], strict=True)
    ]
    out["reason"] = [r.say(common.lang) for r in because]
    out["parcels"] = (
        common.land.groupby("enterprise_id")["parcel_id"].nunique().reindex(out.index).fillna(0).astype(int)
    )
    return out.reset_index(drop=True)


def _conservation(common: Common) -> pd.DataFrame:
    """Totals of the enterprises against those of the parcels, in wan yuan to the cent, by figure (守恒表)."""
    rows = []
    year = common.years[0] if common.years else None
    for name in intensity.MONEY:
        if year is None or name not in common.year_table(year).columns:
            continue
        fen = intensity.to_fen(common.year_table(year)[name])
        on_land = intensity.sharable(common.land)["enterprise_id"].unique()
        placed = int(fen.reindex(on_land).dropna().sum())
        shares = intensity.allocate(common.land, fen)
        known = common.land["known_parcel"].astype(bool)
        parts, lost = int(shares[known].dropna().sum()), int(shares[~known].dropna().sum())
        total = int(fen.dropna().sum())
        rows.append(
            (
                name,
                year,
                total / FEN_PER_WAN_YUAN,
                parts / FEN_PER_WAN_YUAN,
                (total - placed) / FEN_PER_WAN_YUAN,
                lost / FEN_PER_WAN_YUAN,
                (placed - parts - lost) / FEN_PER_WAN_YUAN,
                int(fen.isna().sum()),
            )
        )
    return pd.DataFrame(
        rows,
        columns=[
            "figure",
            "year",
            "enterprise_total",
            "parcel_total",
            "without_land",
            "unknown_parcels",
            "difference",
            "missing_records",
        ],
    )
