"""Stock (存量) by Order 53 and the rules of Yangzhou, on parcels written down on paper.

Articles are those of 闲置土地处置办法 (国土资源部令第53号) as read in domain-additions.md section 1.  The cases a planner would
quote stand in golden/cases/stock; here are the laws behind them, the edges, and the sums.
"""

import datetime

import numpy as np
import pandas as pd
import pytest
from builders import ask, book, find, rule, rules_with
from hypothesis import given, settings
from hypothesis import strategies as st

from landkit.analysis import stock
from landkit.analysis.places import find_places
from landkit.errors import RuleError

GRANTED = {
    "supply_date": "2016-01-01",
    "contract_no": "HT1",
    "idle_cause": "enterprise",
    "land_price_wan_yuan": 1000.0,
}
BUILT = {
    "supply_date": "2010-01-01",
    "start_date": "2010-06-01",
    "completion_date": "2012-01-01",
    "use_code": "1001",
}
SUSPENDED = {
    "supply_date": "2015-01-01", "start_date": "2015-06-01", "suspended_from": "2019-06-30",
    "area_due_m2": 9000.0, "area_started_m2": 2000.0,
    "investment_planned_wan_yuan": 1000.0, "investment_wan_yuan": 900.0,
}  # fmt: skip
IDLE = ("idle",)


def one(**facts):
    """The single parcel L1."""
    tests = facts.pop(
        "tests", ("approved_unsupplied", "idle", "supplied_unbuilt", "inefficient", "underused")
    )
    how = {k: facts.pop(k) for k in ("as_of", "rules", "code_scheme") if k in facts}
    return find(facts, tests=tests, **how).loc["L1"]


# --- limb 1: not started ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "stock_class", "outcome"),
    [
        ("2020-01-31", "supplied_unbuilt", ""),  # 11 months
        ("2020-01-01", "supplied_unbuilt", ""),  # one day short of 12 months
        ("2019-12-31", "idle", "fee"),  # 12 months to the day
        ("2019-01-31", "idle", "fee"),  # 23 months
        ("2019-01-01", "idle", "fee"),  # one day short of 24
        ("2018-12-31", "idle", "take_back"),  # 24 months to the day
        ("2015-12-31", "idle", "take_back"),
    ],
)
def test_the_clock_of_article_2_and_14_runs_in_full_months(due, stock_class, outcome):
    """Art. 2(1): idle after a year.  Art. 14: fee from one year, take-back from two; a day short is short."""
    found = one(**GRANTED, start_due_date=due)
    assert (found["stock_class"], found["idle_outcome"]) == (stock_class, outcome)


@pytest.mark.parametrize(("due", "day", "months"), [
    ("2020-02-29", "2021-02-27", 11), ("2020-02-29", "2021-02-28", 12), ("2019-08-31", "2021-02-28", 18),
    ("2020-02-28", "2021-02-28", 12), ("2020-01-31", "2020-02-28", 0), ("2020-01-31", "2020-02-29", 1),
    ("2020-12-31", "2020-12-31", 0), ("2021-01-31", "2020-12-31", -1),
])  # fmt: skip
def test_a_month_without_the_day_ends_on_its_last_one(due, day, months):
    """民法典第二百零二条: 没有对应日的，月末日为期间的最后一日.  Regression: 29 February was idle a day late."""
    since = pd.Series(pd.to_datetime([due]))
    assert stock.months_between(since, datetime.date.fromisoformat(day)).tolist() == [months]


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1)), st.integers(0, 1500))
def test_a_parcel_never_becomes_less_late_as_days_pass(due, days):
    """Monotone in time: what is idle today was not un-idled by waiting."""
    since = pd.Series(pd.to_datetime([due]))
    day = due + datetime.timedelta(days=days)
    today, tomorrow = (stock.months_between(since, d)[0] for d in (day, day + datetime.timedelta(days=1)))
    assert 0 <= tomorrow - today <= 1


