"""Bad inputs 32-43: coordinates that do not lie where, or in the system, that somebody said.

Each is the tiny study with one thing changed.  What cannot be used is refused before anything is written, in one sentence
that names the most likely cause and the line to write; what can is read and said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import X, Y, box, layer, square
from builders import tiny_study as build
from refusals import assert_one_sentence

import geopandas as gpd
import pyogrio
import pyproj
import shapely

import landkit
from landkit.io.crs.web_coordinates import to_web
from landkit.study import load_study
from landkit.workflow.ground import Ground
from landkit.workflow.reading.study import read_ground

FEW = (
    "parks", "parks_built", "clusters", "axes", "enterprises", "enterprise_years", "occupancy", "eco_control_area",
    "urban_development_boundary", "permanent_basic_farmland",
)  # fmt: skip
SEVEN = {
    "from": "EPSG:4610", "to": "EPSG:4490", "method": "helmert7", "dx_m": 0.0, "dy_m": 0.0, "dz_m": 0.0, "rx_s": 0.0,
    "ry_s": 0.0, "rz_s": 0.0, "scale_ppm": 0.0, "convention": "position_vector", "accuracy_m": 0.5, "source": "市测绘院 2019",
}  # fmt: skip


def study(folder: Path, **how: Any) -> Path:
    """The tiny study with only boundary, counties, red line and parcels."""
    datum = how.pop("datum", None)
    build(folder, without=FEW, head={"plan": None}, **how)
    if datum:
        lines = "\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in datum.items())
        with (folder / "study.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[datum.local]\n{lines}\n")
    return folder


def ground(folder: Path) -> Ground:
    return read_ground(load_study(folder))


def refused_whole(folder: Path, tmp_path: Path, *patterns: str) -> None:
    """`landkit.run` says the patterns in Chinese, exit code 3; outputs and inputs are as they were, byte by byte."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "map.html").write_text("of an earlier run")
    given = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}

    with pytest.raises(landkit.LandkitError) as caught:
        landkit.run(folder, to=out)

    said = caught.value.say("zh")
    for pattern in patterns:
        assert re.search(pattern, said), said
    assert_one_sentence(said)
    assert_one_sentence(caught.value.say("en"))
    assert caught.value.exit_code == 3
    assert {p.name for p in out.iterdir() if p.is_file()} == {"map.html"}
    assert (out / "map.html").read_text() == "of an earlier run"
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == given


def labelled(crs: int, to: int | None = None) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Coordinates of `to` under the label of `crs`."""
    return lambda p: (p.to_crs(to) if to else p).set_crs(crs, allow_override=True)


def swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.transform(np.asarray(frame.geometry.array), lambda x, y: (y, x), interleaved=False)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def offset(system: str) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Web-map coordinates under the label of WGS 84, as a web map's interface hands them out."""

    def make(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        degrees = frame.to_crs(4326)
        shapes = shapely.transform(
            np.asarray(degrees.geometry.array), lambda x, y: to_web(x, y, system), interleaved=False
        )
        return degrees.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=4326))

    return make


def without_prj(folder: Path, prj: str | None = None) -> None:
    """The red line as a shapefile without .prj, or with this one."""
    frame = gpd.read_file(folder / "ecological_redline.gpkg")
    (folder / "ecological_redline.gpkg").unlink()
    pyogrio.write_dataframe(frame, folder / "ecological_redline.shp", encoding="UTF-8")
    (folder / "ecological_redline.prj").unlink()
    if prj:
        (folder / "ecological_redline.prj").write_text(prj, encoding="utf-8")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace("ecological_redline.gpkg", "ecological_redline.shp"), encoding="utf-8"
    )


@pytest.mark.bad_input(32)
def test_a_shapefile_without_prj_is_refused_and_read_when_the_study_says(tmp_path: Path) -> None:
    """Missing .prj: nothing is assumed, not even the study's own system."""
    folder = study(tmp_path / "study")
    without_prj(folder)
    refused_whole(folder, tmp_path, "没有坐标系.*EPSG:4549.*crs.*\\.prj")

    text = (folder / "study.toml").read_text(encoding="utf-8")
    told = text.replace(
        'path = "ecological_redline.shp"', 'path = "ecological_redline.shp"\ncrs = "EPSG:4549"'
    )
    (folder / "study.toml").write_text(told, encoding="utf-8")
    about = ground(folder).layers["ecological_redline"].facts["crs"]
    assert (about["source"], about["epsg"]) == ("study", 4549)


