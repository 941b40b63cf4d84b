"""What the answers are measured by: control lines, rules with their citations, the layout that a plan gives."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from landkit.model.reasons import Code
from landkit.text import Lang, term


@dataclass(frozen=True)
class ControlLine:
    """A control line (控制线) as the rule profile defines it: what breaks it, how grave that is, under which clause."""

    id: str
    breach: str  # "inside" | "outside"
    severity: int
    rules: tuple[str, ...]
    forbids_building: bool = True
    zh: str = ""
    en: str = ""

    def name(self, lang: Lang) -> str:
        """Its name in a language."""
        return (self.zh if lang == "zh" else self.en) or term("line", self.id, lang)


@dataclass(frozen=True)
class Citation:
    """Where a rule stands (依据)."""

    title: str
    number: str = ""
    article: str = ""
    url: str = ""
    issued: datetime.date | None = None

    def say(self) -> str:
        """As one line."""
        return " ".join(
            p for p in (f"《{self.title}》", f"({self.number})" if self.number else "", self.article) if p
        )


@dataclass(frozen=True)
class Rule:
    """One rule value as it stands on a day (规则), with its source; `decides` is False where the law only says "may"."""

    id: str
    value: Any
    unit: str
    basis: str  # law | standard | local | plan | assumption
    decides: bool
    verified: bool
    citation: Citation
    zh: str
    en: str
    since: datetime.date | None
    until: datetime.date | None
    profile: str = ""


@dataclass(frozen=True)
class PlanPart:
    """An axis, a cluster or a park as the plan's text gives it, with the sentence (原文) it rests on."""

    id: str
    zh: str
    en: str
    quote: str
    parks: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    emerging: tuple[str, ...] = ()
    parts: tuple[
        str, ...
    ] = ()  # industries of the park's parts (一区多园): listed, but not counted as the park's own

    @property
    def listed(self) -> frozenset[str]:
        """All industries that the text gives it or its parts."""
        return frozenset((*self.leading, *self.emerging, *self.parts))

    @property
    def name(self) -> Code:
        """Its name, said in the reader's language."""
        return Code("plan", f"{self.zh}|{self.en}")


@dataclass(frozen=True)
class Plan:
    """The layout that a plan's text gives (两轴六片区): axes, clusters, parks with their industries, and declared assumptions."""

    title: str = ""
    axes: Mapping[str, PlanPart] = field(default_factory=dict)
    clusters: Mapping[str, PlanPart] = field(default_factory=dict)
    parks: Mapping[str, PlanPart] = field(default_factory=dict)
    industries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corridor_width_m: float = 0.0
    max_leading: int = 2
    corridor: tuple[str, str] = ("", "")  # what is assumed about the corridor, zh and en

    def cluster_of_park(self, park: str) -> str | None:
        """The cluster whose sentence names the park; None where no sentence does."""
        return next((c.id for c in self.clusters.values() if park in c.parks), None)
