"""Another tool's table of conflicts in its own words: Chinese headings, codes as Excel left them, areas with commas."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from landkit.errors import LayerError
from landkit.model import Code, Verdict, why
from landkit.text import LANGS, data_toml, known_columns, term

NEEDED: Final = ("parcel_id", "line")
MAY_FOLLOW: Final = ("verdict", "encroached_m2", "encroached_mu")
LINES: Final = ("ecological_redline", "permanent_basic_farmland")  # those that are scored
THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


@dataclass(frozen=True)
class Calls:
    """What a tool says of pairs of parcel and line: `rows` with `parcel_id`, `line` and `verdict` (Verdict).

    `columns` is which of its columns was read as which of ours; `unknown` the parcels that the study does not have.
    """

    rows: pd.DataFrame
    columns: Mapping[str, str]
    unknown: tuple[str, ...]


def calls_of(table: pd.DataFrame, known_ids: Collection[str], path: str) -> Calls:
    """Read another tool's table; `known_ids` are the parcels of the study (none: any parcel is taken as it is written).

    A column is found by our code, our word for it or a usual name, whatever the case, the unit in brackets left aside.

    Raises: LayerError where a column is missing or a cell cannot be understood.
    """
    columns = _columns(table, path)
    said = table[list(columns.values())].set_axis(list(columns), axis=1)
    said = said[~said.isna().all(axis=1)]
    ids = _matched(said["parcel_id"], {plain(i): i for i in known_ids})
    rows = pd.DataFrame({"parcel_id": ids, "line": _matched(said["line"], _line_words())}, index=said.index)
    rows["verdict"] = _verdicts(said, path)
    there = set(known_ids)
    return Calls(rows, columns, tuple(dict.fromkeys(i for i in ids if there and i not in there)))


def plain(word: object) -> str:
    """A word without what does not distinguish it: width, case, spaces, underscores, Excel's apostrophe and `.0`."""
    if pd.isna(word):  # type: ignore[call-overload]
        return ""
    narrow = unicodedata.normalize("NFKC", str(word)).casefold().lstrip("'")
    return re.sub(r"(?<=\d)\.0+$", "", re.sub(r"[\s_\-]+", "", narrow))


def _columns(table: pd.DataFrame, path: str) -> dict[str, str]:
    """Our column -> theirs; a column of our own name before any other."""
    theirs = {
        plain(re.sub(r"[(（].*[)）]\s*$", "", str(name))): str(name) for name in reversed(table.columns)
    }
    found = {}
    for column in (*NEEDED, *MAY_FOLLOW):
        names = [plain(name) for name in _names(column)]
        at = next((name for name in names if name in theirs), None)
        if at is not None:
            found[column] = theirs.pop(at)
        elif column in NEEDED:
            known = ", ".join(map(str, table.columns))
            raise LayerError("score_column", path=path, column=column, known=known)
    return found


def _names(column: str) -> Iterable[str]:
    """What a column may be called: our code, our words, the usual names of others."""
    yield column
    yield from (term("column", column, lang) for lang in LANGS)
    yield from known_columns()[column].get("aliases", ())


def _line_words() -> dict[str, str]:
    """Plain word -> code of each line that is scored: code, word in either language, usual names of its layers."""
    usual = data_toml("fields/line_hints.toml")
    return {
        plain(word): line
        for line in LINES
        for word in (line, *(term("line", line, lang) for lang in LANGS), *usual[line])
    }


def _matched(words: pd.Series, known: Mapping[str, str]) -> list[str]:
    """Each word as it is known, or as it is written."""
    return [known.get(plain(word), "" if pd.isna(word) else str(word).strip()) for word in words]


def _verdicts(said: pd.DataFrame, path: str) -> list[Verdict]:
    """The verdict of each row: as said, or a conflict where an area is; without either every row is one."""
    if "verdict" in said:
        return _said_verdicts(said["verdict"], path)
    area = next((said[name] for name in MAY_FOLLOW if name in said), None)
    if area is None:
        return [Verdict.CONFLICT] * len(said)
    numbers = pd.to_numeric(area.fillna(0).map(_without_commas), errors="coerce")
    for row, value, cell in zip(area.index, numbers, area, strict=True):
        if not 0 <= value < np.inf:
            raise LayerError("score_area", path=path, row=_row(row), value=cell)
    return [Verdict.CONFLICT if value > 0 else Verdict.CLEAR for value in numbers]


def _said_verdicts(words: pd.Series, path: str) -> list[Verdict]:
    words_of = {
        plain(word): v.value for v in Verdict for word in (v.value, *(term("verdict", v, x) for x in LANGS))
    }
    codes = _matched(words, words_of)
    for row, code in zip(words.index, codes, strict=True):
        if code not in set(Verdict):
            known = why("words", words=[Code("verdict", v.value) for v in Verdict])
            raise LayerError("score_verdict", path=path, row=_row(row), value=code, known=known)
    return [Verdict(code) for code in codes]


def _without_commas(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    narrow = unicodedata.normalize("NFKC", cell).strip()
    return narrow.replace(",", "") if THOUSANDS.fullmatch(narrow) else narrow


def _row(index: object) -> int:
    """The row of a table as its file counts, the headings being the first."""
    return int(str(index)) + 2
