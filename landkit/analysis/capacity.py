"""Capacity (增量): the land left for growth inside the urban development boundary, and for how many years it lasts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from landkit.model import Reason, Rule, column_of, why
from landkit.units import to_mu


def yearly_supply_m2(supplied: pd.DataFrame, *, as_of: datetime.date, years: int) -> pd.Series[float]:
    """Mean yearly supply of each park over the last full years up to the day, in m2, on park_id.

    `supplied`: park_id, supply_date, area_m2 (a parcel in two parks has two rows).
    """
    since = pd.Timestamp(as_of) - pd.DateOffset(years=years)
    recent = supplied[(supplied["supply_date"] > since) & (supplied["supply_date"] <= pd.Timestamp(as_of))]
    return recent.groupby("park_id")["area_m2"].sum() / years


def capacity_table(
    spare: pd.DataFrame, supply_m2: pd.Series[float], stock_m2: pd.Series[float], *, reserve: Rule | None
) -> pd.DataFrame:
    """One row per park: spare land, years of supply, what redevelopment could add, against the years the plan reserves.

    `spare` on park_id: park_name, area_m2 (planned), built_m2, inside_boundary_m2, spare_m2 (inside the boundary, not built,
    not forbidden by another line; NaN where a layer for it is missing).   Source: plan, 增量拓展; TD/T 1029-2010 尚可供地年数.
    """
    out = spare.copy()
    out["yearly_supply_m2"] = supply_m2.reindex(out.index).fillna(0.0)
    out["years_left"] = out["spare_m2"] / out["yearly_supply_m2"].where(out["yearly_supply_m2"] > 0)
    out["stock_m2"] = stock_m2.reindex(out.index).fillna(0.0)
    out["years_with_stock"] = (out["spare_m2"] + out["stock_m2"]) / out["yearly_supply_m2"].where(
        out["yearly_supply_m2"] > 0
    )
    for name in ("spare", "yearly_supply", "stock"):
        out[f"{name}_mu"] = to_mu(out[f"{name}_m2"])
    low, high = (float(v) for v in reserve.value) if reserve else (np.nan, np.nan)
    years = out["years_left"]
    answer = np.select(
        [years.isna(), years < low, years <= high, years > high],
        ["unknown", "below", "within", "above"],
        "unknown",
    )
    out["reserve"] = answer
    out["reasons"] = column_of([(_reason(row, low, high),) for row in out.to_dict("records")], out.index)
    return out.reset_index()


def _reason(row: Mapping[Any, Any], low: float, high: float) -> Reason:
    if pd.isna(row["spare_m2"]):
        return why("capacity_layer_missing")
    if pd.isna(row["years_left"]):
        return why("capacity_no_supply")
    if np.isnan(low):
        return why("capacity_no_rule", years=f"{row['years_left']:.1f}")
    return why(
        f"capacity_{row['reserve']}", years=f"{row['years_left']:.1f}", low=f"{low:g}", high=f"{high:g}"
    )
