"""Output intensity (亩均产出): tax, sales, output and investment per mu, floor-area ratio, and the A/B/C/D/T rating.

Money is shared among parcels in whole fen by the largest remainder, so totals are kept to the cent.  Missing is not zero: a
figure with a missing part is missing, and says which part.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from landkit.model import Code, Reason, Rule, column_of, why
from landkit.units import FEN_PER_WAN_YUAN, share_out_groups, to_mu

MONEY = ("tax_wan_yuan", "sales_wan_yuan", "output_wan_yuan")


def to_fen(values: pd.Series[Any]) -> pd.Series[Any]:
    """Wan yuan as whole fen (Int64); missing stays missing."""
    return (pd.to_numeric(values).astype("Float64") * FEN_PER_WAN_YUAN).round().astype("Int64")


def land_of_enterprises(
    occupancy: pd.DataFrame, parcel_area_m2: pd.Series[float], as_of: datetime.date, *, over_share: float
) -> pd.DataFrame:
    """Occupancies in force on the day, with the land they take: parcel_id, enterprise_id, occupied_m2, scaled.

    Where no area is stated and the enterprise is alone on the parcel, it is the parcel's.  Where the stated areas exceed
    the parcel by more than `over_share`, they stay as stated and are marked (`over`), for a finding.
    """
    rows = occupancy.copy()
    if "from_date" in rows.columns:
        rows = rows[rows["from_date"].isna() | (rows["from_date"] <= pd.Timestamp(as_of))]
    if "to_date" in rows.columns:
        rows = rows[rows["to_date"].isna() | (rows["to_date"] > pd.Timestamp(as_of))]
    stated = (
        pd.to_numeric(rows["occupied_m2"]).astype(float)
        if "occupied_m2" in rows.columns
        else pd.Series(np.nan, index=rows.index)
    )
    alone = rows.groupby("parcel_id")["enterprise_id"].transform("nunique") == 1
    whole = rows["parcel_id"].map(parcel_area_m2).astype(float)
    rows["occupied_m2"] = stated.where(stated.notna(), whole.where(alone))
    rows["over"] = rows.groupby("parcel_id")["occupied_m2"].transform("sum") > whole * (1 + over_share)
    rows["known_parcel"] = rows["parcel_id"].isin(parcel_area_m2.index)
    return rows[["parcel_id", "enterprise_id", "occupied_m2", "over", "known_parcel"]].reset_index(drop=True)


def sharable(land: pd.DataFrame) -> pd.DataFrame:
    """The rows of `land` that can bear money: of enterprises with some land, and no parcel whose area is unknown.

    With one area unknown, all the money would fall on the others.  Land on a parcel that the study does not have bears its
    share, which then is on no parcel.
    """
    unknown = land.loc[land["occupied_m2"].isna(), "enterprise_id"]
    some = land.loc[land["occupied_m2"] > 0, "enterprise_id"]
    return land[land["enterprise_id"].isin(some) & ~land["enterprise_id"].isin(unknown)]


def allocate(land: pd.DataFrame, totals: pd.Series[Any]) -> pd.Series[Any]:
    """Each enterprise's total in fen shared among its rows of `land` by occupied area, on land's index (Int64 fen).

    An enterprise with an unknown area, or with none at all, cannot be shared: missing.
    """
    out = pd.Series(pd.NA, index=land.index, dtype="Int64")
    usable = sharable(land)
    known = totals.dropna()
    usable = usable[usable["enterprise_id"].isin(known.index)]
    if len(usable):
        group, names = pd.factorize(usable["enterprise_id"])
        whole = known.reindex(names).to_numpy(np.int64)
        out.loc[usable.index] = share_out_groups(whole, usable["occupied_m2"].to_numpy(float), group)
    return out


def measure_parcels(parcels: pd.DataFrame, land: pd.DataFrame, year: pd.DataFrame) -> pd.DataFrame:
    """Figures of each parcel in one year, on the index of `parcels` (which is the parcel id).

    `year`: one row per enterprise (its index), money in wan yuan.  Columns: tax/sales/output in wan yuan and per mu,
    investment per mu, floor_area_ratio, enterprises, has_enterprise, missing (which inputs of whom).
    """
    out = pd.DataFrame(index=parcels.index)
    area_mu = to_mu(parcels["area_m2"].astype(float))
    out["area_mu"] = area_mu
    on_it = land[land["known_parcel"]]
    out["enterprises"] = (
        on_it.groupby("parcel_id")["enterprise_id"].nunique().reindex(out.index).fillna(0).astype(int)
    )
    gaps: dict[Any, list[str]] = {}
    unmeasured = set(land.loc[land["occupied_m2"].isna(), "enterprise_id"])
    for name in MONEY:
        totals = to_fen(year[name]) if name in year.columns else pd.Series(dtype="Int64")
        parts = allocate(land, totals)[land["known_parcel"]]
        holes = on_it[parts.isna()]
        for parcel, enterprise in zip(holes["parcel_id"], holes["enterprise_id"], strict=True):
            gap = f"{'occupied_m2' if enterprise in unmeasured else name}:{enterprise}"
            if gap not in gaps.setdefault(parcel, []):
                gaps[parcel].append(gap)
        whole = parts.notna().groupby(on_it["parcel_id"]).all()
        fen = parts.groupby(on_it["parcel_id"]).sum(min_count=1).where(whole)
        out[name] = (fen.reindex(out.index).astype("Float64") / FEN_PER_WAN_YUAN).astype(float)
        out[f"{name}_per_mu"] = out[name] / area_mu
    for name, source in (("investment_wan_yuan", "investment_wan_yuan"), ("floor_area_m2", "floor_area_m2")):
        out[name] = pd.to_numeric(parcels[source]).astype(float) if source in parcels.columns else np.nan
    out["investment_wan_yuan_per_mu"] = out["investment_wan_yuan"] / area_mu
    out["floor_area_ratio"] = out["floor_area_m2"] / parcels["area_m2"].astype(float)
    out["gaps"] = [tuple(gaps.get(i, ())) for i in out.index]
    return out


def measure_enterprises(
    enterprises: pd.DataFrame, land: pd.DataFrame, year: pd.DataFrame, parcel_ok: bool = True
) -> pd.DataFrame:
    """Figures of each enterprise in one year, on the enterprise id: land_mu, per-mu and per-tce figures.

    No land on record or land of zero gives no per-mu figure (never infinity).
    """
    out = enterprises.copy()
    land_m2 = (
        land.groupby("enterprise_id")["occupied_m2"].agg(lambda v: v.sum(min_count=len(v)))
        if parcel_ok
        else pd.Series(dtype=float)
    )
    out["land_mu"] = to_mu(land_m2.reindex(out.index).astype(float))
    usable = out["land_mu"].where(out["land_mu"] > 0)
    for name in (*MONEY, "energy_tce", "rd_wan_yuan"):
        out[name] = (
            pd.to_numeric(year[name]).reindex(out.index).astype(float) if name in year.columns else np.nan
        )
    for name in MONEY:
        out[f"{name}_per_mu"] = out[name] / usable
    out["tax_wan_yuan_per_tce"] = out["tax_wan_yuan"] / out["energy_tce"].where(out["energy_tce"] > 0)
    return out


def rate(
    figures: pd.DataFrame, year: int, rules: Mapping[str, Rule], before: pd.DataFrame | None
) -> pd.DataFrame:
    """Score, rank and class of each enterprise (综合评价), on its index: score, rating, missing, unit.

    Score = sum of weight x value / benchmark, the benchmark a factor times the unit's mean of the year before (`before`; the
    same year's where there is none above zero).  Ranked within the unit from the top; class bounds are upper inclusive.
    T: utilities and the newly producing.  An enterprise with a missing indicator has no rating, and says which.
    """
    weights: dict[str, float] = dict(rules["rating.indicators"].value)
    unit = (
        figures[str(rules["rating.unit"].value)]
        if str(rules["rating.unit"].value) in figures.columns
        else pd.Series("", index=figures.index)
    )
    unit = unit.fillna("")
    exempt = _exempt(figures, year, rules)
    score = pd.Series(0.0, index=figures.index)
    missing: list[list[str]] = [[] for _ in figures.index]
    for name, weight in weights.items():
        mean = _unit_mean(before, name, unit, exempt)
        mean = mean.where(mean > 0, _unit_mean(figures, name, unit, exempt))
        benchmark = mean * float(rules["rating.benchmark_factor"].value)
        part = figures[name] / benchmark.where(benchmark > 0) * float(weight)
        for at in np.flatnonzero(part.isna().to_numpy()):
            missing[at].append(name)
        score += part
    out = pd.DataFrame({"score": score, "unit": unit, "rating": None}, index=figures.index, dtype="object")
    out["score"] = score
    rated = score.notna() & ~exempt
    rank = score[rated].groupby(unit[rated]).rank(method="min", ascending=False)
    share = rank / unit[rated].map(unit[rated].value_counts()).astype(float)
    grade = pd.Series("D", index=share.index, dtype="object")
    for name in ("C", "B", "A"):
        grade[share <= float(rules["rating.upper_shares"].value[name]) + 1e-12] = name
    out.loc[grade.index, "rating"] = grade
    out.loc[exempt, "rating"] = "T"
    out["missing"] = [tuple(m) for m in missing]
    return out


def _unit_mean(
    figures: pd.DataFrame | None, name: str, unit: pd.Series[Any], exempt: pd.Series[bool]
) -> pd.Series[float]:
    """Mean of an indicator over the rated enterprises of each one's unit, on the index of `unit`; NaN where there is none."""
    if figures is None:
        return pd.Series(np.nan, index=unit.index)
    counted = figures[name][~exempt.reindex(figures.index, fill_value=False)]
    mean = counted.groupby(unit.reindex(counted.index)).mean()
    return unit.map(mean).astype(float)


