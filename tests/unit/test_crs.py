"""Coordinate systems on reading: a shift that nobody has parameters for is refused, not done by halves."""

from __future__ import annotations

import pytest
from builders import square
from refusals import refused

import geopandas as gpd
import pyproj

from landkit.errors import CRSError
from landkit.io.crs import read_crs, to_study_crs, with_crs

GOAL = "EPSG:4549"
XIAN80, BEIJING54 = "EPSG:2384", "EPSG:2436"  # 3-degree Gauss-Kruger, central meridian 117E on the old datums


def frame(crs: object = GOAL) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": [1]}, geometry=[square(0, 0)], crs=crs)


@pytest.mark.parametrize("crs", [XIAN80, BEIJING54, "EPSG:4610", "EPSG:4214"])
def test_old_datums_are_not_shifted_without_parameters(crs: str) -> None:
    """Bad inputs 38: PROJ would do nothing in silence, and the land would lie tens of metres off."""
    name = pyproj.CRS(crs).name

    with refused(
        CRSError, "datum_shift", zh="需要转换参数.*先用当地参数", en="needs parameters.*local parameters"
    ):
        to_study_crs(frame(crs), GOAL, layer="parcels")
    with pytest.raises(CRSError, match=name.split(" ")[0]):
        to_study_crs(frame(crs), GOAL, layer="parcels")


@pytest.mark.parametrize(
    "crs", ["EPSG:4326", "EPSG:4490", "EPSG:4258", "EPSG:4548", "EPSG:32650", "EPSG:3857"]
)
def test_datums_alike_to_decimetres_are_brought_to_the_study(crs: str) -> None:
    """WGS 84 and CGCS2000 are the same to decimetres; another meridian is plain arithmetic."""
    there = frame().to_crs(crs)
    back = to_study_crs(there, GOAL, layer="parcels")

    assert back.crs.to_epsg() == 4549
    assert back.geometry[0].hausdorff_distance(square(0, 0)) < 0.5


def test_a_frame_in_the_study_crs_is_not_moved() -> None:
    """Not by a hair: the same coordinates, bit by bit."""
    before = frame()
    after = to_study_crs(before, GOAL, layer="parcels")

    assert after.geometry[0].equals_exact(before.geometry[0], 0)
    assert after.crs.to_epsg() == 4549


def test_a_grid_without_an_ellipsoid_is_refused() -> None:
    """Bad inputs 40, 41: a local or engineering grid has no place on the earth."""
    local = 'ENGCRS["city grid",EDATUM["Yangzhou"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'

    with refused(CRSError, "crs_without_ellipsoid", zh="city grid.*没有椭球", en="city grid.*no ellipsoid"):
        to_study_crs(frame(local), GOAL, layer="parcels")


def test_a_missing_crs_is_never_assumed() -> None:
    """Bad inputs 32."""
    with refused(CRSError, "crs_missing", zh="parcels 没有坐标系", en="parcels has no coordinate system"):
        with_crs(frame(None), None, layer="parcels")


def test_a_stated_crs_is_taken_where_the_file_says_none() -> None:
    """And only there."""
    assert with_crs(frame(None), GOAL, layer="x").crs.to_epsg() == 4549
    assert with_crs(frame(), None, layer="x").crs.to_epsg() == 4549


@pytest.mark.parametrize("given", ["EPSG:4548", "EPSG:4326", "EPSG:4526"])
def test_a_stated_crs_never_overrules_the_file(given: str) -> None:
    """Bad inputs 36: 4526 is the same zone with its number before the easting (39 500 000)."""
    with refused(CRSError, "crs_disagrees", zh="删去不对的", en="remove the wrong one"):
        with_crs(frame(), given, layer="x")


def test_a_crs_that_proj_does_not_know_is_named() -> None:
    """With its layer."""
    with refused(CRSError, "crs_unknown", zh="parcels.*EPSG:1", en="parcels.*EPSG:1"):
        read_crs("EPSG:1", layer="parcels")


def test_the_axis_order_of_a_definition_changes_nothing() -> None:
    """Bad inputs 42: GML and WFS say latitude first."""
    assert with_crs(frame(), "urn:ogc:def:crs:EPSG::4549", layer="x").crs.to_epsg() == 4549
