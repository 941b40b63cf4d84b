"""Stock by how far a parcel has come (供应与开发进度): approved but unsupplied, supplied but unbuilt, unbuilt by its use code."""

from __future__ import annotations

from landkit.analysis.stock.ask import CANDIDATE, UNDECIDED, Ask, Test, columns_named, day_of, months_between
from landkit.analysis.stock.idle import start_due
from landkit.model import why


def test_approved_unsupplied(ask: Ask) -> Test:
    """批而未供: conversion approved, nothing supplied, nothing built."""
    rule = ask.rules["stock.approved_unsupplied"]
    test = ask.test("approved_unsupplied", rule)
    life = ask.unknown_life
    test.mark(
        life,
        UNDECIDED,
        lambda _: why("life_unknown", missing=columns_named(["approval_date", "supply_date", "start_date"])),
    )
    approved = ask.date("approval_date").notna() | (
        ask.raw("approval_no").notna() & ask.raw("approval_date").isna()
    )
    found = approved & ~ask.supplied & ~ask.started & ~life
    day = ask.date("approval_date")
    test.mark(found, test.says(rule), lambda i: why("approved_unsupplied", day=day_of(day[i])))
    return test


def test_supplied_unbuilt(ask: Ask) -> Test:
    """供而未用: supplied, not started, and not (yet) idle; also land under use codes that a rule names as unbuilt."""
    rule = ask.rules["stock.supplied_unbuilt"]
    test = ask.test("supplied_unbuilt", rule)
    due = start_due(ask)
    late = months_between(due, ask.as_of)
    found = (
        ask.supplied & ~ask.started & due.notna() & (late < int(ask.rules["stock.idle.after_months"].value))
    )
    test.mark(found, test.says(rule), lambda i: why("supplied_unbuilt", due=day_of(due[i])))
    return test


def test_unbuilt_use_codes(ask: Ask) -> Test:
    """Unbuilt by its use code: the codes that a rule names for this place (e.g. a tax roll's developable land)."""
    rule = ask.rules["stock.unbuilt_use_codes"]
    test = ask.test("supplied_unbuilt", rule)
    codes = ask.raw("use_code")
    listed = {str(c) for c in rule.value}
    all_in = codes.map(lambda v: set(str(v).split(";")) <= listed, na_action="ignore")
    some_in = codes.map(lambda v: bool(set(str(v).split(";")) & listed), na_action="ignore")
    test.mark(codes.isna(), UNDECIDED, lambda _: why("life_unknown", missing=columns_named(["use_code"])))
    test.mark(all_in.eq(True), test.says(rule), lambda i: why("use_code", code=codes[i]))
    mixed = all_in.eq(False) & some_in.eq(True)
    test.mark(mixed, CANDIDATE, lambda i: why("use_code_mixed", code=codes[i]))
    return test
