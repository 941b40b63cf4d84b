"""The question of intensity (强度): per parcel, per enterprise, and that no fen is lost between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import geopandas as gpd

from landkit.analysis import intensity
from landkit.model import Code, Intensity, column_of, why
from landkit.units import FEN_PER_WAN_YUAN

if TYPE_CHECKING:
    from landkit.workflow.ask import Answers


def answer(answers: Answers) -> Intensity:
    """强度: per parcel and per enterprise."""
    answers.progress("intensity", 0, 1)
    figures = answers.parcel_figures.copy()
    figures["rating"] = figures["rating_now"]
    figures["reasons"] = column_of(intensity.reasons_of(figures), figures.index)
    figures.insert(0, "parcel_id", figures.index)
    figures.insert(1, "park_id", answers.park_of)
    figures["year"] = answers.years[0] if answers.years else pd.NA
    worded = answers.word(figures, "intensity", drop=("gaps", "rating_gap", "rating_now", "has_enterprise"))
    frame = gpd.GeoDataFrame(worded, geometry=answers.parcels.geometry.to_numpy(), crs=answers.parcels.crs)
    ids = [k for k in answers.ground.rules if k.startswith(("rating.", "intensity."))]
    answers.progress("intensity", 1, 1)
    return Intensity(
        frame.reset_index(drop=True),
        rules=answers.rules_used(ids),
        layers=answers.versions(lambda x: x.role == "parcels"),
        tables={"enterprises": _enterprise_table(answers), "conservation": _conservation(answers)},
    )


def _enterprise_table(answers: Answers) -> pd.DataFrame:
    if not answers.years:
        return answers.enterprises.reset_index(drop=True)
    year = answers.years[0]
    rated = answers.ratings[year]
    out = answers.figures[year].assign(year=year, score=rated["score"], rating=rated["rating"])
    if len(answers.years) > 1:
        out["rating_before"] = answers.ratings[answers.years[1]]["rating"]
    because = [
        why("inputs_of", enterprise=str(i), missing=tuple(Code("column", c) for c in m))
        if m
        else why("rated", year=year)
        for i, m in zip(out.index, rated["missing"], strict=True)
    ]
    out["reason"] = [r.say(answers.lang) for r in because]
    out["parcels"] = (
        answers.land.groupby("enterprise_id")["parcel_id"].nunique().reindex(out.index).fillna(0).astype(int)
    )
    return out.reset_index(drop=True)


def _conservation(answers: Answers) -> pd.DataFrame:
    """Totals of the enterprises against those of the parcels, in wan yuan to the cent, by figure (守恒表)."""
    rows = []
    year = answers.years[0] if answers.years else None
    for name in intensity.MONEY:
        if year is None or name not in answers.year_table(year).columns:
            continue
        fen = intensity.to_fen(answers.year_table(year)[name])
        on_land = intensity.sharable(answers.land)["enterprise_id"].unique()
        placed = int(fen.reindex(on_land).dropna().sum())
        shares = intensity.allocate(answers.land, fen)
        known = answers.land["known_parcel"].astype(bool)
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
