"""A layer that is not in metres is told the plane of its own place, in China and anywhere else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from refusals import refused

import geopandas as gpd
import pyproj
import shapely

import landkit
from landkit.errors import CRSError
from landkit.geometry import planar_area_m2
from landkit.geometry.plane import advised, plane_for
from landkit.overlay.arrow_layers import metric_crs


def test_a_plane_for_land_is_the_one_of_its_own_meridian() -> None:
    """3 degrees on CGCS2000 in China, UTM elsewhere."""
    assert plane_for(119.4, 32.4) == "EPSG:4549"
    assert plane_for(116.4, 39.9) == "EPSG:4548"
    assert plane_for(-71.1, 42.4) == "EPSG:32619"
    assert plane_for(151.2, -33.9) == "EPSG:32756"


PLACES = [
    (119.4, 32.4, 4490, r"EPSG:4549 ?\(CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
    (104.1, 30.7, 4326, r"EPSG:4544 ?\(CGCS2000 / 3-degree Gauss-Kruger CM 105E"),
    (-71.1, 42.4, 4326, r"EPSG:32619 ?\(WGS 84 / UTM zone 19N"),
    (151.2, -33.9, 4326, r"EPSG:32756 ?\(WGS 84 / UTM zone 56S"),
]


def squares(lon: float, lat: float, crs: int) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.box(lon, lat, lon + 0.01, lat + 0.01)], crs=crs)


@pytest.mark.parametrize(("lon", "lat", "crs", "plane"), PLACES)
def test_a_layer_in_degrees_is_told_the_plane_of_its_own_place(
    lon: float, lat: float, crs: int, plane: str
) -> None:
    """Seen: EPSG:4549, the plane of Yangzhou, was advised for a layer in Massachusetts."""
    layer = squares(lon, lat, crs)
    with refused(CRSError, "crs_not_projected", zh=plane, en=plane):
        planar_area_m2(layer)
    with refused(CRSError, "crs_not_projected", zh=plane, en=plane):
        landkit.overlaps(layer, layer, area="planar")
    table = pa.table(gpd.GeoDataFrame(geometry=layer).to_arrow(index=False, geometry_encoding="WKB"))
    with refused(CRSError, "layer_not_projected", zh=plane, en=plane):
        metric_crs(table, "parcels")


def test_a_layer_in_feet_is_told_the_plane_of_its_own_place() -> None:
    """EPSG:2249 is Massachusetts in US feet."""
    feet = squares(-71.1, 42.4, 4326).to_crs(2249)
    assert advised(np.asarray(feet.total_bounds), pyproj.CRS(2249)).crs == "EPSG:32619"


@pytest.mark.parametrize(
    "bounds",
    [
        None,
        [np.nan] * 4,
        [73.0, 18.0, 135.0, 53.0],
        [0.0, 85.0, 1.0, 86.0],
        [437000.0, 3.58e6, 437100.0, 3.6e6],
    ],
    ids=["no place", "empty", "all of China", "near the pole", "metres called degrees"],
)
def test_where_no_one_plane_suits_the_kind_is_said(bounds: list[float] | None) -> None:
    found = advised(None if bounds is None else np.array(bounds), pyproj.CRS(4326))
    assert found.crs == ""
    assert "CGCS2000 3 度带" in found.say("zh")
    assert "UTM" in found.say("en")
