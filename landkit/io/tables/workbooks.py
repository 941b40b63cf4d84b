"""Sheets of Excel books in: values as they are saved, row by row, with what the sheet holds beside them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final, NamedTuple

import openpyxl

from landkit.errors import LayerError, nearest
from landkit.io.tables.sheet_parts import Box, SheetParts, sheet_parts

# what openpyxl says of a file that is cut or is no workbook; a ParseError is a SyntaxError
_DAMAGED: Final = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    SyntaxError,
    zlib.error,
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_PADDED: Final = re.compile(r"0{2,30}")


class Sheet(NamedTuple):
    """A sheet: its rows by their number in the sheet (counted from 1), without those that are empty."""

    name: str
    rows: dict[int, list[Any]]
    parts: SheetParts


def read_sheet(path: Path, sheet: str | None) -> Sheet:
    """One sheet of a workbook (.xlsx, .xlsm, .xls), whatever its suffix says.

    Raises: LayerError where it is damaged, has a password, is something else, or the sheet is not there.
    """
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(b"PK"):
        return _read_xlsx(path, sheet)
    if head.startswith(_OLE):
        if _ENCRYPTED in path.read_bytes():
            raise LayerError("book_password", path=str(path))
        return _read_xls(path, sheet)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise LayerError("book_is_page", path=str(path))
    raise LayerError("xlsx_unreadable", path=str(path))


def sheet_names(path: Path) -> list[str]:
    """The sheets of an .xlsx book, without their rows.   Raises: LayerError where it cannot be opened."""
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True)
            try:
                return [str(name) for name in book.sheetnames]
            finally:
                book.close()
    except _DAMAGED as error:
        raise LayerError("xlsx_unreadable", path=str(path)) from error


def _choose(path: Path, sheet: str | None, names: list[str]) -> str:
    if sheet is None and len(names) > 1:
        raise LayerError("layer_not_named", path=str(path), names="/".join(names))
    chosen = sheet or names[0]
    if chosen not in names:
        guess = nearest(chosen, names) or "/".join(names)
        raise LayerError("layer_missing", path=str(path), layer=chosen, guess=guess)
    return chosen


def _read_xlsx(path: Path, sheet: str | None) -> Sheet:
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            try:
                chosen = _choose(path, sheet, book.sheetnames)
                rows = {n: [_value(c) for c in r] for n, r in enumerate(book[chosen].iter_rows(), 1)}
            finally:
                book.close()
        parts = sheet_parts(path, chosen)
    except _DAMAGED as error:  # sheets are read only when their rows are
        raise LayerError("xlsx_unreadable", path=str(path)) from error
    return Sheet(chosen, _filled(rows), parts)


def _value(cell: Any) -> Any:
    """The value of a cell; a number that is shown with leading zeros (format 000000) is the code that is shown."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) and value >= 0:
        shown = cell.number_format or ""
        if _PADDED.fullmatch(shown):
            return str(int(value)).zfill(len(shown))
    return value


def _read_xls(path: Path, sheet: str | None) -> Sheet:
    """A book of Excel 97 to 2003; its reader tells merged cells, and nothing of hidden rows and formulas."""
    try:
        import python_calamine
    except ImportError as error:
        raise LayerError("xls", path=str(path)) from error
    try:
        book = python_calamine.load_workbook(io.BytesIO(path.read_bytes()))
        chosen = _choose(path, sheet, book.sheet_names)
        found = book.get_sheet_by_name(chosen)
        rows = {
            n: [None if v == "" else v for v in r]
            for n, r in enumerate(found.to_python(skip_empty_area=False), 1)
        }
        boxes = found.merged_cell_ranges or []
    except python_calamine.PasswordError as error:
        raise LayerError("book_password", path=str(path)) from error
    except python_calamine.CalamineError as error:
        raise LayerError("xlsx_unreadable", path=str(path)) from error
    merged = tuple(Box(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in boxes)
    return Sheet(chosen, _filled(rows), SheetParts(merged, is_known=False))


def _filled(rows: dict[int, list[Any]]) -> dict[int, list[Any]]:
    return {n: r for n, r in rows.items() if any(v not in (None, "") for v in r)}
