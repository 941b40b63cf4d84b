"""Which EPSG system a definition means: every plane of three datums, in the spellings of the programs that write .prj files."""

from __future__ import annotations

from typing import Any

import pytest
from builders import square

import geopandas as gpd
import pyproj

from landkit.io.crs import settle_crs
from landkit.io.crs.identify import Plane, contradiction, datums, epsg_of, identify, plane_of

NAMES = {"cgcs2000": "CGCS2000", "xian1980": "Xian 1980", "beijing1954": "Beijing 1954"}
ESRI = {
    "cgcs2000": (
        "GCS_China_Geodetic_Coordinate_System_2000",
        "D_China_2000",
        "CGCS2000",
        6378137.0,
        298.257222101,
    ),
    "xian1980": ("GCS_Xian_1980", "D_Xian_1980", "Xian_1980", 6378140.0, 298.257),
    "beijing1954": ("GCS_Beijing_1954", "D_Beijing_1954", "Krasovsky_1940", 6378245.0, 298.3),
}
OTHER = {
    "cgcs2000": ("GCS_CGCS2000", "D_CGCS2000"),
    "xian1980": ("GCS_西安80", "D_Xi_an_1980"),
    "beijing1954": ("北京54", "D_Beijing54"),
}
NAMELESS = ("unknown", "unknown")


