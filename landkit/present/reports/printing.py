"""Figures and tables of the report as texts (报告数字): the cells of the ledger, rounded as there, each with its id."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landkit.errors import ExportError, nearest
from landkit.present.cells import MISSING, Column, format_decimals
from landkit.present.ledger_tables import Sheet
from landkit.present.reports.marks import Marks, plain
from landkit.printed import row_keys, said
from landkit.text import Lang, column_label, known_columns, text

_ID: Final = re.compile(r"([^.\[\]]+)\.([^\[\]]+?)(?:\[(.*)\])?", re.DOTALL)


@dataclass(frozen=True)
class Wanted:
    """A table of the report: a ledger sheet, those of its rows (by place) that are printed, in order, and how many there are."""

    id: str
    sheet: str
    rows: Sequence[int]
    count: int
    columns: Sequence[str]


class Cells(dict[str, str]):
    """The cells of a row by column; a known column that the sheet does not have is missing, any other a mistake."""

    def __missing__(self, column: str) -> str:
        if column in known_columns():
            return MISSING
        raise KeyError(column)


class Totals(Cells):
    """Sums below the columns; nothing below those that are not summed."""

    def __missing__(self, column: str) -> str:
        return super().__missing__(column).replace(MISSING, "")


class Labels(dict[str, str]):
    """The heads of columns with their units, made when they are asked for."""

    def __init__(self, lang: Lang) -> None:
        """In a language."""
        super().__init__()
        self._lang = lang

    def __missing__(self, column: str) -> str:
        if column not in known_columns():
            raise KeyError(column)
        return column_label(column, self._lang)


class Printer:
    """Prints figures of the ledger's sheets, by id, so that each can be found again in the finished document."""

    def __init__(self, sheets: Sequence[Sheet], lang: Lang) -> None:
        """`sheets` as they go into the ledger, those with an id."""
        self.lang, self.marks = lang, Marks()
        self._sheets = {s.id: s for s in sheets if s.id}

    def has(self, sheet: str) -> bool:
        """Whether the run gave such a sheet."""
        return sheet in self._sheets

    def table(self, wanted: Wanted) -> dict[str, Any]:
        """A table for the template: title, label, rows, total, count, rest, empty."""
        found = self._sheets.get(wanted.sheet)
        columns = [c for c in wanted.columns if found is not None and c in found.frame.columns]
        shown, count = wanted.rows, f"{wanted.count:,}"
        whole = found is not None and len(shown) == len(found.frame) > 1
        return {
            "title": text(f"report_table.{wanted.id}", self.lang),
            "label": Labels(self.lang),
            "rows": [Cells((c, self.cell(wanted.sheet, c, row)) for c in columns) for row in shown],
            "total": self._totals(wanted.sheet, columns) if whole else Totals(),
            "count": count,
            "rest": ""
            if found is None or len(shown) == wanted.count
            else plain(text("report.rest", self.lang, count=count, shown=len(shown), sheet=found.name)),
            "empty": text("report.no_sheet" if found is None else "report.no_row", self.lang),
        }

    def _totals(self, sheet: str, columns: Sequence[str]) -> Totals:
        summed = [c for c in columns if c in self._sheets[sheet].totals]
        return Totals((c, self.total(sheet, c)) for c in summed)

    def cell(self, sheet: str, column: str, row: int) -> str:
        """A cell as it is printed; a number carries its id."""
        found = self._column(sheet, column)
        value = found.cells[row]
        words = said_cell(value, found.number_format, self.lang)
        if not is_figure(value):
            return words
        return self.marks.mark(f"{sheet}.{column}[{self._keys(sheet)[row]}]", words)

    def total(self, sheet: str, column: str, *, where: Mapping[str, str] | None = None) -> str:
        """The sum of a column's printed cells, of all rows or of those where other columns hold these codes."""
        found, where = self._column(sheet, column), where or {}
        frame = self._sheets[sheet].frame
        rows = [i for i in range(len(frame)) if all(frame[c].iloc[i] == v for c, v in where.items())]
        cells = [found.cells[i] for i in rows]
        decimals = format_decimals(found.number_format)
        whole = math.fsum(float(v) for v in cells if isinstance(v, int | float))
        value = round(whole, 2 if decimals is None else decimals)
        some = f"[{','.join(f'{c}={v}' for c, v in where.items())}]" if where else ""
        exact = all(isinstance(v, int) for v in cells if v is not None)
        words = said_cell(int(value) if exact else value, found.number_format, self.lang)
        return self.marks.mark(f"{sheet}.{column}{some}", words)

    def count(self, sheet: str) -> str:
        """How many rows a sheet has (`stock.rows`)."""
        return self.number(f"{sheet}.rows", len(self._sheets[sheet].frame))

    def number(self, figure: str, value: int) -> str:
        """A count that the caller made, under its id."""
        return self.marks.mark(figure, f"{value:,}")

    def figure(self, figure: str) -> str:
        """Any figure of the ledger by its id: `stock.rows`, `parks.stock_mu`, `parks.stock_mu[YZ01]`.

        Raises: ExportError where there is none of this id.
        """
        parts = _ID.fullmatch(figure)
        sheet, column, key = parts.groups() if parts else (figure, "", None)
        if sheet not in self._sheets:
            raise ExportError("report_figure", figure=figure, guess=nearest(sheet, self._sheets) or MISSING)
        if column == "rows":
            return self.count(sheet)
        columns = [str(c) for c in self._sheets[sheet].frame.columns]
        if column not in columns:
            guess = f"{sheet}.{nearest(column, columns) or 'rows'}"
            raise ExportError("report_figure", figure=figure, guess=guess)
        if key is None:
            return self.total(sheet, column)
        keys = self._keys(sheet)
        if key not in keys:
            guess = f"{sheet}.{column}[{nearest(key, keys) or (keys or [''])[0]}]"
            raise ExportError("report_figure", figure=figure, guess=guess)
        return self.cell(sheet, column, keys.index(key))

    @functools.cache  # noqa: B019  lives as long as the report is made
    def _column(self, sheet: str, column: str) -> Column:
        found = self._sheets[sheet]
        return Column.of(found.frame[column], self.lang, is_total=column in found.totals)

    @functools.cache  # noqa: B019
    def _keys(self, sheet: str) -> list[str]:
        """What rows are called in the registry: as those of the ledger's sheet."""
        frame = self._sheets[sheet].frame
        columns = [[said(v) for v in self._column(sheet, str(c)).cells] for c in frame.columns[:4]]
        return row_keys(columns)


def is_figure(value: object) -> bool:
    """Whether a cell is a number with an id."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def said_cell(value: object, number_format: str, lang: Lang) -> str:
    """A cell as text, with the digits of its Excel format."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if isinstance(value, bool):
        return text("ledger.yes" if value else "ledger.no", lang)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, int | float):
        return _number(value, number_format)
    return plain(value)


def _number(value: float, number_format: str) -> str:
    decimals = format_decimals(number_format)
    if decimals is None:
        return f"{value:,}" if isinstance(value, int) else f"{value:.15g}"
    if number_format.endswith("%"):
        return f"{value:.{decimals - 2}%}"
    return f"{value:{',' if ',' in number_format else ''}.{decimals}f}"
