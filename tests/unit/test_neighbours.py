"""Checks of neighbours: land claimed twice, the same shape twice, slits; each pair once, with both ids and the place."""

from __future__ import annotations

import numpy as np
import pytest
from builders import CRS, X, Y, box, polygons, square
from hypothesis import given
from hypothesis import strategies as st

import geopandas as gpd
import shapely

from landkit.geometry import area_m2
from landkit.model import Finding
from landkit.quality.neighbours import NeighbourLimits, check_gaps, check_overlaps, shared_ground
from landkit.quality.rows import Rows

LIMITS = NeighbourLimits(overlap_m2=1.0, alike_share=0.95, gap_width_m=1.0, gap_m2=1.0)


def rows(*shapes: shapely.Geometry | None) -> Rows:
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)
    usable = np.array([s is not None for s in shapes])
    return Rows("parcels", frame, np.array([f"L{i + 1}" for i in range(len(shapes))], dtype=object), usable)


def overlapping(*shapes: shapely.Geometry | None) -> list[Finding]:
    them = rows(*shapes)
    return check_overlaps(them, shared_ground(them), LIMITS, check="overlap.parcels")


def said(found: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(f.check, f.severity, f.row, f.value) for f in found]


@pytest.mark.bad_input(28)
def test_parcels_that_lie_on_each_other_are_an_error_with_both_and_the_area() -> None:
    """Half of 100 m x 100 m, measured on the ellipsoid like every area; the place is the shared ground."""
    (finding,) = overlapping(square(0, 0), square(50, 0))
    shared = area_m2(polygons(box(50, 0, 100, 100)))[0]

    assert said([finding]) == [("overlap.parcels", "error", "L1", "L2")]
    assert "L2" in finding.reason.say("zh")
    assert f"{shared:,.1f}" in finding.reason.say("en")
    assert shared == pytest.approx(5000, rel=2e-4)
    assert (finding.x, finding.y) == (X + 75, Y + 50)


@pytest.mark.parametrize("second", [square(20, 20, 10), square(-10, -10, 300)], ids=["inside", "around"])
def test_a_parcel_inside_another_is_found_once(second: shapely.Polygon) -> None:
    """Neither `overlaps` nor `covers` alone finds both."""
    assert said(overlapping(square(0, 0), second)) == [("overlap.parcels", "error", "L1", "L2")]


@pytest.mark.bad_input(27)
@pytest.mark.parametrize(
    ("second", "check"),
    [
        (square(0, 0), "overlap.same"),
        (shapely.Polygon(list(square(0, 0).exterior.coords)[::-1]), "overlap.same"),
        (box(0, 0, 100, 98), "overlap.alike"),
        (box(0, 0, 100, 94), "overlap.parcels"),
    ],
    ids=["same", "same, other winding", "98 % alike", "94 % alike"],
)
def test_the_same_land_drawn_twice_is_called_so(second: shapely.Polygon, check: str) -> None:
    """What they share over what they cover together: 1, 0.98, 0.94; the limit is 0.95."""
    assert said(overlapping(square(0, 0), second)) == [(check, "error", "L1", "L2")]


@pytest.mark.bad_input(26)
@pytest.mark.parametrize(
    "second",
    [
        square(100, 0),
        square(100, 100),
        box(100, 50, 200, 150),
        box(99.995, 0, 200, 100),
        square(300, 0),
        None,
    ],
    ids=["an edge", "a corner", "part of an edge", "0.5 m2", "apart", "no shape"],
)
def test_neighbours_that_only_touch_are_no_overlap(second: shapely.Polygon | None) -> None:
    """Less than a square metre is drawing."""
    assert overlapping(square(0, 0), second) == []


def test_three_on_one_another_are_three_pairs() -> None:
    """Each pair once, the earlier row first."""
    found = overlapping(square(0, 0), square(10, 0), square(20, 0))

    assert [(f.row, f.value) for f in found] == [("L1", "L2"), ("L1", "L3"), ("L2", "L3")]


@given(
    places=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=12),
    side=st.integers(2, 12),
)
def test_shared_ground_is_that_of_every_pair_compared_by_hand(
    places: list[tuple[int, int]], side: int
) -> None:
    """Squares on a grid: what two share is (side - dx)(side - dy) where that is positive."""
    ground = shared_ground(rows(*(square(x, y, side) for x, y in places)))
    expected = {}
    for i, (x, y) in enumerate(places):
        for j, (u, v) in enumerate(places[i + 1 :], i + 1):
            shared = max(0, side - abs(x - u)) * max(0, side - abs(y - v))
            if shared:
                expected[i, j] = shared
    found = {(int(a), int(b)): m2 for a, b, m2 in zip(*ground[:3], strict=True)}

    assert found == pytest.approx(expected, rel=3e-4)


def slits(*shapes: shapely.Geometry | None) -> list[Finding]:
    return check_gaps(rows(*shapes), LIMITS)


@pytest.mark.bad_input(29)
def test_a_slit_between_neighbours_is_a_warning_with_both_and_its_place() -> None:
    """0.4 m x 100 m: 40 m2, open at both ends."""
    (finding,) = slits(square(0, 0), box(100.4, 0, 200, 100))

    assert (finding.check, finding.severity, finding.row, finding.value) == (
        "gaps.slit",
        "warning",
        "L1",
        "L2",
    )
    assert "0.40 m wide" in finding.reason.say("en")
    assert "40.0 m²" in finding.reason.say("en")
    assert (finding.x, finding.y) == (pytest.approx(X + 100.2, abs=0.01), pytest.approx(Y + 50, abs=0.01))


def test_a_closed_slit_inside_is_found_too() -> None:
    """A hole 0.5 m wide that nobody owns."""
    holed = square(0, 0).difference(box(40, 40, 40.5, 60))

    assert [f.row for f in slits(holed)] == ["L1"]


@pytest.mark.parametrize(
    "shapes",
    [
        [square(0, 0), square(100, 0)],
        [square(0, 0), box(106, 0, 200, 100)],
        [square(0, 0).difference(square(30, 30, 20))],
        [square(0, 0), square(100, 100)],
        [None],
    ],
    ids=["joined", "a road of 6 m", "a courtyard", "a corner", "no shape"],
)
def test_a_road_and_a_courtyard_are_no_slit(shapes: list[shapely.Polygon | None]) -> None:
    """Wider than the limit is land of somebody else."""
    assert slits(*shapes) == []
