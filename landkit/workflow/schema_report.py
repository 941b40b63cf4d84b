"""Statutory tables field by field (数据结构检查表): pass, fail or absent, as a table and for a terminal."""

from __future__ import annotations

import pandas as pd

from landkit.model import say_all
from landkit.text import Lang, term, text
from landkit.workflow.ground import Ground

_COLUMNS = ("layer", "schema", "field", "field_zh", "column", "required", "field_result", "rows", "reason")


def schema_table(ground: Ground, lang: Lang) -> pd.DataFrame:
    """One row per layer and field of the table that the study names for it; `rows` are those that fail."""
    rows = [row for layer in ground.schemas.values() for row in layer]
    table = pd.DataFrame(rows, columns=[*_COLUMNS[:-1], "reasons"])
    table["reason"] = [say_all(r, lang) for r in table.pop("reasons")]
    return table[list(_COLUMNS)]


def schema_lines(table: pd.DataFrame, lang: Lang) -> list[str]:
    """For each layer how many fields pass, fail or are absent, and every field that does not pass."""
    lines: list[str] = []
    for (layer, name), rows in table.groupby(["layer", "schema"], sort=False):
        counts = rows["field_result"].value_counts()
        said = {r: f"{counts.get(r, 0)}" for r in ("pass", "fail", "absent")}
        lines += ["", text("schemas.head", lang, layer=layer, table=name, **said)]
        for row in rows[rows["field_result"] == "fail"].to_dict("records"):
            facts = {"field": row["field"], "word": row["field_zh"], "why": row["reason"]}
            lines.append(text("schemas.field", lang, result=term("field_result", "fail", lang), **facts))
    return lines
