"""What a checked file complains of, as one error in our words: which key, what is wrong, the nearest known key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import BaseModel, ValidationError

from landkit.errors import StudyError, nearest
from landkit.geometry.plane import Advised
from landkit.io.crs.parameters import DatumSpec
from landkit.study.spec import (
    OURS,
    Basemap,
    LayerSpec,
    Provenance,
    RasterSpec,
    Study,
    StudyHead,
    TableSpec,
    TotalSpec,
)
from landkit.text import Lang, has_text, text

_ENTRIES: Final[Mapping[str, type[BaseModel]]] = {
    "layers": LayerSpec,
    "tables": TableSpec,
    "rasters": RasterSpec,
    "totals": TotalSpec,
    "datum": DatumSpec,
}


class Problem(NamedTuple):
    """What is wrong with a value: said in our words where we have them, else in those of the checker."""

    kind: str
    said: str = ""
    expected: str = ""

    def say(self, lang: Lang) -> str:
        """The words in a language."""
        key = f"problem.{self.kind}"
        return text(key, lang, expected=self.expected) if has_text(key) else self.said


def first_complaint(error: ValidationError, file: Path) -> StudyError:
    """The first complaint of the checker about a study file, as our error."""
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"] if not _is_kind(p))
    if first["type"] == "extra_forbidden":
        known = known_keys(first["loc"])
        guess = nearest(str(first["loc"][-1]), known)
        return StudyError(
            "study_unknown_key", file=file.name, where=where, guess=guess or "/".join(sorted(known))
        )
    if first["type"] == "missing":
        return StudyError("study_missing_key", file=file.name, where=where)
    value = repr(first.get("input"))[:80]
    said = str(first["msg"]).removeprefix("Value error, ")
    if has_text(f"error.{said}"):
        return StudyError(said, file=file.name, where=where, value=value, plane=Advised())
    return StudyError(
        "study_bad_value",
        file=file.name,
        where=where,
        value=value,
        detail=Problem(str(first["type"]), said, str(first.get("ctx", {}).get("expected", ""))),
    )


def _is_kind(part: int | str) -> bool:
    """Whether a part of a place is not a key but the kind that was tried (`accuracy_m.float`)."""
    return part in ("float", "str") or str(part).startswith(("list[", "constrained"))


def known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where a complaint was made."""
    model: type[BaseModel] = Study
    if loc[0] == "study":
        model = Basemap if loc[1:2] == ("basemap",) and len(loc) > 2 else StudyHead
    elif loc[0] in _ENTRIES and len(loc) > 2:
        model = Provenance if loc[2] == "provenance" and len(loc) > 3 else _ENTRIES[str(loc[0])]
    return [f.alias or k for k, f in model.model_fields.items() if k not in OURS]
