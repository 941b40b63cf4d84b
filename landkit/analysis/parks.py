"""Parks (园区): land, stock, conflicts and output of each park, from results already made."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landkit.units import to_mu

COUNTED = ("confirmed", "candidate")


def park_table(
    parks: pd.DataFrame,
    *,
    stock: pd.DataFrame,
    encroached: pd.DataFrame,
    money: pd.DataFrame,
    areas_m2: Mapping[str, pd.Series[float]],
) -> pd.DataFrame:
    """One row per park (园区评价), on park_id as a column.

    `parks` on park_id with park_name, area_m2 (planned area); `stock`: `sum_stock` by park; `encroached`: pieces of certain
    conflicts with columns unit, value (m2, union over lines); `money`: on park_id, totals in wan yuan and enterprise counts;
    `areas_m2`: built and administered areas by name, on park_id.   Per-mu figures: by built land where it is known, and
    always by planned land beside it, since the choice of denominator changes the answer (`per_mu_of` names it).
    """
    out = parks.copy()
    counted = stock[stock["stock_status"].isin(COUNTED)].groupby("park_id")
    out["parcels"] = stock.groupby("park_id")["parcels"].sum().reindex(out.index).fillna(0).astype(int)
    out["stock_m2"] = counted["area_m2"].sum().reindex(out.index).fillna(0.0)
    out["stock_mu"] = to_mu(out["stock_m2"])
    for status in (*COUNTED, "undecided"):
        rows = stock[stock["stock_status"] == status].groupby("park_id")["area_m2"].sum()
        out[f"stock_{status}_mu"] = to_mu(rows.reindex(out.index).fillna(0.0))
    out["conflict_m2"] = encroached.groupby("unit")["value"].sum().reindex(out.index).fillna(0.0)
    out["conflict_mu"] = to_mu(out["conflict_m2"])
    for name, areas in areas_m2.items():
        out[f"{name}_m2"] = areas.reindex(out.index)
    for column in money.columns:
        out[column] = money[column].reindex(out.index)
    built = out["built_m2"] if "built_m2" in out.columns else pd.Series(np.nan, index=out.index)
    per = built.where(built > 0, out["area_m2"])
    out["per_mu_of"] = np.where(built > 0, "built", "planned")
    for name in ("tax_wan_yuan", "sales_wan_yuan"):
        total = out[name] if name in out.columns else pd.Series(np.nan, index=out.index)
        out[f"{name}_per_mu"] = total / to_mu(per)
        out[f"{name}_per_planned_mu"] = total / to_mu(out["area_m2"])
    out["stock_share"] = out["stock_m2"] / out["area_m2"]
    out["built_share"] = built / out["area_m2"]
    return out.reset_index()
