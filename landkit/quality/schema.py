"""A layer's own columns against the table that its name promises (数据结构检查): pass or fail, field by field.

The tables are data (data/schemas/*.toml).  A library for data frames' schemas was tried on paper and left: it costs two seconds
at import, judges a column as one, and says so in English; here each field is one row for the office that must mend it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import pandas as pd

from landkit.errors import StudyError, nearest
from landkit.model import Code, Finding, Reason, finding, why
from landkit.quality.ids import code_list
from landkit.text import data_toml

PASS: Final = "pass"  # noqa: S105  no password
FAIL: Final = "fail"
ABSENT: Final = "absent"  # not there, and not required
_DAY: Final = re.compile(r"(19|20)\d{2}([-/.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Field:
    """One column of a statutory table; `length` counts characters."""

    name: str
    zh: str
    kind: str  # text | number | integer | date
    length: int | None = None
    required: bool = False
    unique: bool = False
    codes: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Schema:
    """A statutory table (数据结构): the layer names it goes by, its fields, where they were read."""

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    layers: tuple[str, ...]
    role: str
    line: str
    source: str
    verified: bool


@dataclass(frozen=True)
class FieldResult:
    """What became of one field: its column in the file, pass, fail or absent, and why it fails."""

    field: Field
    column: str
    result: str
    reason: Reason | None = None
    rows: int = 0


@functools.cache
def schema_names() -> tuple[str, ...]:
    """The tables that landkit knows, by name."""
    folder = resources.files("landkit").joinpath("data", "schemas")
    return tuple(sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")))


@functools.cache
def schema(name: str) -> Schema:
    """A table by its name.   Raises: StudyError for an unknown one, with the nearest."""
    if name not in schema_names():
        raise StudyError(
            "schema_unknown", name=name, guess=nearest(name, schema_names()) or "/".join(schema_names())
        )
    about = data_toml(f"schemas/{name}.toml")
    return Schema(
        about["name"], about["zh"], about["en"], tuple(Field(**f) for f in about["field"]), tuple(about["layers"]),
        about.get("role", ""), about.get("line", ""), about["source"], about["verified"],
    )  # fmt: skip


def schema_for(layer: str, columns: Iterable[str], *, least: float = 0.6) -> Schema | None:
    """The table that a layer most likely follows: most of its required fields are there, the layer's own name first."""
    given = {c.upper() for c in columns}

    def rank(one: Schema) -> tuple[bool, float]:
        needed = [f.name for f in one.fields if f.required]
        return any(n.upper() == layer.upper() for n in one.layers), sum(n in given for n in needed) / len(
            needed
        )

    ranked = sorted(map(schema, schema_names()), key=rank, reverse=True)
    fitting = [s for s in ranked if rank(s)[1] >= least]
    return fitting[0] if fitting else None


def check_schema(frame: pd.DataFrame, table: Schema) -> list[FieldResult]:
    """Each field of a table against the columns as the file has them; names without regard to case, or in Chinese."""
    upper = {str(c).upper(): str(c) for c in reversed(list(frame.columns))}
    return [_result(frame, f, upper.get(f.name.upper()) or upper.get(f.zh)) for f in table.fields]


def _result(frame: pd.DataFrame, field: Field, column: str | None) -> FieldResult:
    if column is None:
        why_not = why("field_missing") if field.required else None
        return FieldResult(field, "", FAIL if field.required else ABSENT, why_not)
    values = frame[column]
    blank = values.isna() | (values.astype(str).str.strip() == "")
    given = values[~blank]
    for reason, bad in _faults(field, given):
        if bad.any():
            example = str(given[bad].iloc[0])[:40]
            rows = int(bad.sum())
            return FieldResult(
                field, column, FAIL, why(reason[0], count=rows, example=example, **reason[1]), rows
            )
    if field.required and blank.any():
        rows = int(blank.sum())
        return FieldResult(field, column, FAIL, why("field_blank", count=rows, of=len(frame)), rows)
    return FieldResult(field, column, PASS)


def _faults(
    field: Field, given: pd.Series[Any]
) -> Iterable[tuple[tuple[str, dict[str, Any]], pd.Series[bool]]]:
    """What can be wrong with the values of a field, in the order in which it is said."""
    words = given.astype(str).str.strip()
    kind = Code("field_kind", field.kind)
    yield ("field_kind", {"kind": kind}), ~_is_kind(given, words, field.kind)
    if field.kind == "text" and field.length:
        yield ("field_long", {"length": field.length}), words.str.len() > field.length
    if field.codes and (known := code_list(field.codes)):
        yield ("field_code", {"scheme": field.codes}), ~words.isin(known)
    if field.unique:
        yield ("field_twice", {}), words.duplicated(keep=False)


def _is_kind(given: pd.Series[Any], words: pd.Series[str], kind: str) -> pd.Series[bool]:
    """Whether each value is of a kind; text that was stored as a number has lost its leading zeros and is none."""
    numeric = pd.api.types.is_numeric_dtype(given) and not pd.api.types.is_bool_dtype(given)
    if kind == "text":
        return pd.Series(not numeric, index=given.index)
    if kind == "date":
        days = pd.api.types.is_datetime64_any_dtype(given)
        return (
            pd.Series(True, index=given.index)
            if days
            else words.str.replace(r"\.0$", "", regex=True).str.fullmatch(_DAY)
        )
    numbers = pd.to_numeric(given, errors="coerce")
    return (
        numbers.notna() & (numbers == numbers.round())
        if kind == "integer"
        else pd.Series(numeric, index=given.index)
    )


def schema_findings(results: Sequence[FieldResult], *, layer: str, table: Schema) -> list[Finding]:
    """One finding for each field that fails; nothing for those that pass."""
    return [
        finding(
            layer,
            "schema.field",
            why("schema_field", table=table.name, field=r.field.name, word=r.field.zh, why=r.reason),
            value=r.column,
        )
        for r in results
        if r.result == FAIL
    ]
