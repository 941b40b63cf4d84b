"""Areas as they are printed (强制调平): parts add up to their total in every table, and from one table to the next.

Rounded from the total down: the classes of stock to the total, the parks, counties, clusters and parcels of a class to its
printed area; what stands beside (a park's stock, an assembly) is the sum of what is printed.  Results stay unrounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landkit.arrays import Floats
from landkit.model import Stock
from landkit.text import known_columns
from landkit.units import round_to_total

STOCK_GROUPS: Final = ("stock_class", "stock_status")
_DECIMALS: Final = {"m2": 2, "mu": 2, "ha": 4}
_STATUSES: Final = ("confirmed", "candidate", "undecided")


def area_columns(frame: pd.DataFrame) -> dict[str, int]:
    """The columns that hold areas, and how many decimals they are printed with."""
    units = {str(c): known_columns().get(str(c), {}).get("unit") for c in frame.columns}
    return {c: _DECIMALS[u] for c, u in units.items() if u in _DECIMALS and frame[c].dtype.kind == "f"}


def printed_groups(frame: pd.DataFrame, by: Sequence[str], *, within: Sequence[str] = ()) -> pd.DataFrame:
    """The frame with its areas rounded so that the rows of each group add up to the group's rounded area.

    And the groups to the rounded area of all rows that are alike in `within` (some of `by`; none: of all rows).  Rows whose
    area is not known are left out of the sum.
    """
    group, whole = _numbered(frame, by), _numbered(frame, within)
    rounded = {
        c: _rounded(frame[c].to_numpy(float), group, whole, decimals)
        for c, decimals in area_columns(frame).items()
    }
    return frame.assign(**rounded)


def _numbered(frame: pd.DataFrame, by: Sequence[str]) -> npt.NDArray[Any]:
    if not by:
        return np.zeros(len(frame), dtype=np.int64)
    return frame.groupby(list(by), dropna=False, sort=False).ngroup().to_numpy()


def _rounded(values: Floats, group: npt.NDArray[Any], whole: npt.NDArray[Any], decimals: int) -> Floats:
    out = values.copy()
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(group[known], kind="stable")]
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []
    sums, wholes = np.array([values[p].sum() for p in parts]), np.array([whole[p[0]] for p in parts])
    totals = sums.copy()
    for one in np.unique(wholes):
        totals[wholes == one] = round_to_total(sums[wholes == one], decimals)
    for part, total in zip(parts, totals, strict=True):
        out[part] = round_to_total(values[part], decimals, total=float(total))
    return out


def printed_stock(stock: Stock) -> dict[str, pd.DataFrame]:
    """The table of stock (`parcels`) and those beside it, as they are printed."""
    names = ("by_class", "by_park", "by_county", "by_cluster")
    tables = {n: printed_groups(stock.tables[n], STOCK_GROUPS) for n in names if n in stock.tables}
    return {"parcels": printed_groups(stock.table, STOCK_GROUPS), **tables}


def printed_parks(parks: pd.DataFrame, by_park: pd.DataFrame) -> pd.DataFrame:
    """Parks with the stock that their printed rows of `by_park` add up to: confirmed and candidate make the stock."""
    rows = printed_groups(by_park, STOCK_GROUPS)
    out = parks.copy()
    for status in _STATUSES:
        sums = rows[rows["stock_status"] == status].groupby("park_id")["area_mu"].sum().round(2)
        out[f"stock_{status}_mu"] = out["park_id"].map(sums).fillna(0.0)
    out["stock_mu"] = (out["stock_confirmed_mu"] + out["stock_candidate_mu"]).round(2)
    return out


def printed_assemblies(assemblies: pd.DataFrame) -> pd.DataFrame:
    """Assemblies whose confirmed and candidate land make their area, in each row and in the total."""
    parts = {c: round_to_total(assemblies[c].to_numpy(float), 2) for c in ("confirmed_mu", "candidate_mu")}
    return assemblies.assign(**parts, area_mu=np.round(sum(parts.values()), 2))


def printed_conflicts(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Rows of conflicts that add up to what is printed of their line and verdict (`by_line`)."""
    return printed_groups(conflicts, ["line", "verdict"], within=["line"])


def printed_by_line(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of conflicts by line (and verdict, or kind), whose rows add up to what lies in each line."""
    return printed_groups(frame, ["line"], within=["line"])
