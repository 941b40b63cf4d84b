"""Checks of fields against each other (逻辑一致性): order of days, amounts that bound each other, what must be given."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd

from landkit.model import Code, Finding, Reason, Rule, why
from landkit.quality.rows import Rows
from landkit.text import data_toml

FIRST_YEAR_OF_ROC = 1911  # year 1 of the Republic of China (民国) is 1912


def check_fields(rows: Rows, role: str, rules: Mapping[str, Rule], as_of: datetime.date) -> list[Finding]:
    """All rules of data/checks/fields.toml that speak of this role, and its days against the study day."""
    book = data_toml("checks/fields.toml")
    out = _days(rows, rules, as_of, allowed=book["future"]["allowed"])
    for rule in book["order"]:
        if rule["role"] == role:
            slack = float(rules[rule["slack"]].value) if "slack" in rule else 0.0
            for left, right in rule["pairs"]:
                out += _in_order(_without(rows, rule.get("unless")), rule["check"], left, right, slack)
    for rule in book["least"]:
        if rule["role"] == role:
            for column in rule["columns"]:
                out += _least(rows, rule, column)
    for rule in book["needs"]:
        if rule["role"] == role:
            out += _needs(rows, rule)
    return out


def check_registered_area(rows: Rows, *, differs_share: float) -> list[Finding]:
    """Registered against measured area (登记面积与量算面积), both in m2."""
    frame = rows.frame
    if "registered_area_m2" not in frame.columns or "area_m2" not in frame.columns:
        return []
    said, measured = frame["registered_area_m2"].to_numpy(float), frame["area_m2"].to_numpy(float)
    share = said / measured - 1
    return rows.find(
        "area.registered",
        abs(share) > differs_share,
        lambda i: why(
            "area_differs",
            said=f"{said[i]:,.1f}",
            measured=f"{measured[i]:,.1f}",
            share=f"{share[i] * 100:+.0f} %",
        ),
        value=lambda i: f"{said[i]:.2f}",
    )


def _days(
    rows: Rows, rules: Mapping[str, Rule], as_of: datetime.date, *, allowed: list[str]
) -> list[Finding]:
    """Days after the study day, days that software fills in, days before there was any land law of today."""
    defaults = pd.to_datetime(pd.Series(rules["check.default_days"].value))
    earliest = pd.Timestamp(str(rules["check.earliest_day"].value))
    out = []
    for name in map(str, rows.frame.columns):
        if not pd.api.types.is_datetime64_any_dtype(rows.frame[name]):
            continue
        days = rows.frame[name]
        filled = days.isin(defaults)
        out += _on_days(rows, "dates.default", name, filled, as_of)
        out += _on_days(rows, "dates.too_early", name, (days < earliest) & ~filled, as_of)
        if name not in allowed:
            out += _on_days(rows, "dates.future", name, days > pd.Timestamp(as_of), as_of)
    return out


def _on_days(
    rows: Rows, check: str, column: str, which: pd.Series[bool], as_of: datetime.date
) -> list[Finding]:
    days = rows.frame[column].to_numpy("datetime64[D]")
    return rows.find(
        check,
        which.to_numpy(bool),
        lambda i: _day_reason(check, column, days[i].astype(object), as_of),
        value=lambda i: days[i],
    )


def _day_reason(check: str, column: str, day: datetime.date, as_of: datetime.date) -> Reason:
    facts: dict[str, object] = {"column": Code("column", column), "day": str(day)}
    if check == "dates.future":
        return why("date_future", **facts)
    if check == "dates.default":
        return why("date_default", **facts)
    if day.year + FIRST_YEAR_OF_ROC <= as_of.year:
        return why("date_roc", year=day.year + FIRST_YEAR_OF_ROC, **facts)
    return why("date_too_early", **facts)


def _without(rows: Rows, column: str | None) -> Rows:
    """The rows that have no value in a column; all where none is named, or the layer lacks it."""
    if column is None or column not in rows.frame.columns:
        return rows
    blank = rows.frame[column].isna().to_numpy(bool)
    return dataclasses.replace(rows, frame=rows.frame[blank], ids=rows.ids[blank], usable=rows.usable[blank])


def _in_order(rows: Rows, check: str, left: str, right: str, slack: float) -> list[Finding]:
    if left not in rows.frame.columns or right not in rows.frame.columns:
        return []
    first, second = rows.frame[left], rows.frame[right]
    facts: dict[str, object] = {"first": Code("column", left), "second": Code("column", right)}
    if pd.api.types.is_datetime64_any_dtype(first):
        wrong = (second < first).to_numpy(bool)
        return rows.find(
            check, wrong, lambda _: why("date_order", **facts), value=lambda i: f"{second.iloc[i]:%Y-%m-%d}"
        )
    more = (first.astype(float) > second.astype(float) * (1 + slack)).to_numpy(bool)
    return rows.find(
        check,
        more,
        lambda i: why("more_than", left=f"{first.iloc[i]:,.2f}", right=f"{second.iloc[i]:,.2f}", **facts),
        value=lambda i: f"{first.iloc[i]:.2f}",
    )


def _least(rows: Rows, rule: Mapping[str, Any], column: str) -> list[Finding]:
    if column not in rows.frame.columns:
        return []
    values = rows.frame[column].to_numpy(float)
    below = values < rule["at_least"] if "at_least" in rule else values == rule["never"]
    return rows.find(
        rule["check"],
        below,
        lambda i: why("too_little", column=Code("column", column), value=f"{values[i]:,.2f}"),
        value=lambda i: f"{values[i]:.2f}",
    )


def _needs(rows: Rows, rule: Mapping[str, Any]) -> list[Finding]:
    given, wanted = rule["given"], [n for n in rule["any_of"] if n in rows.frame.columns]
    if (
        given not in rows.frame.columns or not wanted
    ):  # a source without the column says nothing about its rows
        return []
    lacking = rows.frame[given].notna() & rows.frame[wanted].isna().all(axis=1)
    names = [Code("column", n) for n in rule["any_of"]]
    return rows.find(
        rule["check"],
        lacking.to_numpy(bool),
        lambda _: why("needs", given=Code("column", given), needed=names),
    )
