"""Values as cells of a sheet: what is shown, in which format, how wide and how high.

Text stays text and codes keep their zeros; columns that are totalled are rounded so that the cells add up to
the rounded total (强制调平).
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from landkit.model import Code, Reason, say_all
from landkit.text import Lang, column_label, known_columns, term
from landkit.units import round_to_total

MISSING: Final = "—"
LONGEST_CELL: Final = 32_767  # counted by Excel in UTF-16 units
_EXACT_INTEGER: Final = 10**15  # Excel keeps 15 digits
_WIDEST: Final = 60.0
_WRAPS_FROM: Final = 38.0
_TALLEST: Final = 150.0
_SAMPLE: Final = 300
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Column:
    """One column as it will stand on its sheet."""

    name: str
    header: str
    cells: Sequence[object]
    width: float
    number_format: str
    is_share: bool

    @property
    def wraps(self) -> bool:
        """Whether the column is wide enough for text over several lines."""
        return self.width >= _WRAPS_FROM

    @classmethod
    def of(
        cls,
        values: pd.Series[Any],
        lang: Lang,
        *,
        label: str | None = None,
        width: float | None = None,
        is_total: bool = False,
    ) -> Column:
        """A column of a finished table; `label` and `width` go before data/columns.toml and what fits.

        Where `is_total`, the cells are rounded so that they add up to the rounded total.
        """
        name = str(values.name)
        about = known_columns().get(name, {})
        cells = _shown(values, about, lang, decimals=_decimals(about) if is_total else None)
        header = label or column_label(name, lang)
        width = width or _column_width(header, cells, about)
        plain = "#,##0.00" if any(isinstance(v, float) for v in cells) else "General"
        return cls(name, header, cells, width, str(about.get("format", plain)), about.get("unit") == "share")


def row_heights(columns: Sequence[Column], rows: int) -> dict[int, float]:
    """Height of each row that needs more than one line: no program fits it by itself on opening."""
    heights: dict[int, float] = {}
    for row in range(rows):
        lines = max((lines_of(c.cells[row], c.width * 1.04) for c in columns), default=1)
        if lines > 1:
            heights[row] = min(_TALLEST, 14.5 * lines + 2)
    return heights


def lines_of(value: object, width: float) -> int:
    """Lines that a value takes in a cell so many characters wide."""
    if not isinstance(value, str) or (len(value) * 2 <= width and "\n" not in value):
        return 1
    if len(value) > LONGEST_CELL // 4:
        return 99
    return sum(max(1, math.ceil(text_width(line) / width)) for line in value.split("\n"))


# ---- shown values


def _shown(
    values: pd.Series[Any], about: Mapping[str, Any], lang: Lang, *, decimals: int | None
) -> list[object]:
    """The cells of a column: None, flag, number, day or text."""
    is_code = about.get("unit") == "code" or about.get("kind") in ("id", "code")
    said = [_plain(v, about, lang, is_code=is_code) for v in values.to_numpy(dtype=object)]
    if any(isinstance(v, int) and abs(v) >= _EXACT_INTEGER for v in said):
        said = [str(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in said]
    if decimals is None:
        return said
    numeric = [
        i
        for i, v in enumerate(said)
        if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
    ]
    rounded = round_to_total(np.array([said[i] for i in numeric], dtype=float), decimals)
    for i, value in zip(numeric, rounded, strict=True):
        said[i] = round(float(value), decimals)
    return said


def _plain(value: Any, about: Mapping[str, Any], lang: Lang, *, is_code: bool) -> object:
    if isinstance(value, str | Reason | Code | list | tuple | set | frozenset):
        return _words(value, about, lang)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, dt.date | np.datetime64):
        return _day(value)
    if isinstance(value, int | np.integer):
        return str(value) if (is_code and about.get("format") is None) else int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return _words(value, about, lang)


def _words(value: Any, about: Mapping[str, Any], lang: Lang) -> str:
    if isinstance(value, str):
        return term(about["terms"], value, lang) if about.get("terms") else value
    if isinstance(value, Reason):
        return value.say(lang)
    if isinstance(value, Code):
        return term(value.group, value.code, lang)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        if items and all(isinstance(v, Reason) for v in items):
            return say_all(items, lang)
        return ("、" if lang == "zh" else ", ").join(_words(v, about, lang) for v in items)
    return _words(str(value), about, lang)


def _day(value: Any) -> object:
    """A day as Excel counts days; what lies before 1900 or in a time zone is text."""
    moment = pd.Timestamp(value)
    if moment.tz is not None or moment.year < 1901:
        return (
            moment.isoformat()
            if moment != moment.normalize() or moment.tz is not None
            else moment.date().isoformat()
        )
    return moment.to_pydatetime(warn=False)


# ---- number formats


def date_format(value: dt.datetime) -> str:
    """The Excel format of a day, with the time where it has one."""
    return "yyyy-mm-dd" if value.time() == dt.time() else "yyyy-mm-dd hh:mm"


def format_decimals(number_format: str) -> int | None:
    """Digits behind the point that an Excel format shows; None for General."""
    if number_format == "General":
        return None
    fraction = re.search(r"\.([0#]+)", number_format)
    return (len(fraction.group(1)) if fraction else 0) + (2 if number_format.endswith("%") else 0)


def _decimals(about: Mapping[str, Any]) -> int:
    found = format_decimals(str(about.get("format", "0.00")))
    return 2 if found is None else found


# ---- widths


def _column_width(header: str, values: Sequence[object], about: Mapping[str, Any]) -> float:
    step = max(1, len(values) // _SAMPLE)
    widest = max((_shown_width(v, about) for v in values[::step] if v is not None), default=0.0)
    return float(min(_WIDEST, max(9.0, widest + 2.5, min(text_width(header) / 2 + 4, 18.0))))


def _shown_width(value: object, about: Mapping[str, Any]) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return float(len(f"{value:,.{_decimals(about)}f}"))
    return (
        10.0
        if isinstance(value, dt.datetime)
        else max((text_width(line) for line in str(value).split("\n")), default=0)
    )


def text_width(words: str) -> float:
    """Width in characters of the sheet's font: a Chinese character takes two."""
    return float(len(words) if words.isascii() else sum(map(_character_width, words)))


@functools.lru_cache(maxsize=65_536)
def _character_width(c: str) -> int:
    return 2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1


# ---- text that a cell can hold


def printable(words: str) -> str:
    """Without control characters, and without those that turn the direction of text round unseen."""
    if words.isprintable():  # by Unicode's own classes, which hold all of these and more
        return words
    return _UNPRINTABLE.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))


def utf16_units(words: str) -> int:
    """The length of a text as Excel counts it."""
    return len(words) if words.isascii() else len(words.encode("utf-16-le", "surrogatepass")) // 2


def cut(words: str, units: int) -> str:
    """The longest beginning of at most so many UTF-16 units."""
    if len(words) <= units // 2:
        return words
    size = 0
    for i, c in enumerate(words):
        size += 2 if c > "\uffff" else 1
        if size > units:
            return words[:i]
    return words
