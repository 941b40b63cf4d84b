"""study.toml -> Study (研究): one place, one day, one set of layers, checked before any data is opened."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from landkit.errors import StudyError, nearest
from landkit.study.complaints import first_complaint, known_keys
from landkit.study.names import check_names
from landkit.study.spec import OURS, Study

_WAITING: Final = re.compile(
    r"^#\s*\[(?:layers|tables)\.(.+)\]\s*$", re.MULTILINE
)  # an entry that stands as a comment


def load_study(path: str | Path) -> Study:
    """Read a study (研究) from a folder with a study.toml, or from that file.

    Raises: StudyError, which names the key, what is wrong with it and the nearest known key.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "study.toml"
    if not file.is_file():
        raise StudyError("study_not_found", path=str(path))
    try:
        words = file.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(words)
    except UnicodeDecodeError as error:
        raise StudyError("study_not_utf8", path=str(file)) from error
    except tomllib.TOMLDecodeError as error:
        raise StudyError("study_not_toml", path=str(file), detail=str(error)) from error
    waiting = tuple(_WAITING.findall(words))
    if waiting and "study" in raw and "layers" not in raw:
        raise StudyError("study_no_layers", file=file.name, waiting=", ".join(waiting))
    for group in ("layers", "tables"):
        entries = raw.get(group)
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                entry.setdefault("role", key)
    for key in OURS & set(raw):
        known = known_keys((key,))
        raise StudyError(
            "study_unknown_key", file=file.name, where=key, guess=nearest(key, known) or "/".join(known)
        )
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise first_complaint(error, file) from None
    check_names(study, file)
    ours = {"folder": file.parent.resolve(), "file": file.resolve(), "waiting": waiting}
    return study.model_copy(update=ours)
