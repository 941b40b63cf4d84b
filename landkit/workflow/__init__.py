"""The verbs: describe, read, check, ask, present, write.  Each is loaded when it is first used, with the libraries it needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from landkit.io.split import Split, split_parcels
    from landkit.model import LayerFile
    from landkit.workflow.atlas import Sheets, sheets
    from landkit.workflow.benching import Benchmark, run_bench, run_noise_bench
    from landkit.workflow.checking import check
    from landkit.workflow.comparing import Comparison, compare
    from landkit.workflow.findings_report import as_report
    from landkit.workflow.findings_said import findings_lines, plain_findings
    from landkit.workflow.handover import HandOver, export
    from landkit.workflow.layer_list import as_layer_list, as_layer_records, layers
    from landkit.workflow.overlapping import Streamed, stream_overlaps
    from landkit.workflow.repairing import as_repair_report, repair
    from landkit.workflow.reporting.write import Report, report, write_report_template
    from landkit.workflow.running import Run, run
    from landkit.workflow.say import as_records, as_rule_list, as_summary, as_text_table, write_tables
    from landkit.workflow.scoring import Scored, score_conflicts
    from landkit.workflow.verbs import (
        capacity,
        conflicts,
        init,
        intensity,
        layout,
        parks,
        propose,
        rules,
        stock,
        zonal,
    )
    from landkit.workflow.verification import Verification, verify

__all__ = [
    "Benchmark",
    "Comparison",
    "HandOver",
    "LayerFile",
    "Report",
    "Run",
    "Scored",
    "Sheets",
    "Split",
    "Streamed",
    "Verification",
    "as_layer_list",
    "as_layer_records",
    "as_records",
    "as_repair_report",
    "as_report",
    "as_rule_list",
    "as_summary",
    "as_text_table",
    "capacity",
    "check",
    "compare",
    "conflicts",
    "export",
    "findings_lines",
    "init",
    "intensity",
    "layers",
    "layout",
    "parks",
    "plain_findings",
    "propose",
    "repair",
    "report",
    "rules",
    "run",
    "run_bench",
    "run_noise_bench",
    "score_conflicts",
    "sheets",
    "split_parcels",
    "stock",
    "stream_overlaps",
    "verify",
    "write_report_template",
    "write_tables",
    "zonal",
]

_HOME: Final = {
    "io.split": ("Split", "split_parcels"),
    "model": ("LayerFile",),
    "workflow.atlas": ("Sheets", "sheets"),
    "workflow.benching": ("Benchmark", "run_bench", "run_noise_bench"),
    "workflow.checking": ("check",),
    "workflow.comparing": ("Comparison", "compare"),
    "workflow.findings_said": ("findings_lines", "plain_findings"),
    "workflow.findings_report": ("as_report",),
    "workflow.handover": ("HandOver", "export"),
    "workflow.layer_list": ("as_layer_list", "as_layer_records", "layers"),
    "workflow.overlapping": ("Streamed", "stream_overlaps"),
    "workflow.repairing": ("as_repair_report", "repair"),
    "workflow.reporting.write": ("Report", "report", "write_report_template"),
    "workflow.running": ("Run", "run"),
    "workflow.say": ("as_records", "as_rule_list", "as_summary", "as_text_table", "write_tables"),
    "workflow.scoring": ("Scored", "score_conflicts"),
    "workflow.verbs": (
        "capacity",
        "conflicts",
        "init",
        "intensity",
        "layout",
        "parks",
        "propose",
        "rules",
        "stock",
        "zonal",
    ),
    "workflow.verification": ("Verification", "verify"),
}
_HOME_OF: Final = {name: home for home, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'landkit.workflow' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"landkit.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
