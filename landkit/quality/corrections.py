"""Corrections (更正) applied on read: a value is changed where it still is what the correction says, and never otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from landkit.errors import LayerError
from landkit.model import Code, Finding, Reason, finding, why
from landkit.text import data_toml


class Correction(NamedTuple):
    """One correction as its file gives it, all as text; `layer` is "" where it names none."""

    layer: str
    feature: str
    field: str
    old: str
    new: str
    reason: str
    who: str
    date: str


def as_corrections(table: pd.DataFrame, *, path: str) -> list[Correction]:
    """The rows of a corrections table.   Raises: LayerError where a column is missing."""
    known = data_toml("fields/corrections.toml")
    here = {str(c).strip().casefold(): c for c in table.columns}
    columns: dict[str, pd.Series[Any] | str] = {}
    for name, about in known.items():
        given = next((here[a.casefold()] for a in about["aliases"] if a.casefold() in here), None)
        if given is None and about["needed"]:
            wanted = ", ".join(f"{n}/{a['aliases'][1]}" for n, a in known.items() if a["needed"])
            raise LayerError("corrections_column", path=path, column=name, known=wanted)
        columns[name] = "" if given is None else table[given].map(_written)
    rows = pd.DataFrame(columns, index=table.index)
    return [Correction(**{str(k): str(v) for k, v in row.items()}) for row in rows.to_dict("records")]


def _written(value: object) -> str:
    """A cell as it would be written; a day without its time, a whole number without its point."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def correct(
    frame: pd.DataFrame, key: str, corrections: Sequence[Correction], *, ids: str, fields: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """A source with its corrections applied, and a finding for each: applied, done already, or no longer true.

    `ids` is the column of the frame that names features; a correction's field is a column of the source, or ours by `fields`
    (source column -> ours).  Values are in the source's own units.  The frame given is not changed.
    """
    source = {ours: theirs for theirs, ours in fields.items()}
    out, findings = frame.copy(), []
    rows_of = frame[ids].map(_written).groupby(frame[ids].map(_written)).groups
    for one in corrections:
        column = one.field if one.field in out.columns else source.get(one.field, "")
        rows = rows_of.get(one.feature)
        check, reason = _apply(out, rows, column, one)
        findings.append(finding(key, check, reason, one.feature, value=f"{one.field} {one.new}"))
    return out, findings


def _apply(out: pd.DataFrame, rows: Any, column: str, one: Correction) -> tuple[str, Reason]:
    """Change the rows of one feature where they hold the old value; the check and the words that say what came of it."""
    said: dict[str, object] = {
        "column": Code("column", one.field),
        "old": one.old or "-",
        "new": one.new or "-",
    }
    if rows is None:
        return "corrections.no_feature", why("correction_no_row")
    if column not in out.columns:
        return "corrections.stale", why("correction_no_column", column=one.field)
    found = [_written(v) for v in out.loc[rows, column]]
    if not any(_same(v, one.old) for v in found):
        if all(_same(v, one.new) for v in found):
            return "corrections.done", why("correction_done", **said)
        return "corrections.stale", why("correction_stale", found=found[0] or "-", **said)
    values = out[column]
    try:
        value = _typed(one.new, values)
    except ValueError:
        return "corrections.stale", why("correction_bad_value", **said)
    hits = [row for row, v in zip(rows, found, strict=True) if _same(v, one.old)]
    if pd.api.types.is_integer_dtype(values):
        out[column] = values.astype(float) if value is None or value != int(value) else values
    out.loc[hits, column] = value
    return "corrections.applied", why("correction_applied", who=one.who, day=one.date, why=one.reason, **said)


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _typed(written: str, values: pd.Series[Any]) -> Any:
    """A written value as the column holds its values; None where it is blank.   Raises: ValueError."""
    if written == "":
        return None
    if pd.api.types.is_bool_dtype(values):
        return written.casefold() in ("true", "1")
    if pd.api.types.is_numeric_dtype(values):
        return float(written)
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Timestamp(written)
    return written