def _exempt(figures: pd.DataFrame, year: int, rules: Mapping[str, Rule]) -> pd.Series[bool]:
    exempt = pd.Series(False, index=figures.index)
    if "industry_code" in figures.columns:
        divisions = tuple(str(c) for c in rules["rating.unrated_industries"].value)
        codes = figures["industry_code"].map(
            lambda c: str(c).lstrip("ABCDEFGHIJKLMNOPQRSTabcdefghijklmnopqrst")[:2], na_action="ignore"
        )
        exempt |= codes.isin(divisions)
    if "production_date" in figures.columns:
        end = pd.Timestamp(year=year, month=12, day=31)
        young = (
            figures["production_date"] + pd.DateOffset(years=int(rules["rating.unrated_years"].value)) > end
        )
        exempt |= young & figures["production_date"].notna()
    return exempt


def rating_of_parcels(land: pd.DataFrame, ratings: pd.DataFrame, index: pd.Index[Any]) -> pd.DataFrame:
    """Rating of a parcel: that of the enterprise with the most land on it; `ratings` lists all of them by land.

    `ratings` on the enterprise id with `rating` and `missing`.  Columns on `index`: rating, ratings, rating_gap (reasons).
    """
    rows = land[land["known_parcel"]].assign(rating=lambda d: d["enterprise_id"].map(ratings["rating"]))
    rows = rows.sort_values(
        ["parcel_id", "occupied_m2", "enterprise_id"], ascending=[True, False, True], kind="stable"
    )
    top = rows.drop_duplicates("parcel_id").set_index("parcel_id")
    out = pd.DataFrame(index=index)
    out["rating"] = (
        top["rating"].reindex(index).astype("object").where(top["rating"].reindex(index).notna(), None)
    )
    listed = (
        rows.assign(said=rows["rating"].fillna("?").astype(str))
        .groupby("parcel_id", sort=False)["said"]
        .agg("".join)
    )
    out["ratings"] = listed.reindex(index).fillna("")
    lacking = top["enterprise_id"].map(ratings["missing"]) if len(top) else pd.Series(dtype="object")
    gaps = {
        i: why(
            "inputs_of",
            enterprise=str(top.at[i, "enterprise_id"]),
            missing=tuple(Code("column", m) for m in names),
        )
        for i, names in lacking.items()
        if isinstance(names, tuple) and names
    }
    out["rating_gap"] = column_of([gaps.get(i) for i in index], index)
    return out


def reasons_of(figures: pd.DataFrame) -> list[tuple[Reason, ...]]:
    """Why a figure is missing, per parcel."""
    said: list[tuple[Reason, ...]] = []
    for gaps, enterprises in zip(figures["gaps"], figures["enterprises"], strict=True):
        if not enterprises:
            said.append((why("no_enterprise_on_parcel"),))
            continue
        missing: dict[str, list[str]] = {}
        for gap in gaps:
            name, _, enterprise = str(gap).partition(":")
            missing.setdefault(enterprise, []).append(name)
        said.append(
            tuple(
                why("inputs_of", enterprise=e, missing=tuple(Code("column", n) for n in names))
                for e, names in missing.items()
            )
            or (why("allocated", count=int(enterprises)),)
        )
    return said
