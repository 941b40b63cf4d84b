"""Units of land and money: exact factors, and nothing else.

1 mu (亩) = 2000/3 m2 exactly, so 15 mu = 1 ha (公顷).  Money is held in wan yuan (万元, 10,000 yuan); its smallest
coin is the fen (分), a millionth of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from landkit.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

M2_PER_MU: Final = 2000 / 3
M2_PER_HA: Final = 10_000.0
M2_PER_KM2: Final = 1_000_000.0
MU_PER_HA: Final = 15.0
FEN_PER_WAN_YUAN: Final = 1_000_000

# factor that turns one of the source's unit into ours, by our unit
FACTORS: Final[dict[str, dict[str, float]]] = {
    "m2": {"m2": 1.0, "mu": M2_PER_MU, "ha": M2_PER_HA, "km2": M2_PER_KM2, "sqft": 0.09290304},
    "wan_yuan": {"wan_yuan": 1.0, "yuan": 1e-4, "yi_yuan": 1e4, "fen": 1e-6},
    "ratio": {"ratio": 1.0, "percent": 0.01},
    "tce": {"tce": 1.0, "kgce": 1e-3, "wan_tce": 1e4},
}

Number = TypeVar("Number", "float", "Floats", "pd.Series[Any]")


def to_mu(area_m2: Number) -> Number:
    """Area in mu (亩) of an area in m2; scalars, arrays and Series alike."""
    return area_m2 / M2_PER_MU


def to_ha(area_m2: Number) -> Number:
    """Area in hectares (公顷) of an area in m2; scalars, arrays and Series alike."""
    return area_m2 / M2_PER_HA


def share_out(total: int, weights: Floats) -> Ints:
    """Split a whole number by weights so that the parts are whole and sum to it (largest remainder, 强制调平).

    `total` may be negative (a tax rebate).  Ties go to the earlier part.  Weights are not negative and not all zero.
    """
    one = np.zeros(len(weights), dtype=np.int64)
    return share_out_groups(np.array([int(total)], dtype=np.int64), weights, one)


def share_out_groups(totals: Ints, weights: Floats, group: Ints) -> Ints:
    """`share_out` for many totals at once: `group[i]` says which of `totals` the part `i` belongs to."""
    weights = np.asarray(weights, dtype=np.float64)
    whole = np.bincount(group, weights=weights, minlength=len(totals))
    if not np.isfinite(weights).all() or (weights < 0).any() or (whole <= 0).any():
        raise ValueError("weights must be finite, not negative, and not all zero")
    exact = np.abs(totals)[group] * (weights / whole[group])
    parts = np.floor(exact).astype(np.int64)
    held = np.zeros(len(totals), dtype=np.int64)
    np.add.at(held, group, parts)
    short = np.abs(totals) - held  # below zero where floating point gave a few too many
    order = np.lexsort((parts - exact, group))
    first = np.searchsorted(group[order], np.arange(len(totals)))
    rank = np.empty(len(parts), dtype=np.int64)
    rank[order] = np.arange(len(parts)) - first[group[order]]
    size = np.bincount(group, minlength=len(totals))
    parts += rank < short[group]
    parts -= rank >= (size + np.minimum(short, 0))[group]
    sign = np.where(totals < 0, -1, 1)[group]
    return np.asarray(sign * parts, dtype=np.int64)


def round_to_total(values: Floats, decimals: int, *, total: float | None = None) -> Floats:
    """Round parts so that they sum to their rounded total (largest remainder, 强制调平).

    `total` is what they sum to where that was printed already; no part moves by more than one unit of its last digit.
    """
    values = np.asarray(values, dtype=np.float64)
    if not len(values) or not np.isfinite(values).all():
        return np.round(values, decimals)
    scale = 10.0**decimals
    target = round((float(values.sum()) if total is None else total) * scale)
    floors = np.floor(values * scale)
    short = int(target - floors.sum())
    order = np.argsort(-(values * scale - floors), kind="stable")
    floors[order[: max(short, 0)]] += 1
    floors[order[len(order) + min(short, 0) :]] -= 1
    return floors / scale
