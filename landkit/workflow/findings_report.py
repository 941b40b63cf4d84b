"""Findings for people: a few lines for a terminal, a ledger with a sheet for each party, points for a map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import geopandas as gpd

from landkit.checklist import PARTIES, SEVERITIES, checklist
from landkit.io.geopackage import write_geopackage
from landkit.io.styles.points import point_style
from landkit.io.tables.read import read_table
from landkit.model import Findings
from landkit.present.ledgers import Sheet, Summary, write_ledger
from landkit.quality.findings import by_party, grouped, mark_new
from landkit.text import Lang, term, text
from landkit.workflow.schema_report import schema_lines

MOST_SHOWN = 100_000  # rows of a sheet that a person may scroll; all stand in the CSV and the GeoPackage
SHOWN = (
    "state", "severity", "layer", "row", "check_name", "reason", "todo", "rests_on", "x", "y", "check", "finding_id",
)  # fmt: skip


def with_earlier(findings: Findings, folder: Path) -> Findings:
    """Findings marked new or again since the last check written to this folder; what is gone stands in `resolved`."""
    file = folder / "findings.csv"
    earlier = read_table(file) if file.is_file() else None
    if earlier is not None and "finding_id" not in earlier.columns:
        earlier = None  # a table of somebody else
    table, gone = mark_new(findings.table, earlier)
    return findings.replace(table=table, tables={**findings.tables, "resolved": gone})  # type: ignore[no-any-return]


def as_report(findings: Findings, lang: Lang, *, examples: int = 3) -> str:
    """The findings for a terminal: gravest first, alike ones as one line with a count and a few examples."""
    table = findings.table
    if table.empty:
        return "\n".join([text("checking.nothing", lang), *_since(findings, lang)])
    lines = [
        text("checking.head", lang, count=f"{len(table):,}", counts=_counts(table, lang)),
        *_since(findings, lang),
    ]
    for group in grouped(table, examples=examples).to_dict("records"):
        lines += _group_lines(group, table.iloc[group["first"]], lang)
    if "schemas" in findings.tables:
        lines += schema_lines(findings.tables["schemas"], lang)
    return "\n".join(lines)


def _group_lines(group: Mapping[Any, Any], first: pd.Series[Any], lang: Lang) -> list[str]:
    """Alike findings: how many, the first of them in words, what to do."""
    check = checklist()[group["check"]]
    facts = {
        "severity": term("severity", group["severity"], lang),
        "layer": group["layer"],
        "name": check.name(lang),
        "check": check.id,
        "count": f"{group['count']:,}",
        "party": term("party", group["mends"], lang),
    }
    rows = [r for r in group["rows"] if r]
    more = " …" if rows and len(rows) < group["count"] else ""
    example = text("checking.example", lang)
    head = f"{example} {', '.join(rows)}{more}: " if rows else f"{example} " if group["count"] > 1 else ""
    place = f" @ {first['x']:.2f}, {first['y']:.2f}" if pd.notna(first["x"]) else ""
    return [
        "",
        text("checking.group", lang, **facts),
        f"    {head}{first['reason']}{place}",
        f"    {text('checking.todo', lang, todo=check.todo(lang))}",
    ]


def _counts(table: pd.DataFrame, lang: Lang) -> str:
    counts = table["severity"].value_counts()
    return text("checking.party_counts", lang, **{s: f"{counts.get(s, 0):,}" for s in SEVERITIES})


def _since(findings: Findings, lang: Lang) -> list[str]:
    states = findings.table.get("state")
    if states is None or not ((states != "").any() or len(findings.tables.get("resolved", ()))):
        return []
    facts = {"new": int((states == "new").sum()), "again": int((states == "again").sum())}
    return [text("checking.since", lang, resolved=len(findings.tables["resolved"]), **facts)]


def write_findings(box: Any, findings: Findings, about: Mapping[str, Any], lang: Lang) -> None:
    """Stage findings.xlsx (a sheet for each party) and findings.gpkg (points) in an outbox.

    `about`: title, crs, as_of, synthetic.
    """
    created = dt.datetime.combine(about["as_of"], dt.time(), tzinfo=dt.UTC)
    sheets, cut = _sheets(findings, lang)
    ledger = write_ledger(
        sheets,
        lang=lang,
        title=text("checking.title", lang, title=about["title"]),
        notes=[*_since(findings, lang), *cut],
        created=created,
        summary=Summary(figures=_figures(findings, lang), synthetic=bool(about["synthetic"])),
    )
    box.write_bytes("findings.xlsx", ledger)
    layers, titles = _points(findings, str(about["crs"]), lang)
    styles = {"findings": point_style("severity", layers["findings"].columns.drop("geometry"), lang=lang)}
    write_geopackage(box.path("findings.gpkg"), layers, styles=styles, titles=titles, lang=lang)


def _sheets(findings: Findings, lang: Lang) -> tuple[list[Sheet], list[str]]:
    """A sheet for each party that has something to mend, how to mend it, what was resolved; and what was cut off."""
    table = findings.table
    columns = [c for c in SHOWN if c in table.columns and (c != "state" or (table["state"] != "").any())]
    sheets, cut = [], []
    for party in PARTIES:
        rows = table[table["mends"] == party]
        if rows.empty:
            continue
        name = term("party", party, lang)
        counts = {s: int((rows["severity"] == s).sum()) for s in SEVERITIES}
        about = text("checking.party_about", lang, party=name, **counts)
        if len(rows) > MOST_SHOWN:
            cut.append(
                text("checking.cut", lang, sheet=name, count=f"{len(rows):,}", shown=f"{MOST_SHOWN:,}")
            )
        sheets.append(Sheet(name, rows.head(MOST_SHOWN)[columns], summary=about))
    sheets.append(
        Sheet(text("checking.how", lang), _how(findings, lang), summary=text("checking.how_about", lang))
    )
    gone = findings.tables.get("resolved")
    if gone is not None and len(gone):
        shown = gone[[c for c in columns if c in gone.columns and c != "state"]].head(MOST_SHOWN)
        sheets.append(
            Sheet(text("checking.resolved", lang), shown, summary=text("checking.resolved_about", lang))
        )
    return sheets, cut


def _how(findings: Findings, lang: Lang) -> pd.DataFrame:
    """Each check that found something: how often, how grave, who mends it, on what it rests, what to do."""
    counts = findings.table.groupby("check", sort=False).size()
    rows = []
    for name, count in counts.items():
        check = checklist()[str(name)]
        rows.append(
            {
                "check_name": check.name(lang),
                "count": int(count),
                "severity": check.severity,
                "mends": check.mends,
                "todo": check.todo(lang),
                "rests_on": check.rests_on(lang),
                "check": check.id,
            }
        )
    return pd.DataFrame(
        rows, columns=["check_name", "count", "severity", "mends", "todo", "rests_on", "check"]
    )


def _figures(findings: Findings, lang: Lang) -> pd.DataFrame:
    """How many each party has to mend."""
    counts = by_party(findings.table)
    rows = [
        (
            term("party", row["mends"], lang),
            sum(row[s] for s in SEVERITIES),
            text("checking.party_counts", lang, **{s: f"{row[s]:,}" for s in SEVERITIES}),
        )
        for row in counts.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["party", "count", "about"])


def points_of(findings: Findings, crs: str) -> gpd.GeoDataFrame:
    """The findings that have a place, as points in the study CRS: for the GeoPackage, and for whoever draws a map."""
    table = findings.table
    placed = table[table["x"].notna()].drop(columns=["reasons"], errors="ignore")
    shapes = gpd.points_from_xy(placed["x"].astype(float), placed["y"].astype(float), crs=crs)
    return gpd.GeoDataFrame(placed.drop(columns=["x", "y"]), geometry=shapes)


def _points(findings: Findings, crs: str, lang: Lang) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    table = findings.table
    layers: dict[str, pd.DataFrame] = {"findings": points_of(findings, crs)}
    titles = {"findings": text("checking.points_title", lang)}
    unplaced = table[table["x"].isna()].drop(columns=["x", "y", "reasons"], errors="ignore")
    if len(unplaced):
        layers["findings_without_place"] = pd.DataFrame(unplaced)
        titles["findings_without_place"] = text("checking.unplaced_title", lang)
    return layers, titles
