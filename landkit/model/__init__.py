"""What is handed from room to room: layers, verdict words, reasons, results.  Values only; nothing is computed here."""

from landkit.model.answers import LayoutVerdict, StockStatus, Verdict
from landkit.model.law import Citation, ControlLine, Plan, PlanPart, Rule
from landkit.model.layers import NOWHERE, Finding, Layer, LayerFile, Place, Reading, as_layer_file, finding
from landkit.model.reasons import Code, Reason, column_of, say_all, why
from landkit.model.results import (
    Capacity,
    Conflicts,
    Findings,
    Intensity,
    Layers,
    Layout,
    Parks,
    Repairs,
    Result,
    Stock,
    Zonal,
)

__all__ = [
    "NOWHERE",
    "Capacity",
    "Citation",
    "Code",
    "Conflicts",
    "ControlLine",
    "Finding",
    "Findings",
    "Intensity",
    "Layer",
    "LayerFile",
    "Layers",
    "Layout",
    "LayoutVerdict",
    "Parks",
    "Place",
    "Plan",
    "PlanPart",
    "Reading",
    "Reason",
    "Repairs",
    "Result",
    "Rule",
    "Stock",
    "StockStatus",
    "Verdict",
    "Zonal",
    "as_layer_file",
    "column_of",
    "finding",
    "say_all",
    "why",
]
