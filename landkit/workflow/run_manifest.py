"""The record of what was written (成果登记): the manifest of a run from its answers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from landkit.io.gdal import gdal_version
from landkit.io.write import Outbox
from landkit.ledger.manifest import build_manifest
from landkit.model import Result
from landkit.workflow.ask import Answers
from landkit.workflow.corrected import corrections_of
from landkit.workflow.show import results as show


def results_of(answers: Answers) -> dict[str, Result]:
    """Every result of a study by name (六问), each made when it is first wanted."""
    results: dict[str, Result] = {
        "stock": answers.stock,
        "conflicts": answers.conflicts,
        "layout": answers.layout,
        "intensity": answers.intensity,
        "parks": answers.parks,
        "capacity": answers.capacity,
    }
    if answers.ground.study.rasters:
        results["zonal"] = answers.zonal
    return results


def manifest_of(
    answers: Answers,
    results: Mapping[str, Result],
    box: Outbox,
    certificates: Mapping[str, Any],
    started: datetime.datetime,
) -> dict[str, Any]:
    """The manifest of what stands in the outbox so far.   Raises: PlaceError where a file cannot be read."""
    ground = answers.ground
    head = ground.study.study
    used = {r.id: r for result in results.values() for r in result.rules}
    about = {
        "id": head.id,
        "title": show.title_of(answers),
        "as_of": str(head.as_of),
        "rules_on": str(ground.study.rules_on),
        "profile": head.profile,
        "crs": head.crs,
        "lang": answers.lang,
        "synthetic": ground.study.synthetic,
        "currency": {"zh": head.currency_zh, "en": head.currency_en},
        "corrections": corrections_of(ground),
    }
    tables = {
        e["id"]: {k: v for k, v in e.items() if k not in ("id", "sha256")}
        for e in ground.inputs
        if e["id"] in ground.study.tables or e["id"] in ground.study.rasters
    }
    return build_manifest(
        study_file=ground.study.file,
        layers=ground.layers.values(),
        rules=used.values(),
        results={**results, "findings": answers.findings},
        outputs=box.staged(),
        times=(started, now()),
        about=about,
        tables=tables,
        versions={"gdal_pyogrio": gdal_version()},
        certificates=certificates,
    )


def now() -> datetime.datetime:
    """The time in UTC."""
    return datetime.datetime.now(tz=datetime.UTC)
