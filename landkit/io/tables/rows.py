"""From the rows of a sheet or CSV to a table: header, merged cells, and what Excel did to numbers, each with its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pandas as pd

from landkit.errors import LayerError
from landkit.io.tables.cells import alike_names
from landkit.io.tables.sheet_parts import Box, SheetParts, cell_name
from landkit.model import Finding, finding, why

_ERRORS: Final = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
_EXACT_TO: Final = 10**15  # Excel keeps 15 digits of a number
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_NUMBER: Final = re.compile(r"[+-]?[\d,]+(\.\d+)?%?")
Rows = Mapping[int, list[Any]]
Cell = tuple[int, int]


def table_of(
    rows: Rows, parts: SheetParts, *, path: str, sheet: str = "", header_row: int | None = None
) -> tuple[pd.DataFrame, list[Finding]]:
    """The table that rows hold: a frame of objects by their numbers in the sheet, and what was found in its cells.

    Raises: LayerError where there is no header, it has several rows, or a row has cells beyond it.
    """
    top = header_row if header_row is not None else min(rows, default=0)
    filled, merged = _without_merged(rows, parts, top)
    header = [_name(v) for v in filled.get(top, [])]
    while header and not header[-1]:
        header.pop()  # Excel keeps empty columns that were once formatted; cells under them make the row ragged
    _check_header(header, rows, parts, top=top, path=path, is_stated=header_row is not None)
    width = len(header)
    body = {n: r for n, r in sorted(filled.items()) if n > top and any(v not in (None, "") for v in r)}
    for number, row in body.items():
        if any(v not in (None, "") for v in row[width:]):
            if over := _spanning(parts, top):
                raise LayerError("table_title", path=path, cell=over.name, row=_below(over, parts))
            raise LayerError("table_ragged", path=path, line=number, width=width)
    lined = {n: [None if v == "" else v for v in (r + [None] * width)[:width]] for n, r in body.items()}
    found = merged + _hidden(parts, top) + alike_names(header)
    found += (
        _unsaved(parts, lined, width)
        + _errors(lined)
        + _numbers(lined, header)
        + _second_header(lined, header)
    )
    frame = pd.DataFrame(list(lined.values()), index=list(lined), columns=header, dtype="object")
    return frame, [_in_sheet(f, sheet) for f in found]


def _name(value: object) -> str:
    return " ".join(str(value).split()) if value is not None else ""


def _in_sheet(one: Finding, sheet: str) -> Finding:
    if not sheet:
        return one
    reason = why("table_sheet", sheet=sheet, what=one.reason)
    return Finding(one.layer, one.check, one.severity, reason, one.row, one.value)


def _check_header(
    header: list[str], rows: Rows, parts: SheetParts, *, top: int, path: str, is_stated: bool
) -> None:
    """One row of names that differ.  Raises: LayerError."""
    wide = _spanning(parts, top)
    alone = _is_title(header, rows, top)
    if not is_stated and (wide or alone):
        place = wide.name if wide else cell_name(top, header.index(next(h for h in header if h)) + 1)
        raise LayerError("table_title", path=path, cell=place, row=_below(wide, parts) if wide else top + 1)
    if not header or not any(header) or (not header[0] and len(header) == 1):
        raise LayerError("table_empty", path=path)
    twice = next((h for i, h in enumerate(header) if h in header[:i]), None)
    if twice is not None:
        cells = "/".join(cell_name(top, i + 1) for i, h in enumerate(header) if h == twice)
        raise LayerError("table_column_twice", path=path, column=twice, cells=cells)


def _spanning(parts: SheetParts, row: int) -> Box | None:
    """The first cell of a row that spans several columns, as titles and the heads of groups do."""
    return next((b for b in parts.merged if b.top <= row <= b.bottom and b.right > b.left), None)


def _below(wide: Box, parts: SheetParts) -> int:
    """The first row below a spanning cell in which none spans: that of the names, under titles and heads of groups."""
    under: Box | None = wide
    while under:
        row, under = under.bottom + 1, _spanning(parts, under.bottom + 1)
    return row


def _is_title(header: list[str], rows: Rows, top: int) -> bool:
    """Whether the first row is a title: one cell over a row of names."""
    below = rows[min(n for n in rows if n > top)] if any(n > top for n in rows) else []
    given = [v for v in below if v not in (None, "")]
    return len([h for h in header if h]) == 1 and len(given) > 2 and not any(_are_numbers([v]) for v in given)


def _without_merged(rows: Rows, parts: SheetParts, top: int) -> tuple[dict[int, list[Any]], list[Finding]]:
    """Merged cells of a column hold their value in each of their rows, as the sheet shows it."""
    filled = {n: list(r) for n, r in rows.items()}
    found: list[Finding] = []
    for box in parts.merged:
        first = filled.get(box.top, [])
        value = first[box.left - 1] if len(first) >= box.left else None
        if box.right == box.left and box.bottom > box.top and value not in (None, ""):
            for number in range(box.top + 1, box.bottom + 1):
                row = filled.setdefault(number, [])
                row += [None] * (box.left - len(row))
                row[box.left - 1] = value
        if box.top > top:
            key = "table_merged_down" if box.right == box.left else "table_merged"
            found.append(
                _at("table.merged", why(key, cells=box.name, value=_name(value)[:40]), (box.top, box.left))
            )
    return filled, found


def _at(check: str, reason: Any, cell: Cell, value: object = "") -> Finding:
    return finding("", check, reason, cell[0], value=str(value)[:60])


def _hidden(parts: SheetParts, top: int) -> list[Finding]:
    if not parts.is_known:
        return [finding("", "table.unseen", why("table_unseen"))]
    found = []
    rows = [n for n in parts.hidden_rows if n > top]
    if rows:
        reason = why("table_hidden_rows", rows=_spans(rows), count=len(rows))
        found.append(finding("", "table.hidden", reason, rows[0]))
    if parts.hidden_columns:
        columns = ", ".join(cell_name(0, c).rstrip("0") for c in parts.hidden_columns[:20])
        found.append(finding("", "table.hidden", why("table_hidden_columns", columns=columns)))
    return found


def _spans(numbers: list[int]) -> str:
    """Numbers as they are said: `3-5, 9`."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n == spans[-1][1] + 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans[:10])


