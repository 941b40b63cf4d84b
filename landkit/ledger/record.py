"""The record of a hand-over or an atlas (交付登记): what every cell of every file said when it was written.

Unlike the registry of a run, which keeps fingerprints, a record keeps the cells themselves, each column once however many
files hold it: what leaves the house is compared where nothing else is at hand, and what was can be said beside what is.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from landkit.ledger.registry import MOST_NAMED, Difference
from landkit.printed import NOTHING, Printed, column_digests, row_keys

FORMAT: Final = 1
_SEAL: Final = "seal"


def build_record(
    printed: Mapping[str, Sequence[Printed]], *, about: Mapping[str, Any], outputs: Mapping[str, Any]
) -> str:
    """The record as JSON: what was made, size and SHA-256 of every file, and the cells of its tables."""
    cells: dict[str, str] = {}
    files = {file: [_recorded(t, cells) for t in tables] for file, tables in sorted(printed.items())}
    content = {
        "format": FORMAT,
        "about": dict(about),
        "outputs": dict(sorted(outputs.items())),
        "files": files,
        "cells": dict(sorted(cells.items())),
    }
    content[_SEAL] = seal_of(content)
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def seal_of(content: Mapping[str, Any]) -> str:
    """A fingerprint of the record itself, without the one that stands in it."""
    rest = {k: v for k, v in content.items() if k != _SEAL}
    words = json.dumps(rest, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=16).hexdigest()


def is_sealed(content: Mapping[str, Any]) -> bool:
    """Whether the record is as it was written."""
    return content.get(_SEAL) == seal_of(content)


def _recorded(table: Printed, cells: dict[str, str]) -> dict[str, Any]:
    digests = column_digests(table)
    for name, digest in digests.items():
        if digest not in cells:
            words = json.dumps(list(table.columns[name]), ensure_ascii=False).encode("utf-8", "surrogatepass")
            cells[digest] = base64.b64encode(zlib.compress(words, 6)).decode()
    return {
        "name": table.name,
        "rows": len(table.rows),
        "columns": digests,
        "shapes": table.shapes,
        "drawn": dict(table.drawn),
    }


def compare_recorded(file: str, tables: Sequence[Printed], record: Mapping[str, Any]) -> list[Difference]:
    """What the tables of a file say otherwise than recorded, cell by cell, with what was."""
    then = {t["name"]: t for t in record["files"].get(file, [])}
    now = {t.name: t for t in tables}
    gone = [Difference(file, "table_missing", table=n) for n in then if n not in now]
    new = [Difference(file, "table_new", table=n) for n in now if n not in then]
    changed = [
        d for n, t in now.items() if n in then for d in _limited(_compare(file, t, then[n], record["cells"]))
    ]
    return [*gone, *new, *changed]


def _limited(found: list[Difference]) -> list[Difference]:
    if len(found) <= MOST_NAMED:
        return found
    more = Difference(found[0].file, "more", table=found[0].table, found=str(len(found) - MOST_NAMED))
    return [*found[:MOST_NAMED], more]


def _compare(
    file: str, table: Printed, then: Mapping[str, Any], cells: Mapping[str, str]
) -> list[Difference]:
    if then["columns"] == column_digests(table) and then["rows"] == len(table.rows):
        return []
    meant = {c: _unpacked(cells[digest]) for c, digest in then["columns"].items()}
    lost = [
        Difference(file, "column_missing", table=table.name, column=c)
        for c in meant
        if c not in table.columns
    ]
    added = [
        Difference(file, "column_new", table=table.name, column=c) for c in table.columns if c not in meant
    ]
    shapes = str(then["shapes"])
    was = Printed(table.name, meant, _keys(meant, shapes, int(then["rows"])), shapes=shapes)
    return [*lost, *added, *_rows(file, table, was)]


def _keys(columns: Mapping[str, Sequence[str]], shapes: str, count: int) -> list[str]:
    """What the rows are called by their cells; by number where the table has nothing but fingerprints."""
    named = [cells for c, cells in columns.items() if c != shapes]
    return row_keys(named) if named else [str(n) for n in range(1, count + 1)]


def _unpacked(words: str) -> list[str]:
    cells: list[str] = json.loads(zlib.decompress(base64.b64decode(words)).decode("utf-8", "surrogatepass"))
    return cells


def _rows(file: str, table: Printed, was: Printed) -> list[Difference]:
    """Rows that went, came or moved, and cells that changed in the others."""
    pairs = _paired(table, was)
    there, back = {j for _, j in pairs}, {i for i, _ in pairs}
    gone = [
        Difference(file, "row_missing", table=table.name, row=r)
        for j, r in enumerate(was.rows)
        if j not in there
    ]
    new = [
        Difference(file, "row_new", table=table.name, row=r)
        for i, r in enumerate(table.rows)
        if i not in back
    ]
    moved = any(a[1] > b[1] for a, b in itertools.pairwise(pairs))
    order = [Difference(file, "order", table=table.name)] if moved else []
    return [*gone, *new, *order, *_cells(file, table, was, pairs)]


def _paired(table: Printed, was: Printed) -> list[tuple[int, int]]:
    """Rows now and then that are one row: what is equal at both ends; between, by place or by what they are called."""
    now, then = _whole_rows(table, was), _whole_rows(was, table)
    most = min(len(now), len(then))
    head = next((k for k in range(most) if now[k] != then[k]), most)
    tail = next((k for k in range(most - head) if now[-1 - k] != then[-1 - k]), most - head)
    names = _keys(table.columns, table.shapes, len(table.rows))
    middle = _between(names, list(was.rows), (head, len(now) - tail), (head, len(then) - tail))
    ends = [(len(now) - k, len(then) - k) for k in range(tail, 0, -1)]
    return [*((k, k) for k in range(head)), *middle, *ends]


def _whole_rows(table: Printed, other: Printed) -> list[tuple[str, ...]]:
    shared = [table.columns[c] for c in sorted(set(table.columns) & set(other.columns))]
    return list(zip(*shared, strict=True))


def _between(
    now: list[str], then: list[str], at: tuple[int, int], was_at: tuple[int, int]
) -> list[tuple[int, int]]:
    """The rows of two spans: by place where they are as many and most keep their name, or none has one."""
    places = {then[j]: j for j in range(*was_at)}
    named = [(i, places[now[i]]) for i in range(*at) if now[i] in places]
    count = at[1] - at[0]
    kept = sum(i - at[0] == j - was_at[0] for i, j in named)
    if count == was_at[1] - was_at[0] and (2 * kept >= count or 2 * len(named) <= count):
        return list(zip(range(*at), range(*was_at), strict=True))
    return named


def _cells(file: str, table: Printed, was: Printed, pairs: Sequence[tuple[int, int]]) -> Iterator[Difference]:
    named = _keys(table.columns, table.shapes, len(table.rows))
    for column, cells in table.columns.items():
        meant = was.columns.get(column)
        if meant is None:
            continue
        changed = [(i, j) for i, j in pairs if cells[i] != meant[j]]
        if column == table.shapes:
            rows = [_row_name(table, was, named, pair) for pair in changed]
            is_picture = len(table.columns) == 1
            yield from (
                Difference(file, "shape", table.name, r) for r in (_spans(rows) if is_picture else rows)
            )
            continue
        for i, j in changed:
            row = _row_name(table, was, named, (i, j))
            figure = f"{table.figures[column]}[{row}]" if column in table.figures else ""
            yield Difference(
                file, "changed", table.name, row, column, _plain(cells[i]), _plain(meant[j]), figure
            )


def _row_name(table: Printed, was: Printed, named: Sequence[str], pair: tuple[int, int]) -> str:
    """What the row was called, where its name is made of its cells; else the number that it has."""
    return was.rows[pair[1]] if named[pair[0]] == table.rows[pair[0]] else table.rows[pair[0]]


def _spans(rows: Sequence[str]) -> list[str]:
    """Numbers of rows as few spans: 3, 4, 5, 9 are `3-5` and `9`."""
    spans: list[list[int]] = []
    for number in map(int, rows):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return [f"{a}-{b}" if a != b else str(a) for a, b in spans]


def _plain(cell: str) -> str:
    return cell.replace(NOTHING, "")
