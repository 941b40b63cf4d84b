"""Stock by what stands and earns on it: inefficient land (低效用地) by ratings and floors, underused land (用而不足)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from landkit.analysis.stock.ask import CANDIDATE, UNDECIDED, Ask, Test, columns_named
from landkit.model import Code, Reason, Rule, why


def test_inefficient(ask: Ask) -> Test:
    """低效: rated D two years running; C two years is a candidate; below the floors that a rule pack states."""
    d, c = ask.rules["stock.inefficient.d_years"], ask.rules["stock.inefficient.c_years"]
    test = ask.test("inefficient", d, c)
    industrial = ask.industrial
    in_use = ask.date("completion_date").notna()
    has = ask.performance["has_enterprise"].astype(bool)
    test.mark(
        in_use & industrial & ~has,
        UNDECIDED,
        lambda _: why("no_enterprise", missing=columns_named(["occupancy"])),
    )
    d_all, d_open = _rated_running(ask, "D", int(d.value))
    c_all, c_open = _rated_running(ask, "C", int(c.value))
    test.mark(
        in_use & has & (d_open | c_open),
        UNDECIDED,
        lambda i: why("rating_missing", missing=_rating_gap(ask, i)),
    )
    _floors(ask, test, in_use & industrial)
    test.mark(in_use & c_all, test.says(c), lambda _: why("rated_c_running", years=int(c.value)))
    test.mark(in_use & d_all, test.says(d), lambda _: why("rated_d_running", years=int(d.value)))
    return test


def _rated_running(ask: Ask, grade: str, years: int) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Whether a parcel has this rating in each of the last `years` years; and whether a missing year leaves that open.

    One year of another rating settles it, whatever the missing ones are.
    """
    rated = pd.DataFrame(
        {n: ask.performance.get(name) for n, name in enumerate(rating_columns(years))},
        index=ask.parcels.index,
    ).astype("object")
    same, missing = rated == grade, rated.isna()
    return same.all(axis=1), (same | missing).all(axis=1) & missing.any(axis=1)


def rating_columns(years: int) -> list[str]:
    """Columns of the ratings of the last years, latest first: rating_now, rating_before, rating_2_before …"""
    return ["rating_now", "rating_before", *(f"rating_{n}_before" for n in range(2, years))][:years]


def _rating_gap(ask: Ask, label: Any) -> Reason | tuple[Code, ...]:
    """Why a year's rating is missing: the enterprise's missing inputs, or else the year that nobody rated."""
    gap = ask.performance["rating_gap"][label]
    if isinstance(gap, Reason):
        return gap
    years = (("rating", "rating_now"), ("rating_before", "rating_before"))
    return columns_named([word for word, column in years if pd.isna(ask.performance[column][label])])


_FLOORS = {
    "stock.inefficient.tax_floor": "tax_wan_yuan_per_mu",
    "stock.inefficient.far_floor": "floor_area_ratio",
    "stock.inefficient.investment_floor": "investment_wan_yuan_per_mu",
    "stock.inefficient.new_project_far_floor": "floor_area_ratio",
}


def _floors(ask: Ask, test: Test, asked: pd.Series[bool]) -> None:
    for key, column in _FLOORS.items():
        if key not in ask.rules:
            continue
        rule = ask.rules[key]
        applies = asked.copy()
        if "new_project" in key and rule.since is not None:
            applies &= ask.date("supply_date") >= pd.Timestamp(rule.since)
        values = ask.performance[column].astype(float)
        below = applies & (values < float(rule.value))
        test.rules = (*test.rules, rule)
        test.mark(below, CANDIDATE, _below(column, values, rule))


def _below(column: str, values: pd.Series[float], rule: Rule) -> Callable[[Any], Reason]:
    return lambda i: why(
        "below_floor", what=Code("column", column), value=f"{values[i]:,.2f}", floor=f"{float(rule.value):g}"
    )


def test_underused(ask: Ask) -> Test:
    """用而不足: completed, and less floor area than the contract agreed."""
    rule = ask.rules["stock.underused.agreed_far_share"]
    test = ask.test("underused", rule)
    agreed = pd.to_numeric(ask.raw("agreed_floor_area_ratio")).astype(float)
    built = ask.performance["floor_area_ratio"].astype(float)
    asked = ask.date("completion_date").notna() & agreed.notna()
    found = asked & (built < agreed * float(rule.value))
    test.mark(
        found, test.says(rule), lambda i: why("underused", built=f"{built[i]:.2f}", agreed=f"{agreed[i]:g}")
    )
    test.mark(
        asked & built.isna(),
        UNDECIDED,
        lambda _: why("underused_unknown", missing=columns_named(["floor_area_m2"])),
    )
    return test
