"""The verb `check`: read a study as far as it can be read, look at everything, say and write what is wrong."""

from __future__ import annotations

from pathlib import Path

from landkit.io.write import outbox
from landkit.model import Findings
from landkit.study import Study, load_study
from landkit.text import Lang
from landkit.workflow.ask import Answers
from landkit.workflow.findings_report import with_earlier, write_findings
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.inspection import inspect
from landkit.workflow.reading.study import survey_ground
from landkit.workflow.say import write_csv
from landkit.workflow.schema_report import schema_table


def check(
    study: str | Path | Study,
    *,
    to: str | Path | None = None,
    lang: Lang = "zh",
    progress: Progress = quiet,
) -> Findings:
    """What is wrong with the layers and tables of a study (质检), one row per finding, gravest first.

    With `to`, the folder gets findings.csv, findings.xlsx (a sheet for each party) and findings.gpkg (points; m, study CRS),
    all or none; what is new since the last check written there is marked, `.tables["resolved"]` holds what is gone.

    Raises: LandkitError where the study cannot be read at all.
    """
    found = study if isinstance(study, Study) else load_study(study)
    answers = Answers(survey_ground(found, progress), lang=lang, progress=progress)
    answers.findings_later += inspect(answers)
    schemas = {"schemas": schema_table(answers.ground, lang)} if answers.ground.schemas else {}
    looked = answers.findings
    findings = Findings(looked.table, layers=looked.layers, tables=schemas)
    if to is None:
        return findings
    head = found.study
    about = {
        "title": head.title_zh if lang == "zh" else head.title_en,
        "crs": head.crs,
        "as_of": head.as_of,
        "synthetic": found.synthetic,
    }
    with outbox(to) as box:
        findings = with_earlier(findings, Path(to))
        write_csv(box.path("findings.csv"), findings.table)
        write_findings(box, findings, about, lang)
    return findings
