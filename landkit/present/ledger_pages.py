"""The pages of the ledger: the summary, and one result a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from landkit.present.cells import (
    MISSING,
    Column,
    format_decimals,
    lines_of,
    printable,
    row_heights,
    text_width,
)
from landkit.present.ledger_tables import Sheet, Summary
from landkit.present.workbook import HEADER, LINK, Book
from landkit.text import text

MOST_LINKED_ROWS: Final = 20_000  # Excel ends at 65,530 links a sheet, and opens slowly long before
_TO_WRITE_IN: Final = 22.0  # height in points of a row that people write in by hand
_WIDTHS: Final = (30.0, 18.0, 78.0)  # of the first sheet's columns, in characters


def write_summary(book: Book, sheets: Sequence[Sheet], notes: Sequence[str], summary: Summary) -> None:
    """The first sheet: title, facts, key figures, list of sheets, notes, what was not checked."""
    page = book.book.add_worksheet(book.names[0])
    page.hide_gridlines(2)
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.set_row(0, 30)
    book.put(page, 0, 0, book.title, bold=True, font_size=16, font_color="#1c3f57")
    row = 1
    if summary.synthetic:
        row += 1
        _across(
            book,
            page,
            row,
            text("ledger.synthetic", book.lang),
            bold=True,
            font_color="#8c2a20",
            bg_color="#fbe9e4",
        )
        row += 1
    for label, value in summary.facts:
        book.put(page, row, 0, label, font_color="#5a5a5a")
        _across(book, page, row, value, first=1)
        row += 1
    row = _figures(book, page, row + 1, summary.figures)
    row = _contents(book, page, row + 1, sheets)
    row = _lines(book, page, row + 1, text("ledger.not_checked", book.lang), summary.not_checked)
    row = _lines(book, page, row + 1, text("ledger.notes", book.lang), notes)
    book.print_setup(page)
    page.print_area(0, 0, row, 2)


def _across(book: Book, page: Any, row: int, words: str, *, first: int = 0, **properties: Any) -> None:
    """A text over the rest of the page's width, with room for all of its lines."""
    words = printable(words)
    look = {"text_wrap": True, "align": "left", **properties}
    page.merge_range(row, first, row, 2, "", book.text_look(words, **look))
    book.put(page, row, first, words, **look)
    width = 96.0 if first else 126.0
    lines = sum(max(1, math.ceil(text_width(line) / width)) for line in words.split("\n"))
    page.set_row(row, min(409, 16.5 * lines))


