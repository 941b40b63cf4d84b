"""Output intensity (亩均产出) and rating: what a planner can add up on paper.  Conservation stands in property/."""

import datetime

import numpy as np
import pandas as pd
import pytest
from builders import AS_OF, rules_with

from landkit.analysis import intensity

MU = 2000 / 3
AREAS = pd.Series({"L1": 10_000.0, "L2": 10_000.0, "L3": 20_000.0})


def occupancy(*rows, **more):
    """Rows of enterprise, parcel, m2 (None: not stated)."""
    table = pd.DataFrame(rows, columns=["enterprise_id", "parcel_id", "occupied_m2"])
    return table.assign(occupied_m2=table["occupied_m2"].astype(float), **more)


def land(*rows, as_of=AS_OF, **more):
    return intensity.land_of_enterprises(occupancy(*rows, **more), AREAS, as_of, over_share=0.01)


def year(**figures):
    """Enterprise figures of one year: E1=(tax, sales, output)."""
    return pd.DataFrame(figures, index=["tax_wan_yuan", "sales_wan_yuan", "output_wan_yuan"]).T.astype(float)


def parcels(found, figures, **columns):
    frame = pd.DataFrame(
        {"area_m2": AREAS, **{k: pd.Series(v) for k, v in columns.items()}}, index=AREAS.index
    )
    return intensity.measure_parcels(frame, found, figures)


# --- who is on the land ------------------------------------------------------------------------------------------


def test_an_enterprise_alone_on_a_parcel_takes_all_of_it_where_nothing_is_stated():
    """Registers often give no area where one firm holds the whole lot."""
    assert land(("E1", "L1", None))["occupied_m2"].tolist() == [10_000.0]


def test_where_several_share_a_parcel_an_unstated_area_stays_unknown():
    """A guess at who holds how much would be an invented figure."""
    found = land(("E1", "L1", 4000.0), ("E2", "L1", None))
    assert found["occupied_m2"].tolist() == pytest.approx([4000.0, np.nan], nan_ok=True)


@pytest.mark.parametrize(("m2", "over"), [(5000.0, False), (5100.0, False), (7000.0, True)])
def test_occupied_areas_beyond_the_parcel_are_kept_and_marked(m2, over):
    """Planted in the demo: 120 % occupied.  The stated areas stay, a finding says so; 1 % is survey noise."""
    found = land(("E1", "L1", 5000.0), ("E2", "L1", m2))
    assert found["over"].tolist() == [over, over]
    assert found["occupied_m2"].tolist() == [5000.0, m2]


@pytest.mark.parametrize(
    ("since", "until", "there"),
    [
        (None, None, True), ("2020-12-31", None, True), ("2021-01-01", None, False),
        ("2015-01-01", "2020-12-31", False), ("2015-01-01", "2021-01-01", True),
    ],
)  # fmt: skip
def test_only_occupancies_in_force_on_the_study_day_count(since, until, there):
    """From its first day, and no longer on the day it ends."""
    dates = {"from_date": pd.to_datetime([since]), "to_date": pd.to_datetime([until])}
    assert len(land(("E1", "L1", None), **dates)) == int(there)


def test_an_occupancy_of_a_parcel_that_is_not_there_is_marked():
    """Wrong codes are findings; their money must not land elsewhere in silence."""
    assert land(("E1", "L9", 100.0))["known_parcel"].tolist() == [False]


# --- money on land ---------------------------------------------------------------------------------------------------


def test_an_enterprise_on_two_parcels_is_shared_by_occupied_area():
    """6 000 m2 here and 18 000 m2 there: a quarter and three quarters, to the fen."""
    found = parcels(land(("E1", "L1", 6000.0), ("E1", "L3", 18_000.0)), year(E1=(100.01, 1000.0, 2000.0)))
    assert found["tax_wan_yuan"].tolist() == pytest.approx([25.0025, np.nan, 75.0075], nan_ok=True)
    assert found["tax_wan_yuan"].sum() == pytest.approx(100.01, abs=1e-9)


def test_several_enterprises_on_one_parcel_are_added():
    """The parcel carries what all its firms pay."""
    found = parcels(
        land(("E1", "L1", 6000.0), ("E2", "L1", 4000.0)), year(E1=(60.0, 1.0, 1.0), E2=(40.0, 1.0, 1.0))
    )
    assert found.at["L1", "tax_wan_yuan"] == 100.0
    assert found.at["L1", "enterprises"] == 2
    assert found.at["L1", "tax_wan_yuan_per_mu"] == pytest.approx(100 / 15)  # 10,000 m2 = 15 mu


