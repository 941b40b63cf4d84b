"""Printed tables (成果中的表): what a file says, cell by cell, as texts that can be compared and named."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

NOTHING: Final = "\x00"  # a cell without a value; an empty text is another thing
_FIELD, _DIGEST_BYTES = "\x1f", 6


@dataclass(frozen=True)
class Printed:
    """One table of a file: a column of cell texts for each name, and what each row is called.

    `figures` says of a column which figure it prints (`stock.area_mu`), where it prints one that has an id.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    rows: Sequence[str]
    figures: Mapping[str, str] = field(default_factory=dict)


def said(value: Any) -> str:
    """A value as the text of its cell: numbers with 15 digits, which every format here keeps."""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, float):
        return f"{value:.15g}" if math.isfinite(value) else str(value)
    return str(value)


def row_digests(table: Printed) -> list[str]:
    """A short fingerprint of each row."""
    columns = list(table.columns.values())
    if not columns:
        return []
    return [_digest(cells) for cells in zip(*columns, strict=True)]


def column_digests(table: Printed) -> dict[str, str]:
    """A short fingerprint of each column."""
    return {name: _digest(cells) for name, cells in table.columns.items()}


def _digest(cells: Iterable[str]) -> str:
    words = _FIELD.join(cells).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=_DIGEST_BYTES).hexdigest()