@pytest.mark.bad_input(33)
def test_layers_in_different_systems_are_brought_together_and_recorded(tmp_path: Path) -> None:
    """Two planes, two frames: 0 rows in common without it.  The manifest says the operation and its accuracy."""
    folder = study(tmp_path / "study", parcels=labelled(4548, 4548), counties=labelled(4326, 4326))
    found = ground(folder)
    plane, frames = (found.layers[k].facts["crs"] for k in ("parcels", "counties"))

    assert found.layers["parcels"].frame.geometry[0].hausdorff_distance(square(300, 300)) < 0.001
    assert plane["operation"] == "Inverse of Gauss-Kruger CM 117E + 3-degree Gauss-Kruger CM 120E"
    assert plane["accuracy_m"] == 0.0
    assert (frames["note"], frames["accuracy_m"]) == ("frames_alike", None)
    assert "proj=tmerc" in frames["pipeline"]


@pytest.mark.bad_input(33)
def test_a_study_and_a_file_that_disagree_stop(tmp_path: Path) -> None:
    """Which is right, only a person knows."""
    refused_whole(
        study(tmp_path / "study", spec={"parcels": {"crs": "EPSG:4548"}}), tmp_path, "CM 120E.*CM 117E.*删去"
    )


@pytest.mark.bad_input(34)
def test_metres_under_a_label_of_degrees_are_named(tmp_path: Path) -> None:
    """.prj says 4326, metres inside: the plane they fit, and the line that reads them so."""
    folder = study(tmp_path / "study", parcels=labelled(4326))
    refused_whole(folder, tmp_path, r'CM 120E, EPSG:4549.*crs_instead = "EPSG:4549"', "100 % 落入")

    told = study(tmp_path / "told", parcels=labelled(4326), spec={"parcels": {"crs_instead": "EPSG:4549"}})
    found = ground(told)
    assert found.layers["parcels"].frame.geometry[0].equals(square(300, 300))
    assert [f.severity for f in found.findings if f.check == "crs.overruled"] == ["warning"]


