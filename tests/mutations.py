"""One cell of a file changed as another program would: each function gives (table, row, column, was, is) that must be named.

Which cell it is, a seeded generator says.  Expected texts are those of the file, not landkit's reading of it.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pypdf
from PIL import Image
from pypdf.generic import DecodedStreamObject, NameObject

import geopandas as gpd
import pyogrio

from landkit.io.gdal import write_ogr

Place = tuple[str, str, str, str, str]


def repack(path: Path, change: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path) as packed:
        files = {n: packed.read(n) for n in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in (files | change).items():
            packed.writestr(name, data)


def texts_of(frame: pd.DataFrame) -> list[str]:
    """Columns of texts, but the first: that is what the row is called."""
    return [c for c in frame.columns[1:] if frame[c].map(lambda v: isinstance(v, str)).any()]


def change_frame(frame: pd.DataFrame, rng: random.Random) -> tuple[str, str, str, str]:
    """Another text in one cell of a frame; (row, column, was, is)."""
    column = rng.choice(texts_of(frame))
    row = rng.choice(np.flatnonzero(frame[column].map(lambda v: isinstance(v, str))).tolist())
    was = str(frame[column].iloc[row])
    frame.iloc[row, frame.columns.get_loc(column)] = was + "改"
    return str(frame.iloc[row, 0]), column, was, was + "改"


def geopackage(path: Path, rng: random.Random) -> Place:
    """By SQL.  Columns in which nothing is known are passed over."""
    with sqlite3.connect(path) as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')  # they ask for functions that only GDAL has
        tables = [r[0] for r in base.execute("SELECT table_name FROM gpkg_contents ORDER BY 1")]
        layer = rng.choice([name for name in tables if name != "layer_styles"])
        names = [c[1] for c in base.execute(f'PRAGMA table_info("{layer}")') if c[1] not in ("fid", "geom")]
        rng.shuffle(rest := names[1:])
        cells = (
            (c, base.execute(f'SELECT "{names[0]}", "{c}" FROM "{layer}" WHERE "{c}" NOT NULL').fetchone())
            for c in rest
        )
        column, (row, was) = next((c, found) for c, found in cells if found)
        new = was + "改" if isinstance(was, str) else was + 1
        base.execute(f'UPDATE "{layer}" SET "{column}" = ? WHERE "{names[0]}" = ?', (new, row))
    base.close()
    return layer, str(row), column, said(was), said(new)


def said(value: object) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def shapefile(path: Path, rng: random.Random) -> Place:
    """The first digit of a number in the .dbf, by its bytes."""
    stem = path.stem
    with zipfile.ZipFile(path) as packed:
        data = bytearray(packed.read(f"{stem}.dbf"))
        listed = csv.DictReader(io.StringIO(packed.read(f"{stem}.fields.csv").decode("utf-8-sig")))
        full = {f["short"]: f["name"] for f in listed if not f["part"]}
    rows, head, each = (int.from_bytes(data[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    fields = [(data[i : i + 11].rstrip(b"\0").decode(), data[i + 16]) for i in range(32, head - 1, 32)]
    starts = dict(
        zip((n for n, _ in fields), itertools.accumulate((w for _, w in fields), initial=1), strict=False)
    )
    begin = head + rng.randrange(rows) * each
    cells = {n: slice(begin + starts[n], begin + starts[n] + width) for n, width in fields}
    key, *rest = (n for n, _ in fields)
    name = rng.choice([n for n in rest if re.fullmatch(rb" *-?[1-9]\d*(\.\d*)? *", data[cells[n]])])
    was = bytes(data[cells[name]])
    digit = cells[name].start + re.search(rb"\d", was).start()
    data[digit] = ord("7") if data[digit] != ord("7") else ord("3")
    repack(path, {f"{stem}.dbf": bytes(data)})
    row = bytes(data[cells[key]]).decode().strip()
    return stem, row, full[name], number(was), number(bytes(data[cells[name]]))


def number(cell: bytes) -> str:
    words = cell.decode().strip()
    return said(float(words)) if "." in words else words


def geodatabase(path: Path, rng: random.Random) -> Place:
    """Through pyogrio: one layer is written anew."""
    layer = rng.choice([str(n) for n, kind in pyogrio.list_layers(path) if kind])
    frame = pyogrio.read_dataframe(path, layer=layer)
    row, column, was, new = change_frame(frame, rng)
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(path) as packed:
            packed.extractall(scratch)
        base = next(Path(scratch).glob("*.gdb"))
        pyogrio.write_dataframe(frame, base, layer=layer, driver="OpenFileGDB")
        repack_folder(base.parent, path)
    return layer, row, column, was, new


def repack_folder(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            packed.write(file, file.relative_to(folder).as_posix())


def parquet(path: Path, rng: random.Random) -> Place:
    frame = gpd.read_parquet(path)
    changed = change_frame(frame, rng)
    frame.to_parquet(path)
    return path.stem, *changed


def geojson(path: Path, rng: random.Random) -> Place:
    content = json.loads(path.read_text(encoding="utf-8"))
    feature = rng.choice(content["features"])["properties"]
    column = rng.choice([c for c, v in feature.items() if isinstance(v, str)][1:])
    was = feature[column]
    feature[column] = was + "改"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path.stem, next(iter(feature.values())), column, was, was + "改"


def flatgeobuf(path: Path, rng: random.Random) -> Place:
    frame = pyogrio.read_dataframe(path)
    changed = change_frame(frame, rng)
    path.unlink()
    write_ogr(path, frame, driver="FlatGeobuf", layer=path.stem, options={"SPATIAL_INDEX": "NO"})
    return path.stem, *changed


def drawing(path: Path, rng: random.Random) -> Place:
    """A label: group 1 of a TEXT, whose handle is its group 5."""
    words = path.read_text(encoding="utf-8")
    labels = list(re.finditer(r"\nTEXT\n +5\n([0-9A-F]+)\n(?:.*\n)*?  1\n(.*)\n", words))
    label = rng.choice(labels)
    path.write_text(words[: label.start(2)] + label[2] + "X" + words[label.end(2) :], encoding="utf-8")
    return path.stem, label[1], "Text", label[2], label[2] + "X"


def coordinates(path: Path, rng: random.Random) -> Place:
    """A northing moves by a metre."""
    lines = path.read_text(encoding="utf-8").split("\n")
    at = rng.choice([i for i, line in enumerate(lines) if re.match(r"J\d+,", line)])
    cells = lines[at].split(",")
    plot = next(line for line in reversed(lines[:at]) if line.endswith("@")).split(",")[2]
    was, cells[2] = cells[2], f"{float(cells[2]) + 1:.3f}"
    lines[at] = ",".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.stem, f"{at + 1} {plot} {cells[0]}".replace("  ", " "), "3", was, cells[2]


def table(path: Path, rng: random.Random) -> Place:
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    at, column = rng.randrange(1, len(rows)), rng.randrange(1, len(rows[0]))
    was, rows[at][column] = rows[at][column], rows[at][column] + "9"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    return path.stem, rows[at][0], rows[0][column], was, rows[at][column]


def workbook(path: Path, rng: random.Random) -> Place:
    """As openpyxl saves it."""
    book = openpyxl.load_workbook(path)
    sheet = rng.choice(book.worksheets[1:])
    cell = rng.choice([c for row in sheet.iter_rows(min_row=2) for c in row if isinstance(c.value, str)])
    was = cell.value
    cell.value = was + "改"
    book.save(path)
    return sheet.title, str(cell.row), cell.column_letter, was, was + "改"


def text(path: Path, rng: random.Random) -> Place:
    lines = path.read_text(encoding="utf-8").split("\n")
    at = rng.choice([i for i, line in enumerate(lines) if line.strip()])
    was, lines[at] = lines[at], lines[at] + " "
    path.write_text("\n".join(lines), encoding="utf-8")
    return "", str(at + 1), "line", was, lines[at]


def page_of(path: Path, rng: random.Random) -> str:
    """A digit of what is printed on a page of a PDF; gives what landkit calls the page."""
    writer = pypdf.PdfWriter(clone_from=path)
    number = rng.randrange(len(writer.pages))
    page = writer.pages[number]
    data = page.get_contents().get_data()
    texts = [m.span() for m in re.finditer(rb"\bBT\b.*?\bET\b", data, re.DOTALL)]
    digits = [m for a, b in texts for m in re.compile(rb"\((\d)\)").finditer(data, a, b)]
    digit = rng.choice(digits)
    stream = DecodedStreamObject()
    other = b"7" if digit[1] != b"7" else b"3"
    stream.set_data(data[: digit.start(1)] + other + data[digit.end(1) :])
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(path)
    return f"p{number + 1}"


def pixel_of(path: Path, rng: random.Random) -> tuple[str, str]:
    """One step of red in one pixel; gives its row and column."""
    with Image.open(path) as image:
        column, row = rng.randrange(image.width), rng.randrange(image.height)
        red, *rest = image.getpixel((column, row))
        image.putpixel((column, row), (red ^ 1, *rest))
        image.save(path)
    return str(row), str(column)


CELLS: dict[str, Callable[[Path, random.Random], Place]] = {
    ".gpkg": geopackage,
    ".gdb.zip": geodatabase,
    ".zip": shapefile,
    ".parquet": parquet,
    ".geojson": geojson,
    ".fgb": flatgeobuf,
    ".dxf": drawing,
    ".txt": coordinates,
    ".csv": table,
    ".xlsx": workbook,
    ".qml": text,
    ".sld": text,
}
"""by the end of a file's name, the first that fits"""
