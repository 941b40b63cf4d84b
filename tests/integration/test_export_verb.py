"""`landkit export`: the tiny study in every format, certified; where one file differs nothing is handed over."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from refusals import refused

import geopandas as gpd
import pyogrio

import landkit
from landkit.cli import main
from landkit.errors import ExportError
from landkit.io.handover import FORMATS, interchange

ROWS = {"stock": 8, "conflicts": 32, "layout": 8, "intensity": 8, "parks": 2}


def test_every_layer_is_there_in_every_format(given: landkit.HandOver) -> None:
    """The same rows and drawn area everywhere; the file list is what stands in the folder."""
    table = given.table[given.table["format"] != "styles"]
    whole = table[~table["format"].isin(["dxf", "txt"])]  # these two hold the rows that have a shape
    vector = whole[whole["format"] != "csv"]

    assert {p.relative_to(given.to).as_posix() for p in given.to.rglob("*") if p.is_file()} - {
        ".landkit/lock"
    } == set(given.files)
    assert set(table["format"]) == set(FORMATS) - {"styles"}
    for name, rows in ROWS.items():
        assert set(whole.loc[whole["layer"] == name, "rows"]) == {rows}
        metres = vector[(vector["layer"] == name) & (vector["format"] != "geojson")]
        assert metres["drawn_area"].round(3).nunique() == 1
    assert table["reread_equal"].all()


def test_a_stranger_opens_what_was_handed_over(given: landkit.HandOver) -> None:
    """Chinese layers and fields in the geodatabase, the contract's names in GeoParquet, the same parcels in both."""
    base = pyogrio.read_dataframe(given.to / "results.gdb.zip", layer="存量")
    parquet = gpd.read_parquet(given.to / "parquet" / "stock.parquet")

    assert base["宗地代码"].tolist() == parquet["parcel_id"].tolist()
    assert base["椭球面积_亩"].tolist() == parquet["area_mu"].tolist()
    assert base.crs.to_epsg() == parquet.crs.to_epsg() == 4549


def test_the_check_lists_files_changes_and_fields(given: landkit.HandOver) -> None:
    book = openpyxl.load_workbook(given.to / "handover_check.xlsx")

    assert book.sheetnames == ["汇总", "文件核对", "格式所致变化", "字段对照"]
    assert book["文件核对"].max_row == len(given.table) + 1
    assert book["格式所致变化"].max_row == len(given.changes) + 1
    assert {c.value for c in book["文件核对"]["A"][1:]} | {"handover_check.xlsx", "handover.json"} == set(
        given.files
    )


def test_nothing_that_counts_was_lost(given: landkit.HandOver) -> None:
    assert set(given.changes["change"]).isdisjoint({"lost", "value_changed"})


def test_a_file_that_reads_back_otherwise_stops_the_whole_hand_over(
    study_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    contents: Callable[[Path], dict[str, bytes]],
) -> None:
    """A reader that finds one area a thousandth larger: earlier files stand, no new one appears."""
    landkit.export(study_folder, to=tmp_path / "out", formats=["csv"])
    before = contents(tmp_path / "out")
    read = interchange.read_ogr

    def wrong(path: Path, **options: str) -> gpd.GeoDataFrame:
        found = read(path, **options)
        return found.assign(area_m2=found["area_m2"] * 1.001)

    monkeypatch.setattr(
        interchange, "_FLATGEOBUF", interchange.dataclasses.replace(interchange._FLATGEOBUF, read=wrong)
    )
    with refused(ExportError, "export_roundtrip", zh="停止交付", en="not handed over"):
        landkit.export(study_folder, to=tmp_path / "out", formats=["gpkg", "fgb"])

    assert contents(tmp_path / "out") == before


def test_an_unknown_format_is_answered_with_the_nearest(study_folder: Path, tmp_path: Path) -> None:
    with refused(ExportError, "export_format", zh="geojson", en="geojson"):
        landkit.export(study_folder, to=tmp_path / "out", formats=["geojsn"])
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_it_did(
    study_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--json on stdout; GBK where asked."""
    command = [
        "export",
        str(study_folder),
        "--to",
        str(tmp_path / "out"),
        "--format",
        "shp",
        "--encoding",
        "GBK",
    ]
    with pytest.raises(SystemExit) as end:
        main([*command, "--json"])
    said = json.loads(capsys.readouterr().out)

    assert end.value.code == 0
    assert {c["layer"]: c["rows"] for c in said["checks"]} == ROWS
    with zipfile.ZipFile(tmp_path / "out" / "shp" / "parks.zip") as packed:
        assert packed.read("parks.cpg") == b"936"
        assert "是".encode("gbk") in packed.read("parks.dbf")
    with pytest.raises(SystemExit):
        main(command)
    assert "handover_check.xlsx" in capsys.readouterr().out
