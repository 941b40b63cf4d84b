"""landkit: land and space planning for development parks (开发园区用地分析).

    import landkit
    done = landkit.run("layers/yangzhou", to="outputs/yangzhou")
    landkit.conflicts("layers/yangzhou").table

The verbs take a study (a folder with a study.toml) and give results whose `.table` is a (Geo)DataFrame.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = [
    "Benchmark",
    "Capacity",
    "Comparison",
    "Conflicts",
    "Findings",
    "HandOver",
    "Intensity",
    "LandkitError",
    "LandkitWarning",
    "LayerFile",
    "Layers",
    "Layout",
    "Parks",
    "Repairs",
    "Report",
    "RuleBook",
    "Run",
    "Sheets",
    "Split",
    "Stock",
    "Streamed",
    "Study",
    "Verification",
    "Zonal",
    "area_m2",
    "capacity",
    "check",
    "compare",
    "conflicts",
    "export",
    "init",
    "intensity",
    "layers",
    "layout",
    "load_study",
    "overlaps",
    "parks",
    "read_layer",
    "repair",
    "report",
    "rules",
    "run",
    "run_bench",
    "sheets",
    "split_parcels",
    "stock",
    "stream_overlaps",
    "verify",
    "zonal",
]

if TYPE_CHECKING:
    from landkit.errors import LandkitError, LandkitWarning
    from landkit.geometry import area_m2
    from landkit.io.vector import read_layer
    from landkit.model import (
        Capacity,
        Conflicts,
        Findings,
        Intensity,
        LayerFile,
        Layers,
        Layout,
        Parks,
        Repairs,
        Stock,
        Zonal,
    )
    from landkit.rulebook import RuleBook
    from landkit.study import Study, load_study
    from landkit.workflow import (
        Benchmark,
        Comparison,
        HandOver,
        Report,
        Run,
        Sheets,
        Split,
        Streamed,
        Verification,
        capacity,
        check,
        compare,
        conflicts,
        export,
        init,
        intensity,
        layers,
        layout,
        parks,
        repair,
        report,
        rules,
        run,
        run_bench,
        sheets,
        split_parcels,
        stock,
        stream_overlaps,
        verify,
        zonal,
    )
    from landkit.workflow.sharing import overlaps

_HOME = {
    "LandkitError": "errors",
    "LandkitWarning": "errors",
    "area_m2": "geometry",
    "read_layer": "io.vector",
    "overlaps": "workflow.sharing",
    "RuleBook": "rulebook",
    "Study": "study",
    "load_study": "study",
    **dict.fromkeys(
        (
            "Capacity",
            "Conflicts",
            "Findings",
            "Intensity",
            "LayerFile",
            "Layers",
            "Layout",
            "Parks",
            "Repairs",
            "Stock",
            "Zonal",
        ),
        "model",
    ),
}


def __getattr__(name: str) -> Any:
    """Heavy libraries are loaded when a verb is first used, not when landkit is imported."""
    if name not in __all__:
        raise AttributeError(f"module 'landkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"landkit.{_HOME.get(name, 'workflow')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