def test_an_agreed_start_goes_before_the_hand_over():
    """Art. 22(2) speaks only where no date was agreed: 18 months by contract, 6 by hand-over + 1 year."""
    found = one(**GRANTED, start_due_date="2019-06-30", handover_date="2019-06-30")
    assert found["idle_outcome"] == "fee"
    assert "agreed start 2019-06-30, 18 months late" in found["said"]


def test_without_an_agreed_start_it_is_the_hand_over_and_a_year():
    """Art. 22(2): hand-over 2018-12-31, so the start was due 2019-12-31, a year before the study day."""
    found = one(**GRANTED, handover_date="2018-12-31")
    assert (found["stock_class"], found["idle_outcome"]) == ("idle", "fee")
    assert "hand-over + 1 year is 2019-12-31, 12 months late" in found["said"]
    later = one(**GRANTED, handover_date="2019-01-01")
    assert later["stock_class"] == "supplied_unbuilt"


def test_without_any_day_it_is_undecided_and_says_which_days_are_missing():
    """A silent "not idle" would hide exactly the parcels whose papers are bad."""
    found = one(**GRANTED)
    assert (found["stock_class"], found["stock_status"]) == ("idle", "undecided")
    assert "agreed start date, hand-over date missing" in found["said"]
    assert pd.isna(found["idle_fee_wan_yuan"])


def test_a_column_that_the_source_lacks_is_the_same_as_an_empty_one():
    """Sources differ in what they hold; no column may be needed for the program to run."""
    lacking, empty = one(**GRANTED), one(**GRANTED, start_due_date=None, handover_date=None)
    assert lacking["stock_status"] == empty["stock_status"] == "undecided"


@pytest.mark.parametrize(
    "proof", [{"contract_no": "HT1"}, {"start_due_date": "2018-06-30"}, {"handover_date": "2017-06-30"}]
)
def test_land_is_supplied_though_the_day_of_the_contract_is_not_on_record(proof):
    """An agreed start comes from a contract or allocation, and a hand-over follows one (Art. 22).

    Regression: without `supply_date` such land was called approved but unsupplied, and never idle.
    """
    found = one(
        approval_date="2015-01-01", idle_cause="enterprise", **{"start_due_date": "2018-06-30", **proof}
    )
    assert (found["stock_class"], found["stock_status"]) == ("idle", "confirmed")


def test_a_start_in_the_future_is_not_a_start_on_the_study_day():
    """A planned date entered as `start_date` must not make idle land busy."""
    assert one(**GRANTED, start_due_date="2019-06-30", start_date="2021-03-01")["stock_class"] == "idle"
    assert one(**GRANTED, start_due_date="2019-06-30", start_date="2020-12-31")["stock_class"] == ""


def test_a_start_due_after_the_study_day_is_a_date_and_not_a_gap():
    """A start may well be due later: the parcel is supplied and unbuilt, not undecided."""
    found = one(**GRANTED, start_due_date="2021-06-30")
    assert (found["stock_class"], found["stock_status"]) == ("supplied_unbuilt", "candidate")


def test_a_finished_parcel_without_a_start_date_has_started():
    """Completion proves the start."""
    assert one(**GRANTED, start_due_date="2015-06-30", completion_date="2018-01-01")["stock_class"] == ""


# --- what follows: fee, take-back, article 12 ----------------------------------------------------------------------


@pytest.mark.parametrize("due", ["2019-06-30", "2015-06-30"])
@pytest.mark.parametrize(
    "cause",
    ["gov_handover", "gov_plan_change", "gov_policy", "gov_petition", "gov_military_relics", "gov_other", "force_majeure"],
)  # fmt: skip
def test_the_seven_excusing_causes_lead_to_article_12_however_late(cause, due):
    """Art. 8 and 12: the land is idle all the same, but no fee is asked and nothing is taken back."""
    found = one(**{**GRANTED, "idle_cause": cause}, start_due_date=due)
    assert (found["stock_class"], found["stock_status"]) == ("idle", "confirmed")
    assert found["idle_outcome"] == "article_12"
    assert pd.isna(found["idle_fee_wan_yuan"])
    assert "no fee, no take-back" in found["said"]


