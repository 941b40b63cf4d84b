"""What is asked: a study that has been read, in which language, with which rules in force."""

from __future__ import annotations

from typing import Any

from landkit.model import Finding, Rule
from landkit.text import Lang
from landkit.workflow.ground import Ground, Progress, quiet


class Asked:
    """A study that has been read, and the language of the answers."""

    def __init__(self, ground: Ground, *, lang: Lang = "zh", progress: Progress = quiet) -> None:
        self.ground = ground
        self.lang = lang
        self.progress = progress
        self.findings_later: list[Finding] = []

    def rule(self, key: str) -> Rule:
        """A rule in force."""
        return self.ground.rules[key]

    def rules_used(self, keys: Any) -> tuple[Rule, ...]:
        """The rules of these ids that are in force, in the order of their ids."""
        return tuple(self.ground.rules[k] for k in sorted(set(keys)) if k in self.ground.rules)

    def versions(self, which: Any) -> dict[str, str]:
        """Versions of the layers that `which` accepts, by id."""
        return {x.id: x.version for x in self.ground.layers.values() if which(x)}
