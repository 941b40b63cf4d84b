"""The catalogue of checks (质检项): data/checks.toml as values.  Who finds something names the id; the rest stands here."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from landkit.text import Lang, data_toml, term

SEVERITIES: Final = ("error", "warning", "note")  # gravest first
PARTIES: Final = ("data_provider", "surveyor", "planning", "land_office", "statistics", "user")
BASES: Final = ("law", "standard", "local", "plan", "practice", "landkit")


@dataclass(frozen=True)
class Check:
    """One check (质检项): its id and name, how grave its findings are, who mends them, on what it rests, what to do."""

    id: str
    severity: str
    mends: str
    basis: str
    clause: str
    _zh: str
    _en: str
    _todo: tuple[str, str]

    def name(self, lang: Lang) -> str:
        """Its name in a language."""
        return self._zh if lang == "zh" else self._en

    def todo(self, lang: Lang) -> str:
        """What the party that mends it does about it (整改办法)."""
        return self._todo[0] if lang == "zh" else self._todo[1]

    def rests_on(self, lang: Lang) -> str:
        """Its clause; where it has none, what kind of basis it has (依据)."""
        return self.clause or term("check_basis", self.basis, lang)


@functools.cache
def checklist() -> Mapping[str, Check]:
    """All checks by id, in the order of the catalogue."""
    return {name: _check(name, about) for name, about in data_toml("checks.toml").items()}


def _check(name: str, about: Mapping[str, Any]) -> Check:
    todo = about["todo"]
    return Check(
        id=name,
        severity=about["severity"],
        mends=about["mends"],
        basis=about["basis"],
        clause=about.get("clause", ""),
        _zh=about["zh"],
        _en=about["en"],
        _todo=(todo["zh"], todo["en"]),
    )