def wkt(
    name: str, family: str, meridian: float, easting: float, *, words: tuple[str, str] | None = None,
    projection: str = "Gauss_Kruger", scale: float = 1.0,
) -> str:  # fmt: skip
    geographic, datum, ellipsoid, a, rf = ESRI[family]
    geographic, datum = words or (geographic, datum)
    return (
        f'PROJCS["{name}",GEOGCS["{geographic}",DATUM["{datum}",SPHEROID["{ellipsoid}",{a},{rf}]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
        f'PROJECTION["{projection}"],PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",{scale}],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


def planes() -> list[Any]:
    """Every plane of three datums: family, its name for EPSG, meridian, false easting."""
    found = []
    for family in datums():
        for i in range(21):
            zone, cm = 25 + i, 75 + 3 * i
            found.append((family, f"3-degree Gauss-Kruger zone {zone}", cm, zone * 1e6 + 5e5))
            found.append((family, f"3-degree Gauss-Kruger CM {cm}E", cm, 5e5))
        for zone in range(13, 24):
            found.append((family, f"Gauss-Kruger zone {zone}", zone * 6 - 3, zone * 1e6 + 5e5))
            found.append((family, f"Gauss-Kruger CM {zone * 6 - 3}E", zone * 6 - 3, 5e5))
    return found


@pytest.mark.parametrize(("family", "name", "meridian", "easting"), planes())
def test_every_plane_is_numbered_as_epsg_has_it(
    family: str, name: str, meridian: float, easting: float
) -> None:
    """64 planes a datum, 3 and 6 degrees, with and without zone number: the EPSG entry has that name and those parameters."""
    esri = (
        name.replace("3-degree Gauss-Kruger", "3_Degree_GK").replace("Gauss-Kruger", "GK").replace(" ", "_")
    )
    code = epsg_of(family, Plane(meridian, easting), esri)
    entry = pyproj.CRS.from_epsg(code)

    assert entry.name == f"{NAMES[family]} / {name}"
    assert plane_of(entry) == (meridian, easting)
    assert contradiction(entry) is None


@pytest.mark.parametrize(
    ("name", "family", "meridian", "easting", "epsg"),
    [
        ("CGCS2000_3_Degree_GK_CM_120E", "cgcs2000", 120, 5e5, 4549),
        ("CGCS2000_3_Degree_GK_Zone_40", "cgcs2000", 120, 40.5e6, 4528),
        ("CGCS2000_GK_Zone_20", "cgcs2000", 117, 20.5e6, 4498),
        ("CGCS2000_GK_CM_117E", "cgcs2000", 117, 5e5, 4509),
        ("Xian_1980_3_Degree_GK_CM_120E", "xian1980", 120, 5e5, 2385),
        ("Xian_1980_3_Degree_GK_Zone_40", "xian1980", 120, 40.5e6, 2364),
        ("Xian_1980_GK_Zone_20", "xian1980", 117, 20.5e6, 2334),
        ("Beijing_1954_3_Degree_GK_CM_120E", "beijing1954", 120, 5e5, 2437),
        ("Beijing_1954_3_Degree_GK_Zone_40", "beijing1954", 120, 40.5e6, 2416),
        ("Beijing_1954_GK_Zone_20", "beijing1954", 117, 20.5e6, 21420),
        ("Beijing_1954_GK_Zone_20N", "beijing1954", 117, 5e5, 21480),
    ],
)
@pytest.mark.parametrize("projection", ["Gauss_Kruger", "Transverse_Mercator"])
def test_what_arcmap_writes_is_known(
    name: str, family: str, meridian: float, easting: float, epsg: int, projection: str
) -> None:
    """The usual .prj, with either name of the projection."""
    assert (
        identify(pyproj.CRS.from_wkt(wkt(name, family, meridian, easting, projection=projection))).epsg
        == epsg
    )


@pytest.mark.parametrize(("family", "epsg"), [("cgcs2000", 4490), ("xian1980", 4610), ("beijing1954", 4214)])
def test_geographic_systems_are_known_by_their_datum(family: str, epsg: int) -> None:
    """GCS_China_Geodetic_Coordinate_System_2000 and its spellings."""
    _, _, ellipsoid, a, rf = ESRI[family]
    for geographic, datum in (ESRI[family][:2], OTHER[family]):
        text = (
            f'GEOGCS["{geographic}",DATUM["{datum}",SPHEROID["{ellipsoid}",{a},{rf}]],'
            'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
        )
        assert identify(pyproj.CRS.from_wkt(text)).epsg == epsg


def test_a_plane_that_epsg_does_not_have_is_left_as_it_is() -> None:
    """A meridian of its own (119°30′), another scale, another false easting: a projection, but none of EPSG's."""
    for meridian, easting, scale in (
        (119.5, 5e5, 1.0),
        (120, 5e5, 0.9999),
        (120, 4.5e5, 1.0),
        (120, 39.5e6, 1.0),
    ):
        crs = pyproj.CRS.from_wkt(
            wkt("扬州地方", "cgcs2000", meridian, easting, words=OTHER["cgcs2000"], scale=scale)
        )

        assert identify(crs).epsg is None


def test_planes_of_spellings_that_proj_does_not_know_are_told_by_all_their_parameters() -> None:
    """D_CGCS2000 for the datum: SuperMap and MapGIS write it."""
    for name, meridian, easting, epsg in (
        ("2000_3度带_40", 120, 40.5e6, 4528),
        ("扬州2000", 120, 5e5, 4549),
        ("CGCS2000_GK_Zone_20", 117, 20.5e6, 4498),
    ):
        crs = pyproj.CRS.from_wkt(wkt(name, "cgcs2000", meridian, easting, words=OTHER["cgcs2000"]))
        assert identify(crs) == (epsg, "parameters")


def frame(crs: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": [1]}, geometry=[square(0, 0)], crs=crs)


def test_a_renamed_plane_is_read_and_said_so() -> None:
    """扬州2000 with all parameters of EPSG:4549: a note, and it agrees with the study that says EPSG:4549."""
    crs = pyproj.CRS.from_wkt(wkt("扬州2000", "cgcs2000", 120, 5e5, words=OTHER["cgcs2000"]))
    settled = settle_crs(frame(crs), "EPSG:4549", layer="x")

    assert settled.frame.crs.to_epsg() == 4549
    assert [(f.check, f.severity) for f in settled.findings] == [("crs.identified", "note")]
    assert "扬州2000" in settled.findings[0].reason.say("zh")
    assert "EPSG:4549" in settled.findings[0].reason.say("en")
    assert settled.facts == {"crs": {"said": "扬州2000", "source": "file", "epsg": 4549, "by": "parameters"}}


def test_a_datum_told_by_the_ellipsoid_alone_is_a_warning() -> None:
    """`unnamed` of an old export: Krassovsky 1940 is most likely Beijing 1954, and somebody must say so."""
    crs = pyproj.CRS.from_wkt(wkt("unnamed", "beijing1954", 120, 5e5, words=NAMELESS))
    settled = settle_crs(frame(crs), None, layer="x")

    assert settled.frame.crs.to_epsg() == 2437
    assert [(f.check, f.severity) for f in settled.findings] == [("crs.guessed_datum", "warning")]


@pytest.mark.parametrize(
    ("name", "family", "meridian", "easting", "clash"),
    [
        ("CGCS2000_3_Degree_GK_Zone_39", "cgcs2000", 120, 40.5e6, ("117°E", "120°E")),
        ("CGCS2000_3_Degree_GK_CM_117E", "cgcs2000", 120, 5e5, ("117°E", "120°E")),
        ("Xian_1980_3_Degree_GK_CM_120E", "cgcs2000", 120, 5e5, ("Xian 1980", "CGCS2000")),
        ("CGCS2000_3_Degree_GK_CM_120E", "cgcs2000", 120, 5e5, None),
        ("CGCS2000_GK_Zone_20", "cgcs2000", 117, 20.5e6, None),
        ("Beijing_1954_3_Degree_GK_CM_120E", "beijing1954", 120, 5e5, None),
    ],
)
def test_a_name_that_its_own_parameters_deny_is_seen(
    name: str, family: str, meridian: float, easting: float, clash: tuple[str, str] | None
) -> None:
    """Edited by hand, or relabelled from Xian 1980 (bad inputs 37, 38)."""
    crs = pyproj.CRS.from_wkt(wkt(name, family, meridian, easting))

    assert contradiction(crs) == clash
    found = [f.check for f in settle_crs(frame(crs), None, layer="x").findings]
    assert [c for c in found if c != "crs.identified"] == (["crs.name_contradicts"] if clash else [])
