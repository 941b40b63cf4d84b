"""Checks of ids (标识码): missing, given twice, and codes that their scheme does not have."""

from __future__ import annotations

import csv
import functools
import io
from importlib import resources
from typing import Any

import pandas as pd

from landkit.model import Code, Finding, why
from landkit.quality.rows import Rows
from landkit.text import data_text


def check_repeated(ids: pd.Series[Any]) -> list[str]:
    """Ids that stand on more than one row."""
    return sorted(map(str, ids[ids.duplicated()].dropna().unique()))


def check_ids(rows: Rows, given: pd.Series[Any]) -> list[Finding]:
    """Rows without id, and rows whose id an earlier row has: each with its place and where the first one stands.

    `given` are the ids as the source has them; rows are counted from 1 as they stand in the file.
    """
    missing = given.isna().to_numpy(bool)
    again = given.duplicated().to_numpy(bool) & ~missing
    first = dict(reversed([(v, i) for i, v in enumerate(given) if not missing[i]])) if again.any() else {}

    def said(i: int) -> Any:
        other = first[given.iloc[i]]
        facts = {"id": given.iloc[i], "row": i + 1, "first": other + 1}
        return why("id_repeated", same=_same_shape(rows, i, other), **facts)

    return [
        *check_missing_ids(rows, given),
        *rows.find("ids.repeated", again, said, value=lambda i: i + 1),
    ]


def check_missing_ids(rows: Rows, given: pd.Series[Any]) -> list[Finding]:
    """Rows without id, each with its place; rows are counted from 1 as they stand in the file."""
    return rows.find("ids.missing", given.isna().to_numpy(bool), lambda i: why("id_missing", row=i + 1))


def _same_shape(rows: Rows, one: int, other: int) -> Any:
    a, b = rows.shapes[one], rows.shapes[other]
    same = a is not None and b is not None and a.equals(b)
    return why("id_repeated_same") if same else why("id_repeated_other")


def unique_ids(given: pd.Series[Any]) -> pd.Series[Any]:
    """Ids on which rows can be told apart: a missing one becomes `@3` (its row), a repeated one `A1@7`."""
    row = pd.Series([f"@{i + 1}" for i in range(len(given))], index=given.index)
    text = given.astype("object").where(given.notna(), "").astype(str)
    return text.where(given.notna() & ~given.duplicated(), text + row)


def check_codes(rows: Rows, column: str, scheme: str | None) -> list[Finding]:
    """Codes that are not in the list of their scheme; nothing where landkit does not have that list."""
    if scheme is None or column not in rows.frame.columns or not (known := code_list(scheme)):
        return []
    codes = rows.frame[column]
    each = {code: _unknown(code, known) for code in codes.dropna().unique()}
    bad = codes.map(each).fillna(False).to_numpy(bool)
    return rows.find(
        "codes.unknown",
        bad,
        lambda i: why("code_unknown", column=Code("column", column), code=codes.iloc[i], scheme=scheme),
        value=lambda i: codes.iloc[i],
    )


def _unknown(code: object, known: frozenset[str]) -> bool:
    parts = [p.strip() for p in str(code).replace("；", ";").split(";")]  # several rows of a key, joined
    return not all(p in known for p in parts)


@functools.cache
def code_list(scheme: str) -> frozenset[str]:
    """The codes of a scheme (代码表); empty where landkit does not have its list."""
    name = f"codes/{scheme}.csv"
    if not resources.files("landkit").joinpath("data", *name.split("/")).is_file():
        return frozenset()
    return frozenset(row["code"] for row in csv.DictReader(io.StringIO(data_text(name))))