def test_the_shipped_causes_are_the_seven_of_article_8():
    """Six acts of government and force majeure; an eighth would let land off that the order does not excuse."""
    assert len(book()["stock.idle.excusing_causes"].value) == 7


@pytest.mark.parametrize("cause", [None, "政府原因", "unknown", ""])
def test_without_a_cause_that_the_order_knows_nothing_is_charged(cause):
    """Art. 5: the office investigates first.  Regression: any unread word was charged as the enterprise's own fault."""
    found = one(**{**GRANTED, "idle_cause": cause}, start_due_date="2019-06-30")
    assert (found["stock_status"], found["idle_outcome"]) == ("confirmed", "cause_unknown")
    assert pd.isna(found["idle_fee_wan_yuan"])
    assert "to be investigated" in found["said"]


def test_the_fee_is_a_fifth_of_the_price_and_only_between_one_and_two_years():
    """Art. 14(1): 20 % of the transfer or allocation price; after two years the land is taken back instead."""
    assert one(**GRANTED, start_due_date="2019-06-30")["idle_fee_wan_yuan"] == 200.0
    assert pd.isna(one(**GRANTED, start_due_date="2018-06-30")["idle_fee_wan_yuan"])


def test_an_unknown_price_gives_a_fee_that_is_due_and_unknown_not_zero():
    """0 wan yuan would read as "nothing to pay"."""
    found = one(**{**GRANTED, "land_price_wan_yuan": None}, start_due_date="2019-06-30")
    assert found["idle_outcome"] == "fee"
    assert pd.isna(found["idle_fee_wan_yuan"])
    assert "idle-land fee ? wan yuan" in found["said"]


def test_the_fee_follows_the_rule_and_not_the_code():
    """Smell 1 of style.md: a number in analysis/ that a planner could dispute."""
    found = one(**GRANTED, start_due_date="2019-06-30", rules=rules_with(stock__idle__fee_share=0.1))
    assert found["idle_fee_wan_yuan"] == 100.0
    late = one(**GRANTED, start_due_date="2019-06-30", rules=rules_with(stock__idle__after_months=24))
    assert late["stock_class"] == "supplied_unbuilt"


# --- limb 2: started, then suspended ---------------------------------------------------------------------------------


def test_suspended_land_is_a_candidate_and_carries_neither_fee_nor_take_back():
    """Art. 2(2) says "may" (也可以认定), and Art. 12(3) sends it to the ways of Art. 12."""
    found = one(**SUSPENDED, land_price_wan_yuan=1000.0, idle_cause="enterprise")
    assert (found["stock_class"], found["stock_status"]) == ("idle", "candidate")
    assert found["idle_outcome"] == ""
    assert pd.isna(found["idle_fee_wan_yuan"])


def test_limb_2_stays_a_candidate_however_the_rules_are_marked():
    """No rule file can turn the law's "may" into "is"."""
    rules = {k: rule(k, r.value) for k, r in book().items()}
    assert one(**SUSPENDED, rules=rules)["stock_status"] == "candidate"


@pytest.mark.parametrize(
    ("started", "invested", "idle"),
    [
        (2999.0, 900.0, True),  # area under a third
        (3000.0, 900.0, False),  # exactly a third is not below it
        (8000.0, 249.0, True),  # money under a quarter
        (8000.0, 250.0, False),  # exactly a quarter is not below it
        (2999.0, 249.0, True),
        (0.0, 900.0, True),
    ],
)
def test_either_share_is_enough_and_the_bounds_themselves_are_not(started, invested, idle):
    """Art. 2(2): less than 1/3 of the area OR less than 25 % of the investment."""
    found = one(**{**SUSPENDED, "area_started_m2": started, "investment_wan_yuan": invested}, tests=IDLE)
    assert found["stock_status"] == ("candidate" if idle else "not_stock")


