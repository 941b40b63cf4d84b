"""The first sheet of the ledger: facts, key figures, and what was not checked."""

from __future__ import annotations

import math

import pandas as pd

from landkit.analysis.conflicts import UNKNOWN
from landkit.present.ledgers import Summary
from landkit.text import term, text
from landkit.workflow.adding_up import printed_by_line
from landkit.workflow.ask import Answers


def summary_of(answers: Answers) -> Summary:
    """The first sheet: facts, key figures, what was not checked."""
    lang, study = answers.lang, answers.ground.study
    facts = [
        (text("facts.as_of", lang), str(study.study.as_of)),
        (text("facts.rules_on", lang), str(study.rules_on)),
        (text("facts.profile", lang), answers.ground.rules.name(lang)),
        (text("facts.crs", lang), study.study.crs),
        (text("facts.parcels", lang), f"{len(answers.parcels):,}"),
    ]
    return Summary(
        facts=facts,
        figures=figures_of(answers),
        not_checked=not_checked_of(answers),
        synthetic=study.synthetic,
    )


def figures_of(answers: Answers) -> pd.DataFrame:
    """Key figures: stock by class and status, conflicts by line and verdict, in mu, with parcels and hectares beside."""
    lang = answers.lang
    rows = []
    for row in answers.printed_stock["by_class"].to_dict("records"):  # as on its own sheet
        parts = [
            text("sheet.stock", lang),
            term("stock_class", row["stock_class"], lang),
            term("stock_status", row["stock_status"], lang),
        ]
        rows.append((parts, row["area_mu"], row["parcels"], row["area_ha"]))
    by_line = printed_by_line(answers.conflicts.tables["by_line"])
    for row in by_line.to_dict("records"):
        parts = [
            text("sheet.conflicts", lang),
            answers.lines[row["line"]].name(lang),
            term("verdict", row["verdict"], lang),
        ]
        rows.append((parts, row["encroached_mu"], row["parcels"], row["encroached_ha"]))
    said = [
        (
            " · ".join(p for p in parts if p),
            round(mu, 2),
            text("facts.mu_of", lang, parcels=f"{n:,}", ha=UNKNOWN if math.isnan(ha) else f"{ha:,.4f}"),
        )
        for parts, mu, n, ha in rows
    ]
    return pd.DataFrame(said, columns=["figure_name", "area_mu", "about"])


def not_checked_of(answers: Answers) -> list[str]:
    """One line per control line and reason for which parcels were not checked, and the error findings about layers."""
    lang = answers.lang
    coverage = answers.conflicts.tables["coverage"]
    rows = coverage[~coverage["checked"]]
    lines = [
        text(
            "facts.not_checked",
            lang,
            line=answers.lines[row["line"]].name(lang),
            count=f"{row['parcels']:,}",
            why=text(f"why.{row['why']}", lang),
        )
        for row in rows.to_dict("records")
    ]
    findings = answers.findings.table
    gaps = findings[(findings["severity"] == "error") & (findings["row"] == "")]
    return lines + [f"{row['layer']}: {row['reason']}" for row in gaps.to_dict("records")]
