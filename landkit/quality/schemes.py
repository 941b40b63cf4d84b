"""Codes read by the wrong list (代码体系混用): 1001 is railway in the land survey and industry in the 2023 guideline.

A code alone cannot tell.  The name beside it can (1001 工业用地), and so can codes that only one list has (05H1, 100101).
"""

from __future__ import annotations

import csv
import functools
import io
from typing import Any, Final, NamedTuple

import pandas as pd

from landkit.model import Finding, finding, why
from landkit.quality.ids import code_list
from landkit.text import data_text, data_toml

LAND_SCHEMES: Final = ("ydyh-2023", "dlbm-sandiao")
LEAST: Final = 0.6  # share of the rows that another scheme must fit before it is named


class Fit(NamedTuple):
    """How well a scheme fits a column: share of rows whose code it has, and whose name it gives to that code (None: no names)."""

    scheme: str
    known: float
    named: float | None


def scheme_fits(codes: pd.Series[Any], names: pd.Series[Any] | None = None) -> list[Fit]:
    """How well each land scheme fits codes and the names beside them, the best first."""
    here = codes.notna()
    said = codes[here].astype(str).str.strip()
    words = names[here].astype("object").map(_plain, na_action="ignore") if names is not None else None
    fits = []
    for scheme in LAND_SCHEMES:
        known = float(said.isin(code_list(scheme)).mean()) if len(said) else 0.0
        named = None
        if words is not None and words.notna().any():
            both = words.notna()
            given = said[both].map(_names(scheme))
            named = float((given == words[both]).mean())
        fits.append(Fit(scheme, known, named))
    return sorted(fits, key=lambda f: (f.named or 0.0, f.known), reverse=True)


def check_scheme(
    codes: pd.Series[Any], names: pd.Series[Any] | None, *, layer: str, column: str, scheme: str | None
) -> list[Finding]:
    """A finding where another scheme fits the codes of a column clearly better than the one that the study states."""
    if scheme not in LAND_SCHEMES or not codes.notna().any():
        return []
    fits = {f.scheme: f for f in scheme_fits(codes, names)}
    stated, best = fits[scheme], next(iter(fits.values()))
    if best.scheme == scheme or not _better(best, stated):
        return []
    facts = {"column": column, "said": scheme, "fits": best.scheme}
    if best.named is not None and stated.named is not None and best.named > stated.named:
        example = _example(codes, best.scheme, scheme)
        reason = why(
            "scheme_by_name",
            share=f"{best.named * 100:.0f}",
            own=f"{stated.named * 100:.0f}",
            **example,
            **facts,
        )
    else:
        reason = why(
            "scheme_by_code", share=f"{best.known * 100:.0f}", own=f"{stated.known * 100:.0f}", **facts
        )
    return [finding(layer, "codes.other_scheme", reason)]


def _better(best: Fit, stated: Fit) -> bool:
    if best.named is not None and stated.named is not None and max(best.named, stated.named) > 0:
        return best.named >= LEAST and best.named > stated.named
    return best.known >= LEAST and best.known > stated.known


def _example(codes: pd.Series[Any], best: str, said: str) -> dict[str, str]:
    """A code that the two schemes read differently, with both readings."""
    for code in codes.dropna().astype(str).unique():
        one, other = _names(best).get(code), _names(said).get(code)
        if one and other and one != other:
            return {"code": code, "as_best": one, "as_said": other}
    code = str(codes.dropna().iloc[0])
    return {"code": code, "as_best": _names(best).get(code, "-"), "as_said": _names(said).get(code, "-")}


@functools.cache
def _names(scheme: str) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(data_text(f"codes/{scheme}.csv")))
    return {row["code"]: _plain(row["name"]) for row in rows}


def _plain(name: object) -> str:
    """A class's name without blanks and the endings (用地) that offices leave out or put in."""
    words = str(name).strip().replace(" ", "")
    for ending in data_toml("checks/codes.toml")["endings"]:
        words = words.removesuffix(ending)
    return words