@pytest.mark.bad_input(35)
@pytest.mark.parametrize("crs", [4549, 4490])
def test_swapped_axes_are_named_and_swapped_on_request(tmp_path: Path, crs: int) -> None:
    """Latitude first, or northing first as survey reports have it."""

    def turned(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return swapped(parcels.to_crs(crs))

    refused_whole(study(tmp_path / "study", parcels=turned), tmp_path, "横纵坐标颠倒", "swap_axes = true")
    found = ground(study(tmp_path / "told", parcels=turned, spec={"parcels": {"swap_axes": True}}))

    assert found.layers["parcels"].frame.geometry[0].hausdorff_distance(square(300, 300)) < 0.001
    assert [f.severity for f in found.findings if f.check == "crs.swapped"] == ["warning"]


@pytest.mark.bad_input(36)
@pytest.mark.parametrize(
    ("label", "inside", "right"), [(4549, 4528, "zone 40, EPSG:4528"), (4528, 4549, "CM 120E, EPSG:4549")]
)
def test_a_zone_number_before_the_easting_or_none_is_seen(
    tmp_path: Path, label: int, inside: int, right: str
) -> None:
    """40 450 000 against 450 000, both ways."""
    folder = study(tmp_path / "study", parcels=labelled(label, inside))
    refused_whole(folder, tmp_path, right, f'crs_instead = "EPSG:{inside}"')


@pytest.mark.bad_input(37)
@pytest.mark.parametrize(("inside", "right"), [(4548, "CM 117E, EPSG:4548"), (4547, "CM 114E, EPSG:4547")])
def test_a_wrong_zone_is_named_with_its_distance(tmp_path: Path, inside: int, right: str) -> None:
    """One zone off is 280 km; the layer is whole and valid, only elsewhere."""
    folder = study(tmp_path / "study", parcels=labelled(4549, inside))
    refused_whole(folder, tmp_path, right, r"所标坐标系.*相距 \d+\.\d 公里")


@pytest.mark.bad_input(37)
def test_a_wrong_zone_without_a_boundary_is_seen_against_the_study_crs(tmp_path: Path) -> None:
    """The ground that the study's own system is for is the coarse check."""
    folder = study(
        tmp_path / "study",
        parcels=labelled(4549, 4547),
        spec={"ecological_redline": {"valid_extent": None}},
        boundary=lambda b: b,
    )
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(re.sub(r"\[layers\.boundary\][^\[]*", "", text), encoding="utf-8")
    refused_whole(folder, tmp_path, "适用范围", "CM 114E, EPSG:4547")


@pytest.mark.bad_input(38)
@pytest.mark.parametrize("crs", [2385, 2437, 4610, 4214])
def test_an_old_datum_is_refused_without_parameters(tmp_path: Path, crs: int) -> None:
    """PROJ would do nothing, and the land would lie tens of metres off."""
    folder = study(tmp_path / "study", parcels=labelled(crs, None if crs in (2385, 2437) else 4490))
    refused_whole(folder, tmp_path, "需要转换参数.*七参数或四参数.*\\[datum\\]")


@pytest.mark.bad_input(38)
def test_an_old_datum_comes_over_by_the_parameters_of_the_study(tmp_path: Path) -> None:
    """All zero here: only the ellipsoid changes.  What was done stands in findings and facts."""
    found = ground(study(tmp_path / "study", parcels=labelled(2385), datum=SEVEN))
    about = found.layers["parcels"].facts["crs"]

    assert about["note"] == "parameters"
    assert about["accuracy_m"] == 0.5
    assert "市测绘院 2019" in about["operation"]
    assert [f.layer for f in found.findings if f.check == "crs.parameters"] == ["parcels"]


@pytest.mark.bad_input(38)
def test_a_datum_that_was_only_relabelled_shows_in_the_name(tmp_path: Path) -> None:
    """A plane still called Xian 1980 on the ellipsoid of CGCS2000."""
    prj = (
        pyproj.CRS(4549)
        .to_wkt("WKT1_ESRI")
        .replace("CGCS2000_3_Degree_GK_CM_120E", "Xian_1980_3_Degree_GK_CM_120E")
    )
    folder = study(tmp_path / "study")
    without_prj(folder, prj)
    said = [f for f in ground(folder).findings if f.check == "crs.name_contradicts"]

    assert [(f.layer, f.severity) for f in said] == [("ecological_redline", "warning")]
    assert "Xian 1980" in said[0].reason.say("zh")


@pytest.mark.bad_input(39)
@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_a_web_map_offset_is_found_against_an_outline_of_the_same_ground(tmp_path: Path, system: str) -> None:
    """Counties of a web map, labelled WGS 84, against the boundary: how far, which, and what to do."""
    wide = box(-20_000, -20_000, 30_000, 30_000)
    halves = {"321003": box(-20_000, -20_000, 5_000, 30_000), "321012": box(5_000, -20_000, 30_000, 30_000)}
    counties = layer(halves, "county_id", county_name=["西县", "东县"])
    given = {"boundary": layer({"tiny": wide}, "name"), "counties": offset(system)(counties)}
    found = ground(study(tmp_path / "study", **given))
    (said,) = [f for f in found.findings if f.check.startswith("crs.")]

    assert (said.layer, said.check, said.severity) == ("counties", "crs.web_offset", "error")
    assert f'convert = "{system}"' in said.reason.say("zh")
    about = found.layers["counties"].facts["outline"]
    assert about["cause"] == system
    assert about["residuals_m"][system] < 10  # between the corners the offset is bent
    assert about["residuals_m"]["none"] > 150

    told = ground(study(tmp_path / "told", spec={"counties": {"convert": system}}, **given))
    assert told.layers["counties"].facts["outline"]["cause"] == "none"
    assert [f.check for f in told.findings if f.check.startswith("crs.")] == ["crs.converted"]
    assert told.layers["counties"].frame.geometry[0].hausdorff_distance(halves["321003"]) < 0.5


@pytest.mark.bad_input(39)
def test_the_honest_counties_of_the_tiny_study_are_not_suspected(tmp_path: Path) -> None:
    """Negative control."""
    found = ground(study(tmp_path / "study"))

    assert [f for f in found.findings if f.check.startswith("crs.")] == []
    assert found.layers["counties"].facts["outline"]["cause"] == "none"


@pytest.mark.bad_input(40)
@pytest.mark.parametrize("where", [(X, Y), (0.0, 0.0), (30_000.0, 20_000.0)])
def test_a_local_grid_without_prj_is_refused_with_what_to_do(
    tmp_path: Path, where: tuple[float, float]
) -> None:
    """A city's own grid: nobody can say where on the earth it lies but the office that keeps its parameters."""
    folder = study(
        tmp_path / "study",
        ecological_redline=lambda r: r.translate(where[0] - X, where[1] - Y).to_frame("geometry"),
    )
    without_prj(folder)
    refused_whole(folder, tmp_path, "没有坐标系")


@pytest.mark.bad_input(40)
def test_a_local_grid_called_by_another_name_fits_nowhere_and_is_said_so(tmp_path: Path) -> None:
    """Coordinates of a local origin under the label of the study: no reading fits, and none is made up."""
    folder = study(
        tmp_path / "study", ecological_redline=lambda r: r.set_geometry(r.translate(120_000 - X, 60_000 - Y))
    )
    refused_whole(folder, tmp_path, "没有一种落入.*向提供单位询问坐标系")


@pytest.mark.bad_input(41)
def test_an_engineering_system_is_refused(tmp_path: Path) -> None:
    """LOCAL_CS in the .prj."""
    folder = study(tmp_path / "study")
    without_prj(folder, 'LOCAL_CS["扬州城市坐标系",UNIT["Meter",1.0]]')
    refused_whole(folder, tmp_path, "地方或工程坐标系.*向测绘部门取得")


@pytest.mark.bad_input(42)
def test_latitude_first_as_gml_and_wfs_give_it_is_seen(tmp_path: Path) -> None:
    """A WFS answer saved as GeoJSON: urn:ogc:def:crs:EPSG::4326, latitude before longitude."""
    folder = study(tmp_path / "study")
    frame = swapped(gpd.read_file(folder / "ecological_redline.gpkg").to_crs(4326))
    content = json.loads(frame.to_json(drop_id=True))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
    (folder / "ecological_redline.gpkg").unlink()
    (folder / "red.geojson").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace("ecological_redline.gpkg", "red.geojson"), encoding="utf-8"
    )

    refused_whole(folder, tmp_path, "横纵坐标颠倒", "swap_axes = true")


