"""Checks of shapes: each finds its own broken sample, says where and why, and is silent on good data."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from builders import CRS, X, Y, box, polygons, square

import geopandas as gpd
import shapely

from landkit.geometry import repair_structure
from landkit.model import Finding
from landkit.quality.rows import Rows
from landkit.quality.shapes import (
    DrawingLimits,
    check_drawing,
    check_geometry,
    check_inside,
    check_one_piece,
    check_repaired,
)

LIMITS = DrawingLimits(same_vertex_m=0.001, spike_degrees=5.0, sliver_width_m=1.0)
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


def rows(*shapes: shapely.Geometry) -> Rows:
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)
    ids = np.array([f"L{i + 1}" for i in range(len(shapes))], dtype=object)
    return Rows("parcels", frame, ids, np.ones(len(shapes), dtype=bool))


def drawn(*shapes: shapely.Geometry) -> list[tuple[str, str, float | None, float | None]]:
    """Check, row, and the place in local metres."""
    found = check_drawing(rows(*shapes), LIMITS)
    return [(f.check, f.row, (f.x or 0) - X, (f.y or 0) - Y) for f in found]


@pytest.mark.bad_input(8)
def test_repeated_vertices_are_one_note_per_row_at_their_place() -> None:
    """(100, 100) stands three times; a ring that is closed repeats its first vertex, which is no fault."""
    twice = ring((0, 0), (100, 0), (100, 100), (100, 100), (100, 100), (0, 100))

    assert drawn(square(300, 0), twice) == [("vertices.repeated", "L2", 100, 100)]
    assert check_drawing(rows(twice), LIMITS)[0].reason.say("en") == "2 repeated vertices"


@pytest.mark.bad_input(3)
def test_a_spike_is_a_warning_at_its_tip() -> None:
    """A tip 80 m out and 2 m wide at its foot: 2 atan(1/80) = 1.43 degrees."""
    spiked = ring((0, 0), (100, 0), (100, 49), (180, 50), (100, 51), (100, 100), (0, 100))

    assert drawn(spiked) == [("geometry.spike", "L1", 180, 50)]
    assert "1.4°" in check_drawing(rows(spiked), LIMITS)[0].reason.say("zh")


def test_the_spike_of_a_hole_and_of_a_second_part_is_found() -> None:
    """Rings are looked at one by one: the last vertex of one is not the neighbour of the first of the next."""
    hole = ring((20, 20), (80, 20), (80, 22))
    holed = shapely.Polygon(square(0, 0).exterior, [hole.exterior])
    parts = shapely.MultiPolygon([square(300, 0), ring((500, 0), (600, 1), (600, 0))])

    assert [(c, r) for c, r, *_ in drawn(holed, parts)] == [
        ("geometry.spike", "L1"),
        ("geometry.spike", "L2"),
    ]


@pytest.mark.parametrize("degrees", [4.9, 5.1])
def test_the_limit_of_a_spike_is_the_rule(degrees: float) -> None:
    """5 degrees: below it is one."""
    tip = ring((0, 0), (100, 0), (100, 100 * np.tan(np.radians(degrees))))

    assert ("geometry.spike" in [c for c, *_ in drawn(tip)]) == (degrees < 5)


@pytest.mark.bad_input(25)
def test_a_sliver_is_known_by_its_width_and_not_by_its_area() -> None:
    """0.9 m x 200 m is one although it has 180 m2; 3 m x 3 m is a small parcel."""
    assert [(c, r) for c, r, *_ in drawn(box(0, 0, 0.9, 200), box(10, 0, 13, 3))] == [
        ("geometry.sliver", "L1")
    ]


def test_good_shapes_are_drawn_without_a_finding() -> None:
    """Negative control, with holes, parts and the other winding."""
    shapes = [
        square(0, 0),
        square(0, 0).difference(square(20, 20, 10)),
        shapely.Polygon(list(square(0, 0).exterior.coords)[::-1]),
        shapely.MultiPolygon([square(0, 0), square(300, 0)]),
    ]

    assert drawn(*shapes) == []


def test_a_parcel_of_several_parts_is_a_warning() -> None:
    """One parcel is one piece of land."""
    found = check_one_piece(rows(square(0, 0), shapely.MultiPolygon([square(0, 0), square(300, 0)])))

    assert [(f.check, f.severity, f.row) for f in found] == [("geometry.multipart", "warning", "L2")]


def test_a_row_that_cannot_be_used_is_not_asked_how_it_was_drawn() -> None:
    """Null, NaN and invalid rows have their own finding."""
    frame = gpd.GeoDataFrame(geometry=[None, BOW_TIE], crs=CRS)
    unusable = Rows("x", frame, np.array(["a", "b"], dtype=object), np.zeros(2, dtype=bool))

    assert check_drawing(unusable, LIMITS) == []
    assert check_one_piece(unusable) == []
