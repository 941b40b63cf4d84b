"""Map sheets (图幅) by number: where they lie, their theoretical area, and what lies in them summing to it."""

import itertools

import numpy as np
import pytest
from builders import polygons

import geopandas as gpd
import shapely

from landkit.geometry import area_m2, sheet_area_m2, sheet_bounds, sheet_polygon
from landkit.units import round_to_total

DEGREE_MINUTE = 1 / 60


@pytest.mark.parametrize(
    ("number", "bounds"),
    [
        ("I50", (114, 32, 120, 36)),
        ("I50B001001", (114, 34, 117, 36)),
        ("I50C004004", (118.5, 32, 120, 33)),
        ("I50D012012", (119.5, 32, 120, 32 + 20 * DEGREE_MINUTE)),
        ("I50E024021", (119, 32, 119.25, 32 + 10 * DEGREE_MINUTE)),
        ("I50F001001", (114, 36 - 5 * DEGREE_MINUTE, 114.125, 36)),
        ("i50g096096", (120 - 3.75 * DEGREE_MINUTE, 32, 120, 32 + 2.5 * DEGREE_MINUTE)),
        ("I50H192192", (120 - 1.875 * DEGREE_MINUTE, 32, 120, 32 + 1.25 * DEGREE_MINUTE)),
        ("J50K00010002", (114 + 9.375 / 3600, 40 - 6.25 / 3600, 114 + 18.75 / 3600, 40)),
    ],
)
def test_a_sheet_lies_where_its_number_says(number, bounds):
    """Worked out by hand from the sheet's row and column in its sheet of 1:1,000,000."""
    assert sheet_bounds(number) == pytest.approx(bounds, abs=1e-9)


@pytest.mark.parametrize("number", ["", "I50E025001", "I50E000001", "Z50", "I99", "I50X001001", "I50E24021"])
def test_what_is_no_sheet_number_is_refused(number):
    with pytest.raises(ValueError, match="sheet"):
        sheet_bounds(number)


def test_the_theoretical_area_is_the_published_one():
    """Test vector of the 32°00'-32°10' x 119°00'-119°15' cell: 436,195,379.525 m2."""
    assert sheet_area_m2("I50E024021") == pytest.approx(436_195_379.525, abs=0.01)


def test_a_sheet_is_as_large_as_the_sheets_it_is_made_of():
    """4 by 4 sheets of 1:10,000 in one of 1:50,000 (24 x 4 = 96)."""
    small = [f"I50G{r:03}{c:03}" for r in range(93, 97) for c in range(81, 85)]
    assert sum(map(sheet_area_m2, small)) == pytest.approx(sheet_area_m2("I50E024021"), abs=0.01)
    together = shapely.union_all([sheet_polygon(n) for n in small], grid_size=1e-9)
    assert shapely.symmetric_difference(together, sheet_polygon("I50E024021")).area < 1e-9


def test_what_fills_a_sheet_sums_to_its_theoretical_area_on_the_grid_too():
    """控制面积: 400 patches that fill a sheet of 1:10,000, its sides dense in degrees, measured in EPSG:4549."""
    west, south, east, north = sheet_bounds("I50G096084")
    rng = np.random.default_rng(20261126)
    xs = np.sort(np.append(rng.uniform(west, east, 19), [west, east]))
    ys = np.sort(np.append(rng.uniform(south, north, 19), [south, north]))
    cells = [
        shapely.segmentize(shapely.box(x0, y0, x1, y1), 1e-4)
        for x0, x1 in itertools.pairwise(xs)
        for y0, y1 in itertools.pairwise(ys)
    ]
    patches = gpd.GeoSeries(cells, crs=4490)
    theoretical = sheet_area_m2("I50G096084")
    assert area_m2(patches).sum() == pytest.approx(theoretical, abs=0.001)
    measured = area_m2(patches.to_crs(4549))
    assert measured.sum() == pytest.approx(theoretical, abs=0.01 * theoretical / 1e6 + 0.05)
    rounded = round_to_total(measured.to_numpy(), 2)
    assert rounded.sum() == pytest.approx(round(measured.sum(), 2), abs=1e-6)
    assert np.abs(rounded - measured).max() < 0.01


def test_a_missing_patch_is_seen_by_the_control():
    """Negative control: one patch left out of a hundred."""
    west, south, east, north = sheet_bounds("I50G096084")
    xs = np.linspace(west, east, 101)
    strips = gpd.GeoSeries([shapely.box(a, south, b, north) for a, b in itertools.pairwise(xs)], crs=4490)
    assert abs(area_m2(strips[1:]).sum() - sheet_area_m2("I50G096084")) > 100_000


def test_planar_area_is_no_control():
    """On the plane of EPSG:4549 the western sheet is too large by more than 100 m2 per km2."""
    sheet = gpd.GeoSeries([sheet_polygon("I50G096084")], crs=4490).segmentize(1e-4).to_crs(4549)
    assert polygons(sheet[0])[0].area - sheet_area_m2("I50G096084") > 100 * sheet_area_m2("I50G096084") / 1e6