def test_per_mu_figures_are_by_the_measured_area_of_the_parcel():
    """15 mu, 300 wan yuan of tax: 20 a mu; 4,500 invested: 300 a mu; 12,000 m2 of floor: ratio 1.2."""
    found = parcels(
        land(("E1", "L1", None)), year(E1=(300.0, 1500.0, 3000.0)),
        investment_wan_yuan={"L1": 4500.0}, floor_area_m2={"L1": 12_000.0},
    ).loc["L1"]  # fmt: skip
    assert found["area_mu"] == 15.0
    assert found["tax_wan_yuan_per_mu"] == 20.0
    assert found["sales_wan_yuan_per_mu"] == 100.0
    assert found["output_wan_yuan_per_mu"] == 200.0
    assert found["investment_wan_yuan_per_mu"] == 300.0
    assert found["floor_area_ratio"] == 1.2


def test_zero_tax_is_zero_and_a_missing_record_is_missing_with_its_reason():
    """domain.md 5.3: zero tax and missing tax are different; 0 a mu is a bad firm, NaN an absent record."""
    found = parcels(
        land(("E1", "L1", None), ("E2", "L2", None)), year(E1=(0.0, 10.0, 10.0), E2=(np.nan, 10.0, 10.0))
    )
    assert found.at["L1", "tax_wan_yuan_per_mu"] == 0.0
    assert np.isnan(found.at["L2", "tax_wan_yuan_per_mu"])
    assert found.at["L2", "sales_wan_yuan_per_mu"] == pytest.approx(10 / 15)
    said = [[r.say("en") for r in reasons] for reasons in intensity.reasons_of(found)]
    assert said[0] == ["figures of 1 enterprise, shared by occupied area"]
    assert said[1] == ["enterprise E2 lacks tax paid"]
    assert said[2] == ["no enterprise on record here: output is missing, not zero"]


def test_one_missing_record_makes_the_parcel_s_figure_missing():
    """Half a sum is not a sum: the parcel would look worse than it is."""
    found = parcels(
        land(("E1", "L1", 5000.0), ("E2", "L1", 5000.0)), year(E1=(50.0, 1.0, 1.0), E2=(np.nan, 1.0, 1.0))
    )
    assert np.isnan(found.at["L1", "tax_wan_yuan"])
    assert found.at["L1", "sales_wan_yuan"] == 2.0
    assert found.at["L1", "gaps"] == ("tax_wan_yuan:E2",)


def test_an_enterprise_with_one_unknown_area_is_shared_nowhere_and_says_why():
    """Regression: all its money fell on the parcels whose area was stated, and they looked twice as good as they are."""
    found = parcels(
        land(("E1", "L1", 10_000.0), ("E1", "L2", None), ("E2", "L2", 4000.0)),
        year(E1=(60.0, 1.0, 1.0), E2=(8.0, 1.0, 1.0)),
    )
    assert found["tax_wan_yuan"].isna().all()
    assert [r.say("en") for r in intensity.reasons_of(found)[0]] == ["enterprise E1 lacks occupied area"]


def test_an_enterprise_without_a_row_in_the_year_is_missing_and_not_zero():
    """New firms have no 2019."""
    found = parcels(land(("E1", "L1", None)), year(E2=(1.0, 1.0, 1.0)))
    assert np.isnan(found.at["L1", "tax_wan_yuan"])
    assert len(found.at["L1", "gaps"]) == 3


def test_a_rebate_is_kept_with_its_sign():
    """Planted in the demo: an enterprise with negative tax (出口退税)."""
    found = parcels(land(("E1", "L1", None), ("E1", "L3", None)), year(E1=(-90.0, 1.0, 1.0)))
    assert found["tax_wan_yuan"].tolist() == pytest.approx([-30.0, np.nan, -60.0], nan_ok=True)


