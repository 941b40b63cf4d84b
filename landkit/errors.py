"""One family of errors.  Each says which thing, what is wrong and what to do; its facts are attributes.

The words live in data/messages.toml under [error]; `str(error)` is English, `error.say("zh")` is Chinese.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar, Protocol

from landkit.text import Lang, text


class Said(Protocol):
    """What can be said in a language."""

    def say(self, lang: Lang) -> str:
        """The sentence."""


class LandkitError(Exception):
    """Base of all errors a caller can cause or cure.  `key` names the sentence, `facts` fill it."""

    exit_code: ClassVar[int] = 2

    def __init__(self, key: str, /, **facts: object) -> None:
        self.key = key
        self.facts = facts
        super().__init__(key)

    def say(self, lang: Lang = "zh") -> str:
        """The one sentence for the user; a fact that can be said in a language is."""
        facts = {name: fact.say(lang) if hasattr(fact, "say") else fact for name, fact in self.facts.items()}
        return text(f"error.{self.key}", lang, **facts)

    def __str__(self) -> str:
        return self.say("en")

    def __getattr__(self, name: str) -> object:
        facts = self.__dict__.get("facts", {})
        if name in facts:
            return facts[name]
        raise AttributeError(name)


class StudyError(LandkitError):
    """The study file is wrong (研究配置)."""


class RuleError(LandkitError):
    """A rule is missing, not in force, or contradicts itself (规则)."""


class LayerError(LandkitError):
    """A layer or table cannot be used as it is (图层)."""

    exit_code = 3


class CRSError(LayerError):
    """A coordinate system is missing, or two of them do not match (坐标系)."""


class GeometryError(LayerError):
    """Geometry that cannot be measured or compared (几何)."""


class ExportError(LandkitError):
    """A document cannot be made or written as asked (成果)."""

    exit_code = 4


class PlaceError(LandkitError):
    """The machine says no: a folder cannot be written, the disk is full, a program is missing (环境)."""

    exit_code = 4


class LandkitWarning(UserWarning):
    """What a caller should look at before the result is used (提醒).  `str(warning)` is English, `say("zh")` Chinese."""

    def __init__(self, reason: Said) -> None:
        self.reason = reason
        super().__init__(reason.say("en"))

    def say(self, lang: Lang = "zh") -> str:
        """The one sentence for the user."""
        return self.reason.say(lang)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, or "" when none is."""
    known = list(known)
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if not found:
        lower = {k.lower(): k for k in known}
        found = [lower[m] for m in difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)]
    return found[0] if found else ""
