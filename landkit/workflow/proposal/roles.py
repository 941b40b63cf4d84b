"""Which role a layer or table has (角色), by its name and its columns; which of its columns can tell its rows apart."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import pandas as pd

from landkit.io.field_report import matching
from landkit.text import data_toml

_HINT: Final = 2.5  # a word in the name weighs as much as so many columns
_CALLED: Final = 100.0  # the whole name is the role's
_NEARLY: Final = 0.98  # share of the rows that a column tells apart, to be worth a question


class Guess(NamedTuple):
    """A role, how well it fits, and the mapping; `needs` is the id column that is not there, "" where none is missing."""

    role: str = ""
    score: float = 0.0
    fields: dict[str, str] = {}  # noqa: RUF012  a tuple's default, never changed
    needs: str = ""


def guess_role(name: str, columns: list[str], geometry: str) -> Guess:
    """The role whose aliases fit the columns best; none where neither the name nor a column of its own speaks for one."""
    best = Guess()
    for role, about in data_toml("fields/roles.toml").items():
        if about["geometry"] == geometry:
            found = _fit(role, about, name, columns)
            best = found if found.score > best.score else best
    return best


def _fit(role: str, about: dict[str, Any], name: str, columns: list[str]) -> Guess:
    known = about.get("fields", {})
    fields = mapping(known, columns)
    named = [*fields.values(), *(c for c in columns if c in known)]
    lacking = [k for k, f in known.items() if f.get("needed") and k not in named]
    words = (role, *about["hints"])
    called = sum(  # the file, the layer, or both; the layer's own name says more
        place * _is_called(part, words) for place, part in enumerate(name.split(), 1)
    )
    hinted = bool(called) or any(h.lower() in name.lower() for h in about["hints"])
    if lacking and not (called and len(lacking) == 1 and about["geometry"] != "none"):
        return Guess()
    own = [c for c in (*fields, *(c for c in columns if c in known)) if not is_common(c)]
    if not hinted and (role == "control_line" or not own or len(named) < 2):
        return Guess()
    score = len(named) + _HINT * hinted + _CALLED * called
    return Guess(role, score, fields, lacking[0] if lacking else "")


def _is_called(part: str, words: tuple[str, ...]) -> bool:
    """Whether a name is one of the words and says nothing else but what kind of thing it is (`parcels`, `县区界线`)."""
    plain = re.sub(r"[\d_\s-]+", "", part.lower())
    tails = ["", *data_toml("fields/names_of_layers.toml")["tails"]]
    return any(plain == re.sub("_", "", word.lower()) + tail for word in words for tail in tails)


def is_common(column: str) -> bool:
    """Whether almost any layer has a column of this name."""
    return column.lower() in data_toml("fields/names_of_layers.toml")["common"]


def mapping(known: dict[str, Any], columns: list[str]) -> dict[str, str]:
    """Source column -> our column, each used once; a column that is called as ours needs no mapping."""
    found: dict[str, str] = {}
    for ours, spec in known.items():
        if ours in columns:
            continue
        match = next((c for c in matching(columns, spec) if c not in found), None)
        if match:
            found[match] = ours
    return found


def line_called(name: str) -> str | None:
    """The control line that a name speaks of (控制线)."""
    hints = data_toml("fields/line_hints.toml")
    return next((line for line, words in hints.items() if any(w in name.lower() for w in words)), None)


def id_columns(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Columns whose values are all there and all differ, the likeliest id first; and those of which that is nearly so."""
    if len(rows) < 2:
        return [], []
    sure: list[str] = []
    nearly: list[str] = []
    for column in map(str, rows.columns):
        values = rows[column].dropna()
        if not _can_tell_apart(rows[column]):
            continue
        share = values.astype(str).nunique() / len(rows)
        (sure if share == 1 else nearly if share >= _NEARLY else []).append(column)
    return sorted(sure, key=_how_unlikely), nearly


def _can_tell_apart(values: pd.Series[Any]) -> bool:
    """Text or whole numbers: no measures, no days."""
    kinds = pd.api.types
    return not (
        kinds.is_float_dtype(values) or kinds.is_bool_dtype(values) or kinds.is_datetime64_any_dtype(values)
    )


def _how_unlikely(column: str) -> tuple[bool, bool]:
    names = data_toml("fields/names_of_layers.toml")
    lower = column.lower()
    return lower in names["renumbered"], not any(
        lower.endswith(k) or lower.startswith(k) for k in names["keys"]
    )
