"""Redevelopment stock (存量): idle, approved but unsupplied, supplied but unbuilt, inefficient, underused land.

Each test answers per parcel: `no`, `confirmed`, `candidate` (the law says "may", or the rule is not verified) or `undecided`
(inputs missing, which are named).  A parcel may meet several; its area counts once, by the stated priority.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from landkit.analysis.places import Places
from landkit.errors import RuleError
from landkit.model import Code, Reason, Rule, StockStatus, column_of, why
from landkit.units import to_ha, to_mu

NO, CONFIRMED, CANDIDATE, UNDECIDED = "no", "confirmed", "candidate", "undecided"
OWN_FAULT = "enterprise"  # the cause for which order 53 asks for the fee or takes the land back


@dataclass
class Test:
    """One test of stock over all parcels: its class, the state and reasons of each parcel, and the rules it rests on."""

    stock_class: str
    state: pd.Series[str]
    rules: tuple[Rule, ...]
    reasons: dict[Any, list[Reason]] = field(default_factory=dict)

    def mark(self, which: pd.Series[bool], state: str, reason: Callable[[Any], Reason]) -> None:
        """Set the state of some parcels and say why, each with its own facts."""
        self.state[which] = state
        for label in self.state.index[which]:
            self.reasons.setdefault(label, []).append(reason(label))

    def says(self, *rules: Rule) -> str:
        """`confirmed` where all these rules decide and were verified, else `candidate`."""
        return CONFIRMED if all(r.decides and r.verified for r in rules) else CANDIDATE


@dataclass(frozen=True)
class Ask:
    """What the tests need: parcels (our columns, their own index), the day, the rules, and two years of ratings."""

    parcels: pd.DataFrame
    as_of: datetime.date
    rules: Mapping[str, Rule]
    performance: (
        pd.DataFrame
    )  # on the parcels' index: rating_now, rating_before, tax/far/investment per mu, has_enterprise
    code_scheme: str | None = None

    def date(self, name: str) -> pd.Series[Any]:
        """A date column up to the study day; missing where the source has none, or says a later day."""
        if name not in self.parcels.columns:
            return pd.Series(pd.NaT, index=self.parcels.index, dtype="datetime64[s]")
        dates = self.parcels[name]
        return dates.where(dates <= pd.Timestamp(self.as_of))

    def raw(self, name: str) -> pd.Series[Any]:
        """A column as it is; all missing where the source has none."""
        if name in self.parcels.columns:
            return self.parcels[name]
        return pd.Series(np.nan, index=self.parcels.index)

    @property
    def started(self) -> pd.Series[bool]:
        """Building has begun (动工) or is done."""
        return self.date("start_date").notna() | self.date("completion_date").notna()

    @property
    def supplied(self) -> pd.Series[bool]:
        """A contract or allocation exists (已供应); without its day, a number, an agreed start or a hand-over proves it."""
        proof = (
            self.raw("contract_no").notna()
            | self.raw("start_due_date").notna()
            | self.date("handover_date").notna()
        )
        return self.date("supply_date").notna() | (proof & self.raw("supply_date").isna())

    @property
    def industrial(self) -> pd.Series[bool]:
        """Industrial land by its use code; a code means nothing without its scheme.  Raises: RuleError for an unknown scheme."""
        by_scheme = self.rules["stock.industrial_use_codes"].value
        if self.code_scheme is None:
            return pd.Series(False, index=self.parcels.index)
        if self.code_scheme not in by_scheme:
            raise RuleError("scheme_unknown", scheme=self.code_scheme, known="/".join(by_scheme))
        return self.raw("use_code").isin(by_scheme[self.code_scheme])

    @property
    def unknown_life(self) -> pd.Series[bool]:
        """None of the dates that tell the life of a parcel is on record."""
        names = (
            "approval_date",
            "supply_date",
            "handover_date",
            "start_due_date",
            "start_date",
            "completion_date",
        )
        known = [self.raw(n).notna() for n in names] + [
            self.raw("contract_no").notna(),
            self.raw("approval_no").notna(),
        ]
        return ~np.logical_or.reduce(known) if known else pd.Series(True, index=self.parcels.index)

    def test(self, stock_class: str, *rules: Rule) -> Test:
        """A fresh test: every parcel `no`."""
        return Test(stock_class, pd.Series(NO, index=self.parcels.index, dtype="object"), rules)


def test_approved_unsupplied(ask: Ask) -> Test:
    """批而未供: conversion approved, nothing supplied, nothing built."""
    rule = ask.rules["stock.approved_unsupplied"]
    test = ask.test("approved_unsupplied", rule)
    life = ask.unknown_life
    test.mark(
        life,
        UNDECIDED,
        lambda _: why("life_unknown", missing=_codes(["approval_date", "supply_date", "start_date"])),
    )
    approved = ask.date("approval_date").notna() | (
        ask.raw("approval_no").notna() & ask.raw("approval_date").isna()
    )
    found = approved & ~ask.supplied & ~ask.started & ~life
    day = ask.date("approval_date")
    test.mark(found, test.says(rule), lambda i: why("approved_unsupplied", day=_day(day[i])))
    return test


def test_idle(ask: Ask) -> Test:
    """闲置 by order 53: limb 1 (not started a year after the agreed day), limb 2 (suspended; "may": only a candidate)."""
    test = ask.test("idle", *(ask.rules[k] for k in sorted(ask.rules) if k.startswith("stock.idle.")))
    due = start_due(ask)
    waiting = ask.supplied & ~ask.started
    _idle_limb_1(ask, test, due, waiting)
    _idle_limb_2(ask, test)
    unknown = waiting & due.isna()
    missing = _codes(["start_due_date", "handover_date"])
    test.mark(unknown, UNDECIDED, lambda _: why("idle_no_start_day", missing=missing))
    return test


def start_due(ask: Ask) -> pd.Series[Any]:
    """Agreed start (约定动工日期), or else the actual hand-over plus the months of Art. 22(2)."""
    agreed = ask.raw("start_due_date")
    agreed = agreed if pd.api.types.is_datetime64_any_dtype(agreed) else ask.date("start_due_date")
    months = int(ask.rules["stock.idle.start_after_handover_months"].value)
    handed = ask.date("handover_date") + pd.DateOffset(months=months)
    return agreed.where(agreed.notna(), handed)


def _idle_limb_1(ask: Ask, test: Test, due: pd.Series[Any], waiting: pd.Series[bool]) -> None:
    rule = ask.rules["stock.idle.after_months"]
    late = months_between(due, ask.as_of)
    idle = waiting & due.notna() & (late >= int(rule.value))
    by_handover = ask.raw("start_due_date").isna()
    test.mark(
        idle,
        test.says(rule),
        lambda i: why(
            "idle_limb_1_handover" if by_handover[i] else "idle_limb_1", due=_day(due[i]), months=int(late[i])
        ),
    )
    outcome = idle_outcome(ask)
    for label in test.state.index[idle]:
        test.reasons[label].append(
            why(f"idle_then_{outcome['idle_outcome'][label]}", **_fee_facts(outcome, label))
        )


def _fee_facts(outcome: pd.DataFrame, label: Any) -> dict[str, object]:
    fee = outcome["idle_fee_wan_yuan"][label]
    return {
        "fee": "?" if pd.isna(fee) else f"{fee:,.2f}",
        "cause": Code("idle_cause", str(outcome["cause"][label] or "")),
    }


def idle_outcome(ask: Ask) -> pd.DataFrame:
    """What order 53 attaches to limb-1 idle land: fee (Art. 14(1)), take_back (14(2)), article_12 (excused), cause_unknown
    (none on record, or a code that is not one of order 53's: no fee on a word that nobody has read).

    Columns `idle_outcome` ("" where not idle by limb 1), `idle_fee_wan_yuan` (NaN where none or the price is unknown), `cause`.
    """
    due, waiting = start_due(ask), ask.supplied & ~ask.started
    late = months_between(due, ask.as_of)
    idle = waiting & due.notna() & (late >= int(ask.rules["stock.idle.after_months"].value))
    cause = ask.raw("idle_cause")
    excused = cause.isin(ask.rules["stock.idle.excusing_causes"].value)
    known = excused | cause.eq(OWN_FAULT)
    take_back = late >= int(ask.rules["stock.idle.take_back_months"].value)
    out = pd.DataFrame({"idle_outcome": "", "cause": cause}, index=ask.parcels.index)
    out.loc[idle, "idle_outcome"] = np.where(take_back[idle], "take_back", "fee")
    out.loc[idle & excused, "idle_outcome"] = "article_12"
    out.loc[idle & ~known, "idle_outcome"] = "cause_unknown"
    price = pd.to_numeric(ask.raw("land_price_wan_yuan")).astype(float)
    fee = price * float(ask.rules["stock.idle.fee_share"].value)
    out["idle_fee_wan_yuan"] = fee.where(out["idle_outcome"] == "fee")
    return out


def _idle_limb_2(ask: Ask, test: Test) -> None:
    since = ask.date("suspended_from")
    resumed = ask.date("suspended_to").notna()
    months = months_between(since, ask.as_of)
    enough = months >= int(ask.rules["stock.idle.suspended_months"].value)
    asked = ask.started & ask.date("completion_date").isna() & since.notna() & ~resumed & enough
    area = _share(ask.raw("area_started_m2"), ask.raw("area_due_m2"))
    money = _share(ask.raw("investment_wan_yuan"), ask.raw("investment_planned_wan_yuan"))
    small_area = area < float(ask.rules["stock.idle.started_share_below"].value)
    little_money = money < float(ask.rules["stock.idle.invested_share_below"].value)
    test.mark(
        asked & (small_area | little_money),
        CANDIDATE,
        lambda i: why("idle_limb_2", months=int(months[i]), area=_percent(area[i]), money=_percent(money[i])),
    )
    unknown = asked & ~small_area & ~little_money & (area.isna() | money.isna())
    test.mark(
        unknown,
        UNDECIDED,
        lambda i: why(
            "idle_limb_2_unknown",
            missing=_codes(
                [n for n, s in (("area_started_m2", area), ("investment_wan_yuan", money)) if pd.isna(s[i])]
            ),
        ),
    )


def test_supplied_unbuilt(ask: Ask) -> Test:
    """供而未用: supplied, not started, and not (yet) idle; also land under use codes that a rule names as unbuilt."""
    rule = ask.rules["stock.supplied_unbuilt"]
    test = ask.test("supplied_unbuilt", rule)
    due = start_due(ask)
    late = months_between(due, ask.as_of)
    found = (
        ask.supplied & ~ask.started & due.notna() & (late < int(ask.rules["stock.idle.after_months"].value))
    )
    test.mark(found, test.says(rule), lambda i: why("supplied_unbuilt", due=_day(due[i])))
    return test


def test_unbuilt_use_codes(ask: Ask) -> Test:
    """Unbuilt by its use code: the codes that a rule names for this place (e.g. a tax roll's developable land)."""
    rule = ask.rules["stock.unbuilt_use_codes"]
    test = ask.test("supplied_unbuilt", rule)
    codes = ask.raw("use_code")
    listed = {str(c) for c in rule.value}
    all_in = codes.map(lambda v: set(str(v).split(";")) <= listed, na_action="ignore")
    some_in = codes.map(lambda v: bool(set(str(v).split(";")) & listed), na_action="ignore")
    test.mark(codes.isna(), UNDECIDED, lambda _: why("life_unknown", missing=_codes(["use_code"])))
    test.mark(all_in.eq(True), test.says(rule), lambda i: why("use_code", code=codes[i]))
    mixed = all_in.eq(False) & some_in.eq(True)
    test.mark(mixed, CANDIDATE, lambda i: why("use_code_mixed", code=codes[i]))
    return test


def test_inefficient(ask: Ask) -> Test:
    """低效: rated D two years running; C two years is a candidate; below the floors that a rule pack states."""
    d, c = ask.rules["stock.inefficient.d_years"], ask.rules["stock.inefficient.c_years"]
    test = ask.test("inefficient", d, c)
    industrial = ask.industrial
    in_use = ask.date("completion_date").notna()
    has = ask.performance["has_enterprise"].astype(bool)
    test.mark(
        in_use & industrial & ~has, UNDECIDED, lambda _: why("no_enterprise", missing=_codes(["occupancy"]))
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
    return _codes([word for word, column in years if pd.isna(ask.performance[column][label])])


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
        asked & built.isna(), UNDECIDED, lambda _: why("underused_unknown", missing=_codes(["floor_area_m2"]))
    )
    return test


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
    nothing = (why("not_stock" if made else "no_stock_tests"),)
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
            asleep.append(why("test_asleep", test=Code("stock_class", name), rule=str(error.facts["rule"])))
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
        net_area_m2=("net_m2", "sum"),
        not_net_m2=("not_net_m2", "sum"),
    )
    out["area_mu"], out["area_ha"] = to_mu(out["area_m2"]), to_ha(out["area_m2"])
    out["net_area_mu"] = to_mu(out["net_area_m2"])
    return out.reset_index().rename(columns={"unit": unit})


def months_between(since: pd.Series[Any], day: datetime.date) -> pd.Series[Any]:
    """Full calendar months from each date to a day; missing where the date is.

    A month without the day ends on its last one (29 February + 1 year = 28 February).   Source: 民法典第二百零二条.
    """
    months: pd.Series[Any] = (day.year - since.dt.year) * 12 + (day.month - since.dt.month)
    last_of_month = (day + datetime.timedelta(days=1)).day == 1
    early: pd.Series[Any] = ((since.dt.day > day.day) & (not last_of_month)).astype(int)
    return months.sub(early)


def _share(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[float]:
    part, whole = pd.to_numeric(part).astype(float), pd.to_numeric(whole).astype(float)
    return part / whole.where(whole > 0)


def _joined(index: pd.Index[Any], flags: list[tuple[str, pd.Series[bool]]]) -> list[str]:
    lists: list[list[str]] = [[] for _ in index]
    for name, which in flags:
        for at in np.flatnonzero(which.to_numpy()):
            lists[at] += [n for n in name.split(";") if n and n not in lists[at]]
    return [";".join(names) for names in lists]


def _codes(names: list[str]) -> tuple[Code, ...]:
    return tuple(Code("column", n) for n in names)


def _day(value: Any) -> str:
    return "?" if pd.isna(value) else f"{value:%Y-%m-%d}"


def _percent(value: float) -> str:
    return "?" if pd.isna(value) else f"{value * 100:.0f} %"
