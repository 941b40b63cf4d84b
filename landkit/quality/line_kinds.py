"""Zones of another kind under a control line's name (同名异义图层): CZKFBJ that holds 村庄开发边界."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from landkit.model import Finding, finding, why
from landkit.text import data_toml


def check_line_kind(frame: pd.DataFrame, *, layer: str, line: str) -> list[Finding]:
    """An error where the zones say that they are of another kind; a note where nothing in the layer tells."""
    about = data_toml("checks/line_kinds.toml").get(line)
    if about is None or not len(frame):
        return []
    here = [c for c in about["columns"] if c in frame.columns]
    strange = pd.Series(False, index=frame.index)
    for column in here:
        strange |= _strange(frame[column], about)
    if strange.any():
        column = next(c for c in here if _strange(frame[c], about).any())
        example = str(frame.loc[_strange(frame[column], about), column].iloc[0])
        facts = {"count": int(strange.sum()), "of": len(frame), "example": example}
        return [finding(layer, "lines.other_kind", why("line_other_kind", **facts))]
    if not any(frame[c].notna().any() for c in about["tell"] if c in frame.columns):
        return [finding(layer, "lines.kind_untold", why("line_kind_untold"))]
    return []


def _strange(values: pd.Series[Any], about: dict[str, Any]) -> pd.Series[bool]:
    words = values.astype("object").map(str, na_action="ignore").fillna("").astype(str).str.strip()
    names = words.str.contains("|".join(map(re.escape, about["names"])), regex=True)
    return names | words.str.fullmatch("|".join(about["codes"]))
