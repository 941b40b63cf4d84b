"""Where coordinates would lie if they meant something else: every plane, order and unit is found, and nothing is made up."""

from __future__ import annotations

import numpy as np
import pytest
from builders import box

import pyproj
import shapely

from landkit.io.crs.placing import area_of_use, likely, look_as_stated, placements

GOAL = pyproj.CRS.from_epsg(4549)
AREA = box(-20_000, -20_000, 30_000, 30_000)
INSIDE = shapely.get_coordinates(shapely.segmentize(box(0, 0, 4000, 3000), 500))


def points(epsg: int, *, swapped: bool = False) -> np.ndarray:
    """Points of the study in another system."""
    x, y = pyproj.Transformer.from_crs(GOAL, epsg, always_xy=True).transform(*INSIDE.T)
    return np.column_stack([y, x] if swapped else [x, y])


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("epsg", [4528, 4548, 4550, 4547, 4527, 4498, 4499, 4490, 3857])
def test_what_coordinates_really_are_is_found_under_a_wrong_label(epsg: int, swapped: bool) -> None:
    """With and without zone number, 3 and 6 degrees, neighbouring zones, degrees, Web Mercator; either order of axes."""
    label = pyproj.CRS.from_epsg(4549 if epsg != 4549 else 4548)
    best = likely(placements(points(epsg, swapped=swapped), label, AREA, GOAL))

    assert best is not None
    assert best.swapped == swapped
    assert best.share > 0.99
    assert f"EPSG:{epsg}" in best.system


@pytest.mark.parametrize("epsg", [32650, 32651])
def test_utm_is_told_with_the_plane_that_lies_within_two_kilometres_of_it(epsg: int) -> None:
    """Scale 0.9996 and 1 differ by 1.4 km here: no study area tells them apart, so both are named."""
    found = placements(points(epsg), GOAL, AREA, GOAL)
    fitting = {f.kind for f in found if f.share > 0.99}

    assert fitting == {"plane", "utm"}


@pytest.mark.parametrize("epsg", [4549, 4528, 4490, 3857])
def test_what_is_labelled_right_is_left_as_stated(epsg: int) -> None:
    """Negative control: no other reading is called likely."""
    found = placements(points(epsg), pyproj.CRS.from_epsg(epsg), AREA, GOAL)

    assert found[0].kind == "as_stated"
    assert found[0].share == 1.0
    assert likely(found) is None


@pytest.mark.parametrize("at", [(0.0, 0.0), (1e6, -1e6), (5e8, 5e8), (1e17, 1e17), (120_000.0, 60_000.0)])
def test_coordinates_of_nowhere_are_given_no_reading(at: tuple[float, float]) -> None:
    """A local grid, or nonsense: said as such."""
    found = placements(INSIDE - INSIDE.min(axis=0) + np.array(at), GOAL, AREA, GOAL)

    assert likely(found) is None


def test_the_distance_is_that_of_the_middle_of_the_points() -> None:
    """One zone off at 32.4 N: 3 degrees of longitude are 282 km, and the middle lies 28 km inside the area's eastern edge."""
    found = placements(points(4548), GOAL, AREA, GOAL)

    assert found[0].distance_m == pytest.approx(282_000 - 28_000, rel=0.02)


def test_the_ground_that_a_system_is_for_holds_its_own_middle_and_not_the_next_zone_but_one() -> None:
    """EPSG's area of use with a degree of margin."""
    area = area_of_use(GOAL)

    assert area is not None
    assert look_as_stated(INSIDE, GOAL, area, GOAL).share == 1.0
    assert look_as_stated(INSIDE + np.array([600_000.0, 0.0]), GOAL, area, GOAL).share == 0.0


@pytest.mark.parametrize("swapped", [False, True])
def test_coordinates_of_the_study_s_own_system_are_known_under_another_label_outside_china(
    swapped: bool,
) -> None:
    """Seen: parcels of Massachusetts labelled EPSG:4549: every zone of China and UTM was tried, the study's system was not."""
    goal = pyproj.CRS.from_epsg(26986)
    here = INSIDE - INSIDE.min(axis=0) + np.array((234_000, 901_000))
    found = placements(
        here[:, ::-1] if swapped else here, GOAL, shapely.box(230_000, 895_000, 240_000, 905_000), goal
    )
    best = likely(found)

    assert best is not None
    assert (best.kind, best.swapped, best.share) == ("study_crs", swapped, 1.0)
    assert "EPSG:26986" in best.system


def test_no_distance_is_longer_than_half_way_round_the_earth() -> None:
    """Seen: degrees with their axes swapped lay 39,070.7 km from a study in Massachusetts."""
    degrees = pyproj.CRS.from_epsg(4326)
    here = shapely.get_coordinates(shapely.box(42.36, -71.10, 42.38, -71.07))
    area = shapely.box(230_000, 895_000, 240_000, 905_000)
    far = [r.distance_m for r in placements(here, degrees, area, pyproj.CRS.from_epsg(26986))]

    assert all(d == np.inf or d < 20_004_000 for d in far)
    assert np.inf in far
