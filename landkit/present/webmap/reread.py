"""A written map, read again: what its cards, classes and words say, as tables of cells."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely

from landkit.errors import LayerError
from landkit.present.webmap.block import Block, unpack
from landkit.printed import Printed, said

_DATA = re.compile(r'<script type="application/octet-stream" id="[^"]*">([^<]*)</script>')
_TITLE = re.compile(r'<header class="lk-card lk-title".*?</header>', re.DOTALL)
_GZIP = b"\x1f\x8b"


def printed_map(path: Path) -> list[Printed]:
    """One table for each layer of the page (its cells under their labels, its shapes), and one for the words beside it.

    Raises: LayerError where the page holds no block, or one that cannot be read.
    """
    return list(map_layers(path))


def map_layers(path: Path) -> Iterator[Printed]:
    """The same, each table when it is wanted: those of a city of parcels would fill the memory together."""
    page = path.read_text(encoding="utf-8")
    try:
        packed = [base64.b64decode(d, validate=True) for d in _DATA.findall(page)]
        blocks = [data for data in packed if data[:2] == _GZIP]
        for data in blocks:
            yield _table(unpack(data))
    except (ValueError, KeyError, IndexError, EOFError, gzip.BadGzipFile, OSError) as error:
        raise LayerError("file_unreadable", path=path.name, detail=str(error)[:160]) from error
    if not blocks:
        raise LayerError("file_unreadable", path=path.name, detail="0 layers")
    title = [line for line in re.split(r"<[^>]*>", "".join(_TITLE.findall(page))) if line.strip()]
    words = [json.dumps(json.loads(data), ensure_ascii=False) for data in packed if data[:2] != _GZIP]
    rest = hashlib.blake2b(_DATA.sub("", page).encode(), digest_size=8).hexdigest()
    beside = [*title, *words, rest]
    yield Printed("", {"text": beside}, [str(n) for n in range(1, len(beside) + 1)])


def _table(block: Block) -> Printed:
    labels = _labels(block.header)
    columns: dict[str, list[str]] = {}
    for place, values in enumerate(block.columns):
        label = labels.get(place, f"column {place}")
        columns[label if label not in columns else f"{label} {place}"] = [said(v) for v in values]
    columns["shape"] = [
        hashlib.blake2b(w, digest_size=8).hexdigest() for w in shapely.to_wkb(block.geometries)
    ]
    first = next(iter(columns.values()))
    layer = block.header.get("layer", {})
    header = {k: v for k, v in block.header.items() if k not in ("sections", "rows")}
    columns["look"] = [
        hashlib.blake2b(json.dumps(header, sort_keys=True).encode(), digest_size=8).hexdigest()
    ] * len(first)
    return Printed(str(layer.get("name", "")), columns, first)


def _labels(header: dict[str, Any]) -> dict[int, str]:
    """The label of each column that a card shows."""
    shown = header.get("layer", {}).get("popup", [])
    return {int(row[0]): str(row[1]) for row in shown if isinstance(row, list) and len(row) > 1}
