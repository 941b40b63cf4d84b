"""A workbook as tables of cells: what each cell shows, and the formula behind it where there is one.

Read from the file itself in one pass: libraries give formulas or their values, not both.  (S314 of the linter: expat from
2.4.1 on refuses entities that expand without end, and knows no external ones.)
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from landkit.printed import NOTHING, Printed, said

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL, _ROW, _FORMULA, _VALUE, _TEXT = (f"{_MAIN}{tag}" for tag in ("c", "row", "f", "v", "t"))
_PLACE: Final = re.compile(r"([A-Z]+)(\d+)")
_MOST_BYTES: Final = 2**31  # of one part: a workbook that says more was not written here


def printed_workbook(path: Path) -> list[Printed]:
    """Each sheet: columns are A, B, C ..., rows are called by their number.

    A cell says its value, and its formula after it.
    """
    return list(sheets_one_by_one(path))


def sheets_one_by_one(path: Path) -> Iterator[Printed]:
    """The same, each sheet when it is wanted: of a large workbook all at once would fill the memory."""
    with zipfile.ZipFile(path) as packed:
        strings = _strings(packed)
        for name, part in _sheets(packed):
            yield _sheet(packed, name, part, strings)


def _part(packed: zipfile.ZipFile, name: str) -> Any:
    if packed.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(name)
    return packed.open(name)


def _strings(packed: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in packed.namelist():
        return []
    found = []
    with _part(packed, "xl/sharedStrings.xml") as stream:
        for _, element in ET.iterparse(stream):  # noqa: S314
            if element.tag == f"{_MAIN}si":
                found.append("".join(t.text or "" for t in element.iter(_TEXT)))
                element.clear()
    return found


def _sheets(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    with _part(packed, "xl/_rels/workbook.xml.rels") as stream:
        targets = {e.get("Id"): str(e.get("Target")) for e in ET.parse(stream).getroot()}  # noqa: S314
    with _part(packed, "xl/workbook.xml") as stream:
        for sheet in ET.parse(stream).getroot().iter(f"{_MAIN}sheet"):  # noqa: S314
            yield str(sheet.get("name")), f"xl/{targets[sheet.get(_LINK)].removeprefix('/xl/')}"


def _sheet(packed: zipfile.ZipFile, name: str, part: str, strings: list[str]) -> Printed:
    cells: dict[str, list[str]] = {}
    with _part(packed, part) as stream:
        for _, element in ET.iterparse(stream):  # noqa: S314
            if element.tag == _ROW:
                for cell in element.iter(_CELL):
                    place, words = _PLACE.fullmatch(str(cell.get("r"))), _words(cell, strings)
                    if place and words != NOTHING:
                        column = cells.setdefault(place[1], [])
                        column += [NOTHING] * (int(place[2]) - 1 - len(column))
                        column.append(words)
                element.clear()
    rows = max(map(len, cells.values()), default=0)
    for column in cells.values():
        column += [NOTHING] * (rows - len(column))
    letters = sorted(cells, key=lambda c: (len(c), c))
    return Printed(name, {c: cells[c] for c in letters}, [str(r) for r in range(1, rows + 1)])


def _words(cell: ET.Element, strings: list[str]) -> str:
    """The text of a cell; a number with 15 digits; a formula after its value."""
    inner = {part.tag: part for part in cell}
    formula, value, kind = inner.get(_FORMULA), inner.get(_VALUE), cell.get("t")
    if kind == "s" and value is not None:
        words = strings[int(value.text or "0")]
    elif kind == "inlineStr":
        words = "".join(t.text or "" for t in cell.iter(_TEXT))
    elif value is None or value.text is None:
        words = NOTHING
    else:
        words = value.text if kind in ("str", "b", "e") else said(float(value.text))
    return words if formula is None else f"{words} ={formula.text}"
