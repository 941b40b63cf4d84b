"""The overlay engine (叠加): what is shared, how deep, and how sure.  It knows geometry, not planning."""

from landkit.overlay.coverage import coverage_counts, coverage_ledger, missing_line
from landkit.overlay.dissolve import encroachment, union_of
from landkit.overlay.layer_pair import LayerPair
from landkit.overlay.overlaps import overlaps
from landkit.overlay.verdict import VERDICT_COLUMNS, Judgement, judge, judge_layer

__all__ = [
    "VERDICT_COLUMNS",
    "Judgement",
    "LayerPair",
    "coverage_counts",
    "coverage_ledger",
    "encroachment",
    "judge",
    "judge_layer",
    "missing_line",
    "overlaps",
    "union_of",
]
