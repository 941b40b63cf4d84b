"""A written map, read again: what its cards, classes and words say, as tables of cells."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import shapely

from landkit.errors import LayerError
from landkit.present.webmap.block import Block, unpack
from landkit.printed import Printed, said

AT_ONCE: Final = 20_000  # rows that are held as texts at a time
_DATA = re.compile(r'<script type="application/octet-stream" id="[^"]*">([^<]*)</script>')
_TITLE = re.compile(r'<header class="lk-card lk-title".*?</header>', re.DOTALL)
_GZIP = b"\x1f\x8b"


def printed_map(path: Path) -> list[Printed]:
    """One table for each layer of the page (its cells under their labels, its shapes), and one for the words beside it.

    Raises: LayerError where the page holds no block, or one that cannot be read.
    """
    return list(_printed(path, sys.maxsize))


def map_parts(path: Path) -> Iterator[Printed]:
    """The same, layers of very many rows in parts under one name: what fingerprints are made of."""
    return _printed(path, AT_ONCE)


def _printed(path: Path, most: int) -> Iterator[Printed]:
    page = path.read_text(encoding="utf-8")
    try:
        packed = [base64.b64decode(d, validate=True) for d in _DATA.findall(page)]
        blocks = [data for data in packed if data[:2] == _GZIP]
        for data in blocks:
            yield from _tables(unpack(data), most)
    except (ValueError, KeyError, IndexError, EOFError, gzip.BadGzipFile, OSError) as error:
        raise LayerError("file_unreadable", path=path.name, detail=str(error)[:160]) from error
    if not blocks:
        raise LayerError("file_unreadable", path=path.name, detail="0 layers")
    title = [line for line in re.split(r"<[^>]*>", "".join(_TITLE.findall(page))) if line.strip()]
    words = [json.dumps(json.loads(data), ensure_ascii=False) for data in packed if data[:2] != _GZIP]
    rest = hashlib.blake2b(_DATA.sub("", page).encode(), digest_size=8).hexdigest()
    beside = [*title, *words, rest]
    yield Printed("", {"text": beside}, [str(n) for n in range(1, len(beside) + 1)])


def _tables(block: Block, most: int) -> Iterator[Printed]:
    """The rows of a block, at most so many at a time."""
    names = _names(block)
    layer = block.header.get("layer", {})
    header = {k: v for k, v in block.header.items() if k not in ("sections", "rows")}
    look = hashlib.blake2b(json.dumps(header, sort_keys=True).encode(), digest_size=8).hexdigest()
    count = len(block.geometries)
    for at in range(0, max(count, 1), most):
        rows = slice(at, min(at + most, count))
        columns = {n: [said(v) for v in column(rows)] for n, column in zip(names, block.columns, strict=True)}
        drawn = shapely.to_wkb(block.geometries[rows])
        columns["shape"] = [hashlib.blake2b(w, digest_size=8).hexdigest() for w in drawn]
        first = next(iter(columns.values()))
        columns["look"] = [look] * len(first)
        yield Printed(str(layer.get("name", "")), columns, first)


def _names(block: Block) -> list[str]:
    """What the columns are called: by their labels, by their places where they have none or one that is taken."""
    labels, names = _labels(block.header), dict[str, None]()
    for place in range(len(block.columns)):
        label = labels.get(place, f"column {place}")
        names[label if label not in names else f"{label} {place}"] = None
    return list(names)


def _labels(header: dict[str, Any]) -> dict[int, str]:
    """The label of each column that a card shows."""
    shown = header.get("layer", {}).get("popup", [])
    return {int(row[0]): str(row[1]) for row in shown if isinstance(row, list) and len(row) > 1}