@pytest.mark.bad_input(43)
def test_degrees_under_a_label_of_metres_are_named(tmp_path: Path) -> None:
    """Areas of 1e-9: the parcels never come so far."""
    folder = study(tmp_path / "study", parcels=labelled(4549, 4490))
    refused_whole(folder, tmp_path, r'经纬度.*EPSG:4490.*crs_instead = "EPSG:4490"')


def test_web_mercator_is_named_where_it_hides_under_another_label(tmp_path: Path) -> None:
    """Tiles' coordinates, 13 million metres east."""
    folder = study(tmp_path / "study", parcels=labelled(4549, 3857))
    refused_whole(folder, tmp_path, "网络墨卡托坐标.*EPSG:3857")


def test_web_mercator_that_says_so_is_read(tmp_path: Path) -> None:
    """And recorded."""
    found = ground(study(tmp_path / "study", parcels=labelled(3857, 3857)))

    assert found.layers["parcels"].frame.geometry[0].hausdorff_distance(square(300, 300)) < 0.01
    assert "Pseudo-Mercator" in found.layers["parcels"].facts["crs"]["operation"]


@pytest.mark.bad_input(39)
def test_an_offset_is_found_also_where_the_outline_is_invalid(tmp_path: Path) -> None:
    """Seen: a web map's counties, five of six invalid; the rows that cannot be measured still show where they lie."""
    wide = box(-20_000, -20_000, 30_000, 30_000)
    ring = [
        *wide.exterior.coords[:-1],
        (wide.bounds[0], wide.bounds[1] + 10),
        (wide.bounds[2], wide.bounds[1] + 10),
    ]
    crossed = shapely.Polygon([*ring[:1], (X + 5_000, Y - 30_000), *ring[1:]])
    assert not crossed.is_valid
    counties = layer({"321003": crossed}, "county_id", county_name=["县"])
    found = ground(
        study(tmp_path / "study", boundary=layer({"tiny": wide}, "name"), counties=offset("gcj02")(counties))
    )

    assert [f.check for f in found.findings if f.layer == "counties" and f.severity == "error"] == [
        "geometry.invalid",
        "crs.web_offset",
    ]
