"""`landkit verify` over hand-overs and map sheets: every file is read as a stranger reads it, every changed cell is named."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import mutations
import openpyxl
import pytest
from refusals import refused

import geopandas as gpd
import pyogrio

import landkit
from landkit.cli import main
from landkit.errors import LandkitError
from landkit.io.gdal import write_ogr
from landkit.ledger.record import seal_of
from landkit.workflow import records


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to, ignore=shutil.ignore_patterns(".landkit")))


@pytest.fixture
def folder(given: landkit.HandOver, tmp_path: Path) -> Path:
    """A hand-over in every format, to be spoilt."""
    return copied(given.to, tmp_path / "given")


@pytest.fixture
def paper(atlas: landkit.Sheets, tmp_path: Path) -> Path:
    """Sheets as PDF and PNG, to be spoilt."""
    return copied(atlas.to, tmp_path / "atlas")


def test_what_nobody_touched_is_as_written(given: landkit.HandOver, atlas: landkit.Sheets) -> None:
    for done in (given, atlas):
        found = landkit.verify(done.to)

        assert found.differences == ()
        assert found.files == len(done.files)


@pytest.mark.parametrize("seed", [1, 2])
def test_one_changed_cell_in_every_file_of_a_hand_over_is_named(folder: Path, seed: int) -> None:
    """All 48 files at once, each by a program of its own: file, table, row, column, what was, what is; nothing else."""
    rng = random.Random(seed)
    meant = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "handover.json"):
        change = next(f for end, f in mutations.CELLS.items() if path.name.endswith(end))
        meant.add((path.relative_to(folder).as_posix(), *change(path, rng)))
    found = landkit.verify(folder).differences

    assert len(meant) == 48
    assert {(d.file, d.table, d.row, d.column, d.meant, d.found) for d in found} == meant


def test_a_changed_number_on_a_sheet_and_a_changed_pixel_are_named(paper: Path) -> None:
    """By page with the line as it was and is; by row and column of the picture."""
    rng = random.Random(1)
    page = mutations.page_of(paper / "atlas.pdf", rng)
    row, column = mutations.pixel_of(paper / "png" / "002.png", rng)
    found = landkit.verify(paper).differences
    printed = [d for d in found if d.file == "atlas.pdf"]

    assert [(d.kind, d.table) for d in printed] == [("changed", page)]
    assert sum(a != b for a, b in zip(printed[0].meant, printed[0].found, strict=True)) == 1
    assert [(d.file, d.table, d.row) for d in found if d.file != "atlas.pdf"] == [
        ("png/002.png", "rows", row),
        ("png/002.png", "columns", column),
    ]


def test_a_moved_corner_is_a_shape_that_differs(folder: Path) -> None:
    frame = pyogrio.read_dataframe(folder / "fgb" / "parks.fgb")
    frame.loc[1, "geometry"] = frame.geometry[1].segmentize(500)
    (folder / "fgb" / "parks.fgb").unlink()
    write_ogr(
        folder / "fgb" / "parks.fgb",
        frame,
        driver="FlatGeobuf",
        layer="parks",
        options={"SPATIAL_INDEX": "NO"},
    )
    found = landkit.verify(folder).differences

    assert [(d.file, d.kind, d.row) for d in found] == [("fgb/parks.fgb", "shape", "P2")]


def test_files_that_are_gone_new_or_unreadable_are_named(folder: Path) -> None:
    """What programs leave behind while a file is open is nobody's."""
    (folder / "csv" / "stock.csv").unlink()
    (folder / "csv" / "other.csv").write_text("a", encoding="utf-8")
    (folder / "~$handover_check.xlsx").write_bytes(b"")
    (folder / "parquet" / "parks.parquet").write_bytes(b"PAR1")
    (folder / "results.gdb.zip").write_bytes(b"PK")

    assert {(d.file, d.kind) for d in landkit.verify(folder).differences} == {
        ("csv/stock.csv", "missing"),
        ("csv/other.csv", "extra"),
        ("parquet/parks.parquet", "unreadable"),
        ("results.gdb.zip", "unreadable"),
    }


