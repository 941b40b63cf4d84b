"""Whether two layers can meet at all, and what is said where they cannot."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import geopandas as gpd
import pyproj
import shapely

import landkit
from landkit.errors import LandkitWarning
from landkit.overlay.apart import box_around, what_cannot_meet

CRS = "EPSG:4549"


def box(*bounds):
    return np.array(bounds, dtype=float)


def test_boxes_that_touch_meet():
    assert what_cannot_meet(box(0, 0, 10, 10), box(10, 10, 20, 20), CRS) is None


@pytest.mark.parametrize(
    ("zones", "km"),
    [
        (box(3010, 0, 4000, 10), "3.0"),  # beside
        (box(3010, 4010, 5000, 5000), "5.0"),  # at a corner: 3 and 4 km
        (box(1_000_000, 0, 1_000_010, 10), "1,000.0"),
    ],
)
def test_the_distance_is_that_between_the_boxes_in_km(zones, km):
    found = what_cannot_meet(box(0, 0, 10, 10), zones, CRS)
    assert f"相距 {km} 公里" in found.reason.say("zh")
    assert f"({km} km apart)" in found.reason.say("en")


def test_in_degrees_the_distance_is_along_the_earth():
    """One degree of a meridian about 32 N is 110.87 km; the boxes share their meridians."""
    found = what_cannot_meet(box(119, 31, 120, 31.5), box(119, 32.5, 120, 33), "EPSG:4490")
    assert "(110.9 km apart)" in found.reason.say("en")


def test_in_feet_the_distance_is_in_metres():
    feet = pyproj.CRS("EPSG:2249")  # US survey feet: 5,280 of them are a mile
    found = what_cannot_meet(box(0, 0, 10, 10), box(5290, 0, 6000, 10), feet)
    assert "(1.6 km apart)" in found.reason.say("en")


def test_axes_that_are_swapped_are_named():
    found = what_cannot_meet(
        box(3_580_000, 40_500_000, 3_590_000, 40_510_000),
        box(40_500_000, 3_580_000, 40_600_000, 3_600_000),
        CRS,
    )
    assert "swapped" in found.reason.say("en")
    assert "对调" in found.reason.say("zh")


def test_boxes_without_a_place_are_passed_over():
    nowhere = [np.nan] * 4
    assert box_around(np.array([nowhere, [0, 1, 2, 3], [5, -1, 6, 2]])).tolist() == [0, -1, 6, 3]
    assert box_around(np.array([nowhere])) is None


@pytest.mark.parametrize("how", ["intersection", "difference"])
@pytest.mark.parametrize("kind", ["frame", "arrow"])
def test_overlaps_of_layers_that_lie_apart_warn(how, kind):
    parcels = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=CRS)
    zones = gpd.GeoDataFrame(geometry=[shapely.box(2010, 0, 2020, 10)], crs=CRS)
    given = [parcels, zones] if kind == "frame" else [layer.to_arrow() for layer in (parcels, zones)]
    with pytest.warns(LandkitWarning, match=r"2\.0 km apart") as caught:
        found = landkit.overlaps(*given, how=how)
    assert len(found) == (how == "difference")
    assert "相距 2.0 公里" in caught[0].message.say("zh")
    assert caught[0].filename == __file__


def test_layers_that_meet_without_sharing_ground_do_not_warn():
    parcels = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=CRS)
    zones = gpd.GeoDataFrame(geometry=[shapely.Polygon([(5, 40), (20, 5), (20, 40)])], crs=CRS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not len(landkit.overlaps(parcels, zones))
