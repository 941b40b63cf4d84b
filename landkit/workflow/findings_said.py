"""What was found while files were read, in a few lines below what a job has done, and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landkit.model import Finding, Findings, say_all
from landkit.quality.findings import findings_table
from landkit.text import Lang


def findings_lines(found: Sequence[Finding], lang: Lang) -> list[str]:
    """Findings as `landkit check` prints them; nothing where there are none."""
    if not found:
        return []
    from landkit.workflow.findings_report import as_report  # loads what writes ledgers

    table = findings_table(found)
    table["reason"] = [say_all(reasons, lang) for reasons in table["reasons"]]
    return ["", as_report(Findings(table), lang)]


def plain_findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Each finding as plain values for JSON, its reason in English."""
    return [
        {
            "layer": f.layer,
            "row": f.row,
            "check": f.check,
            "severity": f.severity,
            "value": f.value,
            "reason": f.reason.say("en"),
        }
        for f in found
    ]