@pytest.mark.parametrize(("since", "until", "idle"), [
    ("2019-12-31", None, True), ("2020-01-01", None, False), ("2019-06-30", "2020-11-01", False),
    ("2019-06-30", "2021-02-01", True),
])  # fmt: skip
def test_the_suspension_must_last_a_full_year_to_the_study_day(since, until, idle):
    """Art. 2(2): 中止开发满一年; land on which work goes on again is not idle, a resumption yet to come is none."""
    found = one(**{**SUSPENDED, "suspended_from": since, "suspended_to": until}, tests=IDLE)
    assert found["stock_status"] == ("candidate" if idle else "not_stock")


def test_one_known_share_below_its_bound_decides_without_the_other():
    """The two tests are joined by "or": a missing one cannot save the parcel."""
    found = one(**{**SUSPENDED, "area_started_m2": None, "investment_wan_yuan": 100.0}, tests=IDLE)
    assert found["stock_status"] == "candidate"


@pytest.mark.parametrize(("gap", "word"), [
    ({"area_started_m2": None}, "area started"), ({"area_due_m2": None}, "area started"), ({"area_due_m2": 0.0}, "area started"),
    ({"investment_planned_wan_yuan": None, "area_started_m2": 8000.0}, "investment made"),
])  # fmt: skip
def test_a_missing_share_that_could_decide_makes_it_undecided_and_is_named(gap, word):
    """The known share is above its bound, the other one is not known: the answer is open."""
    found = one(**{**SUSPENDED, **gap}, tests=IDLE)
    assert found["stock_status"] == "undecided"
    assert word in found["said"]


def test_finished_land_is_not_suspended():
    """A suspension on record that ended in completion is history."""
    assert one(**SUSPENDED, completion_date="2020-06-30", tests=IDLE)["stock_status"] == "not_stock"


# --- approved, supplied, unbuilt --------------------------------------------------------------------------------------


def test_approved_land_without_a_supply_is_approved_unsupplied():
    """批而未供: conversion approved, no 出让/划拨/租赁 yet (domain.md 2.3)."""
    found = one(approval_date="2019-04-01")
    assert (found["stock_class"], found["stock_status"]) == ("approved_unsupplied", "confirmed")
    assert "approved 2019-04-01" in found["said"]


def test_an_approval_number_without_its_day_is_an_approval():
    """The batch number is the proof; the day is often missing in old records."""
    assert one(approval_no="苏政地〔2015〕1号")["stock_class"] == "approved_unsupplied"


@pytest.mark.parametrize("then", [
    {"supply_date": "2020-06-01", "start_due_date": "2021-06-01"}, {"start_date": "2020-06-01"},
    {"completion_date": "2020-06-01"},
])  # fmt: skip
def test_land_that_was_supplied_or_built_since_is_no_longer_unsupplied(then):
    """The life of a parcel goes on: 批 > 供 > 用."""
    assert one(approval_date="2019-04-01", **then)["stock_class"] != "approved_unsupplied"


def test_an_approval_of_next_year_is_none_on_the_study_day():
    """Stock is counted as of a day."""
    assert one(approval_date="2021-01-01")["stock_class"] == ""


def test_a_parcel_without_any_date_is_undecided_and_says_what_is_missing():
    """Nothing known is not the same as nothing wrong."""
    found = one(use_code="1001")
    assert found["stock_status"] == "undecided"
    assert "approval date, contract date, actual start date" in found["said"]


def test_supplied_land_within_its_year_is_supplied_unbuilt_and_only_a_candidate():
    """供而未用: the definition was not seen in a text (verified = false), so nothing is confirmed by it."""
    found = one(**GRANTED, start_due_date="2020-06-30")
    assert (found["stock_class"], found["stock_status"]) == ("supplied_unbuilt", "candidate")


