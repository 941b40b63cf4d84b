"""A change of datum by given parameters: the sums of a survey report, done by PROJ, and never done without them."""

from __future__ import annotations

import math
from typing import Any

import pydantic
import pytest
from builders import square
from refusals import refused

import geopandas as gpd
import pyproj

from landkit.errors import CRSError
from landkit.io.crs import reproject
from landkit.io.crs.parameters import DatumSpec

SEVEN: dict[str, Any] = {
    "from": "EPSG:4610", "to": "EPSG:4490", "method": "helmert7", "dx_m": 30.0, "dy_m": -10.0, "dz_m": 5.0, "rx_s": 0.5,
    "ry_s": -0.25, "rz_s": 1.0, "scale_ppm": 2.0, "convention": "position_vector", "accuracy_m": 0.1, "source": "测试",
}  # fmt: skip
FOUR: dict[str, Any] = {
    "from": "EPSG:2385", "to": "EPSG:4549", "method": "planar4", "north_m": -100.0, "east_m": 50.0, "rotation_s": 3.0,
    "scale_ppm": 4.0, "accuracy_m": 0.05, "source": "测试",
}  # fmt: skip


def frame(crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": [1]}, geometry=[square(0, 0)], crs=crs)


def to_xyz(lon: float, lat: float, a: float, rf: float) -> tuple[float, float, float]:
    e2 = (2 - 1 / rf) / rf
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    return n * math.cos(lat) * math.cos(lon), n * math.cos(lat) * math.sin(lon), n * (1 - e2) * math.sin(lat)


def to_degrees(x: float, y: float, z: float, a: float, rf: float) -> tuple[float, float]:
    e2 = (2 - 1 / rf) / rf
    lat = math.atan2(z, math.hypot(x, y) * (1 - e2))
    for _ in range(10):
        n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        lat = math.atan2(z + e2 * n * math.sin(lat), math.hypot(x, y))
    return math.degrees(math.atan2(y, x)), math.degrees(lat)


@pytest.mark.parametrize(("convention", "sign"), [("position_vector", 1), ("coordinate_frame", -1)])
def test_seven_parameters_are_applied_as_bursa_and_wolf_wrote_them(convention: str, sign: int) -> None:
    """The same sum by hand, from geocentric coordinates on the ellipsoid of 1975 to those of CGCS2000."""
    spec = DatumSpec.model_validate({**SEVEN, "convention": convention})
    lon, lat = 119.4, 32.4
    x, y, z = to_xyz(math.radians(lon), math.radians(lat), 6378140.0, 298.257)
    rx, ry, rz = (sign * math.radians(v / 3600) for v in (0.5, -0.25, 1.0))
    m = 1 + 2e-6
    moved = (30 + m * (x - rz * y + ry * z), -10 + m * (rz * x + y - rx * z), 5 + m * (-ry * x + rx * y + z))
    wanted = to_degrees(*moved, 6378137.0, 298.257222101)

    found = pyproj.Transformer.from_pipeline(spec.shift("x").pipeline).transform(lon, lat)

    assert found == pytest.approx(
        wanted, abs=2e-9
    )  # a fifth of a millimetre; heights are left out on both sides


def test_four_parameters_are_applied_as_survey_reports_write_them() -> None:
    """X is north, Y is east: X' = dX + (1+m)(X cos a - Y sin a), Y' = dY + (1+m)(X sin a + Y cos a)."""
    spec = DatumSpec.model_validate(FOUR)
    east, north = 450_000.0, 3_580_000.0
    a, m = math.radians(3 / 3600), 1 + 4e-6
    wanted = (
        50 + m * (north * math.sin(a) + east * math.cos(a)),
        -100 + m * (north * math.cos(a) - east * math.sin(a)),
    )

    found = pyproj.Transformer.from_pipeline(spec.shift("x").pipeline).transform(east, north)

    assert found == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("crs", "given"), [("EPSG:2385", FOUR), ("EPSG:2385", SEVEN), ("EPSG:2384", SEVEN), ("EPSG:4610", SEVEN)]
)
def test_a_layer_comes_over_by_the_parameters_and_the_record_says_how(
    crs: str, given: dict[str, Any]
) -> None:
    """Operation, pipeline, accuracy and source; from any plane of the old datum."""
    there = frame("EPSG:2385").to_crs(crs)
    moved, operation = reproject(
        there, "EPSG:4549", layer="x", shifts=[DatumSpec.model_validate(given).shift("西安80")]
    )

    assert moved.crs.to_epsg() == 4549
    assert operation.note == "parameters"
    assert operation.accuracy_m == given["accuracy_m"]
    assert "西安80" in operation.name
    assert "测试" in operation.name
    assert "helmert" in operation.pipeline
    assert 1 < moved.geometry[0].hausdorff_distance(frame("EPSG:2385").geometry[0]) < 400


def test_parameters_of_another_datum_are_no_help() -> None:
    """Xian 1980 parameters do not carry a layer in Beijing 1954."""
    shift = DatumSpec.model_validate(SEVEN).shift("x")
    with refused(CRSError, "datum_shift", zh="七参数或四参数", en="seven or four parameters"):
        reproject(frame("EPSG:2437"), "EPSG:4549", layer="x", shifts=[shift])


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"dx_m": None}, "study_datum_parameters"),
        ({"convention": None}, "study_datum_parameters"),
        ({"north_m": 1.0}, "study_datum_parameters"),
        ({"from": "EPSG:2385"}, "study_datum_systems"),
        ({"from": "EPSG:1"}, "study_crs_unknown"),
        ({"accuracy_m": 0}, "greater_than"),
        ({"source": ""}, "string_too_short"),
    ],
)
def test_parameters_that_are_not_whole_are_refused(changes: dict[str, Any], key: str) -> None:
    """Nobody fills in a zero for what a report forgot, least of all the sign of the rotations."""
    with pytest.raises(pydantic.ValidationError) as caught:
        DatumSpec.model_validate({**SEVEN, **changes})

    assert key in str(caught.value.errors()[0]["type"]) + str(caught.value.errors()[0]["msg"])


def test_a_reprojection_is_recorded_with_its_operation_and_accuracy() -> None:
    """Between planes of one datum exact; from WGS 84 without stated accuracy, and said to be of frames alike."""
    _, plane = reproject(frame("EPSG:4549").to_crs(4548), "EPSG:4549", layer="x")
    _, frames = reproject(frame("EPSG:4549").to_crs(4326), "EPSG:4549", layer="x")
    _, none = reproject(frame("EPSG:4549"), "EPSG:4549", layer="x")

    assert (plane.name, plane.accuracy_m) == (
        "Inverse of Gauss-Kruger CM 117E + 3-degree Gauss-Kruger CM 120E",
        0.0,
    )
    assert "lon_0=120" in plane.pipeline
    assert (frames.accuracy_m, frames.note) == (None, "frames_alike")
    assert none == ("", "", 0.0, "same_plane")
