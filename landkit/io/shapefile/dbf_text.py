"""The text of a .dbf as bytes, before anyone has decoded it: names of its fields, and values that are not ASCII."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from landkit.io.encoding.detect import Text

_BLOCK_ROWS: Final = 50_000
_MOST_VALUES: Final = 500  # of each column and block, evenly: more makes the decision no surer
_NAME_BYTES: Final = 10
_END: Final = 0x0D


class Field(NamedTuple):
    """A field of a .dbf: its name as bytes, its type (`C` is text), and where it stands in a record."""

    name: bytes
    kind: bytes
    start: int
    end: int


class Table(NamedTuple):
    """A .dbf by its header."""

    path: Path
    fields: tuple[Field, ...]
    rows: int
    first: int  # where the records begin
    width: int

    @property
    def names(self) -> list[bytes]:
        """Names of its fields."""
        return [f.name for f in self.fields]


def table_at(path: Path) -> Table:
    """The header of a .dbf that is whole."""
    with path.open("rb") as stream:
        head = stream.read(32)
        rows, first, width = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
        described = stream.read(max(0, first - 32))
    fields: list[Field] = []
    start = 1  # after the mark of deletion
    for at in range(0, len(described) - 31, 32):
        about = described[at : at + 32]
        if about[0] == _END:
            break
        fields.append(Field(about[:11].split(b"\0")[0], about[11:12], start, start + about[16]))
        start += about[16]
    return Table(path, tuple(fields), rows, first, width)


def texts_of(table: Table) -> Iterator[Text]:
    """Names of fields, then values that are not ASCII, from each column and each part of the file."""
    for field in table.fields:
        yield Text(field.name, len(field.name) >= _NAME_BYTES)
    columns = [f for f in table.fields if f.kind == b"C"]
    if not (table.rows and table.width and columns):
        return
    shape = (table.rows, table.width)
    records = np.memmap(table.path, dtype=np.uint8, mode="r", offset=table.first, shape=shape)
    for at in range(0, table.rows, _BLOCK_ROWS):
        yield from _odd_values(np.asarray(records[at : at + _BLOCK_ROWS]), columns)


def _odd_values(records: Any, columns: list[Field]) -> Iterator[Text]:
    for _, _, start, end in columns:
        cells = records[:, start:end]
        odd = cells[(cells >= 0x80).any(axis=1)]
        odd = odd[:: 1 + len(odd) // _MOST_VALUES]
        if len(odd):
            for raw in set(np.ascontiguousarray(odd).view(f"S{end - start}").ravel().tolist()):
                trimmed = raw.rstrip(b" \0")
                yield Text(trimmed, len(trimmed) == end - start)
