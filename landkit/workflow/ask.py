"""Ask: from a study that has been read to results, unrounded; each result is made once and only when it is wanted."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landkit.model import Capacity, Conflicts, Intensity, Layer, Layout, Parks, Stock, Zonal
from landkit.study import Study, load_study
from landkit.text import Lang
from landkit.workflow import questions
from landkit.workflow.adding_up import printed_conflicts, printed_stock
from landkit.workflow.common import Common
from landkit.workflow.ground import Ground, Progress, quiet
from landkit.workflow.reading.study import read_ground

if TYPE_CHECKING:
    from landkit.cluster.judging import Judges


class Answers(Common):
    """All answers of one study (六问), in one language."""

    @functools.cached_property
    def stock(self) -> Stock:
        """存量: one row per parcel, and by park, county, cluster and class."""
        return questions.stock.answer(self)

    @functools.cached_property
    def printed_stock(self) -> dict[str, pd.DataFrame]:
        """存量 as every document prints it: parts that add up to their totals."""
        return printed_stock(self.stock)

    @functools.cached_property
    def conflicts(self) -> Conflicts:
        """冲突: parcels against lines, lines against each other, parks against lines."""
        return questions.conflicts.answer(self)

    @functools.cached_property
    def printed_conflicts(self) -> pd.DataFrame:
        """冲突 as every document prints it: rows that add up to what is printed of their line and verdict."""
        return printed_conflicts(self.conflicts.table)

    @functools.cached_property
    def layout(self) -> Layout:
        """布局: parcels and parks against the plan's axes and clusters."""
        return questions.layout.answer(self)

    @functools.cached_property
    def intensity(self) -> Intensity:
        """强度: per parcel and per enterprise."""
        return questions.intensity.answer(self)

    @functools.cached_property
    def parks(self) -> Parks:
        """园区: one row per park."""
        return questions.parks.answer(self, self.stock)

    @functools.cached_property
    def capacity(self) -> Capacity:
        """增量: one row per park."""
        return questions.capacity.answer(self, self.stock)

    @functools.cached_property
    def zonal(self) -> Zonal:
        """分区统计: one row per parcel x raster."""
        return questions.zonal.answer(self)


def answers_of(
    study: str | Path | Study, lang: Lang, progress: Progress = quiet, judges: Judges | None = None
) -> Answers:
    """The answers of a study, from its file or its folder; each is worked out when it is wanted."""
    found = study if isinstance(study, Study) else load_study(study)
    return Answers(read_ground(found, progress), lang=lang, progress=progress, judges=judges)


def layer_rows(ground: Ground) -> pd.DataFrame:
    """The layers and tables of the study as a table: id, role, version, source, licence, synthetic, rows, accuracy, sha256."""
    rows = []
    for entry in ground.inputs:
        layer: Layer | None = ground.layers.get(entry["id"])
        rows.append(
            {
                "layer": entry["id"],
                "role": entry["role"],
                "version": entry["version"],
                "synthetic": entry["synthetic"],
                "source": entry["source"],
                "licence": entry["licence"],
                "rows": entry["rows"],
                "accuracy_m": layer.accuracy_m if layer else None,
                "accuracy_note": layer.accuracy_note if layer else "",
                "generalised_m": layer.generalised_m if layer else None,
                **_way(layer),
                "path": entry["path"],
                "sha256": entry["sha256"],
            }
        )
    return pd.DataFrame(rows)


def _way(layer: Layer | None) -> dict[str, Any]:
    """How a layer came into the study CRS: what its file said, the operation, and its accuracy."""
    about = layer.facts.get("crs", {}) if layer else {}
    return {
        "crs_said": about.get("said", ""),
        "operation": about.get("operation", ""),
        "operation_accuracy_m": about.get("accuracy_m"),
    }
