"""A workbook being filled (台账工作簿): its formats by kind, its cells, and the texts too long for a cell."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from landkit.present.cells import LONGEST_CELL, cut, date_format, printable, utf16_units
from landkit.present.ledger_print import A3_WIDTH, A4_WIDTH, pages_across, rows_on_paper
from landkit.text import Lang, text

HEADER: Final[dict[str, Any]] = {
    "bold": True,
    "text_wrap": True,
    "align": "center",
    "bg_color": "#e4edf1",
    "font_color": "#1c3f57",
    "bottom": 1,
    "bottom_color": "#1c3f57",
}
LINK: Final[dict[str, Any]] = {"font_color": "#1f5a78", "underline": 1}
_LONG: Final = 255  # longer text shows as #### in a cell of text format in older Excel
_A4: Final = 9
_A3: Final = 8
_FONT: Final[dict[Lang, str]] = {"zh": "微软雅黑", "en": "Calibri"}


class Book:
    """An xlsxwriter workbook with the looks of a ledger: nothing that comes from data becomes a formula or a number.

    `names` are those of all sheets, the summary first and the sheet of long texts last.
    """

    def __init__(
        self,
        book: Any,
        lang: Lang,
        title: str,
        names: Sequence[str],
        *,
        synthetic: bool,
        by_rows: bool = False,
    ) -> None:
        """A workbook without sheets yet; filled `by_rows` it need not hold more than a row."""
        self.book, self.lang, self.title, self._by_rows = book, lang, title, by_rows
        self.mark = f"&C&B{text('ledger.synthetic_mark', lang)}" if synthetic else ""
        self.names = list(names)
        self.long_texts: list[tuple[int, str, str, int, str]] = []
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def table_page(self, name: str) -> Any:
        """A new sheet for a table, with room for its header."""
        page = self.book.add_worksheet(name)
        page.set_row(0, 33)
        return page

    def order(self, rows: int, columns: int) -> Iterator[tuple[int, int]]:
        """The places of a table in the order in which they are to be filled."""
        if self._by_rows:
            return itertools.product(range(rows), range(columns))
        return ((i, j) for j, i in itertools.product(range(columns), range(rows)))

    def look(self, **properties: Any) -> Any:
        """A cell format, made once."""
        key = tuple(properties.items())
        if key not in self._formats:
            usual = {"font_name": _FONT[self.lang], "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self.book.add_format({**usual, **properties})
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

    def cell(
        self, page: Any, row: int, column: int, value: object, number_format: str, **properties: Any
    ) -> None:
        """A value into a cell by its kind: day, number, flag or text; nothing where there is none."""
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

    def print_setup(self, page: Any, widths: Sequence[float] = ()) -> None:
        """Across on A4 where the columns' `widths` (in characters) fit, else on A3, side by side where they must."""
        page.set_landscape()
        page.set_paper(_A4 if sum(widths) <= A4_WIDTH else _A3)
        page.fit_to_pages(pages_across(widths), 0)
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        title = cut(self.title.replace("&", "&&").replace("\n", " "), 100)
        page.set_footer(f"&L{title}  &A{self.mark}&R{text('ledger.page', self.lang, page='&P', pages='&N')}")

    def finish(
        self,
        page: Any,
        rows: int,
        widths: Sequence[float],
        *,
        heights: Mapping[int, float] | None = None,
        whole: bool = False,
    ) -> None:
        """Frozen header, filter, header and first column on every printed page; of a very long table the first page.

        `heights` are those of rows of more than one line, by place; `whole` prints all rows however many.
        """
        columns = len(widths)
        page.freeze_panes(1, 1 if columns > 1 else 0)
        if columns:
            page.autofilter(0, 0, rows, columns - 1)
        page.repeat_rows(0)
        if sum(widths) > A3_WIDTH:
            page.repeat_columns(0)
        self.print_setup(page, widths)
        printed = rows if whole else rows_on_paper(widths, heights or {}, rows)
        if printed < rows:
            page.print_area(0, 0, printed, columns - 1)
            page.set_header(f"&L{text('ledger.cut', self.lang, printed=f'{printed:,}', rows=f'{rows:,}')}")

    def write_long_texts(self) -> None:
        """The rest of texts that a cell could not hold, on a sheet of their own at the end."""
        if not self.long_texts:
            return
        page = self.table_page(self.names[-1])
        heads = ("long_number", "sheet", "long_cell", "long_piece", "long_content")
        widths = (8, 20, 10, 6, 100)
        for j, (head, width) in enumerate(zip(heads, widths, strict=True)):
            page.set_column(j, j, width)
            self.put(page, 0, j, text(f"ledger.{head}", self.lang), **HEADER)
        for i, (number, sheet, cell, piece, words) in enumerate(self.long_texts, 1):
            page.write_number(i, 0, number, self.look())
            page.write_number(i, 3, piece, self.look())
            for j, said in ((1, sheet), (2, cell), (4, words)):
                page.write_string(i, j, said, self.text_look(said, text_wrap=j == 4, valign="top"))
        self.finish(page, len(self.long_texts), widths)
