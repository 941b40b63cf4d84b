"""The manifest: complete, comparable, and silent about the machine."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import geopandas as gpd
import shapely

from landkit.errors import ExportError, PlaceError
from landkit.ledger.manifest import build_manifest, fingerprint, manifest_text, relative_path, result_facts
from landkit.model import Citation, Layer, Rule, Stock

START = dt.datetime(2026, 11, 1, 8, 0, tzinfo=dt.UTC)


def rule(value: Any = 2) -> Rule:
    source = Citation("闲置土地处置办法", "国土资源部令第53号", "第二条", "https://example.org")
    return Rule(
        "idle.years",
        value,
        "year",
        "law",
        True,
        False,
        source,
        "闲置年限",
        "idle",
        dt.date(2012, 7, 1),
        None,
    )


def stock() -> Stock:
    table = pd.DataFrame(
        {
            "parcel_id": ["001", "002", "003"],
            "stock_class": ["idle", None, "idle"],
            "area_mu": [0.1, 0.2, np.nan],
            "floor_area_ratio": [1.0, 2.0, 3.0],
            "rules": [("a",), (), ("a", "b")],
        }
    )
    return Stock(table, rules=(rule(),), layers={"parcels": "2026"})


def manifest(folder: Path, *, seconds: float = 1.5) -> dict[str, Any]:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "study.toml").write_text("[study]")
    (folder / "data" / "parcels.gpkg").write_bytes(b"parcels")
    (folder / "out.html").write_text("map")
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=4549)
    layer = Layer(
        "parcels",
        "parcels",
        frame,
        version="2026",
        synthetic=True,
        path=str(folder / "data" / "parcels.gpkg"),
    )
    return build_manifest(
        study_file=folder / "study.toml",
        layers=[layer],
        rules=[rule(), rule()],
        results={"stock": stock()},
        outputs={"map.html": folder / "out.html"},
        times=(START, START + dt.timedelta(seconds=seconds)),
        about={"id": "yangzhou", "synthetic": True},
        versions={"gdal_pyogrio": "3.12.4"},
    )


def test_two_runs_differ_in_their_times_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first, second = manifest(tmp_path / "one"), manifest(tmp_path / "two", seconds=9)

    assert first["times"] != second["times"]
    assert manifest_text(first | {"times": {}}) == manifest_text(second | {"times": {}})


def test_nothing_of_the_machine_shows_through(tmp_path: Path) -> None:
    text = manifest_text(manifest(tmp_path))

    assert str(tmp_path) not in text
    assert json.loads(text)["inputs"]["parcels"]["path"] == "data/parcels.gpkg"


def test_inputs_and_outputs_carry_their_fingerprint(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    sha256 = hashlib.sha256(b"parcels").hexdigest()

    assert {k: made["inputs"]["parcels"][k] for k in ("bytes", "sha256", "synthetic")} == {
        "bytes": 7,
        "sha256": sha256,
        "synthetic": True,
    }
    assert made["outputs"]["map.html"] == {"bytes": 3, "sha256": hashlib.sha256(b"map").hexdigest()}
    assert made["study"]["sha256"] == hashlib.sha256(b"[study]").hexdigest()


def test_a_result_is_counted_by_category_and_summed_where_sums_mean_something() -> None:
    facts = result_facts(stock())

    assert facts["rows"] == 3
    assert facts["counts"] == {"stock_class": {"": 1, "idle": 2}}
    assert facts["sums"] == {"area_mu": 0.3}
    assert facts["missing"] == {"area_mu": 1}


def test_a_rule_stands_once_with_its_clause_and_says_that_nobody_read_it(tmp_path: Path) -> None:
    (only,) = manifest(tmp_path)["rules"]

    assert (only["citation"], only["verified"]) == ("《闲置土地处置办法》 (国土资源部令第53号) 第二条", False)
    assert '"since": "2012-07-01"' in manifest_text({"rules": [only]})


def test_versions_name_all_that_numbers_depend_on(tmp_path: Path) -> None:
    wanted = {
        "landkit",
        "python",
        "geopandas",
        "shapely",
        "geos",
        "pyproj",
        "proj",
        "gdal_pyogrio",
        "gdal_rasterio",
    }

    assert wanted <= set(manifest(tmp_path)["versions"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")])
def test_a_number_that_is_not_finite_is_refused_with_its_place(value: float) -> None:
    with pytest.raises(ExportError, match=r"results\.stock\[1\]"):
        manifest_text({"results": {"stock": [1, value]}})


def test_the_text_is_sorted_utf8_and_ends_in_a_line() -> None:
    assert manifest_text({"b": "扬州", "a": np.int64(1)}) == '{\n  "a": 1,\n  "b": "扬州"\n}\n'


def test_a_shapefile_is_all_of_its_files(tmp_path: Path) -> None:
    for name in ("a.shp", "a.DBF", "a.qix", "b.shp"):
        (tmp_path / name).write_text(name)
    before = fingerprint(tmp_path / "a.shp")
    (tmp_path / "a.DBF").write_text("changed")

    assert sorted(before["files"]) == ["a.DBF", "a.shp"]
    assert fingerprint(tmp_path / "a.shp")["sha256"] != before["sha256"]


def test_a_missing_input_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(PlaceError) as caught:
        fingerprint(tmp_path / "gone.gpkg")

    assert "gone.gpkg" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_path_beside_the_study_goes_up_and_a_far_one_is_only_a_name(tmp_path: Path) -> None:
    assert relative_path(tmp_path / "data" / "x.shp", tmp_path / "study") == "../data/x.shp"
    assert relative_path(Path("/elsewhere/secret/x.shp"), tmp_path) == "x.shp"
