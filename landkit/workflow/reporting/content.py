"""What the report says (报告内容): sentences, and which rows of which ledger sheet, chosen from the answers of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from landkit.model import Verdict
from landkit.present.ledgers import Sheet
from landkit.present.reports import Printer, Wanted, plain
from landkit.text import data_toml, term, text
from landkit.units import to_mu
from landkit.workflow.ask import Answers
from landkit.workflow.show import results as show
from landkit.workflow.show.map import marks_of
from landkit.workflow.show.summary import not_checked_of

_MOST = 60  # rows of a table that sets no number of its own
_DECIDED = ("confirmed", "candidate", "undecided")


def report_sheets(answers: Answers, sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of the ledger, and two that only the report prints: parcels by fit, findings by check."""
    lang, layout = answers.lang, answers.layout.table
    area = to_mu(answers.parcels["area_m2"].astype(float))
    by_fit = layout.assign(area_mu=layout["parcel_id"].map(area)).groupby("layout_verdict", as_index=False)
    fits = by_fit.agg(parcels=("parcel_id", "size"), area_mu=("area_mu", "sum"))
    findings = answers.findings.table
    kinds = ["severity", "layer", "check_name", "mends"]
    checks = (
        findings.groupby(kinds, sort=False, as_index=False).size().rename(columns={"size": "finding_count"})
    )
    totals = ("area_mu",)
    extra = [
        Sheet(
            name=text("report_table.layout_by_verdict", lang),
            frame=show.shown(fits, {}, totals),
            totals=totals,
            id="layout_by_verdict",
        ),
        Sheet(
            name=text("report_table.findings_by_check", lang),
            frame=checks,
            totals=("finding_count",),
            id="findings_by_check",
        ),
    ]
    return [*sheets, *(s for s in extra if len(s.frame))]


def content_of(answers: Answers, printer: Printer, sheets: Sequence[Sheet]) -> dict[str, Any]:
    """The variables of the template: texts, lists of sentences, tables by id; all words printable, all figures marked."""
    lang, head = answers.lang, answers.ground.study.study
    opened = text("marks.open", lang)
    facts = {
        "title": show.title_of(answers),
        "id": head.id,
        "as_of": str(head.as_of),
        "rules_on": str(answers.ground.study.rules_on),
        "profile": answers.ground.rules.name(lang),
        "crs": head.crs,
        "prepared_by": head.prepared_by or opened,
        "approval_number": head.approval_number or opened,
        "secrecy": head.secrecy or opened,
    }
    marks = [
        (text("sheets.unit", lang), facts["prepared_by"]),
        (text("facts.as_of", lang), facts["as_of"]),
        (text("facts.rules_on", lang), facts["rules_on"]),
        (text("facts.profile", lang), facts["profile"]),
        *[mark for mark in marks_of(answers) if mark[0] != text("marks.drawn_of", lang)],
        (text("report.study_id", lang), facts["id"]),
    ]
    frames = {s.id: s.frame for s in sheets}
    return {
        "study": {name: plain(value) for name, value in facts.items()},
        "synthetic": answers.ground.study.synthetic,
        "marks": [{"label": label, "value": plain(value)} for label, value in marks],
        "summary": _summary(answers, printer),
        "notes": [plain(line) for line in show.notes_of(answers)],
        "not_checked": [plain(line) for line in not_checked_of(answers)],
        "method": _method(answers),
        **{
            name: printer.table(_wanted(name, spec, frames))
            for name, spec in data_toml("report.toml")["table"].items()
        },
    }


def _wanted(name: str, spec: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Wanted:
    """A table of report.toml with its rows chosen: those of `where`, in the order of `order`, so many of `each`."""
    frame = frames.get(spec["sheet"], pd.DataFrame())
    rows = frame.reset_index(drop=True)
    for column, values in spec.get("where", {}).items():
        rows = rows[rows[column].isin(values)] if column in rows.columns else rows
    order = [o for o in spec.get("order", []) if o.lstrip("-") in rows.columns]
    if order:
        rising = [not o.startswith("-") for o in order]
        rows = rows.sort_values([o.lstrip("-") for o in order], ascending=rising, kind="stable")
    shown = rows
    for column, most in spec.get("each", {}).items():
        shown = shown[shown.groupby(column).cumcount() < most] if column in shown.columns else shown
    return Wanted(
        id=name,
        sheet=spec["sheet"],
        rows=[int(i) for i in shown.index[: int(spec.get("most", _MOST))]],
        count=len(rows),
        columns=list(spec["columns"]),
    )


def _summary(answers: Answers, printer: Printer) -> list[str]:
    """The figures that a reader wants first, one sentence each."""
    lang, said = answers.lang, []
    parks = printer.count("parks") if printer.has("parks") else printer.number("parks.rows", 0)
    land = {"parcels": printer.count("stock"), "mu": printer.total("stock", "area_mu"), "parks": parks}
    said.append(text("report_summary.land", lang, **land))
    for status in _DECIDED:
        where = {"stock_status": status}
        facts = {
            "parcels": printer.total("stock_by_class", "parcels", where=where),
            "mu": printer.total("stock_by_class", "area_mu", where=where),
            "ha": printer.total("stock_by_class", "area_ha", where=where),
        }
        said.append(text(f"report_summary.stock_{status}", lang, **facts))
    by_line = answers.conflicts.tables["by_line"].reset_index(drop=True)
    for at, row in by_line[by_line["verdict"] != Verdict.CLEAR].iterrows():
        facts = {
            "line": plain(answers.lines[row["line"]].name(lang)),
            "verdict": term("verdict", row["verdict"], lang),
            "parcels": printer.cell("conflicts_by_line", "parcels", int(str(at))),
            "mu": printer.cell("conflicts_by_line", "encroached_mu", int(str(at))),
        }
        said.append(text(f"report_summary.{row['verdict']}", lang, **facts))
    severities = answers.findings.table["severity"].value_counts()
    counts = {
        name: printer.number(f"findings.severity[{name}]", int(severities.get(name, 0)))
        for name in ("error", "warning", "note")
    }
    said.append(text("report_summary.findings", lang, **counts))
    if len(answers.intensity.tables["conservation"]):
        said += _money(answers, printer)
    return said


def _money(answers: Answers, printer: Printer) -> list[str]:
    """What the enterprises yield, from the table that keeps their total and the parcels' apart."""
    table = answers.intensity.tables["conservation"].reset_index(drop=True)
    return [
        text(
            "report_summary.money",
            answers.lang,
            figure=term("column", row["figure"], answers.lang),
            year=row["year"],
            total=printer.cell("conservation", "enterprise_total", int(str(at))),
            placed=printer.cell("conservation", "parcel_total", int(str(at))),
            unit=text("unit.wan_yuan", answers.lang),
        )
        for at, row in table.iterrows()
    ]


def _method(answers: Answers) -> list[str]:
    """How area and verdicts are made, with the chances that the rules allow."""
    facts = {
        "crs": answers.ground.study.study.crs,
        "alpha": answers.rule("conflict.alpha").value,
        "beta": answers.rule("conflict.beta").value,
    }
    keys = ("area", "rounding", "verdict", "verdict_limits", "stock", "ratio", "decisions")
    return [plain(text(f"report_method.{key}", answers.lang, **facts)) for key in keys]
