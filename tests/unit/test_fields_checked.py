"""Checks of fields: days in order and possible, amounts within their bounds, what must be given, registered areas."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import CRS, book, square

import geopandas as gpd
import shapely

from landkit.geometry import area_m2
from landkit.model import Finding
from landkit.quality.fields import check_fields, check_registered_area
from landkit.quality.rows import Rows

DAY = datetime.date(2020, 12, 31)


def parcels(*shapes: shapely.Geometry, **columns: list[Any]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"parcel_id": [f"L{i + 1}" for i in range(len(shapes))]}, geometry=list(shapes), crs=CRS
    )
    for name, values in columns.items():
        frame[name] = pd.to_datetime(pd.Series(values)) if name.endswith(("date", "from", "to")) else values
    return frame.assign(area_m2=area_m2(frame.geometry))


def rows(frame: pd.DataFrame, name: str = "parcel_id") -> Rows:
    return Rows("x", frame, frame[name].to_numpy(object), np.ones(len(frame), dtype=bool))


def findings(frame: pd.DataFrame, role: str = "parcels", name: str = "parcel_id") -> list[Finding]:
    them = rows(frame, name)
    return [
        *check_fields(them, role, book(), DAY),
        *check_registered_area(them, differs_share=0.1),
    ]


def found(frame: pd.DataFrame, role: str = "parcels", name: str = "parcel_id") -> list[tuple[str, str, str]]:
    return [(f.check, f.severity, f.row) for f in findings(frame, role, name)]


def test_good_parcels_are_no_finding() -> None:
    """Dates in order, areas that agree, neighbours that only touch, missing values."""
    frame = parcels(
        square(0, 0),
        square(100, 0),
        registered_area_m2=[10000.0, None],
        supply_date=["2018-01-01", None],
        start_date=["2019-01-01", "2019-01-01"],
        completion_date=[None, "2020-12-31"],
    )

    assert found(frame) == []


@pytest.mark.parametrize(
    "name",
    ["approval_date", "supply_date", "handover_date", "start_date", "completion_date", "suspended_from"],
)
def test_a_day_after_the_study_day_is_a_warning(name: str) -> None:
    """Bad inputs 105."""
    assert found(parcels(square(0, 0), **{name: ["2021-01-01"]})) == [("dates.future", "warning", "L1")]


def test_a_start_may_be_due_after_the_study_day() -> None:
    """That is what "due" means."""
    assert found(parcels(square(0, 0), start_due_date=["2021-06-30"])) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("approval_date", "supply_date"),
        ("supply_date", "handover_date"),
        ("start_date", "completion_date"),
        ("start_date", "suspended_from"),
        ("suspended_from", "suspended_to"),
        ("supply_date", "start_due_date"),
    ],
)
def test_days_out_of_order_are_an_error(first: str, second: str) -> None:
    """Bad inputs 105: which of the two is wrong nobody can tell; both are named in words."""
    frame = parcels(square(0, 0), **{first: ["2019-06-02"], second: ["2019-06-01"]})
    (finding,) = findings(frame)

    assert (finding.check, finding.severity) == ("dates.order", "error")
    assert "早于" in finding.reason.say("zh")
    assert "comes before" in finding.reason.say("en")


def test_days_that_are_the_same_are_in_order() -> None:
    """Handed over on the day of the contract."""
    assert found(parcels(square(0, 0), supply_date=["2019-06-01"], handover_date=["2019-06-01"])) == []


@pytest.mark.parametrize(
    ("said", "off"),
    [(10900.0, False), (9100.0, False), (11100.0, True), (8900.0, True), (15.0, True)],
)
def test_a_registered_area_more_than_ten_percent_off_is_a_warning(said: float, off: bool) -> None:
    """Bad inputs 104: mostly another unit (15 mu), or another deed; real sets hold many."""
    assert found(parcels(square(0, 0), registered_area_m2=[said])) == (
        [("area.registered", "warning", "L1")] if off else []
    )


def test_a_registered_area_of_nothing_is_an_error_of_its_own() -> None:
    """It is also far from what is measured."""
    assert found(parcels(square(0, 0), registered_area_m2=[0.0])) == [
        ("values.zero", "error", "L1"),
        ("area.registered", "warning", "L1"),
    ]


@pytest.mark.bad_input(105)
@pytest.mark.parametrize("day", ["1899-12-30", "1900-01-01", "1970-01-01"])
def test_a_day_that_software_filled_in_is_an_error(day: str) -> None:
    """Excel, databases and Unix count from these days; a missing day would be honest."""
    (finding,) = findings(parcels(square(0, 0), supply_date=[day]))

    assert (finding.check, finding.severity, finding.value) == ("dates.default", "error", day)
    assert "默认值" in finding.reason.say("zh")


@pytest.mark.bad_input(105)
@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        ("0109-05-01", "民国纪年，应为 2020 年", "Republic of China, 2020"),
        ("1930-05-01", "早于", "before any paper"),
    ],
)
def test_a_day_before_there_was_any_land_law_is_an_error(day: str, zh: str, en: str) -> None:
    """民国 109 is 2020; a year that would lie after the study day is no year of the Republic."""
    frame = parcels(square(0, 0)).assign(supply_date=np.array([day], dtype="datetime64[s]"))
    (finding,) = findings(frame)

    assert (finding.check, finding.severity) == ("dates.too_early", "error")
    assert zh in finding.reason.say("zh")
    assert en in finding.reason.say("en")


@pytest.mark.bad_input(105)
def test_a_supplied_parcel_without_a_start_or_a_hand_over_cannot_be_judged_idle() -> None:
    """Art. 22(2): either the agreed start or the hand-over + 1 year; with neither nobody can count."""
    frame = parcels(
        *(square(200 * i, 0) for i in range(4)),
        supply_date=["2018-01-01", "2018-01-01", "2018-01-01", None],
        start_due_date=[None, "2019-01-01", None, None],
        handover_date=[None, None, "2018-06-01", None],
    )
    (finding,) = findings(frame)

    assert (finding.check, finding.severity, finding.row) == ("dates.start_due_missing", "warning", "L1")


def test_a_source_without_the_column_says_nothing_about_its_rows() -> None:
    """That the column is missing is said once, by whoever asks a question."""
    assert found(parcels(square(0, 0), supply_date=["2018-01-01"])) == []


@pytest.mark.bad_input(105)
def test_a_suspension_before_the_start_and_one_without_a_start_are_errors() -> None:
    """Start before suspension."""
    frame = parcels(
        square(0, 0),
        square(200, 0),
        start_date=["2019-06-02", None],
        suspended_from=["2019-06-01", "2019-06-01"],
    )

    assert found(frame) == [("dates.order", "error", "L1"), ("dates.start_missing", "error", "L2")]


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        ({"area_started_m2": 5200.0, "area_due_m2": 5100.0}, True),
        ({"area_started_m2": 5150.0, "area_due_m2": 5100.0}, False),
        ({"area_due_m2": 10200.0}, True),
        ({"area_due_m2": 10500.0, "registered_area_m2": 10800.0}, False),
        ({"area_due_m2": 10500.0, "registered_area_m2": 10000.0}, True),
        ({"area_due_m2": 10500.0, "registered_area_m2": None}, True),
        ({"disposed_m2": 10200.0}, True),
        ({"disposed_m2": 9000.0}, False),
        ({"footprint_m2": 10200.0}, True),
        ({"footprint_m2": 6000.0, "floor_area_m2": 5000.0}, True),
        ({"footprint_m2": 6000.0, "floor_area_m2": None}, False),
    ],
)
def test_an_amount_above_its_bound_is_an_error(columns: dict[str, float | None], wrong: bool) -> None:
    """Of a parcel of 10,000 m2; 1 % is measurement.  What is due was agreed on the registered area, where there is one."""
    frame = parcels(square(0, 0), **{k: [v] for k, v in columns.items()})

    assert found(frame) == ([("fields.exceeds", "error", "L1")] if wrong else [])


@pytest.mark.bad_input(107)
def test_negative_tax_may_be_a_rebate_and_tax_above_sales_a_unit() -> None:
    """Missing is missing: neither 0 nor wrong."""
    frame = pd.DataFrame(
        {
            "enterprise_id": ["E1", "E2", "E3", "E4"],
            "tax_wan_yuan": [-5.0, 5_000_000.0, None, 0.0],
            "sales_wan_yuan": [100.0, 9000.0, 100.0, -1.0],
        }
    )

    assert sorted(found(frame, "enterprise_years", "enterprise_id")) == [
        ("fields.tax_exceeds_sales", "warning", "E2"),
        ("fields.tax_exceeds_sales", "warning", "E4"),
        ("values.negative", "error", "E4"),
        ("values.tax_negative", "warning", "E1"),
    ]


@pytest.mark.bad_input(106)
def test_an_occupied_area_of_nothing_or_less_is_an_error() -> None:
    """Missing means: the parcel's other ground; 0 means nobody."""
    frame = pd.DataFrame({"parcel_id": ["L1", "L2", "L3"], "occupied_m2": [0.0, -3.0, None]})

    assert found(frame, "occupancy") == [
        ("values.negative", "error", "L2"),
        ("values.zero", "error", "L1"),
    ]
