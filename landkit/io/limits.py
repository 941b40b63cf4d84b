"""What an input may be at most (输入上限): data/limits.toml, and what a study raised knowingly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from landkit.errors import LayerError
from landkit.model import Finding, Reason, finding, why
from landkit.text import data_toml


@dataclass(frozen=True)
class Limits:
    """The limits in force; `raised` holds those of the study, by the names of data/limits.toml."""

    raised: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        """The value of a limit."""
        return self.raised.get(name, float(data_toml("limits.toml")[name]["value"]))

    def check(self, name: str, value: float, *, path: str | Path) -> None:
        """Raises: LayerError where the value is over the limit; the sentence says how to raise it."""
        if value > self[name]:
            facts = {"what": Reason(f"limit.{name}"), "value": f"{value:.0f}", "limit": f"{self[name]:.0f}"}
            raise LayerError("over_limit", path=str(path), name=name, **facts)

    def findings(self) -> list[Finding]:
        """A finding for each limit that the study raised (上限放宽): every output says so."""
        return [
            finding("study", "limits.raised", self._raised(name, value))
            for name, value in sorted(self.raised.items())
            if value > Limits()[name]
        ]

    def _raised(self, name: str, value: float) -> Reason:
        usual = f"{Limits()[name]:.0f}"
        return why("limit_raised", what=Reason(f"limit.{name}"), name=name, value=f"{value:.0f}", usual=usual)


def limit_names() -> list[str]:
    """The names that [limits] of a study may use."""
    return list(data_toml("limits.toml"))
