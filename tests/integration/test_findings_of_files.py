"""What `landkit check` tells of a file that was read, `landkit split` and streams of overlaps tell too."""

from __future__ import annotations

import json
import re

import pytest

import geopandas as gpd
import shapely

import landkit
from landkit.checklist import checklist
from landkit.cli import main
from landkit.text import term, text


@pytest.fixture
def guessed(tmp_path):
    """Parcels whose shapefile does not say its encoding: it is told by its text, which a person should look at."""
    shapes = [shapely.box(437000 + k, 3583000, 437001 + k, 3583001) for k in range(40)]
    names = [f"扬州市广陵区产业园地块{k}号" for k in range(40)]
    parcels = gpd.GeoDataFrame({"dkmc": names}, geometry=shapes, crs="EPSG:4549")
    parcels.to_file(tmp_path / "parcels.shp", encoding="GBK")
    (tmp_path / "parcels.cpg").unlink()
    parcels.to_parquet(tmp_path / "zones.parquet")
    return tmp_path / "parcels.shp"


def test_what_was_found_while_a_file_was_read_is_told(guessed, tmp_path, capsys):
    zones = tmp_path / "zones.parquet"
    streamed = landkit.stream_overlaps(guessed, zones, to=tmp_path / "o")
    swapped = landkit.stream_overlaps(zones, guessed, to=tmp_path / "z")
    split = landkit.split_parcels(guessed, to=tmp_path / "s")
    for done in (streamed, swapped, split):
        assert {(f.layer, f.check) for f in done.findings} == {("parcels.shp", "encoding.decided")}
    assert "encoding.decided" in streamed.describe("zh")
    with pytest.raises(SystemExit):
        main(["split", str(guessed), "--to", str(tmp_path / "t"), "--json"])
    assert json.loads(capsys.readouterr().out)["findings"][0]["check"] == "encoding.decided"
    with pytest.raises(SystemExit) as end:
        main(["split", str(guessed), "--to", str(tmp_path / "u")])
    assert end.value.code == 0
    assert "encoding.decided" in capsys.readouterr().out


def test_what_to_do_about_an_encoding_is_true_where_there_is_no_study():
    """Seen: `landkit overlaps` advised a key of study.toml."""
    for name in ("encoding.decided", "encoding.doubtful"):
        assert all("--encoding" in checklist()[name].todo(lang) for lang in ("zh", "en"))


def test_a_latin_name_at_the_end_of_a_system_stands_apart_from_chinese():
    """Seen: 按火星坐标 GCJ-02还原后, 坐标应为火星坐标 GCJ-02而非所标坐标系."""
    facts = dict.fromkeys(("control", "metres", "east", "north", "before", "after", "convert"), "1")
    for key in ("outline_offset", "crs_converted"):
        said = text(f"reason.{key}", "zh", system=term("place", "gcj02", "zh"), **facts)
        assert "GCJ-02 " in said
        assert not re.search(r"GCJ-02[一-鿿]", said)
