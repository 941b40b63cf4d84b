"""Idle land (闲置土地) by order 53: not started a year after the agreed day, or suspended; what the order attaches to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landkit.analysis.stock.ask import CANDIDATE, UNDECIDED, Ask, Test, columns_named, day_of, months_between
from landkit.model import Code, why

OWN_FAULT = "enterprise"  # the cause for which order 53 asks for the fee or takes the land back


def test_idle(ask: Ask) -> Test:
    """闲置 by order 53: limb 1 (not started a year after the agreed day), limb 2 (suspended; "may": only a candidate)."""
    test = ask.test("idle", *(ask.rules[k] for k in sorted(ask.rules) if k.startswith("stock.idle.")))
    due = start_due(ask)
    waiting = ask.supplied & ~ask.started
    _idle_limb_1(ask, test, due, waiting)
    _idle_limb_2(ask, test)
    unknown = waiting & due.isna()
    missing = columns_named(["start_due_date", "handover_date"])
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
            "idle_limb_1_handover" if by_handover[i] else "idle_limb_1",
            due=day_of(due[i]),
            months=int(late[i]),
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
            missing=columns_named(
                [n for n, s in (("area_started_m2", area), ("investment_wan_yuan", money)) if pd.isna(s[i])]
            ),
        ),
    )


def _share(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[float]:
    part, whole = pd.to_numeric(part).astype(float), pd.to_numeric(whole).astype(float)
    return part / whole.where(whole > 0)


def _percent(value: float) -> str:
    return "?" if pd.isna(value) else f"{value * 100:.0f} %"
