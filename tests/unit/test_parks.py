"""Parks (园区): hand-worked rows of two parks of 100 ha."""

import numpy as np
import pandas as pd
import pytest

from landkit.analysis.parks import park_table

KM2 = 1_000_000.0


def table(**changes):
    given = {
        "parks": pd.DataFrame(
            {"park_name": ["西园", "东园"], "area_m2": [KM2, KM2]}, index=pd.Index(["P1", "P2"], name="park_id")
        ),
        "stock": pd.DataFrame(
            [
                ("P1", "idle", "confirmed", 2, 20_000.0), ("P1", "underused", "candidate", 1, 10_000.0),
                ("P1", "idle", "undecided", 1, 5000.0), ("P1", "", "not_stock", 6, 65_000.0),
                ("", "idle", "confirmed", 1, 9000.0),
            ],
            columns=["park_id", "stock_class", "stock_status", "parcels", "area_m2"],
        ),
        "encroached": pd.DataFrame({"unit": ["P1", "P1", ""], "value": [1000.0, 500.0, 77.0]}),
        "money": pd.DataFrame({"tax_wan_yuan": [7500.0], "sales_wan_yuan": [150_000.0], "enterprises": [3]}, index=["P1"]),
        "areas_m2": {"built": pd.Series({"P1": 500_000.0})},
    }  # fmt: skip
    return park_table(given.pop("parks"), **{**given, **changes}).set_index("park_id")


def test_stock_counts_confirmed_and_candidate_and_shows_undecided_apart():
    """20,000 + 10,000 m2 = 45 mu are stock; 5,000 m2 undecided = 7.5 mu are not, and are not hidden either."""
    row = table().loc["P1"]
    assert row["stock_m2"] == 30_000.0
    assert row["stock_mu"] == pytest.approx(45.0)
    assert (row["stock_confirmed_mu"], row["stock_candidate_mu"]) == pytest.approx((30.0, 15.0))
    assert row["stock_undecided_mu"] == pytest.approx(7.5)
    assert row["stock_share"] == 0.03
    assert row["parcels"] == 10


def test_what_lies_outside_the_parks_is_in_no_park():
    """The row of the outside ("") must not fall to the first park."""
    assert table()["stock_m2"].sum() == 30_000.0
    assert table()["conflict_m2"].tolist() == [1500.0, 0.0]


def test_per_mu_figures_name_their_denominator_and_give_both():
    """A3: the choice of denominator changes the answer 2.9 times.  50 ha built = 750 mu, 100 ha planned = 1,500 mu."""
    row = table().loc["P1"]
    assert row["per_mu_of"] == "built"
    assert row["tax_wan_yuan_per_mu"] == pytest.approx(10.0)
    assert row["tax_wan_yuan_per_planned_mu"] == pytest.approx(5.0)
    assert row["sales_wan_yuan_per_mu"] == pytest.approx(200.0)
    assert row["built_share"] == 0.5


def test_where_the_built_area_is_unknown_the_planned_one_serves_and_is_named():
    """P2 has no built area, and no layer of built areas gives the same for all."""
    money = pd.DataFrame({"tax_wan_yuan": [7500.0, 3000.0]}, index=["P1", "P2"])
    assert table(money=money).loc["P2", ["per_mu_of", "tax_wan_yuan_per_mu"]].tolist() == [
        "planned",
        pytest.approx(2.0),
    ]
    plain = table(money=money, areas_m2={})
    assert plain["per_mu_of"].tolist() == ["planned", "planned"]
    assert plain["tax_wan_yuan_per_mu"].tolist() == pytest.approx([5.0, 2.0])
    assert plain["built_share"].isna().all()


def test_a_park_without_figures_has_none_and_not_zero():
    """No tax on record is not no tax; no stock found is a zero, since all parcels were looked at."""
    row = table().loc["P2"]
    assert np.isnan(row["tax_wan_yuan_per_mu"])
    assert row["stock_mu"] == 0.0


def test_without_any_enterprise_table_the_figures_are_missing():
    """A study of land alone still has its parks."""
    rows = table(money=pd.DataFrame(index=pd.Index([], name="park_id")))
    assert rows["tax_wan_yuan_per_mu"].isna().all()
    assert rows["sales_wan_yuan_per_planned_mu"].isna().all()
