"""Checks of control lines, of parks and of totals."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from builders import CRS, RULES_ON, book, box, square

import geopandas as gpd
import shapely

from landkit.geometry import area_m2
from landkit.model import Layer
from landkit.quality.lines import (
    check_delivered_twice,
    check_extent,
    check_lines_apart,
    check_vintage,
    last_day,
)
from landkit.quality.neighbours import shared_ground
from landkit.quality.rows import Rows
from landkit.quality.totals import ControlTotal, check_nested, check_occupied, check_total

D = datetime.date


def test_lines_that_overlap_are_a_warning_from_one_square_metre() -> None:
    """三条控制线不交叉不重叠不冲突."""
    notes = check_lines_apart(
        [
            ("ecological_redline", "permanent_basic_farmland", 12000.0),
            ("ecological_redline", "eco_control_area", 0.5),
        ],
        overlap_m2=1.0,
    )

    assert [f.check for f in notes] == ["lines.overlap"]
    assert "生态保护红线与永久基本农田重叠 1.20 公顷" in notes[0].reason.say("zh")


def zones(*shapes: shapely.Polygon) -> Rows:
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)
    frame = frame.assign(area_m2=area_m2(frame.geometry))
    return Rows("redline", frame, np.arange(len(shapes)).astype(object), np.ones(len(shapes), dtype=bool))


@pytest.mark.bad_input(109)
@pytest.mark.parametrize(
    ("shapes", "twice"),
    [
        ([square(0, 0), square(200, 0), square(0, 0), square(200, 0)], True),
        ([square(0, 0), box(0, 0, 99, 100), square(300, 0)], False),
        ([square(0, 0), box(0, 0, 99, 100)], True),
        ([square(0, 0), square(100, 0)], False),
        ([], False),
    ],
    ids=["both versions", "one zone of two", "shifted", "once", "empty"],
)
def test_old_and_new_version_in_one_layer_are_an_error(shapes: list[shapely.Polygon], twice: bool) -> None:
    """Where more than half of the ground stands twice."""
    them = zones(*shapes)
    found = check_delivered_twice(them, shared_ground(them), twice_share=0.5)

    assert [(f.check, f.severity, f.row, f.x) for f in found] == (
        [("lines.delivered_twice", "error", "", None)] if twice else []
    )


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("2022-10", D(2022, 10, 31)),
        ("2022", D(2022, 12, 31)),
        ("20221001", D(2022, 10, 1)),
        ("2024-02 上报版", D(2024, 2, 29)),
        ("2018年", D(2018, 12, 31)),
        ("v3", None),
        ("2.6.3.6", None),
        ("", None),
    ],
)
def test_a_version_is_taken_at_its_last_day(version: str, day: datetime.date | None) -> None:
    """Whoever writes 2022 may mean December."""
    assert last_day(version) == day


@pytest.mark.bad_input(109)
@pytest.mark.parametrize(
    ("version", "checks"),
    [
        ("2022-08", []),
        ("2018", ["vintage.older_than_rule"]),
        ("第三版", ["vintage.unknown"]),
        ("2021-03", ["vintage.older_than_rule", "vintage.after_study_day"]),
    ],
)
def test_a_layer_older_than_its_rule_is_a_warning(version: str, checks: list[str]) -> None:
    """The notice on the red line is of 2022-08-16."""
    layer = Layer("redline", "control_line", gpd.GeoDataFrame(geometry=[], crs=CRS), version=version)
    as_of = D(2020, 12, 31) if "after" in str(checks) else RULES_ON
    found = check_vintage(layer, [book()["line.ecological_redline"]], as_of)

    assert [f.check for f in found] == checks


@pytest.mark.bad_input(110)
def test_parcels_beyond_the_extent_of_a_layer_are_counted() -> None:
    """One is outside, one partly: neither is checked."""
    layer = Layer("r", "control_line", gpd.GeoDataFrame(geometry=[], crs=CRS), extent=box(0, 0, 150, 100))
    (found,) = check_extent(layer, [square(0, 0), square(100, 0), square(300, 0)], of=4)

    assert (found.check, found.severity, found.layer) == ("extent.partial", "warning", "r")
    assert "2 of 4 parcels" in found.reason.say("en")
    assert "不等于无冲突" in found.reason.say("zh")


def test_a_layer_that_covers_all_parcels_is_no_finding() -> None:
    """Negative control; and without an extent another finding speaks."""
    empty = gpd.GeoDataFrame(geometry=[], crs=CRS)

    assert check_extent(Layer("r", "control_line", empty, extent=square(0, 0)), [square(0, 0)], of=1) == []
    assert check_extent(Layer("r", "control_line", empty), [square(0, 0)], of=1) == []


@pytest.mark.parametrize(("total", "check"), [(600.0, "totals.agree"), (606.1, "totals.differ")])
def test_a_sum_is_compared_with_its_control_total(total: float, check: str) -> None:
    """100 + 200 + 300, one row blank; it may differ by 1 %."""
    wanted = ControlTotal("parks", "area_m2", total, 0.01, "规划文本")
    found = check_total(wanted, pd.Series([100.0, 200.0, 300.0, None]))

    assert (found.check, found.value) == (check, "area_m2")
    assert "600.00" in found.reason.say("zh")
    assert "规划文本" in found.reason.say("zh")
    assert "1 row is blank" in found.reason.say("en")


def test_a_park_that_is_built_larger_than_planned_is_an_error() -> None:
    """158.5 <= 460.06 <= 694.15; missing areas are not judged."""
    built = pd.Series({"P1": 120e4, "P2": 100e4, "P3": 1.0})
    planned = pd.Series({"P1": 100e4, "P2": 100e4})
    (found,) = check_nested(built, planned, roles=("parks_built", "parks"), slack=0.01)

    assert (found.check, found.severity, found.row) == ("parks.inner_exceeds", "error", "P1")
    assert "120.00" in found.reason.say("zh")


@pytest.mark.bad_input(106)
def test_an_enterprise_without_land_is_named() -> None:
    """It counts nowhere, which must be seen."""
    (found,) = check_occupied("enterprises", ["E9"])

    assert (found.check, found.severity, found.row) == ("enterprises.without_land", "warning", "E9")
