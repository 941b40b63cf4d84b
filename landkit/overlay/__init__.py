"""The overlay engine (叠加): what is shared, how deep, and how sure.  It knows geometry, not planning."""

from landkit.overlay.coverage import coverage_counts, coverage_ledger, missing_line
from landkit.overlay.dissolve import encroachment, union_of
from landkit.overlay.overlaps import overlaps
from landkit.overlay.verdict import VERDICT_COLUMNS, judge

__all__ = [
    "VERDICT_COLUMNS",
    "coverage_counts",
    "coverage_ledger",
    "encroachment",
    "judge",
    "missing_line",
    "overlaps",
    "union_of",
]
