"""The checks of a first reading: each finds its own broken sample, says where and why, and is silent on good data."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import CRS, X, Y, box, polygons, square

import geopandas as gpd
import shapely

from landkit.geometry import area_m2, repair_structure
from landkit.model import Finding, why
from landkit.quality.checks import (
    check_geometry,
    check_inside,
    check_lines_apart,
    check_parcels,
    check_repaired,
    check_repeated,
    findings_table,
)

DAY = datetime.date(2020, 12, 31)
LIMITS = {"differs_share": 0.1, "overlap_m2": 1.0}
NAN = float("nan")


def ring(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(X + x, Y + y) for x, y in points])


BOW_TIE = ring((0, 0), (100, 100), (100, 0), (0, 100))
LINE = shapely.LineString([(X, Y), (X + 9, Y)])


def checked(*shapes: shapely.Geometry | None) -> tuple[list[Finding], list[bool]]:
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)
    ids = pd.Series([f"L{i + 1}" for i in range(len(shapes))])
    findings, usable = check_geometry(frame, ids, layer="parcels")
    return findings, usable.tolist()


def broken(value: float) -> shapely.Polygon:
    with np.errstate(invalid="ignore"):
        return ring((0, 0), (100, 0), (value, 100), (0, 100))


@pytest.mark.parametrize(
    ("shape", "check", "zh", "en"),
    [
        (None, "geometry.null", "没有图形", "no geometry"),
        (shapely.Polygon(), "geometry.empty", "为空", "empty"),
        (broken(NAN), "geometry.not_finite", "不是数值", "no number"),
        (broken(float("inf")), "geometry.not_finite", "不是数值", "no number"),
        (shapely.box(1e17, 0, 1e17 + 1e6, 1e6), "geometry.not_finite", "地球之外", "off the earth"),
        (LINE, "geometry.kind", "LineString", "LineString"),
        (shapely.Point(X, Y), "geometry.kind", "Point", "Point"),
        (
            shapely.GeometryCollection([square(0, 0), LINE]),
            "geometry.kind",
            "GeometryCollection",
            "GeometryCollection",
        ),
        (
            BOW_TIE,
            "geometry.invalid",
            "不合法.*Self-intersection.*repair",
            "invalid.*Self-intersection.*repair",
        ),
        (ring((0, 0), (100, 0), (100, 100), (50, 0), (0, 100)), "geometry.invalid", "不合法", "invalid"),
        (
            shapely.Polygon(square(0, 0).exterior, [square(300, 0).exterior]),
            "geometry.invalid",
            "Hole",
            "Hole",
        ),
        (
            shapely.Polygon(square(0, 0).exterior, [square(0, 0).exterior]),
            "geometry.invalid",
            "不合法",
            "invalid",
        ),
        (shapely.MultiPolygon([square(0, 0), square(50, 0)]), "geometry.invalid", "不合法", "invalid"),
    ],
    ids=[
        "17-null",
        "16-empty",
        "12-nan",
        "13-inf",
        "15-1e17",
        "19-line",
        "19-point",
        "18-collection",
        "1-bow-tie",
        "4-touching-ring",
        "5-hole-outside",
        "6-hole-equal",
        "7-overlapping-parts",
    ],
)
def test_geometry_that_cannot_be_measured_is_an_error_finding_and_not_used(
    shape: shapely.Geometry | None, check: str, zh: str, en: str
) -> None:
    """The numbers are those of the list of bad inputs; the good row beside it stays usable."""
    findings, usable = checked(square(500, 0), shape, square(700, 0))

    assert usable == [True, False, True]
    assert [(f.check, f.severity, f.row) for f in findings] == [(check, "error", "L2")]
    assert re.search(zh, findings[0].reason.say("zh"))
    assert re.search(en, findings[0].reason.say("en"))


@pytest.mark.parametrize(
    "shape",
    [
        square(0, 0),
        shapely.MultiPolygon([square(0, 0), square(300, 0)]),
        square(0, 0).difference(square(20, 20, 10)),
        shapely.Polygon(list(square(0, 0).exterior.coords)[::-1]),
        shapely.segmentize(square(0, 0), 0.5),
        shapely.Polygon([p for p in square(0, 0).exterior.coords for _ in (0, 1)]),
    ],
    ids=["square", "two parts", "hole", "11-winding", "many vertices", "8-duplicate-vertices"],
)
def test_good_geometry_is_no_finding(shape: shapely.Geometry) -> None:
    """Negative control: winding and repeated vertices change no area."""
    assert checked(shape) == ([], [True])


def test_an_invalid_shape_is_placed_where_it_is_invalid() -> None:
    """So that a person can go there on the map: the crossing of the bow-tie is its middle."""
    (finding,), _ = checked(BOW_TIE)

    assert (finding.x, finding.y) == (X + 50, Y + 50)


def test_a_layer_of_lines_takes_polygons_for_the_wrong_kind() -> None:
    """Axes are lines; what most rows are is what the layer holds."""
    findings, usable = checked(LINE, LINE, square(0, 0))

    assert usable == [True, True, False]
    assert [f.check for f in findings] == ["geometry.kind"]


def test_what_lies_wholly_outside_the_study_is_an_error() -> None:
    """Another place, or another coordinate system; what only touches or crosses is not outside."""
    frame = gpd.GeoDataFrame(geometry=[square(0, 0), square(5000, 0), square(950, 0)], crs=CRS)
    ids, usable = pd.Series(["in", "out", "over"]), pd.Series([True, True, True])
    findings = check_inside(frame, ids, usable, box(0, 0, 1000, 1000), layer="parcels")

    assert [(f.check, f.row, f.x) for f in findings] == [("geometry.outside_study", "out", X + 5050)]


def parcels(*shapes: shapely.Geometry, **columns: list[Any]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"parcel_id": [f"L{i + 1}" for i in range(len(shapes))]}, geometry=list(shapes), crs=CRS
    )
    for name, values in columns.items():
        frame[name] = pd.to_datetime(pd.Series(values)) if name.endswith(("date", "from", "to")) else values
    return frame.assign(area_m2=area_m2(frame.geometry))


def found(frame: gpd.GeoDataFrame) -> list[tuple[str, str, str]]:
    return [(f.check, f.severity, f.row) for f in check_parcels(frame, DAY, layer="parcels", **LIMITS)]


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
    (finding,) = check_parcels(frame, DAY, layer="parcels", **LIMITS)

    assert (finding.check, finding.severity) == ("dates.order", "error")
    assert "早于" in finding.reason.say("zh")
    assert "comes before" in finding.reason.say("en")


def test_days_that_are_the_same_are_in_order() -> None:
    """Handed over on the day of the contract."""
    assert found(parcels(square(0, 0), supply_date=["2019-06-01"], handover_date=["2019-06-01"])) == []


@pytest.mark.parametrize(
    ("said", "off"),
    [(10900.0, False), (9100.0, False), (11100.0, True), (8900.0, True), (15.0, True), (0.0, True)],
)
def test_a_registered_area_more_than_ten_percent_off_is_a_warning(said: float, off: bool) -> None:
    """Bad inputs 104: mostly another unit (15 mu), or another deed; real sets hold many."""
    assert found(parcels(square(0, 0), registered_area_m2=[said])) == (
        [("area.registered", "warning", "L1")] if off else []
    )


def test_parcels_that_lie_on_each_other_are_an_error_with_both_and_the_area() -> None:
    """Bad inputs 28: half of 100 m x 100 m."""
    (finding,) = check_parcels(parcels(square(0, 0), square(50, 0)), DAY, layer="parcels", **LIMITS)

    assert (finding.check, finding.severity, finding.row) == ("overlap.parcels", "error", "L1")
    assert "L2" in finding.reason.say("zh")
    assert "5,000.0" in finding.reason.say("en")


@pytest.mark.parametrize(
    "second",
    [square(0, 0), square(20, 20, 10), square(-10, -10, 300)],
    ids=["27-duplicate", "inside", "around"],
)
def test_a_parcel_given_twice_or_inside_another_is_found_once(second: shapely.Polygon) -> None:
    """Bad inputs 27: neither `overlaps` nor `covers` alone finds all of these."""
    assert found(parcels(square(0, 0), second)) == [("overlap.parcels", "error", "L1")]


def test_slivers_between_neighbours_are_no_overlap() -> None:
    """Bad inputs 25, 26: less than a square metre is drawing."""
    assert found(parcels(square(0, 0), box(99.995, 0, 200, 100))) == []


def test_a_repair_is_a_warning_with_the_area_before_and_after() -> None:
    """Bad inputs 1, 7: nothing is mended in silence; 50 m x 100 m of a bow-tie are land."""
    before = polygons(square(300, 0), BOW_TIE, shapely.MultiPolygon([square(0, 0), square(50, 0)]))
    after = repair_structure(before)
    notes = check_repaired(before, after, pd.Series(["a", "b", "c"]), layer="parcels")

    assert [(f.row, f.check, f.severity) for f in notes] == [
        ("b", "geometry.repaired", "warning"),
        ("c", "geometry.repaired", "warning"),
    ]
    assert "5,000.00" in notes[0].reason.say("zh")
    assert "20,000.00 → 15,000.00" in notes[1].reason.say("en")
    assert after.is_valid.all()


@pytest.mark.parametrize("value", [NAN, float("inf")])
def test_a_coordinate_that_is_no_number_is_not_mended(value: float) -> None:
    """Seen: GEOS left the vertex out and gave a valid triangle of half the land."""
    before = polygons(broken(value), None)
    after = repair_structure(before)

    assert not after[0].is_valid
    assert check_repaired(before, after, pd.Series(["a", "b"]), layer="x") == []


def test_repeated_ids_are_listed_once_in_order() -> None:
    """And a missing id is not a repeated one."""
    assert check_repeated(pd.Series(["b", "a", "b", "a", "b", None, None, "c"])) == ["a", "b"]


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


def test_findings_stand_gravest_first_and_else_in_their_order() -> None:
    """What must be mended is at the top."""
    rows = [
        Finding("a", "c", s, why("outside_study"), r)
        for s, r in (("note", "1"), ("error", "2"), ("warning", "3"), ("error", "4"))
    ]

    assert findings_table(rows)["row"].tolist() == ["2", "4", "3", "1"]
    assert list(findings_table([]).columns) == [
        "severity",
        "layer",
        "row",
        "check",
        "value",
        "x",
        "y",
        "reasons",
    ]
