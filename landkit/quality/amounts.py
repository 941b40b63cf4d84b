"""Amounts in another unit than they say (单位不符): an area that the measured one denies by 666.7 or 10,000; yuan for wan yuan.

An area has a witness, the shape.  Money has none of its own; it is held against the same enterprise's other year, against the
other amounts of its row, and against what land can yield at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from landkit.arrays import Floats
from landkit.model import Code, Finding, finding, why
from landkit.quality.rows import Rows
from landkit.units import FACTORS

TEN: Final = "tenfold"  # a slip of the decimal point, no unit
MONEY_FACTOR: Final = 1e4  # yuan in a wan yuan


class AmountLimits(NamedTuple):
    """When an amount is a finding (rules `check.unit_*`, `check.money_*`)."""

    near_share: float  # how near a unit's factor the ratio must be
    most_share: float  # share of the rows that must agree before the whole column is named
    tax_per_mu: float  # wan yuan per mu that no tax reaches
    sales_per_mu: float  # wan yuan per mu that no sales reach


def likely_units(said_m2: Floats, measured_m2: Floats, *, near_share: float) -> npt.NDArray[np.object_]:
    """Of each row the unit that its stated area is really in (`mu`, `ha`, `km2`, `tenfold` ...); "" where none fits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = said_m2 / measured_m2
    out = np.full(len(ratio), "", dtype=object)
    candidates = {unit: 1 / factor for unit, factor in FACTORS["m2"].items() if unit not in ("m2", "sqft")}
    candidates |= {
        f"{unit}_inverse": factor for unit, factor in FACTORS["m2"].items() if unit not in ("m2", "sqft")
    }
    candidates |= {TEN: 0.1, f"{TEN}_inverse": 10.0, "mu_for_ha": 15.0, "ha_for_mu": 1 / 15}
    for unit, factor in candidates.items():
        out[np.isfinite(ratio) & (np.abs(ratio / factor - 1) < near_share)] = unit
    return out


def check_area_unit(rows: Rows, column: str, limits: AmountLimits, *, unit: str = "m2") -> list[Finding]:
    """A stated area (in m2 as read) against the measured one: the column's unit, or single rows that slipped."""
    frame = rows.frame
    if column not in frame.columns or "area_m2" not in frame.columns:
        return []
    said, measured = frame[column].to_numpy(float), frame["area_m2"].to_numpy(float)
    given = np.isfinite(said) & np.isfinite(measured) & (measured > 0) & (said > 0)
    units = likely_units(said, measured, near_share=limits.near_share)
    for name in set(units[given]) - {""}:
        share = float((units[given] == name).mean())
        if share >= limits.most_share:
            factor = float(np.median(said[given] / measured[given]))
            facts = {
                "column": Code("column", column),
                "unit": Code("unit_slip", name),
                "share": f"{share * 100:.0f}",
            }
            reason = why("unit_of_column", stated=unit, ratio=_ratio(factor), **facts)
            return [finding(rows.layer, "units.area_column", reason)]
    units = likely_units(said, measured, near_share=limits.near_share / 3)  # one row alone must be nearer
    odd = given & (units != "")
    return rows.find(
        "units.area_row",
        odd,
        lambda i: why(
            "unit_of_row",
            column=Code("column", column),
            said=f"{said[i]:,.1f}",
            measured=f"{measured[i]:,.1f}",
            unit=Code("unit_slip", str(units[i])),
        ),
        value=lambda i: f"{said[i]:.2f}",
    )


def _ratio(factor: float) -> str:
    return f"{factor:,.4g}" if factor >= 1 else f"1/{1 / factor:,.4g}"


def check_money_years(table: pd.DataFrame, columns: list[str], *, layer: str) -> list[Finding]:
    """Amounts that are about 10,000 times those of the same enterprise in its other years: yuan among wan yuan."""
    out = []
    for column in columns:
        values = table[column].astype(float).where(lambda v: v > 0)
        usual = values.groupby(table["enterprise_id"]).transform("min")
        times = values / usual
        odd = (times > MONEY_FACTOR / 4) & (times < MONEY_FACTOR * 4)
        for i in table.index[odd.fillna(False)]:
            reason = why(
                "money_against_years", column=Code("column", column), year=table["year"][i],
                value=f"{values[i]:,.2f}", usual=f"{usual[i]:,.2f}",
            )  # fmt: skip
            row = f"{table['enterprise_id'][i]} {table['year'][i]}"
            out.append(finding(layer, "units.money_row", reason, row, value=f"{values[i]:.2f}"))
    return out


def check_money_columns(table: pd.DataFrame, columns: list[str], *, layer: str) -> list[Finding]:
    """Two columns of one table whose typical ratio is ten thousandfold: one of them is in yuan.

    Sales and output of an enterprise are of one size, tax is a few percent of sales; a ratio of 1,000 has no other cause.
    """
    out = []
    for at, first in enumerate(columns):
        for second in columns[at + 1 :]:
            both = (table[first] > 0) & (table[second] > 0)
            if not both.any():
                continue
            times = float((table[first][both] / table[second][both]).median())
            more, less = (first, second) if times > 1 else (second, first)
            times = max(times, 1 / times)
            if times >= MONEY_FACTOR / 2 or (times >= MONEY_FACTOR / 50 and more.startswith("tax")):
                facts = {
                    "column": Code("column", more),
                    "other": Code("column", less),
                    "times": f"{times:,.0f}",
                }
                out.append(finding(layer, "units.money_column", why("money_against_column", **facts)))
    return out


def check_money_per_mu(
    per_mu: Mapping[str, pd.Series[Any]], limits: AmountLimits, *, layer: str
) -> list[Finding]:
    """Tax and sales per mu of the enterprises (wan yuan per mu) against what land can yield: a whole table in yuan."""
    out = []
    bounds = {"tax_wan_yuan": limits.tax_per_mu, "sales_wan_yuan": limits.sales_per_mu}
    for column, most in bounds.items():
        values = per_mu.get(column)
        if values is None or not (values > 0).any():
            continue
        middle = float(values[values > 0].median())
        if middle > most:
            facts = {"column": Code("column", column), "middle": f"{middle:,.0f}", "most": f"{most:,.0f}"}
            out.append(finding(layer, "units.money_column", why("money_against_land", **facts)))
    return out
