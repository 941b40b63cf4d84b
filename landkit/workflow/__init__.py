"""The verbs: describe, read, check, ask, present, write."""

from landkit.io.split import Split, split_parcels
from landkit.workflow.atlas import Sheets, sheets
from landkit.workflow.benching import Benchmark, run_bench, run_noise_bench
from landkit.workflow.checking import check
from landkit.workflow.comparing import Comparison, compare
from landkit.workflow.findings_report import as_report
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
    "init",
    "intensity",
    "layers",
    "layout",
    "parks",
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
