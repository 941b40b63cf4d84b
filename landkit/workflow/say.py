"""Say: results as records for machines, as a few lines for a terminal, as CSV for a spreadsheet."""

from __future__ import annotations

import datetime
import html
import math
import unicodedata
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from landkit.io.packing import defused
from landkit.io.write import outbox
from landkit.model import Conflicts, Result
from landkit.text import Lang, column_label, term, text
from landkit.workflow.adding_up import STOCK_GROUPS, printed_by_line, printed_groups, printed_parks

AT_ONCE: Final = 20_000  # rows of a CSV that are held as texts


def as_html(words: str, table: pd.DataFrame | None = None) -> str:
    """What a notebook shows of a result without a map: the words for people, the table below; all of it as text."""
    said = f'<pre style="white-space:pre-wrap">{html.escape(words)}</pre>'
    shown = "" if table is None or table.empty else str(table.to_html(max_rows=20, index=False, border=0))
    return said + shown


def as_records(result: Result) -> dict[str, Any]:
    """A result as plain values for JSON: rows of the table without geometry, and its further tables."""
    tables = {name: _rows(table) for name, table in result.tables.items()}
    return {
        "rows": _rows(result.table),
        "tables": tables,
        "rules": [r.id for r in result.rules],
        "layers": dict(result.layers),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = pd.DataFrame(table.drop(columns=["geometry", "reasons"], errors="ignore"))
    return [{str(k): clean(v) for k, v in row.items()} for row in plain.to_dict("records")]


def clean(value: Any) -> Any:
    """A value as JSON can hold it: no NaN, no numpy, days as text."""
    if isinstance(value, dict):
        return {str(k): clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and not math.isfinite(value))
    ):
        return None
    if isinstance(value, pd.Timestamp | datetime.date):
        return value.strftime("%Y-%m-%d")
    return value


def as_summary(result: Result, name: str, lang: Lang, *, rows: int = 12) -> str:
    """The few lines a person wants to see of a result."""
    if name == "stock":
        printed = printed_groups(result.tables["by_class"], STOCK_GROUPS)
        table = printed[["stock_class", "stock_status", "parcels", "area_mu", "area_ha", "net_area_mu"]]
    elif name == "conflicts":
        printed = printed_by_line(result.tables["by_line"])
        printed["line"] = printed["line"].map(lambda line: _line_name(result, line, lang))
        table = printed[["line", "verdict", "parcels", "encroached_mu", "encroached_ha"]]
    elif name == "layout":
        table = result.table.groupby("layout_verdict").size().rename("parcels").reset_index()
    elif name == "zonal":
        table = result.tables["by_raster"]
    elif name == "intensity":
        table = result.tables["conservation"]
    elif name == "findings":
        table = (
            result.table.groupby(["severity", "layer", "check"], sort=False)
            .size()
            .rename("count")
            .reset_index()
        )
        rows = max(rows, 20) if rows else 0
    elif name == "parks" and len(result.table):
        printed = printed_parks(result.table, result.tables["stock"])
        table = pd.DataFrame(printed)[[c for c in _SHOWN[name] if c in printed.columns]]
    else:
        table = pd.DataFrame(result.table.drop(columns=["geometry"], errors="ignore"))
        table = table[[c for c in _SHOWN[name] if c in table.columns]]
    title = text(f"sheet.{name}", lang)
    if name == "findings" and not rows:
        counts = result.table["severity"].value_counts()
        return f"{title}: " + ", ".join(
            f"{term('severity', s, lang)} {counts.get(s, 0)}" for s in ("error", "warning", "note")
        )
    return f"{title}\n{as_text_table(table, lang, most=rows if name == 'findings' else 60)}"


def _line_name(result: Result, line: str, lang: Lang) -> str:
    """A control line's name: the one its rule gives it, else the usual one."""
    known = result.lines.get(line) if isinstance(result, Conflicts) else None
    return known.name(lang) if known else term("line", line, lang)


