"""JSON and text as tables: a JSON file by the path to each value, a text by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from landkit.printed import Printed, said


def printed_json(path: Path) -> list[Printed]:
    """One row for each value, called by its path (`results.stock.rows`)."""
    return [json_table(json.loads(path.read_text(encoding="utf-8")))]


def json_table(value: Any) -> Printed:
    """A JSON value as a table of its leaves."""
    leaves = dict(_leaves(value, ""))
    return Printed("", {"value": [said(v) for v in leaves.values()]}, list(leaves))


def _leaves(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{at}[{place}]")
    else:
        yield at, value


def printed_lines(path: Path) -> list[Printed]:
    """One row for each line."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    return [Printed("", {"line": lines}, [str(n) for n in range(1, len(lines) + 1)])]
