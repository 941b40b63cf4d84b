"""One number, one id (一数一源): a figure that several files print is the same in all of them, and in the manifest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from landkit.ledger.registry import Difference, printed_figures
from landkit.printed import NOTHING, Printed, row_keys

_SLACK: Final = 1e-9  # of a figure in a shapefile, whose numbers have 15 decimals
_ROUNDED: Final = 0.0101  # sums to two decimals
_ADDED_UP: Final = 0.1  # cells of a ledger are moved by hundredths to add up; a park's stock is the sum of some twenty of them


def with_figures(table: Printed, sheet: Mapping[str, Any]) -> Printed:
    """A sheet of the ledger whose columns know their figures: rows called by their key, as in the other files.

    `sheet` is what the registry keeps of it: the id of its table and the name of each column.
    """
    letters = [c for c in table.columns if c in sheet["columns"]]
    body = {c: list(table.columns[c][1 : 1 + int(sheet["rows"])]) for c in letters}
    keys = row_keys([body[c] for c in letters])
    figures = {
        c: f"{sheet['id']}.{sheet['columns'][c]}"
        for c in letters
        if body[c] and all(map(_is_number, body[c]))
    }
    return Printed(table.name, body, keys, figures)


def _is_number(cell: str) -> bool:
    if cell == NOTHING:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return True


def compare_figures(
    source: Iterable[Printed],
    others: Mapping[str, Iterable[Printed]],
    *,
    of: str,
    rounded: Iterable[str] = (),
) -> Iterator[Difference]:
    """Figures of other files that are not what the source (file `of`) says, each with its id; `rounded` may be 0.1 off."""
    meant = printed_figures(source)
    for file, tables in others.items():
        room = _ADDED_UP if file in rounded else 0.0
        for name, value in printed_figures(tables).items():
            if name in meant and not _agree(value, meant[name], room):
                said, there = f"{value:.15g}", f"{meant[name]:.15g}"
                yield Difference(file, "figure", figure=name, found=said, meant=there, other=of)


def compare_totals(source: Iterable[Printed], results: Mapping[str, Any], *, of: str) -> Iterator[Difference]:
    """Rows and sums of the manifest's results that are not those of the layers of the GeoPackage (file `of`)."""
    for table in source:
        facts = results.get(table.name)
        if facts is None:
            continue
        if int(facts["rows"]) != len(table.rows):
            yield Difference(
                "manifest.json",
                "figure",
                figure=f"{table.name}.rows",
                found=str(facts["rows"]),
                meant=str(len(table.rows)),
                other=of,
            )
        for column, total in facts["sums"].items():
            if column in table.columns:
                known = [float(c) for c in table.columns[column] if c != NOTHING]
                if not _agree(float(total), math.fsum(known), _ROUNDED):
                    yield Difference(
                        "manifest.json",
                        "figure",
                        figure=f"{table.name}.{column}",
                        found=f"{total:.15g}",
                        meant=f"{math.fsum(known):.2f}",
                        other=of,
                    )


def _agree(one: float, other: float, room: float) -> bool:
    return one == other or abs(one - other) <= room + _SLACK * max(1.0, abs(other))