_SHOWN = {
    "parks": [
        "park_id",
        "park_name",
        "area_m2",
        "stock_mu",
        "conflict_mu",
        "tax_wan_yuan_per_mu",
        "sales_wan_yuan_per_mu",
    ],
    "capacity": ["park_id", "park_name", "spare_mu", "yearly_supply_mu", "years_left", "reserve", "stock_mu"],
}
_GROUPS = {
    "figure": "column",
    "stock_class": "stock_class",
    "stock_status": "stock_status",
    "verdict": "verdict",
    "layout_verdict": "layout_verdict",
    "severity": "severity",
    "line": "line",
    "reserve": "reserve",
    "basis": "basis",
}


def as_text_table(table: pd.DataFrame, lang: Lang, *, most: int = 200) -> str:
    """A table for a terminal: codes as words, columns under their labels, Chinese aligned."""
    shown = table.head(most)
    columns = [
        [column_label(str(c), lang), *[_cell(v, _GROUPS.get(str(c)), lang) for v in shown[c]]]
        for c in shown.columns
    ]
    right = [
        pd.api.types.is_numeric_dtype(shown[c]) and not pd.api.types.is_bool_dtype(shown[c])
        for c in shown.columns
    ]
    widths = [max(_width(v) for v in column) for column in columns]
    lines = []
    for at in range(len(shown) + 1):
        cells = [
            " " * (w - _width(c[at])) + c[at] if r else c[at] + " " * (w - _width(c[at]))
            for c, w, r in zip(columns, widths, right, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    if len(table) > most:
        lines.append(text("cli.more_rows", lang, count=len(table) - most))
    return "\n".join(lines)


def as_rule_list(table: pd.DataFrame, lang: Lang) -> str:
    """Rules for a terminal: id, name, value with unit and basis on one line, the citation below."""
    lines = []
    for row in table.to_dict("records"):
        read = "" if row["verified"] else text("cli.rule_unverified", lang)
        may = "" if row["decides"] else text("cli.rule_may", lang)
        lines.append(f"{row['rule']}  {row['rule_name']}")
        unit, basis = term("rule_unit", row["unit"], lang), term("basis", row["basis"], lang)
        lines.append(f"    {row['value']} [{unit}]  {basis}{may}{read}")
        span = f"{row['since'] or '…'} – {row['until'] or '…'}"
        lines.append(f"    {row['citation']}  ({span})")
    return "\n".join(lines)


def _cell(value: Any, group: str | None, lang: Lang) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if group:
        return term(group, value, lang) or "—"
    if isinstance(value, bool | np.bool_):
        return term("yes_no", str(value).lower(), lang)
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


def write_tables(result: Result, name: str, to: str | Path) -> list[Path]:
    """A result's tables as CSV (UTF-8 with BOM, so that Excel shows Chinese), all or none."""
    tables = {name: result.table, **{f"{name}_{k}": v for k, v in result.tables.items()}}
    with outbox(to) as box:
        for key, table in tables.items():
            write_csv(box.path(f"{key}.csv"), table)
        names = list(box.staged())
    return [Path(to) / n for n in names]


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """A table as CSV (UTF-8 with BOM): no geometry, no cell that a spreadsheet would run; some rows after the other."""
    bare = pd.DataFrame(table.drop(columns=["geometry", "reasons"], errors="ignore"))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        for at in range(0, max(len(bare), 1), AT_ONCE):
            plain = bare.iloc[at : at + AT_ONCE].copy()
            for column in plain.columns:
                if plain[column].dtype == object or str(plain[column].dtype) == "str":
                    plain[column] = plain[column].map(_text_cell)
            plain.to_csv(stream, index=False, header=at == 0, lineterminator="\r\n")


def _text_cell(value: Any) -> Any:
    return defused(value) if isinstance(value, str) else value
