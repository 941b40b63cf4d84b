"""What cells say beside their value: units written into them, codes whose zeros were eaten, days that are none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from landkit.io.tables.dates import Days
from landkit.model import Code, Finding, finding, why
from landkit.text import data_toml
from landkit.units import FACTORS

_HEADER: Final = re.compile(r"(.+?)\s*[(\[]([^()\[\]]+)[)\]]")
_WITH_UNIT: Final = re.compile(r"([+-]?[\d,]*\d(?:\.\d+)?)\s*([^\d\s.,+-].*)")


def without_units(
    values: pd.Series[Any], *, column: str, ours: str, stated: str, layer: str
) -> tuple[pd.Series[Any], list[Finding]]:
    """Cells like `12.5亩` as numbers in the unit that the column has (`stated`): converted, and said (单元格内单位).

    `ours` is our unit of the column; a cell whose words are no unit of that kind stays as it is.
    """
    factors = FACTORS.get(ours, {})
    out = values.astype("object").copy()
    counts: dict[str, list[Any]] = {}
    for place, value in enumerate(values):
        found = _split(value, factors) if isinstance(value, str) else None
        if found is not None:
            number, unit = found
            exact = number * factors[unit] / factors[stated]
            out.iloc[place] = number if unit == stated else exact
            counts.setdefault(unit, []).append(value)
    return out, [
        finding(
            layer,
            "value.unit_in_cell",
            why("unit_in_cell", column=column, count=len(cells), unit=Code("unit", unit), value=cells[0]),
            value=cells[0],
        )
        for unit, cells in counts.items()
    ]


def header_unit(column: str) -> tuple[str, str]:
    """The name of a column without the unit that stands behind it in brackets, and that unit (表头单位); "" where none does.

    `用地面积（亩）` is ("用地面积", "mu"); a bracket that holds no unit belongs to the name.
    """
    found = _HEADER.fullmatch(unicodedata.normalize("NFKC", column).strip())
    unit = _unit_called(found[2]) if found else ""
    return (found[1].strip(), unit) if found and unit else (column, "")


def _unit_called(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).strip().casefold()
    known = data_toml("fields/cells.toml")["units"]
    return next((unit for unit, words in known.items() if plain in words), "")


def _split(value: str, factors: Mapping[str, float]) -> tuple[float, str] | None:
    found = _WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if not found:
        return None
    unit = _unit_called(found[2].strip().strip("()"))
    return (float(found[1].replace(",", "")), unit) if unit in factors else None


_DAY_FORMS: Final = {"republic": "day_republic", "placeholder": "day_placeholder"}


def about_days(
    read: Days, values: pd.Series[Any], rows: pd.Series[Any], *, column: str, layer: str
) -> list[Finding]:
    """Days that were written in a form that people must look at: each form once, with its first value."""
    found = []
    for form, mask in read.of.items():
        first: Any = mask.idxmax()
        reason = why(
            _DAY_FORMS[form],
            column=column,
            count=int(mask.sum()),
            value=str(values[first]),
            day=str(read.days[first])[:10],
        )
        found.append(finding(layer, "value.day_form", reason, rows[first], value=values[first]))
    return found


def zeros_eaten(values: pd.Series[Any], *, column: str, layer: str, levels: bool = False) -> list[Finding]:
    """A warning where codes of digits differ in length and none begins with 0: Excel ate the zeros (前导零丢失).

    `levels` are codes with two digits a level, such as 1101 beside 100102: there only an odd length tells of a zero.
    """
    about = data_toml("fields/cells.toml")["codes"]
    codes = values.dropna().astype(str)
    if len(codes) < 2 or not codes.str.fullmatch(r"\d+").all() or codes.str.startswith("0").any():
        return []
    lengths = codes.str.len()
    numbers = codes[lengths <= 15].astype("int64")
    counts = len(numbers) and int(numbers.max()) <= about["serial_share"] * len(codes)
    is_full = lengths == lengths.max()
    official = lengths.max() >= about["least_digits"] and is_full.mean() >= about["full_share"]
    if is_full.all() or counts or not official:
        return []
    short = codes[~is_full & (lengths % 2 == 1)] if levels else codes[~is_full]
    if short.empty:
        return []
    reason = why(
        "zeros_eaten", column=column, count=len(short), value=short.iloc[0], digits=int(lengths.max())
    )
    return [finding(layer, "value.zeros_eaten", reason, value=short.iloc[0])]


def alike_names(header: list[str]) -> list[Finding]:
    """Names that differ only in case or width: one of them is easily taken for the other."""
    seen: dict[str, str] = {}
    found = []
    for name in header:
        plain = unicodedata.normalize("NFKC", name).casefold()
        if name and plain in seen:
            found.append(
                finding("", "table.alike", why("table_alike", first=seen[plain], second=name), value=name)
            )
        seen.setdefault(plain, name)
    return found