def _unsaved(parts: SheetParts, lined: dict[int, list[Any]], width: int) -> list[Finding]:
    return [
        _at("table.formula", why("table_unsaved", cell=cell_name(row, column)), (row, column))
        for row, column in parts.unsaved
        if row in lined and column <= width
    ]


def _errors(lined: dict[int, list[Any]]) -> list[Finding]:
    """Error values of formulas: missing from here on, each named."""
    found = []
    for number, row in lined.items():
        for place, value in enumerate(row):
            if isinstance(value, str) and value in _ERRORS:
                row[place] = None
                cell = cell_name(number, place + 1)
                found.append(
                    _at(
                        "table.formula",
                        why("table_error", cell=cell, value=value),
                        (number, place + 1),
                        value,
                    )
                )
    return found


def _numbers(lined: dict[int, list[Any]], header: list[str]) -> list[Finding]:
    """What Excel did to long numbers, and full-width digits: once for each column, with its first cell."""
    tests: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
        ("table.long_number", "table_long_number", _is_long),
        (
            "table.long_number",
            "table_scientific",
            lambda v: isinstance(v, str) and bool(_SCIENTIFIC.fullmatch(v)),
        ),
        ("table.full_width", "table_full_width", _is_full_width),
    )
    found = []
    for place, name in enumerate(header):
        for check, key, is_odd in tests:
            odd = [n for n, row in lined.items() if is_odd(row[place])]
            if odd:
                value = lined[odd[0]][place]
                reason = why(key, column=name, cell=cell_name(odd[0], place + 1), value=value, count=len(odd))
                found.append(_at(check, reason, (odd[0], place + 1), value))
    return found


def _is_long(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT_TO


def _is_full_width(value: Any) -> bool:
    """Digits, letters or points of double width, as they are typed in a Chinese input method; marks between words are not."""
    return isinstance(value, str) and any("\uff10" <= c <= "\uff5a" or c in "\u3000\uff0e" for c in value)


def _second_header(lined: dict[int, list[Any]], header: list[str]) -> list[Finding]:
    """A first row of words over columns of numbers is a second header: it is read as a row, and said."""
    if len(lined) < 3:
        return []
    first, *rest = lined.values()
    over = [i for i in range(len(header)) if _is_word(first[i]) and _are_numbers(row[i] for row in rest)]
    plain = [i for i in range(len(header)) if _are_numbers([first[i]])]
    if len(over) < 1 or plain:
        return []
    number = next(iter(lined))
    reason = why(
        "table_second_header", cell=cell_name(number, over[0] + 1), value=str(first[over[0]])[:40], row=number
    )
    return [_at("table.second_header", reason, (number, over[0] + 1), first[over[0]])]


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and not any(c.isdigit() for c in value) and len(value.strip()) > 1


def _are_numbers(values: Iterable[Any]) -> bool:
    given = [v for v in values if v not in (None, "")]
    return bool(given) and all(
        (isinstance(v, int | float) and not isinstance(v, bool))
        or (isinstance(v, str) and bool(_NUMBER.fullmatch(v)))
        for v in given
    )
