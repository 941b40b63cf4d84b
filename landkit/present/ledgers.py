"""The ledger (台账): finished tables as one Excel workbook in memory, the same bytes for the same input.

Text stays text: nothing that comes from data becomes a formula, a link or a number, and codes keep their
zeros. Columns that are totalled are rounded so that the cells add up to the rounded total (强制调平).
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from landkit.errors import ExportError
from landkit.model import Code, Reason, say_all
from landkit.text import Lang, has_text, known_columns, term, text
from landkit.units import round_to_total

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
LONGEST_CELL: Final = 32_767  # counted by Excel in UTF-16 units
_LONG: Final = 255  # longer text shows as #### in a cell of text format in older Excel
_EXACT_INTEGER: Final = 10**15  # Excel keeps 15 digits
_WIDEST: Final = 60.0
_WRAPS_FROM: Final = 38.0
_TALLEST: Final = 150.0
_SAMPLE: Final = 300
_A4: Final = 9
_FONT: Final[dict[Lang, str]] = {"zh": "微软雅黑", "en": "Calibri"}
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_NOT_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


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
        {"title": _printable(title), "created": _naive_utc(created), "author": "landkit", "company": ""}
    )
    summary = summary or Summary()
    writer = _Writer(book, lang, _printable(title), [s.name for s in sheets], synthetic=summary.synthetic)
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
        plain = _NOT_IN_SHEET_NAME.sub("_", _printable(raw)).strip(" '") or "_"
        candidate, number = _cut(plain, 31), 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{_cut(plain, 30 - len(str(number)))}_{number}"
        taken.add(candidate.casefold())
        names.append(candidate)
    return names


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
        words = _printable(words)
        if _units(words) > LONGEST_CELL:
            words = self._keep_rest(page.get_name(), row, column, words)
        page.write_string(row, column, words, self.text_look(words, **properties))

    def _keep_rest(self, sheet: str, row: int, column: int, words: str) -> str:
        number = len({t[0] for t in self.long_texts}) + 1
        note = text("ledger.continued", self.lang, sheet=self.names[-1], number=number)
        first = _cut(words, LONGEST_CELL - _units(note))
        rest, piece = words[len(first) :], 1
        while rest:
            part = _cut(rest, LONGEST_CELL)
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
        words = _printable(words)
        look = {"text_wrap": True, "align": "left", **properties}
        page.merge_range(row, first, row, 2, "", self.text_look(words, **look))
        self.put(page, row, first, words, **look)
        width = 96.0 if first else 126.0
        lines = sum(max(1, math.ceil(_width(line) / width)) for line in words.split("\n"))
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
        columns = [_Column.of(sheet, j, self.lang) for j in range(len(sheet.frame.columns))]
        rows = len(sheet.frame)
        heights = _row_heights([c for c in columns if c.wraps], rows)
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

    def _cell(
        self, page: Any, row: int, column: int, value: object, number_format: str, **properties: Any
    ) -> None:
        if value is None:
            return
        if isinstance(value, bool | np.bool_):
            value = text("ledger.yes" if value else "ledger.no", self.lang)
        if isinstance(value, dt.datetime):
            page.write_datetime(
                row, column, value, self.look(num_format=_date_format(value), align="center", **properties)
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
        decimals = _format_decimals(number_format)
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

    def _bar(self, page: Any, rows: int, place: int, column: _Column) -> None:
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
        title = _cut(self.title.replace("&", "&&").replace("\n", " "), 100)
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


_HEADER: Final[dict[str, Any]] = {
    "bold": True,
    "text_wrap": True,
    "align": "center",
    "bg_color": "#e4edf1",
    "font_color": "#1c3f57",
    "bottom": 1,
    "bottom_color": "#1c3f57",
}


# ---- shown values


@dataclass(frozen=True)
class _Column:
    """One column as it will stand on its sheet."""

    name: str
    header: str
    cells: Sequence[object]
    width: float
    number_format: str
    is_share: bool

    @property
    def wraps(self) -> bool:
        return self.width >= _WRAPS_FROM

    @classmethod
    def of(cls, sheet: Sheet, place: int, lang: Lang) -> _Column:
        name = str(sheet.frame.columns[place])
        about = known_columns().get(name, {})
        cells = _shown(
            sheet.frame.iloc[:, place],
            about,
            lang,
            decimals=_decimals(about) if name in sheet.totals else None,
        )
        header = sheet.labels.get(name) or _header(name, about, lang)
        width = sheet.widths.get(name) or _column_width(header, cells, about)
        plain = "#,##0.00" if any(isinstance(v, float) for v in cells) else "General"
        return cls(name, header, cells, width, str(about.get("format", plain)), about.get("unit") == "share")


def _row_heights(columns: Sequence[_Column], rows: int) -> dict[int, float]:
    """Height of each row that needs more than one line: no program fits it by itself on opening."""
    heights: dict[int, float] = {}
    for row in range(rows):
        lines = max((_lines_of(c.cells[row], c.width * 1.04) for c in columns), default=1)
        if lines > 1:
            heights[row] = min(_TALLEST, 14.5 * lines + 2)
    return heights


def _lines_of(value: object, width: float) -> int:
    if not isinstance(value, str) or (len(value) * 2 <= width and "\n" not in value):
        return 1
    if len(value) > LONGEST_CELL // 4:
        return 99
    return sum(max(1, math.ceil(_width(line) / width)) for line in value.split("\n"))


def _shown(
    values: pd.Series[Any], about: Mapping[str, Any], lang: Lang, *, decimals: int | None
) -> list[object]:
    """The cells of a column: None, flag, number, day or text."""
    is_code = about.get("unit") == "code" or about.get("kind") in ("id", "code")
    said = [_plain(v, about, lang, is_code=is_code) for v in values]
    if any(isinstance(v, int) and abs(v) >= _EXACT_INTEGER for v in said):
        said = [str(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in said]
    if decimals is None:
        return said
    numeric = [
        i
        for i, v in enumerate(said)
        if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
    ]
    rounded = round_to_total(np.array([said[i] for i in numeric], dtype=float), decimals)
    for i, value in zip(numeric, rounded, strict=True):
        said[i] = round(float(value), decimals)
    return said


def _plain(value: Any, about: Mapping[str, Any], lang: Lang, *, is_code: bool) -> object:
    if isinstance(value, Reason | Code | list | tuple | set | frozenset):
        return _words(value, about, lang)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, dt.date | np.datetime64):
        return _day(value)
    if isinstance(value, int | np.integer):
        return str(value) if (is_code and about.get("format") is None) else int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return _words(value, about, lang)


def _words(value: Any, about: Mapping[str, Any], lang: Lang) -> str:
    if isinstance(value, Reason):
        return value.say(lang)
    if isinstance(value, Code):
        return term(value.group, value.code, lang)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        if items and all(isinstance(v, Reason) for v in items):
            return say_all(items, lang)
        return ("、" if lang == "zh" else ", ").join(_words(v, about, lang) for v in items)
    return term(about["terms"], str(value), lang) if about.get("terms") else str(value)


def _day(value: Any) -> object:
    """A day as Excel counts days; what lies before 1900 or in a time zone is text."""
    moment = pd.Timestamp(value)
    if moment.tz is not None or moment.year < 1901:
        return (
            moment.isoformat()
            if moment != moment.normalize() or moment.tz is not None
            else moment.date().isoformat()
        )
    return moment.to_pydatetime(warn=False)


def _date_format(value: dt.datetime) -> str:
    return "yyyy-mm-dd" if value.time() == dt.time() else "yyyy-mm-dd hh:mm"


def _header(column: str, about: Mapping[str, Any], lang: Lang) -> str:
    label = str(about.get(lang, column))
    key = f"unit.{about.get('unit', '')}"
    unit = text(key, lang) if has_text(key) else ""
    if not unit or label.endswith((f"({unit})", f"({unit}）")):
        return label
    return f"{label}({unit})" if lang == "zh" else f"{label} ({unit})"


def _decimals(about: Mapping[str, Any]) -> int:
    found = _format_decimals(str(about.get("format", "0.00")))
    return 2 if found is None else found


def _format_decimals(number_format: str) -> int | None:
    """Digits behind the point that an Excel format shows; None for General."""
    if number_format == "General":
        return None
    fraction = re.search(r"\.([0#]+)", number_format)
    return (len(fraction.group(1)) if fraction else 0) + (2 if number_format.endswith("%") else 0)


def _column_width(header: str, values: Sequence[object], about: Mapping[str, Any]) -> float:
    step = max(1, len(values) // _SAMPLE)
    widest = max((_shown_width(v, about) for v in values[::step] if v is not None), default=0.0)
    return float(min(_WIDEST, max(9.0, widest + 2.5, min(_width(header) / 2 + 4, 18.0))))


def _shown_width(value: object, about: Mapping[str, Any]) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return float(len(f"{value:,.{_decimals(about)}f}"))
    return (
        10.0
        if isinstance(value, dt.datetime)
        else max((_width(line) for line in str(value).split("\n")), default=0)
    )


def _width(words: str) -> float:
    """Width in characters of the sheet's font: a Chinese character takes two."""
    return float(
        sum(
            2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1
            for c in words
        )
    )


def _printable(words: str) -> str:
    """Without control characters, and without those that turn the direction of text round unseen."""
    return _UNPRINTABLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))


def _units(words: str) -> int:
    return len(words) + sum(c > "\uffff" for c in words)


def _cut(words: str, units: int) -> str:
    """The longest beginning of at most so many UTF-16 units."""
    if len(words) <= units // 2:
        return words
    size = 0
    for i, c in enumerate(words):
        size += 2 if c > "\uffff" else 1
        if size > units:
            return words[:i]
    return words


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