def test_an_enterprise_without_land_has_no_per_mu_figure_and_never_infinity():
    """domain.md 5.3: missing land = no rating, must not become +inf."""
    enterprises = pd.DataFrame(index=["E1", "E2", "E3"])
    found = intensity.measure_enterprises(
        enterprises, land(("E1", "L1", 10_000.0), ("E2", "L2", 0.0)),
        year(E1=(30.0, 1.0, 1.0), E2=(30.0, 1.0, 1.0), E3=(30.0, 1.0, 1.0)).assign(energy_tce=[10.0, 0.0, np.nan]),
    )  # fmt: skip
    assert found["tax_wan_yuan_per_mu"].tolist() == pytest.approx([2.0, np.nan, np.nan], nan_ok=True)
    assert found["tax_wan_yuan_per_tce"].tolist() == pytest.approx([3.0, np.nan, np.nan], nan_ok=True)
    assert not np.isinf(found.select_dtypes("number").to_numpy()).any()


def test_one_unknown_area_makes_an_enterprise_s_land_unknown():
    """Its other parcels alone would overstate its output per mu."""
    found = intensity.measure_enterprises(
        pd.DataFrame(index=["E1"]), land(("E1", "L1", 10_000.0), ("E1", "L2", None), ("E2", "L2", 1.0)),
        year(E1=(30.0, 1.0, 1.0)),
    )  # fmt: skip
    assert np.isnan(found.at["E1", "land_mu"])
    assert np.isnan(found.at["E1", "tax_wan_yuan_per_mu"])


# --- rating -----------------------------------------------------------------------------------------------------------


def firms(taxes, **columns):
    """Enterprises whose only indicator is tax per mu."""
    index = [f"E{i + 1}" for i in range(len(taxes))]
    return pd.DataFrame({"tax_wan_yuan_per_mu": taxes, "county_id": "K1", **columns}, index=index)


TAX_ONLY = {"rating__indicators": {"tax_wan_yuan_per_mu": 100}}


def rate(figures, before=None, at=2020, **values):
    return intensity.rate(figures, at, rules_with(**{**TAX_ONLY, **values}), before)


def test_of_twenty_firms_four_are_a_eight_b_seven_c_and_one_d():
    """淮安 2024: A top 20 %, B to 60 %, C to 95 %, D the last 5 %; upper bounds are inclusive."""
    found = rate(firms([float(100 - i) for i in range(20)]))
    assert "".join(found["rating"]) == "AAAABBBBBBBBCCCCCCCD"


def test_in_a_small_county_the_bounds_still_hold():
    """10 firms: rank shares 0.1 to 1.0; 0.95 < 1.0, so exactly the last is D (domain.md 11.7)."""
    assert "".join(rate(firms([float(100 - i) for i in range(10)]))["rating"]) == "AABBBBCCCD"


def test_tied_firms_share_the_better_class():
    """Ranked from the top with the best of the tied places: no firm is worse than one with the same score."""
    found = rate(firms([9.0, 8.0, 8.0, 8.0, 5.0]))
    assert "".join(found["rating"]) == "ABBBD"


def test_the_rank_runs_within_the_county():
    """domain.md 5.2: the unit is the county, not the city; the best of a poor county is its A."""
    figures = firms([50.0] * 5 + [1.0] * 5, county_id=["K1"] * 5 + ["K2"] * 5)
    figures.loc["E1", "tax_wan_yuan_per_mu"] = 60.0
    figures.loc["E6", "tax_wan_yuan_per_mu"] = 2.0
    found = rate(figures)
    assert found["rating"][["E1", "E6"]].tolist() == ["A", "A"]


def test_the_benchmark_is_twice_the_county_s_mean_of_the_year_before():
    """淮安: score = value / benchmark x weight; mean of the year before 10, benchmark 20: 30 scores 150 of 100."""
    found = rate(firms([30.0, 10.0]), before=firms([12.0, 8.0]))
    assert found["score"].tolist() == pytest.approx([150.0, 50.0])
    assert rate(firms([30.0, 10.0]))["score"].tolist() == pytest.approx(
        [75.0, 25.0]
    )  # no year before: its own mean, 20


@pytest.mark.parametrize("code", ["4411", "4511", "4620", "D4411", "44"])
def test_utilities_are_t_and_do_not_count_in_the_rank(code):
    """T: utilities (GB/T 4754-2017 divisions 44, 45, 46), with or without the section letter."""
    found = rate(firms([1.0, 50.0, 40.0], industry_code=[code, "3620", "3620"]))
    assert found["rating"].tolist() == ["T", "B", "D"]
    assert found["score"].tolist()[1:] == pytest.approx(
        [50 / 90 * 100, 40 / 90 * 100]
    )  # the mean leaves T out


