"""The registry of what was printed (数字登记): every cell of every output, and one id for one number.

A figure's id is `table.column[row]`, e.g. `stock.area_mu[320000-0012]`, wherever it stands.  The registry keeps the
figures of the summaries with their values, and a short fingerprint for each row and each column of every table of every
file: a cell that was changed shows as one row and one column that differ.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landkit.printed import NOTHING, ColumnDigests, Printed, column_digests, row_digests

FORMAT: Final = 1
MOST_ROW_DIGESTS: Final = 200_000  # of a table; beyond, one fingerprint stands for several rows
_DIGITS: Final = 12  # hexadecimal, of one fingerprint
MOST_NAMED: Final = 50  # differences of one table that are named one by one


@dataclass(frozen=True)
class Difference:
    """One place where a file says something else than was written (差异): `kind` is a key of text group `difference`."""

    file: str
    kind: str
    table: str = ""
    row: str = ""
    column: str = ""
    found: str = ""
    meant: str = ""
    figure: str = ""
    other: str = ""  # the file that says otherwise


def build_registry(
    files: Mapping[str, Mapping[str, Any]],
    figures: Mapping[str, float],
    *,
    sheets: Mapping[str, Any],
    documents: Mapping[str, Any] | None = None,
) -> str:
    """The registry as JSON: figures by id, what each sheet of the ledger and each document prints, fingerprints by file."""
    ordered = {
        "figures": dict(sorted(figures.items())),
        "sheets": sheets,
        "files": dict(sorted(files.items())),
    }
    content = {"format": FORMAT, **ordered}
    return registry_json({**content, "documents": documents or {}})


def registry_json(content: Mapping[str, Any]) -> str:
    """The text of a registry."""
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def fingerprints(table: Printed) -> dict[str, Any]:
    """What the registry keeps of a table: how many rows, a fingerprint of each row and of each column."""
    return fingerprints_of([table])[table.name]


def fingerprints_of(tables: Iterable[Printed]) -> dict[str, dict[str, Any]]:
    """The same of the tables of a file by name; parts of one table come one after the other under its name."""
    found: dict[str, dict[str, Any]] = {}
    for name, parts in itertools.groupby(tables, key=lambda t: t.name):
        columns, digests = ColumnDigests(), []
        for part in parts:
            columns.add(part)
            digests += row_digests(part)
            count = len(part.rows)
        rows = len(digests) or count
        together = max(1, math.ceil(rows / MOST_ROW_DIGESTS))
        found[name] = {
            "rows": rows,
            "together": together,
            "row_digests": "".join(_grouped(digests, together)),
            "column_digests": columns.hex(),
        }
    return found


def _grouped(digests: list[str], together: int) -> list[str]:
    if together == 1:
        return digests
    groups = ["".join(digests[i : i + together]) for i in range(0, len(digests), together)]
    names = [str(i) for i in range(len(groups))]
    return row_digests(Printed("", {"digests": groups}, names))


def compare_file(file: str, tables: Sequence[Printed], registered: Mapping[str, Any]) -> list[Difference]:
    """What the tables of a file say otherwise than registered, cell by cell."""
    found = {t.name: t for t in tables}
    gone = [Difference(file, "table_missing", table=n) for n in registered if n not in found]
    new = [Difference(file, "table_new", table=n) for n in found if n not in registered]
    changed = [d for n, t in found.items() if n in registered for d in _compare(file, t, registered[n])]
    return [*gone, *new, *changed]


def _compare(file: str, table: Printed, registered: Mapping[str, Any]) -> list[Difference]:
    if len(table.rows) != registered["rows"]:
        return [
            Difference(
                file, "rows", table=table.name, found=str(len(table.rows)), meant=str(registered["rows"])
            )
        ]
    then, now = registered["column_digests"], column_digests(table)
    columns = [c for c in now if now[c] != then.get(c)]
    lost = [Difference(file, "column_missing", table=table.name, column=c) for c in then if c not in now]
    together = int(registered["together"])
    before = registered["row_digests"]
    after = _grouped(row_digests(table), together)
    rows = [
        row
        for group, digest in enumerate(after)
        if digest != before[group * _DIGITS : (group + 1) * _DIGITS]
        for row in range(group * together, min((group + 1) * together, len(table.rows)))
    ]
    cells = [
        Difference(
            file,
            "cell",
            table=table.name,
            row=table.rows[r],
            column=c,
            found=table.columns[c][r].replace(NOTHING, ""),
            figure=figure_id(table, c, r),
        )
        for r in rows
        for c in columns
    ]
    many = [Difference(file, "more", table=table.name, found=str(len(cells) - MOST_NAMED))]
    return lost + (cells if len(cells) <= MOST_NAMED else cells[:MOST_NAMED] + many)


def figure_id(table: Printed, column: str, row: int) -> str:
    """The id of the figure in a cell; "" where the cell prints none."""
    figure = table.figures.get(column, "")
    return f"{figure}[{table.rows[row]}]" if figure else ""


def printed_figures(tables: Iterable[Printed]) -> dict[str, float]:
    """Every figure that tables print, by id."""
    return {
        f"{figure}[{row}]": float(cell)
        for table in tables
        for column, figure in table.figures.items()
        for row, cell in zip(table.rows, table.columns[column], strict=True)
        if cell != NOTHING
    }
