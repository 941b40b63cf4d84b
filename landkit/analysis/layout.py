"""Layout (布局): does the parcel, its industry and its park fit the axes, clusters and roles that the plan's text gives them?

Four answers.  Each rests on a sentence of the plan, or says that the text does not decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import geopandas as gpd
import shapely

from landkit.model import LayoutVerdict, Plan, Reason, why

FITS, PARTLY = LayoutVerdict.FITS, LayoutVerdict.PARTLY
DOES_NOT_FIT, UNDECIDED = LayoutVerdict.DOES_NOT_FIT, LayoutVerdict.TEXT_DOES_NOT_DECIDE


def axis_distances(parcels: gpd.GeoSeries, axes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Nearest axis of each parcel and how far it is, edge to line, in metres of the CRS: axis_id, axis_distance_m."""
    index = parcels.index
    out = pd.DataFrame({"axis_id": None, "axis_distance_m": np.nan}, index=index)
    out["axis_id"] = out["axis_id"].astype("object")
    shapes: npt.NDArray[np.object_] = np.asarray(parcels.array, dtype=object)
    usable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    if not len(axes) or not usable.any():
        return out
    lines = axes.sort_values("axis_id", kind="stable")
    tree = shapely.STRtree(np.asarray(lines.geometry.array))
    (mine, theirs), distance = tree.query_nearest(shapes[usable], return_distance=True, all_matches=True)
    order = np.lexsort((theirs, mine))  # where axes cross, several are nearest: the first by name
    order = order[np.unique(mine[order], return_index=True)[1]]
    theirs, distance, at = theirs[order], distance[order], np.flatnonzero(usable)[mine[order]]
    out.iloc[at, 0] = lines["axis_id"].to_numpy()[theirs]
    out.iloc[at, 1] = distance
    return out


def industries_of(code: object, plan: Plan) -> tuple[str, ...]:
    """The plan's industries that an industry code (GB/T 4754-2017) belongs to, by the plan file's own list."""
    if code is None or (isinstance(code, float) and np.isnan(code)):
        return ()
    digits = str(code).lstrip("ABCDEFGHIJKLMNOPQRST")
    return tuple(name for name, prefixes in plan.industries.items() if digits.startswith(prefixes))


def industry_roles(enterprises: pd.DataFrame, plan: Plan) -> pd.Series[Any]:
    """Of each enterprise in its park: `leading`, `emerging`, `other`, or None where code or park is unknown."""
    if "industry_code" not in enterprises.columns or "park_id" not in enterprises.columns:
        return pd.Series(None, index=enterprises.index, dtype="object")
    names = {code: set(industries_of(code, plan)) for code in enterprises["industry_code"].dropna().unique()}

    def role(code: Any, park: Any) -> str | None:
        entry = plan.parks.get(park)
        if entry is None or code not in names:
            return None
        if names[code] & set(entry.leading):
            return "leading"
        return "emerging" if names[code] & entry.listed else "other"

    found = [role(c, p) for c, p in zip(enterprises["industry_code"], enterprises["park_id"], strict=True)]
    return pd.Series(found, index=enterprises.index, dtype="object")


def judge_parcels(
    parks: pd.Series[Any],
    clusters: pd.DataFrame,
    listed_share: pd.Series[float],
    axes: pd.DataFrame,
    plan: Plan,
) -> pd.DataFrame:
    """layout_verdict and reasons of each parcel.

    `parks`: park id ("" where none); `clusters`: unit and share from `find_places`; `listed_share`: share of the occupied land
    whose enterprises belong to the park's leading or emerging industries (NaN where no enterprise or code is on record).
    """
    verdicts, reasons, quotes = [], [], []
    beside = [clusters["unit"], listed_share, axes["axis_id"], axes["axis_distance_m"]]
    columns = [column.reindex(parks.index).tolist() for column in beside]
    for park, cluster, share, axis, axis_m in zip(parks.tolist(), *columns, strict=True):
        place, said, quote = _place(str(park), str(cluster), plan)
        trade, trade_said, trade_quote = _trade(str(park), float(share), plan)
        verdicts.append(str(_both(place, trade)))
        reasons.append((said, trade_said, _corridor(axis, axis_m, plan)))
        quotes.append(";".join(dict.fromkeys(q for q in (quote, trade_quote) if q)))
    return pd.DataFrame(
        {"layout_verdict": verdicts, "reasons": reasons, "plan_sentences": quotes}, index=parks.index
    )


def _place(park: str, cluster: str, plan: Plan) -> tuple[LayoutVerdict, Reason, str]:
    if not plan.clusters:
        return UNDECIDED, why("no_plan"), ""
    if not park:
        return UNDECIDED, why("outside_parks"), ""
    wanted = plan.cluster_of_park(park)
    if wanted is None:
        return UNDECIDED, why("park_not_in_text", park=park), ""
    name = plan.clusters[wanted].name
    if cluster == wanted:
        return FITS, why("in_its_cluster", cluster=name), f"cluster:{wanted}"
    here = plan.clusters[cluster].name if cluster in plan.clusters else "—"
    return DOES_NOT_FIT, why("not_in_its_cluster", cluster=name, here=here), f"cluster:{wanted}"


