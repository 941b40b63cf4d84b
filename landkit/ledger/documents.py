"""Where a document prints which figure (报告数字登记), and whether it still prints what the ledger says."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from landkit.ledger.registry import Difference
from landkit.printed import Printed

Places = Mapping[str, Mapping[str, Sequence[str]]]
"""table -> place of a cell (column and row, `B7`) -> ids of the figures that it prints"""
_NUMBER: Final = re.compile(r"(-?\d[\d,]*)(\.\d+)?(%?)")
SENTENCES: Final = "text"
"""the column of paragraphs, as they are read back"""
_TOTALS: Final = 0.0101  # a total of rounded parts against the rounded total


def figure_places(
    tables: Iterable[Printed], figures_in: Callable[[str], Sequence[tuple[str, str]]]
) -> dict[str, dict[str, list[str]]]:
    """The places of all figures in a document that still carries its marks; `figures_in` reads them in a text."""
    found: dict[str, dict[str, list[str]]] = {}
    for table in tables:
        for column, cells in table.columns.items():
            for row, cell in zip(table.rows, cells, strict=True):
                if figures := figures_in(cell):
                    found.setdefault(table.name, {})[f"{column}{row}"] = [name for name, _ in figures]
    return found


def with_figures_named(differences: Iterable[Difference], places: Places) -> list[Difference]:
    """The differences of a document, each with the figures that its cell prints."""
    return [
        dataclasses.replace(d, figure=", ".join(places.get(d.table, {}).get(f"{d.column}{d.row}", ())))
        for d in differences
    ]


def compare_document(
    file: str, tables: Iterable[Printed], places: Places, meant: Mapping[str, float], *, of: str
) -> Iterator[Difference]:
    """Cells that print one figure and print it otherwise than the file `of` says, to the last digit printed.

    A cell of a table is the number itself; a paragraph says it among words.
    """
    for table in tables:
        ids = places.get(table.name, {})
        for column, cells in table.columns.items() if ids else ():
            for row, cell in zip(table.rows, cells, strict=True):
                figures = ids.get(f"{column}{row}", ())
                if len(figures) != 1 or figures[0] not in meant:
                    continue
                name, value = figures[0], meant[figures[0]]
                said = [m[0] for m in _NUMBER.finditer(cell)] if column == SENTENCES else [cell]
                if not any(_prints(words, value, total="[" not in name) for words in said):
                    yield Difference(file, "figure", figure=name, found=cell, meant=f"{value:.15g}", other=of)


def _prints(words: str, value: float, *, total: bool) -> bool:
    """Whether words are this number, rounded to the digits that they show."""
    parts = _NUMBER.fullmatch(words)
    if parts is None:
        return False
    whole, fraction, percent = parts.groups()
    digits = len(fraction or ".") - 1
    scale = 100 if percent else 1
    room = 0.500001 * 10.0**-digits + (_TOTALS if total else 0.0)
    return math.isclose(float(whole.replace(",", "") + (fraction or "")), value * scale, abs_tol=room)


def totals_of(results: Mapping[str, Any]) -> dict[str, float]:
    """Rows and sums of the manifest's results by id."""
    return {
        f"{name}.{column}": float(total)
        for name, facts in results.items()
        for column, total in {"rows": facts["rows"], **facts["sums"]}.items()
    }
