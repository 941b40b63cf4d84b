"""The overlay engine (叠加): what is shared, how deep, and how sure.  It knows geometry, not planning."""

from landkit.overlay.overlaps import overlaps
from landkit.overlay.union.dissolve import encroachment, union_of
from landkit.overlay.verdict.case import case_of
from landkit.overlay.verdict.coverage import coverage_counts, coverage_ledger, missing_line
from landkit.overlay.verdict.judging import (
    VERDICT_COLUMNS,
    Judgement,
    Told,
    judge,
    judge_layer,
    judge_prepared,
    judgement_of,
    unheard,
)
from landkit.overlay.verdict.layer_pair import LayerPair
from landkit.overlay.verdict.prepared import prepare_judgement

__all__ = [
    "VERDICT_COLUMNS",
    "Judgement",
    "LayerPair",
    "Told",
    "case_of",
    "coverage_counts",
    "coverage_ledger",
    "encroachment",
    "judge",
    "judge_layer",
    "judge_prepared",
    "judgement_of",
    "missing_line",
    "overlaps",
    "prepare_judgement",
    "unheard",
    "union_of",
]