# --- inefficient -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        ("D", "D", "confirmed"), ("C", "C", "candidate"), ("D", "C", "not_stock"), ("C", "D", "not_stock"),
        ("T", "T", "not_stock"), ("D", "T", "not_stock"), ("A", "D", "not_stock"), ("B", "B", "not_stock"),
        (None, "D", "undecided"), ("C", None, "undecided"), (None, None, "undecided"),
        (None, "T", "not_stock"), (None, "A", "not_stock"), ("B", None, "not_stock"),
    ],
)  # fmt: skip
def test_two_years_of_d_are_inefficient_two_of_c_a_case_for_the_park(before, now, status):
    """扬府办发〔2025〕2号: D two years running is in, C two years running is judged case by case; T is not rated.

    Regression: a missing year beside an A, B or T left it undecided, though neither D nor C twice was possible.
    """
    found = one(**BUILT, rating_now=now, rating_before=before, has_enterprise=True)
    assert found["stock_status"] == status
    assert found["stock_class"] == ("inefficient" if status != "not_stock" else "")


def test_an_undecided_rating_says_which_year_is_missing():
    """Regression: with one year of figures the reason ended in nothing ("not rated in both years: ")."""
    assert "rating of the year before" in one(**BUILT, rating_now="D", has_enterprise=True)["said"]


def test_finished_industrial_land_without_an_enterprise_is_undecided():
    """Its output cannot be judged; that is not the same as good."""
    found = one(**BUILT)
    assert (found["stock_class"], found["stock_status"]) == ("inefficient", "undecided")
    assert "occupancy" in found["said"]


def test_finished_land_of_another_use_needs_no_enterprise():
    """A school has no invoices."""
    assert one(**{**BUILT, "use_code": "0804"})["stock_status"] == "not_stock"


def test_a_use_code_without_a_scheme_means_nothing_and_an_unknown_scheme_is_an_error():
    """Code 0602 changed its meaning between the 2020 and 2023 tables (domain-additions.md 7.1)."""
    assert one(**BUILT, code_scheme=None)["stock_status"] == "not_stock"
    with pytest.raises(RuleError, match="ydyh-2032"):
        one(**BUILT, code_scheme="ydyh-2032")


FLOORS = {
    "stock__inefficient__tax_floor": ("tax_wan_yuan_per_mu", 25.0),
    "stock__inefficient__far_floor": ("floor_area_ratio", 1.2),
    "stock__inefficient__investment_floor": ("investment_wan_yuan_per_mu", 300.0),
}


@pytest.mark.parametrize("key", FLOORS)
def test_a_floor_that_a_rule_pack_states_makes_a_candidate_below_it_and_not_at_it(key):
    """Floors are local; none is shipped as confirmed.  Regression of priority: it never outranks D twice."""
    column, floor = FLOORS[key]
    rules = rules_with(**{key: floor})
    rated = {"rating_now": "B", "rating_before": "B", "has_enterprise": True}
    assert one(**BUILT, **rated, **{column: floor - 0.01}, rules=rules)["stock_status"] == "candidate"
    assert one(**BUILT, **rated, **{column: floor}, rules=rules)["stock_status"] == "not_stock"
    assert one(**BUILT, **rated, **{column: floor - 0.01})["stock_status"] == "not_stock"
    twice = {**rated, "rating_now": "D", "rating_before": "D"}
    assert one(**BUILT, **twice, **{column: floor - 0.01}, rules=rules)["stock_status"] == "confirmed"


@pytest.mark.parametrize(("supplied", "status"), [("2021-12-26", "not_stock"), ("2021-12-27", "candidate")])
def test_the_floor_for_new_projects_binds_only_land_supplied_since(supplied, status):
    """苏自然资发〔2021〕264号: 容积率 1.2 in 苏中 for NEW industrial projects; older ones were promised nothing of the kind."""
    found = one(
        supply_date=supplied, start_date="2022-01-01", completion_date="2023-01-01", use_code="1001",
        floor_area_ratio=1.0, rating_now="B", rating_before="B", has_enterprise=True, as_of=datetime.date(2024, 12, 31),
    )  # fmt: skip
    assert found["stock_status"] == status


