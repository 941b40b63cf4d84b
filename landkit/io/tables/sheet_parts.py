"""What a sheet of an .xlsx holds beside its values: merged cells, hidden rows and columns, formulas without a saved value."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from typing import IO, Final, NamedTuple
from xml.etree import ElementTree

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d+)")


class Box(NamedTuple):
    """A block of cells by its first and last row and column, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """In the words of Excel: `A2:A5`."""
        return f"{cell_name(self.top, self.left)}:{cell_name(self.bottom, self.right)}"


class SheetParts(NamedTuple):
    """What a sheet holds beside its values; `is_known` is False where the format does not tell."""

    merged: tuple[Box, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    unsaved: tuple[tuple[int, int], ...] = ()
    is_known: bool = True


def cell_name(row: int, column: int) -> str:
    """A cell in the words of Excel, counted from 1: `D5`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def sheet_parts(path: Path, sheet: str) -> SheetParts:
    """The parts of a sheet of an .xlsx that openpyxl has opened before, read once from front to back.

    Entities are no danger: the parser (expat) limits their growth and opens nothing from elsewhere.
    """
    with zipfile.ZipFile(path) as book:
        place = _place_of(book, sheet)
        if place is None:
            return SheetParts(is_known=False)
        with book.open(place) as stream:
            return _parts(stream)


def _place_of(book: zipfile.ZipFile, sheet: str) -> str | None:
    """The file of a sheet inside the book, by its name."""
    names = set(book.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml"))  # noqa: S314
    links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    own = next((s.get(_RELATION) for s in sheets.iter(f"{_MAIN}sheet") if s.get("name") == sheet), None)
    target = next((r.get("Target", "") for r in links if r.get("Id") == own), "")
    place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return place if place in names else None


def _parts(stream: IO[bytes]) -> SheetParts:
    merged: list[Box] = []
    rows: list[int] = []
    columns: list[int] = []
    unsaved: list[tuple[int, int]] = []
    for _, element in ElementTree.iterparse(stream):  # noqa: S314
        tag = element.tag.removeprefix(_MAIN)
        if tag == "row":
            if element.get("hidden") in ("1", "true"):
                rows.append(int(element.get("r", "0")))
            element.clear()
        elif tag == "c" and element.find(f"{_MAIN}f") is not None:
            value = element.find(f"{_MAIN}v")
            if (value is None or not value.text) and element.get("t") != "str":
                unsaved.append(_cell(element.get("r", "")))
        elif tag == "col" and element.get("hidden") in ("1", "true"):
            columns += range(int(element.get("min", "1")), min(int(element.get("max", "1")), 1000) + 1)
        elif tag == "mergeCell":
            first, _, last = element.get("ref", "").partition(":")
            merged.append(Box(*_cell(first), *_cell(last or first)))
    return SheetParts(tuple(merged), tuple(rows), tuple(columns), tuple(unsaved))


def _cell(name: str) -> tuple[int, int]:
    """Row and column of a cell's name, counted from 1."""
    found = _CELL.fullmatch(name.replace("$", ""))
    if not found:
        return (0, 0)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column