@pytest.mark.parametrize(("since", "rating"), [("2018-12-31", "A"), ("2019-01-01", "T"), (None, "A")])
def test_an_enterprise_less_than_two_years_in_production_at_the_year_s_end_is_t(since, rating):
    """淮安: under two years in production; an unknown day exempts nobody."""
    figures = firms(
        [50.0, 40.0, 30.0, 20.0, 10.0], production_date=pd.to_datetime([since, *["2010-01-01"] * 4])
    )
    assert rate(figures)["rating"].iloc[0] == rating


def test_an_enterprise_with_a_missing_indicator_is_not_rated_and_says_which():
    """A class needs all indicators: weights must not move to what happens to be known."""
    figures = firms([50.0, np.nan, 40.0]).assign(tax_wan_yuan_per_tce=[1.0, 1.0, np.nan])
    found = rate(figures, rating__indicators={"tax_wan_yuan_per_mu": 80, "tax_wan_yuan_per_tce": 20})
    assert found["rating"].tolist()[1:] == [None, None]
    assert found["missing"].tolist() == [(), ("tax_wan_yuan_per_mu",), ("tax_wan_yuan_per_tce",)]


def test_a_firm_that_pays_nothing_or_gets_a_rebate_is_ranked_last_and_not_left_out():
    """Zero and negative are figures."""
    assert rate(firms([50.0, 40.0, 30.0, 0.0, -5.0]))["rating"].tolist() == ["A", "B", "B", "C", "D"]


def test_a_county_whose_mean_of_the_year_before_is_nothing_takes_the_same_years():
    """A benchmark of zero cannot divide; the rule's note says what stands in for it."""
    found = rate(firms([5.0, 3.0]), before=firms([0.0, 0.0]))
    assert found["score"].tolist() == rate(firms([5.0, 3.0]), before=None)["score"].tolist()


def test_a_county_whose_means_are_nothing_rates_nobody_rather_than_with_infinity():
    """Where neither year gives a benchmark there is no score."""
    found = rate(firms([0.0, 0.0]), before=firms([0.0, 0.0]))
    assert found["rating"].tolist() == [None, None]
    assert not np.isinf(found["score"].astype(float)).any()


def test_a_parcel_takes_the_rating_of_who_holds_most_of_it_and_lists_all():
    """One class per parcel for the map, all of them for the reader."""
    found = land(("E1", "L1", 4000.0), ("E2", "L1", 6000.0), ("E1", "L2", None))
    ratings = pd.DataFrame({"rating": ["A", "D"], "missing": [(), ()]}, index=["E1", "E2"])
    rated = intensity.rating_of_parcels(found, ratings, AREAS.index)
    assert rated["rating"].tolist() == ["D", "A", None]
    assert rated["ratings"].tolist() == ["DA", "A", ""]


def test_an_unrated_parcel_names_the_missing_input_of_its_enterprise():
    """`undecided` names what is missing, down to the enterprise."""
    found = land(("E1", "L1", None))
    ratings = pd.DataFrame({"rating": [None], "missing": [("tax_wan_yuan_per_tce",)]}, index=["E1"])
    gap = intensity.rating_of_parcels(found, ratings, AREAS.index).at["L1", "rating_gap"]
    assert gap.say("en").startswith("enterprise E1 lacks ")


def test_the_rating_does_not_hang_on_the_order_of_the_list():
    """The same firms in another order get the same classes."""
    figures = firms([9.0, 8.0, 8.0, 7.0, 7.0, 1.0])
    pd.testing.assert_series_equal(rate(figures.iloc[::-1])["rating"].sort_index(), rate(figures)["rating"])


def test_a_date_in_the_future_year_changes_the_t_class_with_it():
    """The same enterprise is T in 2020 and rated in 2021."""
    figures = firms([50.0, 40.0], production_date=pd.to_datetime(["2019-06-30", "2010-01-01"]))
    assert rate(figures)["rating"].iloc[0] == "T"
    assert rate(figures, at=2021)["rating"].iloc[0] != "T"


def test_the_study_day_is_a_date_and_not_today():
    """Results must not change with the calendar of the machine."""
    dates = {"from_date": pd.to_datetime(["2019-01-01"]), "to_date": pd.to_datetime(["2019-06-30"])}
    assert len(land(("E1", "L1", None), as_of=datetime.date(2019, 3, 1), **dates)) == 1
    assert len(land(("E1", "L1", None), as_of=datetime.date(2019, 7, 1), **dates)) == 0
