"""Where a parcel lies: which share of it in which park, county or cluster, with nothing lost at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

OUTSIDE = ""  # the unit of land that lies in none
_SEEN_SHARE = 5e-7  # what six decimals can show


@dataclass(frozen=True)
class Places:
    """Parcels against one set of units (归属).

    `of_parcel`: one row per parcel, on its index: `unit` (largest share; OUTSIDE where none), `share` of it, `units` (how
    many) and `shares` (the whole vector as text, `A=0.62;=0.38`).
    `pieces`: one row per parcel and unit and one for what lies outside: `parcel`, `unit`, `area_m2`, `share`; the parts of
    a parcel sum to its area.   `overlapping`: parcels whose units overlap each other, shared out in proportion.
    """

    of_parcel: pd.DataFrame
    pieces: pd.DataFrame
    overlapping: tuple[Any, ...] = ()

    def split(self, values: pd.Series[float]) -> pd.DataFrame:
        """Parcel totals shared among units by area: `unit`, `parcel`, `value`; they sum to the totals given."""
        rows = self.pieces[["parcel", "unit", "share"]].copy()
        rows["value"] = rows["parcel"].map(values).astype(float) * rows["share"]
        return rows


def find_places(area_m2: pd.Series[float], overlaps: pd.DataFrame) -> Places:
    """Shares of each parcel in each unit, from the overlaps of the two layers.

    `area_m2`: the parcels' areas on their index.  `overlaps`: columns parcel (label of that index), zone (unit id), area_m2;
    several rows of a pair are added.  A parcel without area has no share anywhere: unit OUTSIDE, share NaN.
    """
    inside = overlaps.groupby(["parcel", "zone"], sort=False)["area_m2"].sum().reset_index()
    inside = inside.rename(columns={"zone": "unit"})
    whole = inside["parcel"].map(area_m2).astype(float)
    total = inside.groupby("parcel")["area_m2"].transform("sum")
    too_much = total > whole * (1 + 1e-6) + 0.01
    overlapping = tuple(inside.loc[too_much, "parcel"].unique())
    full = total >= whole * (1 - 1e-9)
    inside["area_m2"] = np.where(full, inside["area_m2"] * whole / total, inside["area_m2"])
    rest = area_m2 - inside.groupby("parcel")["area_m2"].sum().reindex(area_m2.index, fill_value=0.0)
    rest = rest.where(rest.isna() | (rest > 1e-6), 0.0)
    outside = pd.DataFrame({"parcel": rest.index, "unit": OUTSIDE, "area_m2": rest.to_numpy()})
    outside = outside[outside["area_m2"].isna() | (outside["area_m2"] > 0)]
    pieces = pd.concat([inside[["parcel", "unit", "area_m2"]], outside], ignore_index=True)
    order = pd.Series(np.arange(len(area_m2)), index=area_m2.index)
    pieces["_at"] = pieces["parcel"].map(order)
    pieces = pieces.sort_values(
        ["_at", "area_m2", "unit"], ascending=[True, False, True], kind="stable"
    ).drop(columns="_at")
    pieces["share"] = pieces["area_m2"] / pieces["parcel"].map(area_m2).astype(float)
    return Places(_of_parcel(pieces, area_m2.index), pieces.reset_index(drop=True), overlapping)


def _of_parcel(pieces: pd.DataFrame, index: pd.Index[Any]) -> pd.DataFrame:
    named = pieces[pieces["unit"] != OUTSIDE]
    first = named.drop_duplicates("parcel").set_index("parcel")
    out = pd.DataFrame(index=index)
    out["unit"] = (
        first["unit"].reindex(index).astype("object").where(first["unit"].reindex(index).notna(), OUTSIDE)
    )
    out["share"] = first["share"].reindex(index)
    out["units"] = named.groupby("parcel")["unit"].nunique().reindex(index).fillna(0).astype(int)
    seen = pieces[pieces["share"].isna() | (pieces["share"] >= _SEEN_SHARE) | (pieces["unit"] != OUTSIDE)]
    said = seen.assign(said=seen["unit"].astype(str) + "=" + seen["share"].map("{:.6f}".format))
    out["shares"] = said.groupby("parcel", sort=False)["said"].agg(";".join).reindex(index).fillna("")
    return out