# --- underused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("built", "status"), [(1.19, "candidate"), (1.2, "not_stock"), (np.nan, "undecided")]
)
def test_less_floor_area_than_agreed_is_underused(built, status):
    """用而不足: the published text gives no threshold, so it is a candidate at most."""
    rated = {"rating_now": "B", "rating_before": "B", "has_enterprise": True}
    found = one(**BUILT, **rated, agreed_floor_area_ratio=1.2, floor_area_ratio=built)
    assert found["stock_status"] == status
    assert found["stock_class"] == ("underused" if status != "not_stock" else "")


def test_without_an_agreed_ratio_nothing_is_underused():
    """There is nothing to fall short of."""
    rated = {"rating_now": "B", "rating_before": "B", "has_enterprise": True}
    assert one(**BUILT, **rated, floor_area_ratio=0.1)["stock_status"] == "not_stock"


# --- several classes, no classes ---------------------------------------------------------------------------------------


def test_the_years_running_are_the_rules():
    """D in two years is not D in three; a rule that asks for three waits for the third."""
    three = rules_with(stock__inefficient__d_years=3)
    twice = dict(**BUILT, rating_now="D", rating_before="D", has_enterprise=True)
    assert one(**twice)["stock_status"] == "confirmed"
    assert (one(**twice, rules=three)["stock_status"], one(**twice, rules=three)["stock_class"]) == (
        "undecided",
        "inefficient",
    )


def test_a_parcel_of_several_classes_counts_once_and_keeps_all_its_flags():
    """domain.md 2.4: count area once by priority and keep all flags."""
    found = one(
        **BUILT, rating_now="D", rating_before="D", has_enterprise=True, agreed_floor_area_ratio=1.2, floor_area_ratio=0.4
    )  # fmt: skip
    assert found["stock_class"] == "inefficient"
    assert found["all_classes"] == "inefficient;underused"
    assert "D 2 years" in found["said"]
    assert "agreed 1.2" in found["said"]


def test_the_order_of_priority_is_the_rule_s():
    """A place may count otherwise; the order is data."""
    both = dict(
        **BUILT, rating_now="D", rating_before="D", has_enterprise=True, agreed_floor_area_ratio=1.2, floor_area_ratio=0.4
    )  # fmt: skip
    turned = rules_with(stock__priority=["underused", "inefficient"])
    assert one(**both, rules=turned)["stock_class"] == "underused"
    assert one(**both, rules=turned)["all_classes"] == "underused;inefficient"


def test_a_sure_class_goes_before_an_undecided_one_of_higher_priority():
    """What is known is reported; what is open is kept beside it."""
    found = one(
        supply_date="2010-01-01", start_date="2010-06-01", suspended_from="2011-01-01", use_code="1001",
        area_started_m2=5000.0, area_due_m2=9000.0, approval_date=None,
    )  # fmt: skip
    assert (found["stock_class"], found["stock_status"], found["undecided_classes"]) == (
        "idle",
        "undecided",
        "idle",
    )


def test_a_profile_without_tests_decides_nothing():
    """An empty rule pack must not certify a city free of stock."""
    found = one(**GRANTED, start_due_date="2015-06-30", tests=())
    assert (found["stock_class"], found["stock_status"]) == ("", "undecided")
    assert "no test of stock" in found["said"]


def test_every_parcel_has_a_reason_and_names_the_rules_it_rests_on():
    """A finding without its clause cannot be defended (design.md 2)."""
    table = find(
        {**GRANTED, "start_due_date": "2019-06-30"}, {**BUILT, "has_enterprise": True, "rating_now": "A"}, {}
    )
    assert all(table["said"].str.len() > 0)
    assert "stock.idle.after_months" in table.at["L1", "rules"]
    assert table.at["L2", "rules"] == ""


def test_reasons_can_be_said_in_both_languages():
    """Chinese is the default of every document."""
    table, _ = stock.find_stock(ask({**GRANTED, "start_due_date": "2019-06-30"}), tests=IDLE)
    [first, second] = table.at["L1", "reasons"]
    assert "逾期 18 个月" in first.say("zh")
    assert "征缴闲置费 200.00 万元" in second.say("zh")


