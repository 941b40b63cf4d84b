"""The tests of stock put together: one class and status for each parcel, and sums by unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from landkit.analysis.places import Places
from landkit.analysis.stock.ask import CANDIDATE, CONFIRMED, NO, UNDECIDED, Ask, Test
from landkit.analysis.stock.idle import idle_outcome, test_idle
from landkit.analysis.stock.life import (
    test_approved_unsupplied,
    test_supplied_unbuilt,
    test_unbuilt_use_codes,
)
from landkit.analysis.stock.performance import test_inefficient, test_underused
from landkit.errors import RuleError
from landkit.model import Code, Reason, Rule, StockStatus, column_of, why
from landkit.units import to_ha, to_mu

TESTS: dict[str, Callable[[Ask], Test]] = {
    "approved_unsupplied": test_approved_unsupplied,
    "idle": test_idle,
    "supplied_unbuilt": test_supplied_unbuilt,
    "unbuilt_use_codes": test_unbuilt_use_codes,
    "inefficient": test_inefficient,
    "underused": test_underused,
}


def find_stock(ask: Ask, *, tests: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[Rule, ...]]:
    """Class, status, all flags and reasons of every parcel, on the parcels' index, and the rules that were used.

    Columns: stock_class ("" where none), stock_status, all_classes, rules, reasons (tuple of Reason), idle_outcome,
    idle_fee_wan_yuan.  A profile without tests leaves every parcel `undecided`; a test whose rule was not in force on the day
    is not made, which each row then says.   Source: 国土资源部令第53号; rule pack.
    """
    made, asleep = _make_tests(ask, tests)
    order = list(ask.rules["stock.priority"].value) if "stock.priority" in ask.rules else []
    made.sort(key=lambda t: order.index(t.stock_class) if t.stock_class in order else len(order))
    index = ask.parcels.index
    out = pd.DataFrame(
        {"stock_class": "", "stock_status": str(StockStatus.NOT_STOCK)}, index=index, dtype="object"
    )
    if not made or asleep:  # what nobody tested is not cleared
        out["stock_status"] = str(StockStatus.UNDECIDED)
    for wanted in ((CONFIRMED, CANDIDATE), (UNDECIDED,)):
        for test in made:
            free = out["stock_class"].eq("") & test.state.isin(wanted)
            out.loc[free, "stock_class"] = test.stock_class
            out.loc[free, "stock_status"] = test.state[free]
    out["all_classes"] = _joined(index, [(t.stock_class, t.state.isin((CONFIRMED, CANDIDATE))) for t in made])
    out["undecided_classes"] = _joined(index, [(t.stock_class, t.state.eq(UNDECIDED)) for t in made])
    out["rules"] = _joined(index, [(";".join(r.id for r in t.rules), t.state.ne(NO)) for t in made])
    nothing = () if asleep else (why("not_stock" if made else "no_stock_tests"),)
    said = [tuple(r for t in made for r in t.reasons.get(i, ())) for i in index]
    out["reasons"] = column_of([(r or nothing) + asleep for r in said], index)
    idle = (
        idle_outcome(ask)[["idle_outcome", "idle_fee_wan_yuan"]]
        if any(t.stock_class == "idle" for t in made)
        else pd.DataFrame(index=index)
    )
    used = {r.id: r for t in made for r in t.rules}
    if "stock.priority" in ask.rules and made:
        used["stock.priority"] = ask.rules["stock.priority"]
    return out.join(idle), tuple(used[k] for k in sorted(used))


def _make_tests(ask: Ask, names: tuple[str, ...]) -> tuple[list[Test], tuple[Reason, ...]]:
    """The tests that the rules of the day allow, and a reason for each that they do not."""
    made, asleep = [], []
    for name in names:
        try:
            made.append(TESTS[name](ask))
        except RuleError as error:
            if error.key != "rule_not_in_force":
                raise
            rule = Code("plan", str(error.facts["name"]))
            asleep.append(
                why("test_asleep", test=Code("stock_class", name), rule=rule, id=error.facts["rule"])
            )
    return made, tuple(asleep)


def sum_stock(stock: pd.DataFrame, places: Places, *, unit: str) -> pd.DataFrame:
    """Stock by unit, class and status (分类汇总): parcels that touch it, area in m2, mu and ha, net area, area not known net.

    `stock` on the parcels' index with area_m2, net_area_m2, stock_class, stock_status.  Areas are shared by the parcel's
    pieces, so that the units sum to the whole; a parcel in two units is counted in both.
    """
    rows = places.pieces.merge(stock, left_on="parcel", right_index=True, suffixes=("", "_whole"))
    rows["net_m2"] = rows["net_area_m2"] * rows["share"]
    rows["not_net_m2"] = rows["area_m2"].where(rows["net_area_m2"].isna(), 0.0)
    keys = ["unit", "stock_class", "stock_status"]
    out = rows.groupby(keys, sort=True, dropna=False).agg(
        parcels=("parcel", "nunique"),
        area_m2=("area_m2", "sum"),
        net_area_m2=("net_m2", lambda v: v.sum(min_count=1)),
        not_net_m2=("not_net_m2", "sum"),
    )
    out["area_mu"], out["area_ha"] = to_mu(out["area_m2"]), to_ha(out["area_m2"])
    out["net_area_mu"] = to_mu(out["net_area_m2"])
    return out.reset_index().rename(columns={"unit": unit})


def _joined(index: pd.Index[Any], flags: list[tuple[str, pd.Series[bool]]]) -> list[str]:
    lists: list[list[str]] = [[] for _ in index]
    for name, which in flags:
        for at in np.flatnonzero(which.to_numpy()):
            lists[at] += [n for n in name.split(";") if n and n not in lists[at]]
    return [";".join(names) for names in lists]
