"""The plan file of a study (规划布局): axes, clusters and parks, each with the sentence of the plan that it rests on."""

from __future__ import annotations

import tomllib

from pydantic import Field, ValidationError

from landkit.errors import StudyError
from landkit.model import Plan, PlanPart
from landkit.study.complaints import Problem
from landkit.study.spec import Strict, Study


class _PlanPart(Strict):
    id: str
    zh: str
    en: str
    quote: str
    parks: list[str] = Field(default_factory=list)
    leading: list[str] = Field(default_factory=list)
    emerging: list[str] = Field(default_factory=list)
    parts: list[str] = Field(default_factory=list)


class _Corridor(Strict):
    width_m: float = Field(gt=0)
    zh: str
    en: str


class _Leading(Strict):
    at_most: int
    quote: str


class _PlanFile(Strict):
    title: str
    text: str = ""
    corridor: _Corridor
    leading: _Leading | None = None
    axis: list[_PlanPart] = Field(default_factory=list)
    cluster: list[_PlanPart] = Field(default_factory=list)
    park: list[_PlanPart] = Field(default_factory=list)
    industries: dict[str, list[str]] = Field(default_factory=dict)
    totals: dict[str, float | str] = Field(default_factory=dict)


def load_plan(study: Study) -> Plan:
    """The layout that the study's plan file gives (规划布局); an empty Plan where the study names none.

    Raises: StudyError where the file is missing or wrong.
    """
    if study.study.plan is None:
        return Plan()
    path = study.resolve(study.study.plan)
    if not path.is_file():
        raise StudyError(
            "study_bad_value",
            file=study.file.name,
            where="study.plan",
            detail=Problem("no_file"),
            value=study.study.plan,
        )
    try:
        found = _PlanFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except tomllib.TOMLDecodeError as error:
        raise StudyError("study_not_toml", path=path.name, detail=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise StudyError(
            "study_bad_value",
            file=path.name,
            where=where,
            detail=Problem(
                str(first["type"]), str(first["msg"]), str(first.get("ctx", {}).get("expected", ""))
            ),
            value=repr(first.get("input"))[:80],
        ) from None
    return Plan(
        title=found.title,
        axes={p.id: _plan_part(p) for p in found.axis},
        clusters={p.id: _plan_part(p) for p in found.cluster},
        parks={p.id: _plan_part(p) for p in found.park},
        industries={name: tuple(codes) for name, codes in found.industries.items()},
        corridor_width_m=found.corridor.width_m,
        max_leading=found.leading.at_most if found.leading else 99,
        corridor=(found.corridor.zh, found.corridor.en),
    )


def _plan_part(part: _PlanPart) -> PlanPart:
    lists = {n: tuple(getattr(part, n)) for n in ("parks", "leading", "emerging", "parts")}
    return PlanPart(id=part.id, zh=part.zh, en=part.en, quote=part.quote, **lists)
