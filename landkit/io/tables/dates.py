"""Days as offices write them (日期): 2026.1.1, 20260101, numbers of Excel, years of the Republic; defaults are no days."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Any, Final, NamedTuple

import pandas as pd

from landkit.text import data_toml

_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?")
_COMPACT: Final = re.compile(r"\d{8}")


class Days(NamedTuple):
    """A column of days: what was read, which values are none, and masks of those to speak of by the name of their form.

    `perhaps` holds the days that numbers of Excel would be: whether they count from 1900 or 1904, nobody sees.
    """

    days: pd.Series[Any]
    is_bad: pd.Series[bool]
    of: dict[str, pd.Series[bool]]
    perhaps: pd.Series[Any]


def read_days(text: pd.Series[Any]) -> Days:
    """Days of a column of stripped text with missing as None; what is no day is bad, never the nearest one.

    Numbers of Excel are bad, too; `of["republic"]` were years of the Republic, `of["placeholder"]` defaults: missing.
    """
    tidy = text.map(_tidy, na_action="ignore").astype("object")
    forms = pd.Series([t[1] if isinstance(t, tuple) else "" for t in tidy], index=text.index, dtype="object")
    words = pd.Series(
        [t[0] if isinstance(t, tuple) else None for t in tidy], index=text.index, dtype="object"
    )
    days = pd.to_datetime(words, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    is_serial = forms == "serial"
    perhaps, days = days.where(is_serial), days.mask(is_serial)
    bad = days.isna() & text.notna() & (forms != "placeholder")
    masks = {form: (forms == form) & ~bad for form in ("republic", "placeholder")}
    return Days(days, bad, {form: mask for form, mask in masks.items() if mask.any()}, perhaps)


def _tidy(value: str) -> tuple[str | None, str]:
    """A value as `year-month-day`, and the form it was written in; a placeholder is none."""
    about = data_toml("fields/cells.toml")["dates"]
    words = unicodedata.normalize("NFKC", value).strip()
    form = ""
    for name in about["republic"]:
        if words.startswith(name):
            words, form = words.removeprefix(name).strip(), "republic"
    words = words.split(" ")[0].split("T")[0].removesuffix(about["end"])
    for mark in about["separators"]:
        words = words.replace(mark, "-") if not _SERIAL.fullmatch(words) else words
    if form == "republic":
        year, _, rest = words.partition("-")
        return (f"{int(year) + about['republic_first_year'] - 1}-{rest}" if year.isdigit() else words), form
    if _COMPACT.fullmatch(words):
        words = f"{words[:4]}-{words[4:6]}-{words[6:]}"
    elif _SERIAL.fullmatch(words) and about["first_serial"] <= float(words) <= about["last_serial"]:
        zero = datetime.date.fromisoformat(about["serial_zero"])
        return (zero + datetime.timedelta(days=int(float(words)))).isoformat(), "serial"
    parts = words.split("-")
    if len(parts) == 3 and all(p.isdigit() for p in parts):
        plain = f"{int(parts[0]):04d}-{int(parts[1]):02d}-{int(parts[2]):02d}"
        if plain in about["placeholders"]:
            return None, "placeholder"
    return words, form
