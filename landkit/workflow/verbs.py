"""The verbs that others call: each takes a study, or a day, and gives a result."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, TypeVar

from landkit.errors import LandkitError
from landkit.model import Capacity, Conflicts, Intensity, Layout, Parks, Result, Stock, Zonal
from landkit.rulebook import RuleBook, rulebook
from landkit.study import Study
from landkit.text import Lang
from landkit.workflow.ask import Answers, answers_of
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.show.map import Drawn

R = TypeVar("R", bound=Result)


def _with_map(answers: Answers, result: R, *, theme: str) -> R:
    """The result that a notebook shows as a map, coloured by `theme` at first."""
    shown: R = result.replace(drawn=Drawn(answers, theme))
    return shown


def stock(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Stock:
    """Redevelopment stock (存量), one row per parcel; areas in m2, mu, ha.   Source: 国土资源部令第53号; the rule profile."""
    answers = answers_of(study, lang, progress)
    return _with_map(answers, answers.stock, theme="stock")


def conflicts(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Conflicts:
    """Conflicts (冲突), one row per parcel x control line, with verdict, width, margin (m) and encroached area (m2)."""
    answers = answers_of(study, lang, progress)
    return _with_map(answers, answers.conflicts, theme="verdict")


def layout(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Layout:
    """Fit with the plan's layout (布局), one row per parcel; `.tables["parks"]` one per park."""
    answers = answers_of(study, lang, progress)
    return _with_map(answers, answers.layout, theme="layout")


def intensity(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Intensity:
    """Output intensity (强度) in wan yuan per mu, one row per parcel; `.tables["enterprises"]` one per enterprise."""
    answers = answers_of(study, lang, progress)
    return _with_map(answers, answers.intensity, theme="intensity")


def parks(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Parks:
    """Parks (园区), one row per park."""
    answers = answers_of(study, lang, progress)
    return _with_map(answers, answers.parks, theme="stock")


def capacity(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Capacity:
    """Land left for growth (增量), one row per park: mu, years."""
    return answers_of(study, lang, progress).capacity


def zonal(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Zonal:
    """What the study's rasters say of each parcel (分区统计), one row per parcel x raster: mean by area, sum, min, max,
    majority class, share with data, cells.   Raises: StudyError where the study names no [rasters].
    """
    return answers_of(study, lang, progress).zonal


def rules(*, on: str | datetime.date | None = None, profile: str = "yangzhou") -> RuleBook:
    """The rules in force on a day (规则库), today by default.   Raises: RuleError, LandkitError for a bad day."""
    if isinstance(on, str):
        try:
            on = datetime.date.fromisoformat(on)
        except ValueError as error:
            raise LandkitError("bad_day", value=on) from error
    path = Path(profile)
    day = on or datetime.datetime.now(tz=datetime.UTC).date()
    return (
        rulebook(path.name, on=day, folder=path.parent)
        if profile.endswith(".toml")
        else rulebook(profile, on=day)
    )


def propose(
    folder: str | Path, files: tuple[str, ...] = (), *, force: bool = False, lang: Lang = "zh"
) -> tuple[Path, dict[str, Any]]:
    """Propose a study.toml for the files of a folder and write it there; gives its path and what it says.

    Raises: StudyError where there is one already (unless `force`), LayerError where nothing can be read.
    """
    from landkit.workflow.proposal.study import propose_study

    return propose_study(Path(folder), [Path(f) for f in files], force=force, lang=lang)


def init(folder: str | Path, files: tuple[str, ...] = (), *, lang: Lang = "zh") -> Path:
    """A study.toml proposed from the files found (草拟研究); never replaces one.   Raises: StudyError, LayerError."""
    return propose(folder, files, lang=lang)[0]
