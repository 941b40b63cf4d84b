"""The ledger (台账): finished tables as one Excel workbook in memory, the same bytes for the same input.

Text stays text: nothing that comes from data becomes a formula, a link or a number, and codes keep their
zeros. Columns that are totalled are rounded so that the cells add up to the rounded total (强制调平).
"""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from collections.abc import Iterable, Sequence
from typing import Final

import xlsxwriter

from landkit.errors import ExportError
from landkit.present.cells import cut, printable
from landkit.present.ledger_pages import Places, write_sheet, write_summary
from landkit.present.ledger_tables import Sheet, Summary
from landkit.present.workbook import Book
from landkit.text import Lang, text

__all__ = ["Sheet", "Summary", "sheet_names", "write_ledger"]

MOST_ROWS: Final = 1_048_576  # of a sheet: "Excel specifications and limits", Microsoft
MOST_COLUMNS: Final = 16_384
MOST_HELD: Final = 1_000_000  # cells that are held until all are there; of more each row is written at once, as text in its place
_NOT_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_ledger(
    sheets: Sequence[Sheet],
    *,
    lang: Lang,
    title: str,
    notes: Sequence[str],
    created: dt.datetime,
    summary: Summary | None = None,
) -> bytes:
    """The workbook (台账): the summary first, then the sheets in the order given.

    `created` is the only time inside; give the study's own day and equal runs are equal files.

    Raises: ExportError where a sheet is larger than Excel can hold.
    """
    for sheet in sheets:
        _check_size(sheet)
    out = io.BytesIO()
    large = sum(sheet.frame.size for sheet in sheets) > MOST_HELD
    with tempfile.TemporaryDirectory(prefix="landkit-", ignore_cleanup_errors=True) as scratch:
        book = xlsxwriter.Workbook(
            out,
            {
                "in_memory": not large,
                "constant_memory": large,
                "tmpdir": scratch,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        book.set_properties(
            {"title": printable(title), "created": _naive_utc(created), "author": "landkit", "company": ""}
        )
        summary = summary or Summary()
        names = [text("ledger.summary", lang), *(s.name for s in sheets), text("ledger.long_text", lang)]
        ledger = Book(
            book, lang, printable(title), sheet_names(names), synthetic=summary.synthetic, by_rows=large
        )
        write_summary(ledger, sheets, notes, summary)
        places = Places.of(sheets, ledger.names[1:])
        for sheet, name in zip(sheets, ledger.names[1:], strict=False):
            write_sheet(ledger, sheet, name, places)
        ledger.write_long_texts()
        book.close()
    return out.getvalue()


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel accepts: at most 31 UTF-16 units, no forbidden characters, unique in any case."""
    names: list[str] = []
    taken = {"history"}
    for raw in wanted:
        plain = _NOT_IN_SHEET_NAME.sub("_", printable(raw)).strip(" '") or "_"
        candidate, number = cut(plain, 31), 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{cut(plain, 30 - len(str(number)))}_{number}"
        taken.add(candidate.casefold())
        names.append(candidate)
    return names


def _check_size(sheet: Sheet) -> None:
    room = MOST_ROWS - 1 - bool(sheet.totals)
    if len(sheet.frame) > room:
        raise ExportError("ledger_too_many_rows", sheet=sheet.name, rows=len(sheet.frame), limit=room)
    if len(sheet.frame.columns) > MOST_COLUMNS:
        raise ExportError(
            "ledger_too_many_columns", sheet=sheet.name, columns=len(sheet.frame.columns), limit=MOST_COLUMNS
        )


def _naive_utc(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
