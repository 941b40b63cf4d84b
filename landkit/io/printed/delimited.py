"""CSV and coordinate text as tables of cells: rows by what tells them apart, columns by their heads."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from landkit.io.boundary.text import is_boundary_text
from landkit.io.printed.texts import printed_lines
from landkit.printed import NOTHING, Printed, row_keys
from landkit.text import data_toml

AT_ONCE: Final = 20_000  # rows that are held as texts at a time
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_ZEROS: Final = re.compile(r"-?0\d")


def printed_csv(path: Path) -> list[Printed]:
    """The cells of a CSV under the heads of its first row; a column of numbers only prints figures.

    A row that is longer or shorter than the heads shows as cells under "+1", "+2" ..., or as empty ones.
    """
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    if not rows:
        return []
    width = max(map(len, rows))
    heads = [*rows[0], *(f"+{n}" for n in range(1, width - len(rows[0]) + 1))]
    names = _names(heads)
    body = [[*row, *[""] * (width - len(row))] for row in rows[1:]]
    columns = {n: [row[at] or NOTHING for row in body] for at, n in enumerate(names)}
    figures = {n: f"{path.stem}.{n}" for n, cells in columns.items() if _are_numbers(cells)}
    return [Printed(path.stem, columns, row_keys(list(columns.values())), figures)]


def csv_parts(path: Path) -> Iterator[Printed]:
    """The same of very many rows in parts under one name, of which only the cells are of use: what fingerprints are made of."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        widths = {len(row) for row in csv.reader(stream)}
    if len(widths) != 1:
        yield from printed_csv(path)
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        names = _names(next(rows))
        body = list(itertools.islice(rows, AT_ONCE))
        while True:
            cells = [[row[at] or NOTHING for row in body] for at in range(len(names))]
            yield Printed(path.stem, dict(zip(names, cells, strict=True)), [""] * len(body))
            body = list(itertools.islice(rows, AT_ONCE))
            if not body:
                return


def _names(heads: list[str]) -> list[str]:
    return [h if h not in heads[:at] else f"{h}#{at + 1}" for at, h in enumerate(heads)]


def _are_numbers(cells: list[str]) -> bool:
    """Whether all are numbers; codes with leading zeros are none."""
    known = [c for c in cells if c != NOTHING]
    return bool(known) and all(_NUMBER.fullmatch(c) and not _ZEROS.match(c) for c in known)


def printed_coordinates(path: Path) -> list[Printed]:
    """A coordinate text by plot and point: `0012 J3` (地块编号, 界址点号); any other text by line."""
    words = path.read_bytes()
    try:
        lines = words.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        lines = words.decode("gbk").split("\n")
    if not is_boundary_text("\n".join(lines)):
        return printed_lines(path)
    return [Printed(path.stem, _columns(lines), _rows(lines))]


def _columns(lines: list[str]) -> dict[str, list[str]]:
    cells = [re.split("[,，]", line) for line in lines]
    width = max(map(len, cells))
    return {str(at + 1): [row[at] if at < len(row) else NOTHING for row in cells] for at in range(width)}


def _rows(lines: list[str]) -> list[str]:
    """Each line by number, with its plot and point after it."""
    place = data_toml("coordinate_text.toml")["plot"]["columns"].index(
        data_toml("coordinate_text.toml")["plot"]["id"]
    )
    rows, plot = [], ""
    for number, line in enumerate(lines, 1):
        cells = re.split("[,，]", line)
        if line.rstrip().endswith("@"):
            plot = cells[place] if place < len(cells) else ""
            rows.append(f"{number} {plot}".rstrip())
        elif len(cells) > 1 and plot:
            rows.append(f"{number} {plot} {cells[0]}")
        else:
            rows.append(str(number))
    return rows
