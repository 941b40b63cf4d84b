"""The kernel on layers that others drew: every pair as GEOS has it."""

from __future__ import annotations

import numpy as np
import pytest
from exact import require_exact

import geopandas as gpd
import shapely

from landkit.geometry import repair_structure, usable_polygons

pytestmark = [pytest.mark.real, pytest.mark.slow]
METRES = {"cambridge_east": 26986, "france": 2154}


def polygons(path, crs):
    """The polygons of a layer in metres, flat, repaired where the file's are not valid."""
    shapes = repair_structure(gpd.read_file(path).geometry.to_crs(crs).force_2d())
    shapes = np.asarray(shapes.array, dtype=object)
    return shapes[usable_polygons(shapes)]


@pytest.mark.parametrize("zones", ["flood100", "flood500", "zoning", "openspace", "historic", "parcels"])
def test_parcels_of_cambridge(real_data, zones):
    folder = real_data / "cambridge_east"
    crs = METRES["cambridge_east"]
    parcels = polygons(folder / "parcels.gpkg", crs)
    assert require_exact(parcels, polygons(folder / f"{zones}.gpkg", crs)) > 10


@pytest.mark.parametrize("other", ["france_41175/PRESCRIPTION_SURF.shp", "france_41175/ZONE_URBA.shp"])
def test_zones_of_a_french_town(real_data, other):
    zones = polygons(real_data / "france_41175" / "ZONE_URBA.shp", METRES["france"])
    assert require_exact(zones, polygons(real_data / other, METRES["france"])) > 10


def test_monuments_of_france_against_each_other(real_data):
    areas = polygons(real_data / "france_ac1" / "AC1_ASSIETTE_SUP_S.shp", METRES["france"])
    assert shapely.is_valid(areas).all()
    assert require_exact(areas, areas) > 100
