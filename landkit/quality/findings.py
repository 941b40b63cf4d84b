"""Findings as a table (质检问题表): gravest first, each with an id that stays, alike ones together, new ones marked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import pandas as pd

from landkit.checklist import PARTIES, SEVERITIES, checklist
from landkit.model import Finding

COLUMNS = ("severity", "layer", "row", "check", "value", "x", "y", "reasons", "finding_id", "mends")


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table, gravest first, then in their order; `finding_id` stays the same from run to run."""
    found = list(findings)
    rows = [
        (f.severity, f.layer, f.row, f.check, f.value, f.x, f.y, (f.reason,), key, checklist()[f.check].mends)
        for f, key in zip(found, finding_ids(found), strict=True)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    rank = table["severity"].map({s: i for i, s in enumerate(SEVERITIES)})
    return table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)


def finding_ids(findings: Iterable[Finding]) -> list[str]:
    """Of each finding an id from what it is about: layer, check, row, value; several alike are counted in their order."""
    seen: Counter[str] = Counter()
    out = []
    for f in findings:
        about = "\x1f".join((f.layer, f.check, f.row, f.value))
        seen[about] += 1
        name = f"{about}\x1f{seen[about]}" if seen[about] > 1 else about
        out.append(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12])
    return out


def grouped(table: pd.DataFrame, *, examples: int) -> pd.DataFrame:
    """Alike findings as one row: severity, mends, check, layer, `count`, `rows` (the first few ids), in the table's order."""
    groups = table.groupby(["severity", "check", "layer"], sort=False)
    out = groups.agg(
        mends=("mends", "first"),
        count=("row", "size"),
        rows=("row", lambda r: list(r.drop_duplicates()[:examples])),
        first=("row", lambda r: r.index[0]),
    )
    return out.reset_index()


def by_party(table: pd.DataFrame) -> pd.DataFrame:
    """How many findings of each severity each party has to mend, parties in the order of the catalogue."""
    counts = pd.crosstab(table["mends"], table["severity"])
    counts = counts.reindex(
        index=[p for p in PARTIES if p in counts.index], columns=list(SEVERITIES), fill_value=0
    )
    return counts.reset_index()


def mark_new(table: pd.DataFrame, earlier: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table with `state` (new, again; "" where there was no earlier run), and the earlier rows that are gone (resolved)."""
    if earlier is None:
        return table.assign(state=""), table.iloc[:0]
    known = set(earlier["finding_id"])
    again = table["finding_id"].isin(known)
    gone = earlier[~earlier["finding_id"].isin(set(table["finding_id"]))]
    return table.assign(state=again.map({True: "again", False: "new"})), gone.reset_index(drop=True)
