"""What `landkit run` writes is the contract of design.md 6: every file, layer and column, the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from builders import box, layer
from builders import tiny_study as build

import geopandas as gpd
import pyogrio
import rasterio

import landkit
from landkit.text import has_text

FILES = {
    "map.html",
    "breaks.toml",
    "results.gpkg",
    "ledger.xlsx",
    "coverage.csv",
    "intensity.tif",
    "stock_density.tif",
    "manifest.json",
    "figures.json",
    *(f"shp/{n}.zip" for n in ("stock", "conflicts", "layout", "intensity", "parks")),
}
# design.md 6
COLUMNS = {
    "stock": "parcel_id, park_id, area_m2, area_mu, stock_class, stock_status, rules, reason, net_area_m2",
    "conflicts": "conflict_id, parcel_id, park_id, line, zone_id, encroached_m2, encroached_mu, "
    "parcel_share, width_m, margin_m, verdict, severity, rules, reason, layer_version",
    "layout": "parcel_id, park_id, cluster_id, cluster_share, axis_id, axis_distance_m, layout_verdict, reason",
    "intensity": "parcel_id, park_id, area_mu, tax_wan_yuan_per_mu, sales_wan_yuan_per_mu, "
    "output_wan_yuan_per_mu, investment_wan_yuan_per_mu, floor_area_ratio, rating, reason",
    "parks": "park_id, park_name, area_m2, stock_mu, conflict_mu, tax_wan_yuan_per_mu",
}
ROWS = {"stock": 8, "conflicts": 32, "layout": 8, "intensity": 8, "parks": 2}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# what is left visible of one column, summed up; a word where nothing of it is known
TOTAL = re.compile(
    r'=SUBTOTAL\(109,([A-Z]+)\d+:\1\d+\)|=IF\(SUBTOTAL\(102,(([A-Z]+)\d+:\3\d+)\)=0,"[^"=()]+",SUBTOTAL\(109,\2\)\)'
)


@pytest.fixture(params=["zh", "en"])
def outputs(request: pytest.FixtureRequest) -> landkit.Run:
    """A run in either language."""
    return request.getfixturevalue("done" if request.param == "zh" else "done_en")


def test_every_file_is_there_and_no_other(
    outputs: landkit.Run, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    """Also what the Run says it wrote."""
    assert set(contents(outputs.to)) == FILES == set(outputs.outputs)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_stranger_reads_the_layers_of_the_geopackage(outputs: landkit.Run, name: str) -> None:
    """The contract's columns first and in order, in both languages; the study's CRS; every row with its ground."""
    found = gpd.read_file(outputs.to / "results.gpkg", layer=name)
    wanted = COLUMNS[name].split(", ")

    assert list(found.columns)[: len(wanted)] == wanted
    assert len(found) == ROWS[name]
    assert found.crs.to_epsg() == 4549
    assert set(found["synthetic"]) <= {"是", "yes"}
    if name != "conflicts":
        assert found.geometry.is_valid.all()


def test_codes_are_the_same_in_both_languages(done: landkit.Run, done_en: landkit.Run) -> None:
    """Scripts read codes; only reasons, names and marks are words."""
    for name, columns in COLUMNS.items():
        zh, en = (gpd.read_file(r.to / "results.gpkg", layer=name) for r in (done, done_en))
        same = [c for c in columns.split(", ") if c != "reason"]
        assert zh[same].equals(en[same]), name
        if "reason" in zh.columns:
            assert not en["reason"].str.contains(CHINESE).any() or name == "layout"


def test_the_geopackage_holds_the_layers_and_a_style_for_each(outputs: landkit.Run) -> None:
    """QGIS finds its styles in the table layer_styles."""
    path = outputs.to / "results.gpkg"
    with sqlite3.connect(path) as base:
        styled = dict(
            base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault").fetchall()
        )
    base.close()

    assert set(COLUMNS) | {"layer_styles"} == {n for n, _ in pyogrio.list_layers(path)}
    assert set(styled) == set(COLUMNS)
    assert all(q.lstrip().startswith("<!DOCTYPE qgis") or "<qgis" in q for q in styled.values())


@pytest.mark.parametrize("name", COLUMNS)
def test_each_layer_is_a_zipped_shapefile_with_its_field_list(outputs: landkit.Run, name: str) -> None:
    """Names of at most 10 ASCII characters, .cpg, .prj, styles, and what they stand for in zh, en and unit."""
    path = outputs.to / f"shp/{name}.zip"
    with zipfile.ZipFile(path) as packed:
        names = set(packed.namelist())
        cpg = packed.read(f"{name}.cpg").decode()
        rows = list(csv.reader(io.StringIO(packed.read(f"{name}.fields.csv").decode("utf-8-sig"))))
    found = landkit.read_layer(path)

    assert {f"{name}.{s}" for s in ("shp", "shx", "dbf", "prj", "cpg", "fields.csv", "qml", "sld")} == names
    assert cpg == "UTF-8"
    assert set(COLUMNS[name].split(", ")) <= {r[1] for r in rows[1:]}
    assert {r[0] for r in rows[1:]} == set(found.columns) - {"geometry"}
    assert all(len(r[0]) <= 10 and r[0].isascii() and CHINESE.search(r[2]) for r in rows[1:])
    assert len(found) <= ROWS[name]


def test_the_ledger_has_a_sheet_per_result_and_what_a_reviewer_asks_for(outputs: landkit.Run) -> None:
    """Summary first; results, findings, rules, layers; no formula but the totals under a column."""
    book = openpyxl.load_workbook(outputs.to / "ledger.xlsx")
    zh = outputs.manifest["study"]["lang"] == "zh"
    wanted = (
        [
            "汇总",
            "存量",
            "冲突",
            "布局",
            "强度",
            "园区",
            "增量空间",
            "质检问题",
            "规则依据",
            "图层来源",
            "核查覆盖",
        ]
        if zh
        else [
            "Summary",
            "Stock",
            "Conflicts",
            "Layout",
            "Intensity",
            "Parks",
            "Capacity",
            "Findings",
            "Rules",
            "Layers",
            "Coverage",
        ]
    )

    assert book.sheetnames[0] == wanted[0]
    assert set(wanted) <= set(book.sheetnames)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            formulas = [str(c.value) for c in row if c.data_type == "f"]
            assert all(TOTAL.fullmatch(f) for f in formulas), formulas


def test_the_summary_and_the_sheet_of_a_figure_say_the_same_number(outputs: landkit.Run) -> None:
    """One number: stock by class on the first sheet is what its own sheet says, also after rounding to the total."""
    book = openpyxl.load_workbook(outputs.to / "ledger.xlsx", data_only=True)
    zh = outputs.manifest["study"]["lang"] == "zh"
    first, own = book.worksheets[0], book["存量_按类型" if zh else "Stock by class"]
    heads = [c.value for c in own[1]]
    at = next(
        i for i, h in enumerate(heads) if str(h).startswith("椭球面积(亩)" if zh else "ellipsoidal area (mu")
    )
    listed = [row[at] for row in own.iter_rows(min_row=2, max_row=own.max_row - 1, values_only=True)]
    name = "存量 · " if zh else "Stock · "
    said = [r[1] for r in first.iter_rows(values_only=True) if str(r[0]).startswith(name)]

    assert said == listed
    assert len(said) == 5


def test_an_english_ledger_has_no_chinese_header(done_en: landkit.Run) -> None:
    """Sheet names and the first row of each sheet."""
    book = openpyxl.load_workbook(done_en.to / "ledger.xlsx")
    heads = [str(c.value or "") for s in book.worksheets[1:] for c in next(s.iter_rows(max_row=1))]

    assert [n for n in book.sheetnames if CHINESE.search(n)] == []
    assert [h for h in heads if CHINESE.search(h)] == []


def test_an_english_map_speaks_english(done_en: landkit.Run) -> None:
    """Words of the page that are ours: everything outside the data of the layers and the licences of the libraries."""
    page = (done_en.to / "map.html").read_text(encoding="utf-8")
    shown = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)

    assert 'lang="en"' in page
    assert CHINESE.findall(shown) == []
    assert "A tiny study" in shown


@pytest.mark.parametrize("name", ["intensity.tif", "stock_density.tif"])
def test_a_raster_is_a_geotiff_with_its_origin(outputs: landkit.Run, name: str) -> None:
    """It says what it is, of which day, and that it is made up."""
    with rasterio.open(outputs.to / name, driver="GTiff") as raster:
        tags = raster.tags()
        assert raster.crs.to_epsg() == 4549
        assert raster.overviews(1) is not None
        assert (tags["STUDY"], tags["AS_OF"], tags["SYNTHETIC"]) == ("tiny", "2020-12-31", "yes")


def test_the_manifest_accounts_for_everything(outputs: landkit.Run) -> None:
    """Inputs and outputs with sha256, rules, versions, counts; no path of this machine."""
    text = (outputs.to / "manifest.json").read_text(encoding="utf-8")
    found = json.loads(text)

    assert set(found) >= {"study", "inputs", "rules", "versions", "results", "outputs", "times"}
    assert set(found["outputs"]) == FILES - {"manifest.json"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", o["sha256"]) for o in found["outputs"].values())
    assert all(re.fullmatch(r"[0-9a-f]{64}", o["sha256"]) for o in found["inputs"].values())
    assert found["results"]["stock"]["rows"] == 8
    assert "NaN" not in text
    assert str(outputs.to) not in text
    assert str(Path.home()) not in text.replace("/root/", "") or Path.home() == Path("/root")


def test_the_title_of_the_manifest_is_in_its_language(done: landkit.Run, done_en: landkit.Run) -> None:
    """title_zh and title_en of study.toml."""
    assert done.manifest["study"]["title"] == "小研究"
    assert done_en.manifest["study"]["title"] == "A tiny study"


def test_two_runs_are_the_same_bytes_and_call_nobody(
    done: landkit.Run,
    study_folder: Path,
    tmp_path: Path,
    contents: Callable[[Path], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All files; of the manifest all but `times`.  The second run is not allowed any socket (bad inputs 99)."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a run asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    again = landkit.run(study_folder, to=tmp_path / "out")
    first, second = contents(done.to), contents(again.to)
    manifests = [json.loads(c.pop("manifest.json")) for c in (first, second)]
    times = [m.pop("times") for m in manifests]

    assert {n for n in first if first[n] != second[n]} == set()
    assert manifests[0] == manifests[1]
    assert all(set(t) == {"started", "finished", "seconds"} for t in times)


def test_the_inputs_are_not_touched(study_folder: Path, tmp_path: Path) -> None:
    """Nothing is written beside them: no .qmd, no -wal, no index."""
    copy = build(tmp_path / "study")
    before = {p.name: p.read_bytes() for p in copy.iterdir()}
    landkit.conflicts(copy)

    assert {p.name: p.read_bytes() for p in copy.iterdir()} == before


def test_every_column_that_is_written_has_words(done: landkit.Run) -> None:
    """In both languages, in every table of every result: seen, built_share stood in the field list as its own name."""
    tables = {
        f"{n}.{k}": t for n, r in done.results.items() for k, t in {"table": r.table, **r.tables}.items()
    }
    silent = {
        f"{k}.{c}"
        for k, t in tables.items()
        for c in t.columns
        if c != "geometry" and not has_text(f"column.{c}")
    }

    assert silent == set()


# --- what must change nothing


def plain(result: Any, key: list[str]) -> list[dict[str, Any]]:
    table = result.table.drop(columns=["geometry", "reasons"], errors="ignore")
    return table.sort_values(key).round(6).astype(str).to_dict("records")


def test_the_order_of_the_parcels_changes_nothing(done: landkit.Run, tmp_path: Path) -> None:
    """Rows shuffled; the same tables after sorting, in every question."""
    shuffled = build(
        tmp_path / "study",
        parcels=lambda p: p.sample(frac=1, random_state=4),
        occupancy=lambda o: o.sample(frac=1, random_state=4),
        enterprise_years=lambda y: y.sample(frac=1, random_state=4),
    )
    keys = {
        "stock": ["parcel_id"],
        "conflicts": ["parcel_id", "line"],
        "layout": ["parcel_id"],
        "intensity": ["parcel_id"],
        "parks": ["park_id"],
        "capacity": ["park_id"],
    }
    after = landkit.run(shuffled, to=tmp_path / "out").results

    for name, key in keys.items():
        assert plain(done.results[name], key) == plain(after[name], key), name


REDLINE = box(1400, 1200, 1600, 1400)
WEST, EAST = box(1400, 1200, 1437, 1400), box(1437, 1200, 1600, 1400)


@pytest.mark.parametrize(
    "zones",
    [
        {"R1": REDLINE, "R1 again": REDLINE},
        {"a": WEST, "b": EAST},
        {"a": WEST.union(box(1437, 1200, 1500, 1400)), "b": EAST},
    ],
    ids=["30-duplicate", "split-in-two", "30-overlapping"],
)
def test_how_a_red_line_is_cut_up_changes_no_conflict(
    done: landkit.Run, tmp_path: Path, zones: dict[str, Any]
) -> None:
    """Bad inputs 30: given twice, cut in two, or with an overlap: the same land, the same verdict."""
    other = build(tmp_path / "study", ecological_redline=layer(zones, "zone_id"))
    facts = [
        "parcel_id",
        "line",
        "verdict",
        "encroached_m2",
        "encroached_mu",
        "parcel_share",
        "width_m",
        "margin_m",
    ]
    before, after = (
        result.table[facts].round(4) for result in (done.results["conflicts"], landkit.conflicts(other))
    )

    assert before.astype(str).to_dict("records") == after.astype(str).to_dict("records")
