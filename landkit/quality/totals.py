"""Checks of sums (总量): a layer's total against the control total that the study states, parks inside parks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from landkit.model import Code, Finding, finding, why


class ControlTotal(NamedTuple):
    """What a column of a layer must add up to (控制总量), in the column's own unit, and by which share it may differ."""

    layer: str
    column: str
    total: float
    may_differ_share: float
    source: str


def check_total(wanted: ControlTotal, values: pd.Series[Any]) -> Finding:
    """The sum of a column against its control total: an error where they differ, a note where they agree."""
    found = float(values.astype(float).sum())
    blank = int(values.isna().sum())
    off = abs(found - wanted.total) > abs(wanted.total) * wanted.may_differ_share
    facts: dict[str, object] = {
        "column": Code("column", wanted.column),
        "found": f"{found:,.2f}",
        "total": f"{wanted.total:,.2f}",
        "off": f"{found - wanted.total:+,.2f}",
        "blank": blank,
        "source": wanted.source or "study.toml",
    }
    check = "totals.differ" if off else "totals.agree"
    return finding(wanted.layer, check, why("total", **facts), value=wanted.column)


def check_nested(
    inner: pd.Series[float], outer: pd.Series[float], *, roles: tuple[str, str], slack: float
) -> list[Finding]:
    """Areas by park: the inner (built, planned) must not be larger than the outer (planned, administered)."""
    both = pd.DataFrame({"inner": inner, "outer": outer}).dropna()
    more = both[both["inner"] > both["outer"] * (1 + slack)]
    names = {"first": Code("role", roles[0]), "second": Code("role", roles[1])}
    return [
        finding(
            roles[0],
            "parks.inner_exceeds",
            why(
                "park_exceeds",
                inner=f"{row['inner'] / 1e4:,.2f}",
                outer=f"{row['outer'] / 1e4:,.2f}",
                **names,
            ),
            park,
            value=roles[1],
        )
        for park, row in more.iterrows()
    ]


def check_occupied(table: str, without_land: Sequence[str]) -> list[Finding]:
    """Enterprises that the occupancy table places on no land (企业无用地)."""
    return [finding(table, "enterprises.without_land", why("without_land"), one) for one in without_land]
