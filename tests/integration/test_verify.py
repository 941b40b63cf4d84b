"""`landkit verify`: a change of any one cell in any output is named, with the id of the figure."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mutations import repack
from refusals import refused

import rasterio

import landkit
from landkit.cli import main
from landkit.errors import PlaceError
from landkit.io.printed import read_printed
from landkit.ledger.manifest import fingerprint
from landkit.ledger.registry import Difference, compare_file, fingerprints
from landkit.workflow import verification


@pytest.fixture
def run(done: landkit.Run, tmp_path: Path) -> Path:
    """The outputs of a run, to be spoilt."""
    shutil.copytree(done.to, tmp_path / "out", ignore=shutil.ignore_patterns(".landkit"))
    return tmp_path / "out"


def differences(folder: Path) -> list[tuple[str, str, str, str]]:
    """(file, table, row, column) of each."""
    return [(d.file, d.table, d.row, d.column) for d in landkit.verify(folder).differences]


# --- one change for each kind of file; each returns what must be named


def change_cell_of_sheet(folder: Path, sheet: int) -> tuple[str, str]:
    """The last number of a sheet that is no reference to a text becomes another."""
    part = f"xl/worksheets/sheet{sheet}.xml"
    with zipfile.ZipFile(folder / "ledger.xlsx") as packed:
        xml = packed.read(part).decode()
    cells = list(re.finditer(r'<c r="([A-Z]+\d+)"(?: s="\d+")?><v>([^<]*)</v></c>', xml))
    cells = cells or list(re.finditer(r'<c r="([A-Z]+\d+)"(?: s="\d+")? t="s"><v>([^<]*)</v></c>', xml))[1:]
    cell = cells[-1]
    other = str(int(float(cell[2])) + 1 if float(cell[2]) == 0 else 0)
    repack(
        folder / "ledger.xlsx",
        {part: (xml[: cell.start(2)] + other + xml[cell.end(2) :]).encode()},
    )
    return re.sub(r"\d+", "", cell[1]), re.sub(r"\D+", "", cell[1])


def change_dbf(folder: Path, layer: str, field: str, row: int) -> None:
    """One byte of one value in the attribute table."""
    path = folder / "shp" / f"{layer}.zip"
    with zipfile.ZipFile(path) as packed:
        data = bytearray(packed.read(f"{layer}.dbf"))
    head, each = struct.unpack("<HH", data[8:12])
    at = head + row * each + 1
    for place in range(32, head - 1, 32):
        width = data[place + 16]
        if data[place : place + 11].rstrip(b"\0").decode() == field:
            digit = at + next(i for i in range(width - 1, -1, -1) if chr(data[at + i]).isalnum())
            data[digit] = ord("7") if data[digit] != ord("7") else ord("3")
            break
        at += width
    else:
        raise KeyError(field)
    repack(path, {f"{layer}.dbf": bytes(data)})


def change_map(folder: Path, old: str, new: str) -> None:
    """A word of a card, inside the packed block of the first layer."""
    page = (folder / "map.html").read_text(encoding="utf-8")
    for coded in re.findall(r'<script type="application/octet-stream" id="[^"]*">([^<]*)</script>', page):
        data = base64.b64decode(coded)
        if data[:2] == b"\x1f\x8b" and old.encode() in gzip.decompress(data):
            raw = gzip.decompress(data).replace(old.encode(), new.encode(), 1)
            page = page.replace(coded, base64.b64encode(gzip.compress(raw)).decode())
            (folder / "map.html").write_text(page, encoding="utf-8")
            return
    raise KeyError(old)


LAYERS = ("stock", "conflicts", "layout", "intensity", "parks")


def test_a_run_that_nobody_touched_is_as_written(done: landkit.Run, done_en: landkit.Run) -> None:
    """In both languages; every file of the run was looked at."""
    for each in (done, done_en):
        found = landkit.verify(each.to)

        assert found.differences == ()
        assert found.files == len(each.outputs)


def sheets_of(run: landkit.Run) -> int:
    with zipfile.ZipFile(run.to / "ledger.xlsx") as packed:
        return sum(n.startswith("xl/worksheets/sheet") for n in packed.namelist())


def named_in(folder: Path, file: str) -> list[Difference]:
    """What one file says otherwise than registered."""
    registry = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return compare_file(file, read_printed(folder / file), registry["files"][file])


def test_a_changed_cell_of_any_sheet_is_named(done: landkit.Run, run: Path) -> None:
    """Every sheet of the ledger in turn, the summary too."""
    for sheet in range(1, sheets_of(done) + 1):
        shutil.copy(done.to / "ledger.xlsx", run)
        column, row = change_cell_of_sheet(run, sheet)

        assert [(d.kind, d.row, d.column) for d in named_in(run, "ledger.xlsx")] == [("cell", row, column)], (
            sheet
        )


@pytest.mark.parametrize("layer", ["parks", *(pytest.param(n, marks=pytest.mark.slow) for n in LAYERS[:-1])])
def test_a_changed_cell_of_the_geopackage_is_named_with_its_figure(run: Path, layer: str) -> None:
    """Columns of every kind, in the last row."""
    path = run / "results.gpkg"
    with sqlite3.connect(path) as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')  # they ask for functions that only GDAL has
        columns = [
            (str(c[1]), str(c[2]))
            for c in base.execute(f'PRAGMA table_info("{layer}")')
            if c[1] not in ("fid", "geom")
        ]
        first = columns[0][0]
        key = base.execute(f'SELECT "{first}" FROM "{layer}" ORDER BY fid DESC LIMIT 1').fetchone()[0]
    base.close()
    whole = path.read_bytes()
    for column, kind in columns[1::3]:
        path.write_bytes(whole)
        value = "'x'" if kind.startswith("TEXT") else f'1 - "{column}"' if kind == "BOOLEAN" else "12345"
        with sqlite3.connect(path) as base:
            base.execute(f'UPDATE "{layer}" SET "{column}" = {value} WHERE "{first}" = ?', (key,))
        base.close()
        found = named_in(run, "results.gpkg")

        assert [(d.table, d.row, d.column) for d in found] == [(layer, key, column)]
        if kind == "REAL":
            assert found[0].figure == f"{layer}.{column}[{key}]"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_changed_byte_of_a_shapefile_is_named(run: Path, layer: str) -> None:
    field = {"parks": "PARK_NAME"}.get(layer, "REASON")
    with zipfile.ZipFile(run / "shp" / f"{layer}.zip") as packed:
        fields = packed.read(f"{layer}.fields.csv").decode("utf-8-sig")
    field, full = next(
        row.split(",")[:2] for row in fields.splitlines()[1:] if row.split(",")[1].endswith("_id")
    )
    change_dbf(run, layer, field, 1)
    found = [d for d in differences(run) if d[0] == f"shp/{layer}.zip"]

    assert [(d[1], d[3]) for d in found] == [(layer, full)]


def test_a_changed_pixel_is_named_by_its_row_and_column(run: Path) -> None:
    with rasterio.Env(IGNORE_COG_LAYOUT_BREAK="YES"), rasterio.open(run / "intensity.tif") as raster:
        profile, bands, tags = raster.profile, raster.read(), raster.tags()
        names, units = raster.descriptions, raster.units
    bands[0, 5, 7] += np.float32(0.25)
    with rasterio.open(run / "intensity.tif", "w", **{**profile, "driver": "GTiff"}) as raster:
        raster.write(bands)
        raster.descriptions, raster.units = names, units
        raster.update_tags(**{k: v for k, v in tags.items() if k != "AREA_OR_POINT"})
    found = [(d[1], d[2]) for d in differences(run) if d[0] == "intensity.tif" and d[1] != "tags"]

    assert found == [("band 1 rows", "5"), ("band 1 columns", "7")]


def test_a_changed_word_on_a_card_of_the_map_is_named(run: Path) -> None:
    change_map(run, "L3", "L9")
    found = differences(run)

    assert {d[0] for d in found} == {"map.html"}
    assert "宗地代码" in {d[3] for d in found}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("results", "stock", "sums", "area_m2"), 1.0),
        (("results", "conflicts", "rows"), 7),
        (("inputs", "parcels", "sha256"), "0" * 64),
        (("rules", 0, "unit"), "x"),
        (("outputs", "results.gpkg", "sha256"), "0" * 64),
        (("study", "as_of"), "1999-01-01"),
    ],
)
def test_a_changed_value_of_the_manifest_is_named(
    run: Path, path: tuple[str | int, ...], value: object
) -> None:
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    inner = manifest
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    (run / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    named = ".".join(str(p) for p in path).replace(".0.", "[0].")

    assert ("manifest.json", "", named, "value") in differences(run)


def change_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        words = (folder / name).read_text(encoding="utf-8")
        assert old in words
        (folder / name).write_text(words.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "file", "kind"),
    [
        (change_text("breaks.toml", "1", "2"), "breaks.toml", "cell"),
        (change_text("figures.json", '"stock.rows": 8', '"stock.rows": 9'), "figures.json", "registry"),
        (change_text("map.html", "<h1>", "<h1>x"), "map.html", "cell"),
        (lambda folder: (folder / "ledger.xlsx").unlink(), "ledger.xlsx", "missing"),
        (lambda folder: (folder / "results.gpkg").write_bytes(b"x"), "results.gpkg", "unreadable"),
        (lambda folder: (folder / "map.html").write_text("<html></html>"), "map.html", "unreadable"),
        (lambda folder: (folder / "shp" / "stock.zip").write_bytes(b"PK"), "shp/stock.zip", "unreadable"),
        (
            lambda folder: repack(folder / "ledger.xlsx", {"xl/theme/theme1.xml": b"<a/>"}),
            "ledger.xlsx",
            "outside",
        ),
    ],
)
def test_whatever_else_is_changed_is_said(
    run: Path, change: Callable[[Path], None], file: str, kind: str
) -> None:
    change(run)

    assert (file, kind) in {(d.file, d.kind) for d in landkit.verify(run).differences}


def test_a_ledger_that_was_changed_with_its_registry_still_disagrees_with_the_other_files(
    run: Path, done: landkit.Run
) -> None:
    """One number, one id: fingerprints and checksums were made anew, but the GeoPackage says another area."""
    with zipfile.ZipFile(run / "ledger.xlsx") as packed:
        book = packed.read("xl/workbook.xml").decode()
    sheet = 1 + re.findall(r'<sheet name="([^"]*)"', book).index("存量")
    part = f"xl/worksheets/sheet{sheet}.xml"
    with zipfile.ZipFile(run / "ledger.xlsx") as packed:
        xml = packed.read(part).decode()
    cell = re.search(r'<c r="C2"(?: s="\d+")?><v>([^<]*)</v>', xml)
    assert cell is not None
    repack(run / "ledger.xlsx", {part: (xml[: cell.start(1)] + "99" + xml[cell.end(1) :]).encode()})
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["outputs"]["ledger.xlsx"] = fingerprint(run / "ledger.xlsx")
    registry = json.loads((run / "figures.json").read_text(encoding="utf-8"))
    tables = read_printed(run / "ledger.xlsx")
    registry["files"]["ledger.xlsx"] = {t.name: fingerprints(t) for t in tables}
    registry["files"]["manifest.json"] = {"": fingerprints(verification.registered_part(manifest))}
    (run / "figures.json").write_text(json.dumps(registry, ensure_ascii=False), encoding="utf-8")
    manifest["outputs"]["figures.json"] = fingerprint(run / "figures.json")
    (run / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    found = landkit.verify(run).differences

    assert [(d.file, d.kind, d.found) for d in found] == [("ledger.xlsx", "figure", "99")]
    assert found[0].figure.startswith("stock.area_m2[")


def test_a_changed_cell_of_a_table_is_named_by_row_and_column_with_what_another_file_still_says(
    run: Path,
) -> None:
    """One in the coverage ledger, one in the GeoPackage, of which the shapefile knows what it was."""
    rows = (run / "coverage.csv").read_bytes().decode("utf-8-sig").splitlines()
    parcel, line, verdict, *_ = rows[5].split(",")
    other = "clear" if verdict != "clear" else "conflict"
    changed = [*rows[:5], rows[5].replace(f",{verdict},", f",{other},", 1), *rows[6:], ""]
    (run / "coverage.csv").write_bytes("\r\n".join(changed).encode("utf-8-sig"))
    with sqlite3.connect(run / "results.gpkg") as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')
        base.execute("UPDATE parks SET park_name = '南园' WHERE park_id = 'P1'")
    base.close()
    found = landkit.verify(run).differences

    assert [(d.file, d.row, d.column, d.found) for d in found if d.file == "coverage.csv"] == [
        ("coverage.csv", f"{parcel}|{line}", "verdict", other)
    ]
    assert [(d.row, d.column, d.meant, d.found) for d in found if d.file == "results.gpkg"] == [
        ("P1", "park_name", "西园", "南园")
    ]


def test_a_file_beside_a_run_is_named_and_no_difference(run: Path) -> None:
    """People keep notes there; nobody has compared them."""
    (run / "备注.docx").write_bytes(b"x")
    found = landkit.verify(run)

    assert found.differences == ()
    assert found.beside == ("备注.docx",)
    assert "备注.docx" in found.describe("zh")


def test_the_command_fails_where_something_differs(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["verify", str(run)])
    assert (end.value.code, "一致" in capsys.readouterr().out) == (0, True)
    change_text("breaks.toml", "1", "2")(run)
    with pytest.raises(SystemExit) as end:
        main(["verify", str(run), "--lang", "en"])
    assert end.value.code == 1
    assert "breaks.toml: line" in capsys.readouterr().out


def test_a_folder_without_a_run_is_said_to_be_none(tmp_path: Path) -> None:
    with refused(PlaceError, "verify_nothing", zh="manifest.json", en="manifest.json"):
        landkit.verify(tmp_path)