def _title(book: Book, page: Any, row: int, words: str) -> int:
    for column in range(3):
        page.write_blank(row, column, None, book.look(bottom=1, bottom_color="#1c3f57"))
    book.put(
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


def _figures(book: Book, page: Any, row: int, figures: pd.DataFrame | None) -> int:
    """Key figures: the first column names, the second is the figure, the third explains."""
    if figures is None or figures.empty:
        return row
    row = _title(book, page, row, text("ledger.figures", book.lang))
    for values in figures.iloc[:, :3].itertuples(index=False):
        book.put(page, row, 0, str(values[0]), bottom=4, bottom_color="#c8c8c8", text_wrap=True)
        for column, value in enumerate(values[1:], 1):
            book.cell(
                page,
                row,
                column,
                value,
                "#,##0.00",
                bottom=4,
                bottom_color="#c8c8c8",
                bold=column == 1,
                text_wrap=True,
            )
        _make_room(page, row, values[0], values[2] if len(values) > 2 else "")
        row += 1
    return row


def _make_room(page: Any, row: int, name: object, words: object) -> None:
    """A row as high as the lines of its name and of its words."""
    lines = max(lines_of(name, _WIDTHS[0]), lines_of(words, _WIDTHS[2]))
    if lines > 1:
        page.set_row(row, min(409, 16.5 * lines))


def _contents(book: Book, page: Any, row: int, sheets: Sequence[Sheet]) -> int:
    row = _title(book, page, row, text("ledger.contents", book.lang))
    for sheet, name in zip(sheets, book.names[1:], strict=False):
        words = book.look(valign="top", **LINK)
        page.write_url(row, 0, f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1", words, string=name)
        page.write_number(
            row, 1, len(sheet.frame), book.look(num_format="#,##0", align="right", valign="top")
        )
        book.put(page, row, 2, sheet.summary, text_wrap=True, valign="top")
        _make_room(page, row, name, sheet.summary)
        row += 1
    return row


def _lines(book: Book, page: Any, row: int, heading: str, lines: Sequence[str]) -> int:
    if not lines:
        return row
    row = _title(book, page, row, heading)
    for line in lines:
        _across(book, page, row, line)
        row += 1
    return row


class Places:
    """Where the rows of a ledger stand: sheet and row for each key (宗地代码, 园区代码 ...), for links between sheets."""

    def __init__(self, rows: Mapping[str, tuple[str, Mapping[str, int]]]) -> None:
        """`rows` gives for a column the sheet that lists its keys, and the row of each."""
        self._rows = rows

    @classmethod
    def of(cls, sheets: Sequence[Sheet], names: Sequence[str]) -> Places:
        """The first sheet that begins with a column of unique keys is the place of these keys."""
        found: dict[str, tuple[str, Mapping[str, int]]] = {}
        for sheet, name in zip(sheets, names, strict=False):
            column = str(sheet.frame.columns[0]) if len(sheet.frame.columns) else ""
            if column.endswith("_id") and column not in found and sheet.frame[column].is_unique:
                found[column] = (name, {str(v): i + 2 for i, v in enumerate(sheet.frame[column])})
        return cls(found)

    def link(self, column: str, key: object, *, on: str) -> str | None:
        """The link of a cell to the row of its key on another sheet; None where there is none."""
        name, rows = self._rows.get(column, ("", {}))
        row = rows.get(str(key)) if name and name != on else None
        return None if row is None else internal(name, f"A{row}")


def internal(sheet: str, cell: str) -> str:
    """A link to a cell of this workbook."""
    return f"internal:'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}"


def write_sheet(book: Book, sheet: Sheet, name: str, places: Places) -> None:
    """One result: header, rows, totals, filter, links to other sheets, print setup."""
    page = book.table_page(name)
    columns = [_column(book, sheet, j) for j in range(len(sheet.frame.columns))]
    rows = len(sheet.frame)
    heights = row_heights([c for c in columns if c.wraps], rows)
    if sheet.to_sign:
        heights = {i: max(_TO_WRITE_IN, heights.get(i, 0)) for i in range(rows)}
        page.hide_gridlines(0)  # shown on paper too
    for j, column in enumerate(columns):
        page.set_column(j, j, column.width)
        _bar(page, rows, j, column)
    if columns:
        _write_cells(book, page, columns, heights, places if rows <= MOST_LINKED_ROWS else Places({}))
    if sheet.totals and columns:
        _write_totals(book, page, columns, sheet.totals)
    book.finish(page, rows, [c.width for c in columns], heights=heights, whole=sheet.to_sign)


def _write_cells(
    book: Book, page: Any, columns: Sequence[Column], heights: Mapping[int, float], places: Places
) -> None:
    """Headers and cells, in the order that the workbook wants."""
    place = "top" if any(c.wraps for c in columns) else "vcenter"
    for i, j in book.order(len(columns[0].cells) + 1, len(columns)):
        column = columns[j]
        if j == 0 and i - 1 in heights:
            page.set_row(i, heights[i - 1])
        if i == 0:
            _header(book, page, j, column.header)
            continue
        value = column.cells[i - 1]
        link = places.link(column.name, value, on=page.get_name()) if isinstance(value, str) else None
        if link is None:
            book.cell(page, i, j, value, column.number_format, text_wrap=column.wraps, valign=place)
        else:
            words = printable(str(value))
            look = book.text_look(words, align="left", indent=1, valign=place, **LINK)
            page.write_url(i, j, link, look, string=words)


def _column(book: Book, sheet: Sheet, place: int) -> Column:
    values = sheet.frame.iloc[:, place]
    name = str(values.name)
    return Column.of(
        values,
        book.lang,
        label=sheet.labels.get(name),
        width=sheet.widths.get(name),
        is_total=name in sheet.totals,
    )


def _header(book: Book, page: Any, place: int, words: str) -> None:
    """The head of a column; the first leads back: a column of its own for that would stand in everybody's table."""
    book.put(page, 0, place, words, **HEADER)
    if not place:
        back, tip = internal(book.names[0], "A1"), text("ledger.back", book.lang)
        page.write_url(0, 0, back, book.text_look("", **HEADER), string=printable(words), tip=tip)


def _write_totals(book: Book, page: Any, columns: Sequence[Column], totals: Sequence[str]) -> None:
    """The sums below the columns that add up, and what they are in the first cell of that row."""
    rows = len(columns[0].cells)
    for j, column in enumerate(columns):
        if column.name in totals:
            _total(book, page, rows, j, column.cells, column.number_format)
    for j, column in enumerate(columns):
        if column.name not in totals:
            page.write_blank(rows + 1, j, None, book.look(bold=True, top=1))
    if columns[0].name not in totals:
        book.put(page, rows + 1, 0, text("ledger.total", book.lang), bold=True, top=1)


def _total(
    book: Book, page: Any, rows: int, column: int, values: Sequence[object], number_format: str
) -> None:
    numbers = [
        float(v)
        for v in values
        if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
    ]
    look = book.look(num_format=number_format, align="right", bold=True, top=1)
    letter = xl_col_to_name(column)
    decimals = format_decimals(number_format)
    total = math.fsum(numbers) if decimals is None else round(math.fsum(numbers), decimals)
    cells = f"{letter}2:{letter}{rows + 1}"
    if not rows:
        page.write_number(1, column, 0, look)
    elif len(numbers) == rows:
        page.write_formula(rows + 1, column, f"=SUBTOTAL(109,{cells})", look, total)
    else:  # of what nobody knows there is no total, nor of the rows that a filter leaves
        formula = f'=IF(SUBTOTAL(102,{cells})=0,"{MISSING}",SUBTOTAL(109,{cells}))'
        page.write_formula(rows + 1, column, formula, look, total if numbers else MISSING)


def _bar(page: Any, rows: int, place: int, column: Column) -> None:
    """Bars behind shares, 0 to 1: there a long bar means the same in every row."""
    if column.is_share and rows > 1 and any(isinstance(v, float) for v in column.cells):
        ends = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1}
        page.conditional_format(1, place, rows, place, {"type": "data_bar", "bar_color": "#c9dde5", **ends})
