"""Printed tables (成果中的表): what a file says, cell by cell, as texts that can be compared and named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

NOTHING: Final = "\x00"  # a cell without a value; an empty text is another thing
_FIELD, _DIGEST_BYTES = "\x1f", 6


@dataclass(frozen=True)
class Printed:
    """One table of a file: a column of cell texts for each name, and what each row is called.

    `figures` says of a column which figure it prints (`stock.area_mu`), where it prints one that has an id; `shapes` is the
    column whose cells are fingerprints of what is drawn, and `drawn` what the shapes measure together (area, x_min ...).
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    rows: Sequence[str]
    figures: Mapping[str, str] = field(default_factory=dict)
    shapes: str = ""
    drawn: Mapping[str, float] = field(default_factory=dict)


def said(value: Any) -> str:
    """A value as the text of its cell: numbers with all their digits."""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, float):
        return repr(float(value)).removesuffix(".0")
    return str(value)


def row_keys(columns: Sequence[Sequence[str]]) -> list[str]:
    """What tells the rows of a table apart: the first column, or the first few together (at most four)."""
    keys: list[str] = []
    for count in range(1, min(4, len(columns)) + 1):
        keys = ["|".join(row).replace(NOTHING, "") for row in zip(*columns[:count], strict=True)]
        if len(set(keys)) == len(keys):
            return keys
    return [f"{key}#{i}" for i, key in enumerate(keys)]


def row_digests(table: Printed) -> list[str]:
    """A short fingerprint of each row."""
    columns = list(table.columns.values())
    if not columns:
        return []
    return [_digest(cells) for cells in zip(*columns, strict=True)]


def column_digests(table: Printed) -> dict[str, str]:
    """A short fingerprint of each column."""
    columns = ColumnDigests()
    columns.add(table)
    return columns.hex()


class ColumnDigests:
    """Short fingerprints of the columns of a table that comes part by part: those of the whole."""

    def __init__(self) -> None:
        self._of: dict[str, Any] = {}

    def add(self, part: Printed) -> None:
        """The next rows."""
        for name, cells in part.columns.items():
            begun = name in self._of
            digest = self._of.setdefault(name, hashlib.blake2b(digest_size=_DIGEST_BYTES))
            if cells or not begun:
                digest.update((_FIELD if begun else "").encode() + _joined(cells))

    def hex(self) -> dict[str, str]:
        """The fingerprints by column."""
        return {name: digest.hexdigest() for name, digest in self._of.items()}


def _digest(cells: Iterable[str]) -> str:
    return hashlib.blake2b(_joined(cells), digest_size=_DIGEST_BYTES).hexdigest()


def _joined(cells: Iterable[str]) -> bytes:
    return _FIELD.join(cells).encode("utf-8", "surrogatepass")