def test_unbuilt_use_codes_are_those_of_the_rule():
    """A tax roll's codes for developable land (e.g. Austin): all of a parcel's codes, or only some of them."""
    rules = rules_with(stock__unbuilt_use_codes=["900", "910"])
    table = find(
        {"use_code": "900"}, {"use_code": "900;910"}, {"use_code": "900;100"}, {"use_code": "100"}, {"use_code": None},
        tests=("unbuilt_use_codes",), rules=rules,
    )  # fmt: skip
    assert table["stock_status"].tolist() == ["confirmed", "confirmed", "candidate", "not_stock", "undecided"]


# --- laws over any parcels ------------------------------------------------------------------------------------------------

DAYS = st.one_of(st.none(), st.dates(datetime.date(2014, 1, 1), datetime.date(2022, 1, 1)).map(str))
MONEY = st.one_of(st.none(), st.floats(0, 1000))
LIVES = st.fixed_dictionaries(
    {
        "approval_date": DAYS, "supply_date": DAYS, "handover_date": DAYS, "start_due_date": DAYS, "start_date": DAYS,
        "completion_date": DAYS, "suspended_from": DAYS, "suspended_to": DAYS, "area_due_m2": MONEY,
        "area_started_m2": MONEY, "investment_planned_wan_yuan": MONEY, "investment_wan_yuan": MONEY,
        "land_price_wan_yuan": MONEY, "use_code": st.sampled_from(["1001", "0804", None]),
        "idle_cause": st.sampled_from(["enterprise", "gov_policy", "force_majeure", "??", None]),
        "agreed_floor_area_ratio": st.sampled_from([None, 1.2]), "floor_area_ratio": st.sampled_from([np.nan, 1.0, 1.3]),
        "rating_now": st.sampled_from(["A", "C", "D", "T", None]), "rating_before": st.sampled_from(["B", "C", "D", "T", None]),
        "has_enterprise": st.booleans(),
    }
)  # fmt: skip
COMPARED = [
    "stock_class",
    "stock_status",
    "all_classes",
    "undecided_classes",
    "rules",
    "idle_outcome",
    "idle_fee_wan_yuan",
    "said",
]


