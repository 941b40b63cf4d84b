"""Capacity (增量): years of land left, on squares whose areas are whole hectares."""

import datetime

import numpy as np
import pandas as pd
import pytest
from builders import AS_OF, book, rule

from landkit.analysis.capacity import capacity_table, yearly_supply_m2

RESERVE = book()["capacity.reserve_years"]


def spare(*m2):
    index = pd.Index([f"P{i + 1}" for i in range(len(m2))], name="park_id")
    return pd.DataFrame(
        {"park_name": "园", "area_m2": 1e6, "built_m2": 4e5, "inside_boundary_m2": 9e5, "spare_m2": m2},
        index=index,
    )


def table(spare_m2, supply_m2, stock_m2=0.0, reserve=RESERVE):
    row = capacity_table(
        spare(spare_m2), pd.Series({"P1": supply_m2}), pd.Series({"P1": stock_m2}), reserve=reserve
    ).iloc[0]
    return row, row["reasons"][0].say("en")


def test_years_left_are_spare_land_by_the_mean_yearly_supply():
    """尚可供地年数 (TD/T 1029-2010): 60 ha left, 10 ha a year: 6 years; with 20 ha of stock redeveloped 8."""
    row, said = table(600_000.0, 100_000.0, 200_000.0)
    assert (row["years_left"], row["years_with_stock"]) == (6.0, 8.0)
    assert row["spare_mu"] == pytest.approx(900.0)
    assert row["yearly_supply_mu"] == pytest.approx(150.0)
    assert said == "lasts 6.0 years, within the 5–10 to be reserved"


@pytest.mark.parametrize(
    ("spare_m2", "answer"),
    [
        (499_999.0, "below"),
        (500_000.0, "within"),
        (1_000_000.0, "within"),
        (1_000_001.0, "above"),
        (0.0, "below"),
    ],
)
def test_the_plan_s_five_to_ten_years_hold_their_bounds(spare_m2, answer):
    """Plan, 四(一)2: 预留未来5-10年发展空间; five and ten years are within."""
    row, said = table(spare_m2, 100_000.0)
    assert row["reserve"] == answer
    assert "5–10" in said


def test_a_missing_layer_gives_no_number_and_says_so():
    """No development boundary, no answer: 0 years would stop a park for nothing."""
    row, said = table(np.nan, 100_000.0)
    assert np.isnan(row["spare_m2"])
    assert np.isnan(row["years_left"])
    assert row["reserve"] == "unknown"
    assert "is missing: cannot be computed" in said


def test_without_supply_in_recent_years_the_years_are_unknown_and_not_infinite():
    """Spare land is known all the same."""
    row, said = table(600_000.0, 0.0)
    assert np.isnan(row["years_left"])
    assert row["spare_mu"] == pytest.approx(900.0)
    assert row["reserve"] == "unknown"
    assert "no supply on record" in said


def test_a_park_that_nobody_supplied_stands_beside_one_that_was():
    """Missing from the supply table means none, not an error."""
    rows = capacity_table(spare(6e5, 6e5), pd.Series({"P1": 1e5}), pd.Series(dtype=float), reserve=RESERVE)
    assert rows["yearly_supply_m2"].tolist() == [1e5, 0.0]
    assert rows["reserve"].tolist() == ["within", "unknown"]


def test_without_a_rule_the_years_are_told_and_not_judged():
    """Another city's plan may reserve nothing."""
    row, said = table(600_000.0, 100_000.0, reserve=None)
    assert row["reserve"] == "unknown"
    assert said == "lasts 6.0 years"


def test_the_bounds_are_the_rule_s():
    """Smell 1: no number of the plan in the code."""
    assert (
        table(600_000.0, 100_000.0, reserve=rule("capacity.reserve_years", [7, 9]))[0]["reserve"] == "below"
    )


def test_yearly_supply_is_the_mean_of_the_full_years_before_the_day():
    """Five years to 2020-12-31: since 2016-01-01; the day itself counts, the day five years before no longer, nor tomorrow."""
    supplied = pd.DataFrame(
        {
            "park_id": ["P1"] * 4 + ["P2"],
            "supply_date": pd.to_datetime(["2015-12-31", "2016-01-01", "2020-12-31", "2021-01-01", None]),
            "area_m2": [1e6, 20_000.0, 30_000.0, 1e6, 1e6],
        }
    )
    assert yearly_supply_m2(supplied, as_of=AS_OF, years=5).to_dict() == {"P1": 10_000.0}
    assert yearly_supply_m2(supplied, as_of=datetime.date(2021, 1, 1), years=1).to_dict() == {
        "P1": 1_030_000.0
    }


def test_a_parcel_in_two_parks_is_supplied_to_each_by_its_part():
    """The pieces are given, not the parcels: nothing is counted twice."""
    supplied = pd.DataFrame(
        {
            "park_id": ["P1", "P2"],
            "supply_date": pd.to_datetime(["2020-01-01"] * 2),
            "area_m2": [6000.0, 4000.0],
        }
    )
    assert yearly_supply_m2(supplied, as_of=AS_OF, years=1).sum() == 10_000.0
