"""The ledger (台账): finished tables as one Excel workbook in memory, the same bytes for the same input.

Text stays text: nothing that comes from data becomes a formula, a link or a number, and codes keep their
zeros. Columns that are totalled are rounded so that the cells add up to the rounded total (强制调平).
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from landkit.errors import ExportError
from landkit.present.cells import (
    LONGEST_CELL,
    Column,
    cut,
    date_format,
    format_decimals,
    printable,
    row_heights,
    text_width,
    utf16_units,
)
from landkit.text import Lang, text

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
_LONG: Final = 255  # longer text shows as #### in a cell of text format in older Excel
_A4: Final = 9
_FONT: Final[dict[Lang, str]] = {"zh": "微软雅黑", "en": "Calibri"}
_NOT_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_HEADER: Final[dict[str, Any]] = {
    "bold": True,
    "text_wrap": True,
    "align": "center",
    "bg_color": "#e4edf1",
    "font_color": "#1c3f57",
    "bottom": 1,
    "bottom_color": "#1c3f57",
}


@dataclass(frozen=True)
class Sheet:
    """One sheet of the ledger: a finished table, and how it is called.

    `labels` go before data/columns.toml; `totals` names the columns with a sum below; `summary` is one
    sentence for the list of sheets on the first page.
    """

    name: str
    frame: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)
    totals: Sequence[str] = ()
    summary: str = ""
    id: str = ""  # of its table, where its figures have ids


@dataclass(frozen=True)
class Summary:
    """What the first sheet says beside its title: facts (label, value), key figures, what was not checked."""

    facts: Sequence[tuple[str, str]] = ()
    figures: pd.DataFrame | None = None
    not_checked: Sequence[str] = ()
    synthetic: bool = False


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
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {"title": printable(title), "created": _naive_utc(created), "author": "landkit", "company": ""}
    )
    summary = summary or Summary()
    writer = _Writer(book, lang, printable(title), [s.name for s in sheets], synthetic=summary.synthetic)
    writer.write_summary(sheets, notes, summary)
    for sheet, name in zip(sheets, writer.names[1:], strict=False):
        writer.write_sheet(sheet, name)
    writer.write_long_texts()
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


class _Writer:
    """A workbook being filled: its formats by kind, its sheet names, and the texts too long for a cell."""

    def __init__(self, book: Any, lang: Lang, title: str, names: Sequence[str], *, synthetic: bool) -> None:
        self.book, self.lang, self.title = book, lang, title
        self.mark = f"&C&B{text('ledger.synthetic_mark', lang)}" if synthetic else ""
        self.names = sheet_names([text("ledger.summary", lang), *names, text("ledger.long_text", lang)])
        self.long_texts: list[tuple[int, str, str, int, str]] = []
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, **properties: Any) -> Any:
        """A cell format, made once."""
        full = {"font_name": _FONT[self.lang], "font_size": 10, "valign": "vcenter", **properties}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(full)
        return self._formats[key]

    def text_look(self, words: str, **properties: Any) -> Any:
        """Of a text cell: text format, so that editing does not turn it into a formula either."""
        held = {"quote_prefix": True} if len(words) > _LONG else {"num_format": "@"}
        return self.look(**held, **properties)

    def put(self, page: Any, row: int, column: int, words: str, **properties: Any) -> None:
        """A text into a cell; what Excel cannot hold in one goes on on the sheet of long texts."""
        words = printable(words)
        if utf16_units(words) > LONGEST_CELL:
            words = self._keep_rest(page.get_name(), row, column, words)
        page.write_string(row, column, words, self.text_look(words, **properties))

    def _keep_rest(self, sheet: str, row: int, column: int, words: str) -> str:
        number = len({t[0] for t in self.long_texts}) + 1
        note = text("ledger.continued", self.lang, sheet=self.names[-1], number=number)
        first = cut(words, LONGEST_CELL - utf16_units(note))
        rest, piece = words[len(first) :], 1
        while rest:
            part = cut(rest, LONGEST_CELL)
            self.long_texts.append((number, sheet, xl_rowcol_to_cell(row, column), piece, part))
            rest, piece = rest[len(part) :], piece + 1
        return first + note

    # ---- first sheet

    def write_summary(self, sheets: Sequence[Sheet], notes: Sequence[str], summary: Summary) -> None:
        """The first sheet: title, facts, key figures, list of sheets, notes, what was not checked."""
        page = self.book.add_worksheet(self.names[0])
        page.hide_gridlines(2)
        page.set_column(0, 0, 30)
        page.set_column(1, 1, 18)
        page.set_column(2, 2, 78)
        page.set_row(0, 30)
        self.put(page, 0, 0, self.title, bold=True, font_size=16, font_color="#1c3f57")
        row = 1
        if summary.synthetic:
            row += 1
            self._across(
                page,
                row,
                text("ledger.synthetic", self.lang),
                bold=True,
                font_color="#8c2a20",
                bg_color="#fbe9e4",
            )
            row += 1
        for label, value in summary.facts:
            self.put(page, row, 0, label, font_color="#5a5a5a")
            self._across(page, row, value, first=1)
            row += 1
        row = self._figures(page, row + 1, summary.figures)
        row = self._contents(page, row + 1, sheets)
        row = self._lines(page, row + 1, text("ledger.not_checked", self.lang), summary.not_checked)
        row = self._lines(page, row + 1, text("ledger.notes", self.lang), notes)
        self._print_setup(page)
        page.print_area(0, 0, row, 2)

    def _across(self, page: Any, row: int, words: str, *, first: int = 0, **properties: Any) -> None:
        """A text over the rest of the page's width, with room for all of its lines."""
        words = printable(words)
        look = {"text_wrap": True, "align": "left", **properties}
        page.merge_range(row, first, row, 2, "", self.text_look(words, **look))
        self.put(page, row, first, words, **look)
        width = 96.0 if first else 126.0
        lines = sum(max(1, math.ceil(text_width(line) / width)) for line in words.split("\n"))
        page.set_row(row, min(409, 16.5 * lines))

    def _title(self, page: Any, row: int, words: str) -> int:
        for column in range(3):
            page.write_blank(row, column, None, self.look(bottom=1, bottom_color="#1c3f57"))
        self.put(
            page,
            row,
            0,
            words,
            bold=True,
            font_size=12,
            font_color="#1c3f57",
            bottom=1,
            bottom_color="#1c3f57",
        )
        return row + 1

    def _figures(self, page: Any, row: int, figures: pd.DataFrame | None) -> int:
        """Key figures: the first column names, the second is the figure, the third explains."""
        if figures is None or figures.empty:
            return row
        row = self._title(page, row, text("ledger.figures", self.lang))
        for values in figures.iloc[:, :3].itertuples(index=False):
            self.put(page, row, 0, str(values[0]), bottom=4, bottom_color="#c8c8c8", text_wrap=True)
            for column, value in enumerate(values[1:], 1):
                self._cell(
                    page,
                    row,
                    column,
                    value,
                    "#,##0.##",
                    bottom=4,
                    bottom_color="#c8c8c8",
                    bold=column == 1,
                    text_wrap=True,
                )
            row += 1
        return row

    def _contents(self, page: Any, row: int, sheets: Sequence[Sheet]) -> int:
        row = self._title(page, row, text("ledger.contents", self.lang))
        for sheet, name in zip(sheets, self.names[1:], strict=False):
            words = self.look(font_color="#1f5a78", underline=1, valign="top")
            page.write_url(row, 0, f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1", words, string=name)
            page.write_number(
                row, 1, len(sheet.frame), self.look(num_format="#,##0", align="right", valign="top")
            )
            self.put(page, row, 2, sheet.summary, text_wrap=True, valign="top")
            row += 1
        return row

    def _lines(self, page: Any, row: int, heading: str, lines: Sequence[str]) -> int:
        if not lines:
            return row
        row = self._title(page, row, heading)
        for line in lines:
            self._across(page, row, line)
            row += 1
        return row

    # ---- result sheets

    def write_sheet(self, sheet: Sheet, name: str) -> None:
        """One result: header, rows, totals, filter, print setup."""
        page = self.book.add_worksheet(name)
        columns = [self._column(sheet, j) for j in range(len(sheet.frame.columns))]
        rows = len(sheet.frame)
        heights = row_heights([c for c in columns if c.wraps], rows)
        place = "top" if any(c.wraps for c in columns) else "vcenter"
        for j, column in enumerate(columns):
            page.set_column(j, j, column.width)
            self.put(page, 0, j, column.header, **_HEADER)
            for i, value in enumerate(column.cells, 1):
                self._cell(page, i, j, value, column.number_format, text_wrap=column.wraps, valign=place)
            if column.name in sheet.totals:
                self._total(page, rows, j, column.cells, column.number_format)
            self._bar(page, rows, j, column)
        for i, height in heights.items():
            page.set_row(i + 1, height)
        if sheet.totals and columns:
            self._total_label(page, rows, [c.name for c in columns], sheet.totals)
        self._finish(page, rows, len(columns))

    def _column(self, sheet: Sheet, place: int) -> Column:
        values = sheet.frame.iloc[:, place]
        name = str(values.name)
        return Column.of(
            values,
            self.lang,
            label=sheet.labels.get(name),
            width=sheet.widths.get(name),
            is_total=name in sheet.totals,
        )

    def _cell(
        self, page: Any, row: int, column: int, value: object, number_format: str, **properties: Any
    ) -> None:
        if value is None:
            return
        if isinstance(value, bool | np.bool_):
            value = text("ledger.yes" if value else "ledger.no", self.lang)
        if isinstance(value, dt.datetime):
            page.write_datetime(
                row, column, value, self.look(num_format=date_format(value), align="center", **properties)
            )
        elif isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value):
            page.write_number(
                row, column, value, self.look(num_format=number_format, align="right", **properties)
            )
        elif not (isinstance(value, float) and math.isnan(value)):
            self.put(page, row, column, str(value), align="left", indent=1, **properties)

    def _total(self, page: Any, rows: int, column: int, values: Sequence[object], number_format: str) -> None:
        numbers = [
            float(v)
            for v in values
            if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
        ]
        look = self.look(num_format=number_format, align="right", bold=True, top=1)
        letter = xl_col_to_name(column)
        decimals = format_decimals(number_format)
        total = math.fsum(numbers) if decimals is None else round(math.fsum(numbers), decimals)
        if rows:
            page.write_formula(rows + 1, column, f"=SUBTOTAL(109,{letter}2:{letter}{rows + 1})", look, total)
        else:
            page.write_number(1, column, 0, look)

    def _total_label(self, page: Any, rows: int, columns: Sequence[str], totals: Sequence[str]) -> None:
        for j, column in enumerate(columns):
            if column not in totals:
                page.write_blank(rows + 1, j, None, self.look(bold=True, top=1))
        if columns[0] not in totals:
            self.put(page, rows + 1, 0, text("ledger.total", self.lang), bold=True, top=1)

    def _bar(self, page: Any, rows: int, place: int, column: Column) -> None:
        """Bars behind shares, 0 to 1: there a long bar means the same in every row."""
        if column.is_share and rows > 1 and any(isinstance(v, float) for v in column.cells):
            ends = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1}
            page.conditional_format(
                1, place, rows, place, {"type": "data_bar", "bar_color": "#c9dde5", **ends}
            )

    def _finish(self, page: Any, rows: int, columns: int) -> None:
        page.freeze_panes(1, 1 if columns > 1 else 0)
        page.set_row(0, 33)
        if columns:
            page.autofilter(0, 0, rows, columns - 1)
        page.repeat_rows(0)
        self._print_setup(page)

    def _print_setup(self, page: Any) -> None:
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        title = cut(self.title.replace("&", "&&").replace("\n", " "), 100)
        page.set_footer(f"&L{title}  &A{self.mark}&R{text('ledger.page', self.lang, page='&P', pages='&N')}")

    def write_long_texts(self) -> None:
        """The rest of texts that a cell could not hold, on a sheet of their own at the end."""
        if not self.long_texts:
            return
        page = self.book.add_worksheet(self.names[-1])
        heads = ("long_number", "sheet", "long_cell", "long_piece", "long_content")
        for j, (head, width) in enumerate(zip(heads, (8, 20, 10, 6, 100), strict=True)):
            page.set_column(j, j, width)
            self.put(page, 0, j, text(f"ledger.{head}", self.lang), **_HEADER)
        for i, (number, sheet, cell, piece, words) in enumerate(self.long_texts, 1):
            page.write_number(i, 0, number, self.look())
            page.write_number(i, 3, piece, self.look())
            for j, said in ((1, sheet), (2, cell), (4, words)):
                page.write_string(i, j, said, self.text_look(said, text_wrap=j == 4, valign="top"))
        self._finish(page, len(self.long_texts), len(heads))
