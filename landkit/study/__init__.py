"""A study (研究): what its file says, checked before any data is opened."""

from landkit.study.plan import load_plan
from landkit.study.reading import load_study
from landkit.study.spec import (
    Basemap,
    LayerSpec,
    Provenance,
    RasterSpec,
    Study,
    StudyHead,
    TableSpec,
    TotalSpec,
    study_schema,
)

__all__ = [
    "Basemap",
    "LayerSpec",
    "Provenance",
    "RasterSpec",
    "Study",
    "StudyHead",
    "TableSpec",
    "TotalSpec",
    "load_plan",
    "load_study",
    "study_schema",
]