@settings(max_examples=12)
@given(st.lists(LIVES, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(lives, random):
    """A sorted copy of the same ledger must give the same stock."""
    table = find(*lives)
    order = list(range(len(lives)))
    random.shuffle(order)
    shuffled = find(*[lives[i] for i in order])
    shuffled.index = [f"L{i + 1}" for i in order]
    pd.testing.assert_frame_equal(shuffled.loc[table.index, COMPARED], table[COMPARED])


@settings(max_examples=12)
@given(LIVES)
def test_no_fee_and_no_take_back_without_idle_land_of_limb_1_by_the_enterprise_s_fault(life):
    """Art. 8, 12(3), 14: the two hard consequences need confirmed idle land, an own fault, and no start."""
    found = one(**life)
    if found["idle_outcome"] in ("fee", "take_back"):
        assert "idle" in found["all_classes"]
        assert life["idle_cause"] == "enterprise"
        assert life["start_date"] is None or life["start_date"] > "2020-12-31"
    if pd.notna(found["idle_fee_wan_yuan"]):
        assert found["idle_outcome"] == "fee"
        assert found["idle_fee_wan_yuan"] == pytest.approx(0.2 * life["land_price_wan_yuan"])


@settings(max_examples=12)
@given(LIVES)
def test_an_undecided_parcel_says_what_is_missing_and_a_class_says_its_rule(life):
    """`undecided` means inputs missing, which are named (design.md 4)."""
    found = one(**life)
    if found["stock_status"] == "undecided":
        assert (
            "missing" in found["said"]
            or "not rated in every year asked for: rating" in found["said"]
            or "occupancy" in found["said"]
        )
    assert (found["stock_class"] == "") == (found["stock_status"] == "not_stock")
    assert (found["rules"] == "") == (found["stock_class"] == "")


# --- sums -------------------------------------------------------------------------------------------------------------------


def _summed(units):
    """Stock of four parcels summed by units; `units`: parcel -> {unit: m2}."""
    table = find(
        {"approval_date": "2019-04-01"}, {**GRANTED, "start_due_date": "2019-06-30"}, {**BUILT, "has_enterprise": True},
        {"approval_date": "2019-04-01"},
    )  # fmt: skip
    table["area_m2"] = [10_000.0, 20_000.0, 12_345.67, 40_000.0]
    table["net_area_m2"] = [10_000.0, 15_000.0, np.nan, 40_000.0]
    rows = [(p, u, m2) for p, shares in units.items() for u, m2 in shares.items()]
    places = find_places(table["area_m2"], pd.DataFrame(rows, columns=["parcel", "zone", "area_m2"]))
    return table, stock.sum_stock(table, places, unit="park_id")


def test_sums_by_unit_equal_the_whole_with_parcels_across_two_parks_and_outside_all():
    """Not a square metre may be lost at a park's edge (domain-additions: parcels over two parks are split by share)."""
    table, sums = _summed({"L1": {"P1": 6000.0, "P2": 4000.0}, "L2": {"P1": 5000.0}, "L3": {"P2": 12_345.67}})
    assert sums["area_m2"].sum() == pytest.approx(table["area_m2"].sum(), abs=0.01)
    assert sums["area_mu"].sum() == pytest.approx(table["area_m2"].sum() / (2000 / 3), abs=1e-6)
    by = sums.set_index(["park_id", "stock_class"])["area_m2"]
    assert by["P1", "approved_unsupplied"] == 6000.0
    assert by["P2", "approved_unsupplied"] == 4000.0
    assert by["P1", "idle"] == 5000.0
    assert by["", "idle"] == 15_000.0  # what lies in no park has a row of its own
    assert by["", "approved_unsupplied"] == 40_000.0


def test_sums_by_class_equal_the_whole_whatever_the_units():
    """By park, county and cluster the same classes must come out."""
    first = _summed({"L1": {"P1": 6000.0, "P2": 4000.0}})[1].groupby("stock_class")["area_m2"].sum()
    second = _summed({"L2": {"K1": 20_000.0}, "L4": {"K2": 1.0}})[1].groupby("stock_class")["area_m2"].sum()
    pd.testing.assert_series_equal(first, second, rtol=0, atol=0.01)


def test_net_area_is_summed_apart_from_area_whose_net_is_unknown():
    """A sum that silently skips the unknown would look like a loss of land."""
    _, sums = _summed(
        {"L1": {"P1": 10_000.0}, "L2": {"P1": 20_000.0}, "L3": {"P1": 12_345.67}, "L4": {"P1": 40_000.0}}
    )
    assert sums["net_area_m2"].sum() == pytest.approx(65_000.0)
    assert sums["not_net_m2"].sum() == pytest.approx(12_345.67)


@settings(max_examples=12)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=4, max_size=4))
def test_sums_equal_the_whole_for_any_shares(shares):
    """hypothesis: any split of four parcels over two parks and the outside."""
    areas = {"L1": 10_000.0, "L2": 20_000.0, "L3": 12_345.67, "L4": 40_000.0}
    units = {
        p: {"P1": areas[p] * a, "P2": areas[p] * (1 - a) * b} for p, (a, b) in zip(areas, shares, strict=True)
    }
    table, sums = _summed(units)
    assert sums["area_m2"].sum() == pytest.approx(table["area_m2"].sum(), abs=0.01)


def test_a_sum_by_the_main_park_alone_is_refused():
    """Negative control: booking a parcel wholly in its largest park gives other park totals, and the first test sees it."""
    _, sums = _summed({"L1": {"P1": 6000.0, "P2": 4000.0}})
    wrong = {"P1": 10_000.0, "P2": 0.0}
    assert sums.set_index("park_id")["area_m2"].to_dict()["P2"] != wrong["P2"]
