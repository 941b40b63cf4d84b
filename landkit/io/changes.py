"""What a format changed, cell by cell: the frame that was meant against the frame that the file holds.

Found by comparing, not by knowing the format: what nobody thought of shows as well.
"""

from __future__ import annotations

import collections
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.model import Code, Reason

_LONGEST_EXAMPLE: Final = 40


class Change(NamedTuple):
    """A kind of change of a column (term group `change`): in how many rows, and an example."""

    column: str
    kind: str
    rows: int
    example: str = ""


def changes(
    meant: pd.DataFrame, held: pd.DataFrame, *, names: Mapping[str, Sequence[str]] | None = None
) -> tuple[Change, ...]:
    """Changes between the frame that was meant and what a file holds, column by column, shapes last.

    `names` gives the columns of the file that hold a column, where they are not called the same.
    """
    geometry = meant.geometry.name if isinstance(meant, gpd.GeoDataFrame) else None
    found: list[Change] = []
    for column in map(str, meant.columns):
        if column == geometry:
            continue
        parts = list((names or {}).get(column, [column]))
        if parts[0] not in held.columns:
            found.append(Change(column, "attributes_left_out", len(meant)))
            continue
        if len(parts) > 1:
            split = int(held[parts[1]].notna().sum())
            found.append(Change(column, "split", split, f"{parts[0]}-{parts[-1]}"))
        found += _column_changes(column, meant[column], _joined(held, parts))
    if isinstance(meant, gpd.GeoDataFrame):
        found += _shape_changes(meant, held)
    return tuple(found)


def _joined(held: pd.DataFrame, parts: Sequence[str]) -> list[Any]:
    columns = [held[p].tolist() for p in parts]
    if len(columns) == 1:
        return columns[0]
    rows = [[p for p in row if not _is_null(p)] for row in zip(*columns, strict=True)]
    return ["".join(row) if row else None for row in rows]


def _column_changes(column: str, meant: pd.Series[Any], held: list[Any]) -> list[Change]:
    counts: collections.Counter[str] = collections.Counter()
    examples: dict[str, str] = {}
    for a, b in zip(meant.tolist(), held, strict=True):
        if a is b:
            continue
        kind = _kind_of(a, b)
        if kind:
            counts[kind] += 1
            examples.setdefault(kind, f"{_example(a)} > {_example(b)}")
    return [Change(column, kind, rows, examples[kind]) for kind, rows in counts.items()]


def _example(value: Any) -> str:
    words = repr(value) if isinstance(value, str) else "null" if _is_null(value) else str(value)
    return words if len(words) <= _LONGEST_EXAMPLE else f"{words[:_LONGEST_EXAMPLE]}…"


def _is_null(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def _kind_of(a: Any, b: Any) -> str:
    """The kind of change from one value to another; "" where they are the same."""
    if _is_null(a) or _is_null(b):
        return _kind_of_null(a, b)
    if isinstance(a, bool | np.bool_):
        return "" if isinstance(b, bool | np.bool_) and bool(a) == bool(b) else "flag_as_number"
    if isinstance(a, int | np.integer):
        return _kind_of_integer(int(a), b)
    if isinstance(a, dt.date):
        return _kind_of_day(a, b)
    if isinstance(a, str):
        return _kind_of_text(a, b)
    if isinstance(a, Reason | Code):
        return "words"
    if isinstance(a, list | tuple | set | frozenset | dict):
        return "list_joined"
    if isinstance(a, float) and isinstance(b, str):
        return "number_as_text" if float(b) == a else "value_changed"
    return "" if a == b else "value_changed"


def _kind_of_null(a: Any, b: Any) -> str:
    if _is_null(a):
        return "" if _is_null(b) else "null_to_empty" if b == "" else "value_changed"
    if isinstance(a, str):
        return "empty_to_null" if not a.strip(" ") else "lost"
    if isinstance(a, list | tuple | set | frozenset):
        return "list_joined" if not a else "lost"
    return "lost"


def _kind_of_integer(a: int, b: Any) -> str:
    if isinstance(b, str):
        return "integer_as_text" if b == str(a) else "value_changed"
    if isinstance(b, float):
        return "integer_as_number" if int(b) == a else "value_changed"
    return "" if a == b else "value_changed"


def _kind_of_day(a: dt.date, b: Any) -> str:
    if isinstance(b, str):
        is_day = not isinstance(a, dt.datetime) or a.time() == dt.time()
        return "day_as_text" if is_day and len(b) == len("2020-02-29") else "time_as_text"
    moment = a if isinstance(a, dt.datetime) else dt.datetime.combine(a, dt.time())
    return "" if moment == pd.Timestamp(b) else "value_changed"


def _kind_of_text(a: str, b: Any) -> str:
    if a == b:
        return ""
    if not isinstance(b, str):
        return "value_changed"
    if b == f"'{a}":
        return "defused"
    return "edge_blanks" if a.strip() == b.strip() else "unheld_characters"


def _shape_changes(meant: gpd.GeoDataFrame, held: pd.DataFrame) -> list[Change]:
    before = np.asarray(meant.geometry.array, dtype=object)
    name = str(meant.geometry.name)
    there = ~shapely.is_missing(before)
    if not isinstance(held, gpd.GeoDataFrame):
        return [Change(name, "shape_left_out", int(there.sum()))] if there.any() else []
    after = np.asarray(held.geometry.array, dtype=object)
    counts = {
        "empty_shape_to_null": int((shapely.is_empty(before) & shapely.is_missing(after)).sum()),
        "height_zero": int((shapely.has_z(after) & ~shapely.has_z(before)).sum()),
        "measure_left_out": int((shapely.has_m(before) & ~shapely.has_m(after)).sum()),
    }
    found = [Change(name, kind, rows) for kind, rows in counts.items() if rows]
    if meant.crs != held.crs:
        found.append(Change(name, "crs", int(there.sum()), f"{_crs(meant)} > {_crs(held)}"))
    return found


def _crs(frame: gpd.GeoDataFrame) -> str:
    return str(frame.crs.to_string())[:40] if frame.crs is not None else "—"
