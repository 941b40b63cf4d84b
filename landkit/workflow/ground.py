"""A study that has been read: what all questions stand on, and what reading its layers and tables shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import LandkitError, LayerError, StudyError
from landkit.io.joins import Match
from landkit.ledger.manifest import fingerprint
from landkit.model import Finding, Layer, Plan
from landkit.quality.corrections import Correction
from landkit.rulebook import RuleBook
from landkit.study import LayerSpec, RasterSpec, Study, TableSpec

Progress = Callable[[str, int, int], None]


def quiet(step: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


@dataclass
class Ground:
    """A study that has been read: what all questions stand on."""

    study: Study
    rules: RuleBook
    plan: Plan
    layers: dict[str, Layer] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    outlines: dict[str, Any] = field(default_factory=dict)  # by layer, the ground of those that are compared
    schemas: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by layer, one row per field
    refusals: list[LandkitError] = field(default_factory=list)  # why it can be checked but not asked

    def of_role(self, role: str) -> Layer | None:
        """The layer of a role; None where the study has none."""
        return next((x for x in self.layers.values() if x.role == role), None)

    def line(self, line: str) -> Layer | None:
        """The layer of a control line; None where the study has none."""
        return next((x for x in self.layers.values() if x.line == line), None)

    def table(self, role: str) -> pd.DataFrame | None:
        """The table of a role; None where the study has none."""
        key = next((k for k, spec in self.study.tables.items() if spec.role == role), None)
        return self.tables.get(key) if key else None

    @property
    def parcels(self) -> Layer:
        """The parcels.  Raises: StudyError where the study has none."""
        found = self.of_role("parcels")
        if found is None:
            raise StudyError("study_without_role", file=self.study.file.name, role="parcels")
        return found


def keep_rows(frame: Any, where: dict[str, list[str | int]], *, layer: str) -> Any:
    """The rows whose columns hold the values that the study asks for.   Raises: LayerError where there is no such column."""
    for column, values in where.items():
        if column not in frame.columns:
            raise LayerError(
                "column_not_in_file", layer=layer, column=column, guess="/".join(map(str, frame.columns[:12]))
            )
        frame = frame[frame[column].astype(str).isin([str(v) for v in values])]
    return frame


def note_input(
    ground: Ground,
    key: str,
    path: str | Path,
    rows: int | None,
    spec: LayerSpec | TableSpec | RasterSpec,
    *,
    sha256: str | None = None,
) -> None:
    """Put a source into the list of inputs, with its checksum; that of a database was made from the rows read."""
    ground.inputs.append(
        {
            "id": key,
            "role": spec.role,
            "path": spec.path,
            "sha256": sha256 or str(fingerprint(Path(path))["sha256"]),
            "rows": rows,
            "version": spec.version,
            "source": spec.provenance.source,
            "licence": spec.provenance.licence,
            "synthetic": spec.provenance.synthetic,
        }
    )
