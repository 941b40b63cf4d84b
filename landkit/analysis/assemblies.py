"""Assemblies (连片存量): stock parcels that adjoin, and so can be taken up, sold and built on as one piece of land.

Yangzhou keeps a rolling reserve of contiguous blocks of 300 to 500 mu, mainly of stock land; which groups of stock parcels
reach that size is what is answered here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import geopandas as gpd
import shapely

from landkit.arrays import Ints
from landkit.model import Reason, StockStatus, why
from landkit.units import to_mu

STOCK = (StockStatus.CONFIRMED, StockStatus.CANDIDATE)
COLUMNS = [
    "assembly_id", "reserve_size", "parcels", "area_m2", "area_mu", "confirmed_mu", "candidate_mu", "all_classes", "park_ids",
    "parcel_ids",
]  # fmt: skip


def find_assemblies(
    stock: gpd.GeoDataFrame, *, gap_m: float, min_mu: float | None = None, max_mu: float | None = None
) -> gpd.GeoDataFrame:
    """Groups of stock parcels of which each lies within `gap_m` of another, the largest first (连片存量).

    `stock` has parcel_id, park_id, area_m2, stock_class, stock_status in a CRS in metres; confirmed and candidate parcels are
    grouped.  One row per group of at least two parcels, or of one that reaches `min_mu` alone; `reserve_size` is `smaller`,
    `within` or `larger` than the reserve asks for, "" where no size is given.  Called by the least id of its parcels.
    """
    rows = stock[stock["stock_status"].isin(STOCK) & stock["area_m2"].notna()]
    group = _groups(np.asarray(rows.geometry.array, dtype=object), gap_m)
    enough = np.inf if min_mu is None else min_mu
    alone = np.bincount(group, minlength=1)[group] == 1
    wanted = ~alone | (to_mu(rows["area_m2"].to_numpy(float)) >= enough)
    found = [_row(part, min_mu, max_mu) for _, part in rows[wanted].groupby(group[wanted], sort=True)]
    table = gpd.GeoDataFrame(
        found, columns=[*COLUMNS, "reasons", "geometry"], geometry="geometry", crs=stock.crs
    )
    return table.sort_values(
        ["area_m2", "assembly_id"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _groups(shapes: npt.NDArray[np.object_], gap_m: float) -> Ints:
    """For each shape the least place of all that it is connected with."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m)
    group = np.arange(len(shapes))
    while True:
        least = group.copy()
        np.minimum.at(least, one, group[two])
        least = least[least]
        if (least == group).all():
            return group
        group = least


def _row(part: gpd.GeoDataFrame, min_mu: float | None, max_mu: float | None) -> dict[str, Any]:
    part = part.sort_values("parcel_id", kind="stable")
    mu = to_mu(part["area_m2"].astype(float))
    by_status = {s: float(mu[part["stock_status"] == s].sum()) for s in STOCK}
    area_mu = float(mu.sum())
    size = ""
    reasons: tuple[Reason, ...] = ()
    if min_mu is not None and max_mu is not None:
        size = "smaller" if area_mu < min_mu else "within" if area_mu <= max_mu else "larger"
        reasons = (why(f"assembly_{size}", mu=f"{area_mu:,.1f}", low=f"{min_mu:g}", high=f"{max_mu:g}"),)
    return {
        "assembly_id": f"A-{part['parcel_id'].iloc[0]}",
        "reserve_size": size,
        "parcels": len(part),
        "area_m2": float(part["area_m2"].sum()),
        "area_mu": area_mu,
        "confirmed_mu": by_status[StockStatus.CONFIRMED],
        "candidate_mu": by_status[StockStatus.CANDIDATE],
        "all_classes": ";".join(sorted(set(part["stock_class"].astype(str)) - {""})),
        "park_ids": ";".join(sorted(set(part["park_id"].astype(str)) - {""})),
        "parcel_ids": ";".join(part["parcel_id"].astype(str)),
        "reasons": reasons,
        "geometry": shapely.union_all(part.geometry.to_numpy()),
    }
