"""`landkit layers`: what files hold, named before they are read; what cannot be read is named with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from builders import layer, square

import pyogrio

import landkit
from landkit import cli
from landkit.io.formats import by_gdal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A geopackage of two layers, a shapefile without .prj, a broken file, a note."""
    frame = layer({"001": square(0, 0), "002": square(100, 0)}, "id", 面积=[1.5, 2.5], 层数=[1, 2])
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg", layer="宗地")
    pyogrio.write_dataframe(frame.head(1), tmp_path / "a.gpkg", layer="红线", append=True)
    pyogrio.write_dataframe(frame, tmp_path / "子" / "b.shp", encoding="GBK") if (
        tmp_path / "子"
    ).mkdir() is None else None
    (tmp_path / "子" / "b.prj").unlink()
    (tmp_path / "c.gpkg").write_bytes(b"no")
    (tmp_path / "readme.txt").write_text("说明", encoding="utf-8")
    return tmp_path


def test_a_folder_gives_a_row_per_layer_and_one_per_file_that_cannot_be_read(folder: Path) -> None:
    """Also in sub-folders; a note is no layer and no failure."""
    table = landkit.layers(folder).table
    rows = [(Path(r.path).name, r.layer, r.rows, r.geometry, r.encoding_by) for r in table.itertuples()]

    assert rows == [
        ("a.gpkg", "宗地", 2, "Polygon", "format"),
        ("a.gpkg", "红线", 1, "Polygon", "format"),
        ("c.gpkg", None, None, None, None),
        ("b.shp", "b", 2, "Polygon", "cpg"),
    ]
    assert [table["crs"][i] for i in (0, 3)] == ["EPSG:4549", None]
    assert table["extent"][0] == [450000.0, 3580000.0, 450200.0, 3580100.0]
    assert list(zip(table["fields"][0], table["types"][0], strict=True)) == [
        ("id", "text"), ("面积", "number"), ("层数", "integer"),
    ]  # fmt: skip
    assert table["problem"][2].key == "content_not_as_named"


def test_no_row_is_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers are enough, also for a file of a million rows."""
    monkeypatch.setattr(by_gdal.pyogrio, "read_dataframe", lambda *_, **__: pytest.fail("rows were read"))
    monkeypatch.setattr(by_gdal.pyogrio.raw, "read", lambda *_, **__: pytest.fail("rows were read"))

    assert len(landkit.layers([folder / "a.gpkg", folder / "子" / "b.shp"]).table) == 3


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("2 行", "据 .cpg", "未说明", "无法使用")),
        ("en", ("2 rows", "by its .cpg", "not stated", "cannot be used")),
    ],
)
def test_the_command_says_it_in_a_few_lines(
    folder: Path, capsys: pytest.CaptureFixture[str], lang: str, words: tuple[str, ...]
) -> None:
    """Exit code 3, because one file cannot be read; the others are listed all the same."""
    with pytest.raises(SystemExit) as end:
        cli.main(["layers", str(folder), "--lang", lang])
    out = capsys.readouterr().out

    assert end.value.code == 3
    assert all(w in out for w in (*words, "宗地", "红线", "EPSG:4549 CGCS2000"))


def test_the_command_gives_json_for_machines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same rows, plain values."""
    with pytest.raises(SystemExit) as end:
        cli.main(["layers", str(folder / "a.gpkg"), "--json"])
    found = json.loads(capsys.readouterr().out)

    assert end.value.code == 0
    assert [(r["layer"], r["rows"], r["encoding"], r["problem"]) for r in found] == [
        ("宗地", 2, "UTF-8", None), ("红线", 1, "UTF-8", None),
    ]  # fmt: skip


def test_a_missing_file_is_a_row_with_the_nearest_name(folder: Path) -> None:
    """Several files are asked for at once: one slip does not hide the others."""
    table = landkit.layers([folder / "a.gpk", folder / "a.gpkg"]).table

    assert [p.key if p is not None else None for p in table["problem"]] == ["file_missing", None, None]
    assert "a.gpkg" in table["problem"][0].say("zh")


def test_a_workbook_tells_the_kinds_of_its_columns_and_is_not_asked_where_it_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seen: years and taxes were called text, and a table without shapes lacked a CRS and an extent."""
    frame = pd.DataFrame({"代码": ["001"], "年度": [2023], "税收": [3.5]})
    frame.to_excel(tmp_path / "税收.xlsx", index=False)
    (row,) = landkit.layers([tmp_path / "税收.xlsx"]).table.to_dict("records")

    assert dict(zip(row["fields"], row["types"], strict=True)) == {
        "代码": "text", "年度": "integer", "税收": "number",
    }  # fmt: skip
    with pytest.raises(SystemExit):
        cli.main(["layers", str(tmp_path / "税收.xlsx")])
    said = capsys.readouterr().out
    assert "年度 (整数)" in said
    assert "坐标系" not in said


def test_parts_of_a_shapefile_that_is_named_too_are_no_failures(folder: Path) -> None:
    """As a shell names them: `landkit layers *`.  A part alone is still refused."""
    named = sorted((folder / "子").iterdir())
    table = landkit.layers(named).table
    alone = landkit.layers([folder / "子" / "b.dbf"]).table

    assert {".shp", ".dbf", ".shx", ".cpg"} <= {p.suffix for p in named}
    assert [(Path(p).name, problem) for p, problem in zip(table["path"], table["problem"], strict=True)] == [
        ("b.shp", None)
    ]
    assert alone["problem"][0].key == "kind_unknown"