def test_what_was_forged_with_its_record_still_disagrees_with_certificate_and_other_formats(
    folder: Path,
) -> None:
    """An area doubled in the FlatGeobuf, its record made anew: the check and the other formats say otherwise."""
    path = folder / "fgb" / "parks.fgb"
    frame = pyogrio.read_dataframe(path)
    frame["area_m2"] *= 2
    forged = gpd.GeoDataFrame(frame, geometry=frame.geometry.scale(2, 2), crs=frame.crs)
    path.unlink()
    write_ogr(path, forged, driver="FlatGeobuf", layer="parks", options={"SPATIAL_INDEX": "NO"})
    old = json.loads((folder / "handover.json").read_text(encoding="utf-8"))
    files = {name: folder / name for name in old["outputs"]}
    about = {k: v for k, v in old["about"].items() if k != "layers"}
    made = json.loads(records.record_text(files, about))
    made["about"]["layers"] = old["about"]["layers"]
    made["seal"] = seal_of(made)
    (folder / "handover.json").write_text(json.dumps(made), encoding="utf-8")
    done = landkit.verify(folder)
    found = done.differences

    assert {(d.file, d.kind) for d in found} == {
        ("fgb/parks.fgb", "certificate"),
        ("fgb/parks.fgb", "figure"),
    }
    assert {d.column for d in found if d.kind == "certificate"} >= {"drawn_area", "x_max"}
    assert {d.figure for d in found if d.kind == "figure"} == {"parks.area_m2[P1]", "parks.area_m2[P2]"}
    assert all("handover_check.xlsx" in done.describe(lang) for lang in ("zh", "en"))


def test_a_certificate_that_was_changed_is_named(folder: Path) -> None:
    """The area of a row of handover_check.xlsx, saved by openpyxl."""
    book = openpyxl.load_workbook(folder / "handover_check.xlsx")
    book["文件核对"]["F2"].value += 1000
    book.save(folder / "handover_check.xlsx")
    found = landkit.verify(folder).differences

    assert [(d.kind, d.table, d.row, d.column) for d in found][:1] == [("changed", "文件核对", "2", "F")]
    assert [(d.file, d.kind, d.other) for d in found][1:] == [
        ("results.gpkg", "certificate", "handover_check.xlsx")
    ]


def test_a_record_that_was_changed_is_said_and_a_damaged_one_refused(folder: Path) -> None:
    path = folder / "handover.json"
    words = path.read_text(encoding="utf-8")
    path.write_text(words.replace('"rules_on": "2025-06-30"', '"rules_on": "2024-06-30"'), encoding="utf-8")
    assert [(d.file, d.kind) for d in landkit.verify(folder).differences] == [("handover.json", "registry")]

    path.write_text(words[:1000], encoding="utf-8")
    with refused(LandkitError, "verify_damaged", zh="handover.json", en="handover.json"):
        landkit.verify(folder)


def test_the_command_names_the_cell_with_what_it_was(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "csv" / "parks.csv"
    path.write_bytes(path.read_bytes().replace("西园".encode(), "东园".encode(), 1))
    for lang, said in (
        ("zh", "P1 行 park_name 列原为“西园”，现为“东园”"),
        ("en", 'park_name said "西园" and now says "东园"'),
    ):
        with pytest.raises(SystemExit) as end:
            main(["verify", str(folder), "--lang", lang])

        assert end.value.code == 1
        assert said in capsys.readouterr().out


def test_a_notebook_shows_hand_over_sheets_and_verification_as_text(
    given: landkit.HandOver, atlas: landkit.Sheets, folder: Path
) -> None:
    """What a file says is never markup."""
    path = folder / "csv" / "parks.csv"
    path.write_bytes(path.read_bytes().replace("西园".encode(), b"<img src=x onerror=alert(1)>", 1))
    shown = landkit.verify(folder, lang="en")._repr_html_()

    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "<img" not in shown
    assert "handover_check.xlsx" in given._repr_html_()
    assert "<td>results.gpkg</td>" in given._repr_html_()
    assert "<td>总览</td>" in atlas._repr_html_()
