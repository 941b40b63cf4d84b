"""From a source's columns to ours: names by the study's mapping, types and units by the role, complaints as findings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from landkit.errors import LayerError, StudyError, nearest
from landkit.io.tables.cells import about_days, without_units, zeros_eaten
from landkit.io.tables.dates import Days, read_days
from landkit.model import Finding, finding, why
from landkit.text import data_toml
from landkit.units import FACTORS

_BLANK = {"", "-", "—", "——", "/", "无", "null", "none", "nan", "<na>", "nat"}
_YES = {"是", "1", "y", "yes", "true", "t", "√", "有"}
_NO = {"否", "0", "n", "no", "false", "f", "×"}


def role_fields(role: str) -> dict[str, dict[str, Any]]:
    """Our columns of a role: name -> kind, unit, whether needed, words, aliases."""
    return dict(data_toml("fields/roles.toml").get(role, {}).get("fields", {}))


def to_our_columns(
    frame: pd.DataFrame,
    *,
    layer: str,
    role: str,
    fields: Mapping[str, str],
    units: Mapping[str, str],
    whole: bool = True,
) -> tuple[pd.DataFrame, list[Finding]]:
    """The frame with our column names and types, and a finding for each value that could not be read.

    Columns that the study does not map keep their names; a role's column that is absent stays absent.  `whole` is False
    for a table that brings only some columns of a role, to be joined: then none is needed.

    Raises: LayerError where a mapped source column or a needed column is not there, or a unit is unknown.
    """
    _check_mapping(frame, layer=layer, fields=fields)
    frame = frame.rename(columns=dict(fields))
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise LayerError("column_twice", layer=layer, column=str(twice))
    known = role_fields(role)
    for name, spec in known.items():
        if whole and spec.get("needed") and name not in frame.columns:
            guess = nearest(name, [str(c) for c in frame.columns])
            aliases = [a for a in spec["aliases"] if a in frame.columns]
            raise LayerError(
                "column_missing",
                layer=layer,
                column=name,
                word=spec["zh"],
                guess=(aliases or [guess or "?"])[0],
            )
    findings: list[Finding] = []
    out = frame.copy()
    key = next((n for n in known if known[n].get("kind") == "id" and n in frame.columns), None)
    rows = frame[key].astype(str) if key else pd.Series(frame.index.astype(str), index=frame.index)
    for name in [n for n in known if n in frame.columns]:
        given, said = _as_written(frame[name], known[name], units.get(name), layer=layer)
        findings += said
        values, bad = _READERS[known[name]["kind"]](given)
        reasons = {}
        if known[name]["kind"] == "date":
            read = _days(given)
            findings += about_days(read, given, rows, column=name, layer=layer)
            reasons = {
                i: why("day_serial", column=name, day=str(d)[:10]) for i, d in read.perhaps.dropna().items()
            }
        factor = _factor(name, known[name].get("unit"), units, layer=layer)
        out[name] = values * factor if factor != 1.0 else values
        findings += [
            finding(
                layer,
                _UNREADABLE[known[name]["kind"]],
                reasons.get(i) or why("value_unreadable", column=name),
                rows[i],
                value=frame[name][i],
            )
            for i in frame.index[bad]
        ]
    return out, findings


def _as_written(
    values: pd.Series[Any], about: Mapping[str, Any], stated: str | None, *, layer: str
) -> tuple[pd.Series[Any], list[Finding]]:
    """Cells without the units written into them; codes as they are, with a warning where zeros were eaten."""
    column, kind, unit = str(values.name), about["kind"], about.get("unit", "")
    if kind in ("id", "code"):
        return values, zeros_eaten(plain_text(values), column=column, layer=layer, levels=kind == "code")
    if kind == "number" and unit in FACTORS and (stated or unit) in FACTORS[unit] and values.dtype == object:
        return without_units(values, column=column, ours=unit, stated=stated or unit, layer=layer)
    return values, []


def _check_mapping(frame: pd.DataFrame, *, layer: str, fields: Mapping[str, str]) -> None:
    here = [str(c) for c in frame.columns]
    for source in fields:
        if source not in here:
            raise LayerError(
                "column_not_in_file",
                layer=layer,
                column=source,
                guess=nearest(source, here) or "/".join(here[:12]),
            )


def _factor(name: str, unit: str | None, units: Mapping[str, str], *, layer: str) -> float:
    if name not in units:
        return 1.0
    known = FACTORS.get(unit or "", {})
    if units[name] not in known:
        raise StudyError(
            "unit_unknown", layer=layer, column=name, unit=units[name], known="/".join(known) or "-"
        )
    return known[units[name]]


def plain_text(values: pd.Series[Any]) -> pd.Series[Any]:
    """As stripped text, full-width forms made plain, blanks as missing."""
    text = values.map(_as_text, na_action="ignore").astype("object")
    return text.where(text.notna() & ~text.astype(str).str.lower().isin(_BLANK), None)


def _as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value))
    if not text.isascii():  # marks that show nothing (zero width, right to left) would make two codes of one
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return text.strip()


def _read_text(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[bool]]:
    kept = values.map(
        lambda v: str(int(v)) if isinstance(v, float) and v.is_integer() else str(v).strip(),
        na_action="ignore",
    )
    kept = kept.astype("object").where(kept.notna(), None)
    return kept.where(kept != "", None), pd.Series(False, index=values.index)


def _read_code(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[bool]]:
    return plain_text(values), pd.Series(False, index=values.index)


def _read_number(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[bool]]:
    if pd.api.types.is_numeric_dtype(values):
        given: pd.Series[Any] = pd.to_numeric(values).astype(float)
        infinite: pd.Series[bool] = given.isin([np.inf, -np.inf])
        return given.mask(infinite), infinite
    text = plain_text(values)
    numbers = pd.to_numeric(text.astype("object").map(_ungrouped, na_action="ignore"), errors="coerce")
    numbers = pd.Series(numbers, index=values.index).astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    return numbers, numbers.isna() & text.notna()


def _ungrouped(value: str) -> str:
    """A number without its thousands separators; commas that stand elsewhere stay, and the number cannot be read."""
    return value.replace(",", "") if _GROUPED.fullmatch(value) else value


_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def _read_integer(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[bool]]:
    numbers, bad = _read_number(values)
    whole = numbers.isna() | (numbers == numbers.round())
    return numbers.where(whole).astype("Int64"), bad | ~whole


def _read_date(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[bool]]:
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.tz_localize(None) if values.dt.tz is not None else values
    return _days(values)[:2]


def _days(values: pd.Series[Any]) -> Days:
    """Days of a column, each different value read once: a million rows have a few thousand days."""
    if values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) != "string":
        return read_days(plain_text(values))
    at, known = pd.factorize(values)  # -1 where there is none: the last
    once = read_days(plain_text(pd.Series([*known, None])))

    def of_all(column: pd.Series[Any]) -> pd.Series[Any]:
        return column.iloc[at].set_axis(values.index)

    masks = {form: of_all(mask) for form, mask in once.of.items()}
    return Days(of_all(once.days), of_all(once.is_bad), masks, of_all(once.perhaps))


def _read_flag(values: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[bool]]:
    if pd.api.types.is_bool_dtype(values):
        return values.astype("boolean"), pd.Series(False, index=values.index)
    text = plain_text(values).map(str.lower, na_action="ignore")
    flags = pd.Series(pd.NA, index=values.index, dtype="boolean")
    flags[text.isin(_YES)] = True
    flags[text.isin(_NO)] = False
    return flags, flags.isna() & text.notna()


_Reader = Callable[["pd.Series[Any]"], "tuple[pd.Series[Any], pd.Series[bool]]"]
_READERS: dict[str, _Reader] = {
    "id": _read_code,
    "code": _read_code,
    "text": _read_text,
    "number": _read_number,
    "integer": _read_integer,
    "date": _read_date,
    "flag": _read_flag,
}
_UNREADABLE = {
    kind: f"value.{kind}" for kind in ("number", "integer", "date", "flag")
}  # codes and texts always can