def _trade(park: str, listed_share: float, plan: Plan) -> tuple[LayoutVerdict, Reason, str]:
    entry = plan.parks.get(park)
    if entry is None:
        return UNDECIDED, why("no_industry_list"), ""
    quote = f"park:{park}"
    if np.isnan(listed_share):
        return UNDECIDED, why("no_industry_known"), quote
    if listed_share >= 1 - 1e-9:
        return FITS, why("industry_listed", park=entry.name), quote
    if listed_share <= 1e-9:
        return DOES_NOT_FIT, why("industry_not_listed", park=entry.name), quote
    return PARTLY, why("industry_partly_listed", park=entry.name, share=f"{listed_share * 100:.0f} %"), quote


def _both(place: LayoutVerdict, trade: LayoutVerdict) -> LayoutVerdict:
    """Place and industry together: both must fit; one of two is partly; what the text leaves open stays open."""
    if UNDECIDED in (place, trade):
        return DOES_NOT_FIT if place == DOES_NOT_FIT else UNDECIDED
    if place == trade:
        return place
    return PARTLY


def _corridor(axis: Any, distance: Any, plan: Plan) -> Reason:
    if axis is None or pd.isna(distance):
        return why("no_axis")
    name = plan.axes[axis].name if axis in plan.axes else str(axis)
    facts = {
        "axis": name,
        "distance": f"{float(distance) / 1000:.1f}",
        "width": f"{plan.corridor_width_m / 1000:g}",
    }
    return why("in_corridor" if float(distance) <= plan.corridor_width_m else "beyond_corridor", **facts)


def judge_parks(
    parks: pd.DataFrame, clusters: pd.DataFrame, sales_by_role: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """The parks themselves against the text: cluster, counts of leading and emerging industries, and what they really sell.

    `parks` on park_id with park_name; `clusters` from `find_places` on the same index; `sales_by_role`: columns leading,
    emerging, other, unknown (wan yuan) on park_id.
    """
    rows = []
    for park in parks.index:
        place, said, quote = _place(str(park), str(clusters["unit"][park]), plan)
        entry = plan.parks.get(str(park))
        sold = sales_by_role.loc[park] if park in sales_by_role.index else pd.Series(dtype=float)
        total = float(
            sold.drop("unknown", errors="ignore").sum()
        )  # whose industry nobody knows is not "not listed"
        unsure = float(sold.get("unknown", 0.0)) > 0
        listed = float(sold.get("leading", 0.0) + sold.get("emerging", 0.0))
        share = listed / total if total > 0 else np.nan
        leading = len(entry.leading) if entry else 0
        more = (
            why("leading_count", count=leading, limit=plan.max_leading)
            if entry and leading > plan.max_leading
            else None
        )
        sells = why("park_sells", share=f"{share * 100:.0f} %") if total > 0 else why("park_sells_unknown")
        trade = (
            UNDECIDED
            if np.isnan(share) or (unsure and not 1e-9 < share < 1 - 1e-9)
            else FITS
            if share >= 1 - 1e-9
            else DOES_NOT_FIT
            if share <= 1e-9
            else PARTLY
        )
        rows.append(
            {
                "park_id": park,
                "park_name": parks["park_name"][park] if "park_name" in parks.columns else "",
                "cluster_id": clusters["unit"][park],
                "cluster_share": clusters["share"][park],
                "cluster_shares": clusters["shares"][park],
                "leading_count": leading,
                "emerging_count": len(entry.emerging) if entry else 0,
                "listed_sales_share": share,
                "layout_verdict": str(_both(place, trade)),
                "plan_sentences": ";".join(q for q in (quote, f"park:{park}" if entry else "") if q),
                "reasons": tuple(r for r in (said, sells, more) if r),
            }
        )
    return pd.DataFrame(rows)


def listed_share(land: pd.DataFrame, roles: Mapping[Any, Any], index: pd.Index[Any]) -> pd.Series[float]:
    """Share of each parcel's occupied land whose enterprises are in the park's lists; NaN where any of it is unknown."""
    rows = land[land["known_parcel"]].assign(role=lambda d: d["enterprise_id"].map(roles))
    rows["listed_m2"] = rows["occupied_m2"] * rows["role"].isin(["leading", "emerging"])
    sums = rows.groupby("parcel_id").agg(
        listed=("listed_m2", "sum"), whole=("occupied_m2", "sum"), unknown=("role", lambda v: v.isna().any())
    )
    share = (sums["listed"] / sums["whole"].where(sums["whole"] > 0)).where(~sums["unknown"].astype(bool))
    return share.reindex(index).astype(float)
