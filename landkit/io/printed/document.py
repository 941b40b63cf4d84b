"""A Word document as tables: its paragraphs, each of its tables cell by cell, heads and feet, properties, pictures.

Read from the file itself: the text of a paragraph is what its runs say, without instructions of fields.  (S314 of the
linter: expat from 2.4.1 on refuses entities that expand without end, and knows no external ones.)
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree import ElementTree as ET

from landkit.printed import NOTHING, Printed

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}
_TEXTS: Final = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_MOST_BYTES: Final = 2**28  # of one part: a report that says more was not written here


def printed_document(path: Path | BinaryIO) -> list[Printed]:
    """`text`, then `table 1`, `table 2` ... of the body; the same of heads and feet; `properties`; `pictures`.

    Rows of a table are called by their number, columns A, B, C ...; paragraphs by their number.
    """
    with zipfile.ZipFile(path) as packed:
        names = sorted(packed.namelist())
        found = [t for n in names if _TEXTS.fullmatch(n) for t in _part(_read(packed, n), _called(n))]
        if "docProps/core.xml" in names:
            found.append(_properties(_read(packed, "docProps/core.xml")))
        pictures = [n for n in names if n.startswith("word/media/")]
        digests = [hashlib.sha256(_read(packed, n)).hexdigest() for n in pictures]
        return [*found, Printed("pictures", {"sha256": digests}, pictures)]


def _called(part: str) -> str:
    name = part.removeprefix("word/").removesuffix(".xml")
    return "" if name == "document" else f"{name} "


def _read(packed: zipfile.ZipFile, name: str) -> bytes:
    if packed.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(name)
    return packed.read(name)


def _part(xml: bytes, called: str) -> Iterator[Printed]:
    root = ET.fromstring(xml)  # noqa: S314
    inside = {p for table in root.iter(f"{_W}tbl") for p in table.iter(f"{_W}p")}
    lines = [_words(p) for p in root.iter(f"{_W}p") if p not in inside]
    yield Printed(f"{called}text", {"text": lines}, [str(i) for i in range(1, len(lines) + 1)])
    for number, table in enumerate(root.iter(f"{_W}tbl"), 1):
        yield _table(table, f"{called}table {number}")


def _table(table: ET.Element, name: str) -> Printed:
    rows = [[_cell(c) for c in row.iter(f"{_W}tc")] for row in table.findall(f"{_W}tr")]
    width = max((len(r) for r in rows), default=0)
    columns = {_letter(j): [r[j] if j < len(r) else NOTHING for r in rows] for j in range(width)}
    return Printed(name, columns, [str(i) for i in range(1, len(rows) + 1)])


def _letter(place: int) -> str:
    return (_letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _cell(cell: ET.Element) -> str:
    return "\n".join(_words(p) for p in cell.findall(f"{_W}p"))


def _words(paragraph: ET.Element) -> str:
    return "".join(
        (e.text or "") if e.tag == f"{_W}t" else _BREAKS.get(str(e.tag), "") for e in paragraph.iter()
    )


def _properties(xml: bytes) -> Printed:
    leaves = [(str(e.tag).rpartition("}")[2], e.text or "") for e in ET.fromstring(xml)]  # noqa: S314
    return Printed("properties", {"value": [v for _, v in leaves]}, [n for n, _ in leaves])
