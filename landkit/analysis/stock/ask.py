"""What a test of stock is given and what it answers: parcels, the day, rules; a state and reasons for each parcel."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from landkit.errors import RuleError
from landkit.model import Code, Reason, Rule

NO, CONFIRMED, CANDIDATE, UNDECIDED = "no", "confirmed", "candidate", "undecided"


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


def months_between(since: pd.Series[Any], day: datetime.date) -> pd.Series[Any]:
    """Full calendar months from each date to a day; missing where the date is.

    A month without the day ends on its last one (29 February + 1 year = 28 February).   Source: 民法典第二百零二条.
    """
    months: pd.Series[Any] = (day.year - since.dt.year) * 12 + (day.month - since.dt.month)
    last_of_month = (day + datetime.timedelta(days=1)).day == 1
    early: pd.Series[Any] = ((since.dt.day > day.day) & (not last_of_month)).astype(int)
    return months.sub(early)


def columns_named(names: list[str]) -> tuple[Code, ...]:
    """Columns as facts of a reason, said by their names."""
    return tuple(Code("column", n) for n in names)


def day_of(value: Any) -> str:
    """A day as a fact of a reason; "?" where it is missing."""
    return "?" if pd.isna(value) else f"{value:%Y-%m-%d}"
