"""Law as dated data (规则库): data/rules/*.toml and a day -> rule values with their citations.

A profile (规则方案) says which rule files apply to a place, which control lines must be checked and which tests of stock
are made.  A study may bring its own profile file, which extends a shipped one; a rule it states again overrides.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from landkit.errors import RuleError, nearest
from landkit.model import Citation, ControlLine, Rule
from landkit.text import Lang, data_text, data_toml, has_text, term

PROFILES = ("yangzhou",)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Citation(_Part):
    title: str = Field(min_length=2)
    number: str = ""
    article: str = ""
    url: str = ""
    issued: datetime.date | None = None


class _Version(_Part):
    value: Any
    since: datetime.date | None = None
    until: datetime.date | None = None
    basis: Literal["law", "standard", "local", "plan", "assumption"]
    decides: bool
    verified: bool
    citation: _Citation
    note: str = ""


class _Rule(_Part):
    id: str
    zh: str
    en: str
    unit: str
    version: list[_Version] = Field(min_length=1)


class _Line(_Part):
    id: str
    breach: Literal["inside", "outside"]
    severity: int = Field(ge=1, le=3)
    forbids_building: bool
    rules: list[str]
    zh: str = ""
    en: str = ""


class _Accuracy(_Part):
    name: str
    sigma_m: float = Field(gt=0)
    zh: str
    en: str
    verified: bool
    source: str


class _File(_Part):
    """A rule file or a profile."""

    id: str = ""
    zh: str = ""
    en: str = ""
    extends: str | None = None
    include: list[str] = Field(default_factory=list)
    check_lines: list[str] | None = None
    stock_tests: list[str] | None = None
    rule: list[_Rule] = Field(default_factory=list)
    line: list[_Line] = Field(default_factory=list)
    accuracy: list[_Accuracy] = Field(default_factory=list)


class RuleBook(Mapping[str, Rule]):
    """The rules of a profile on a day: a mapping from rule id to the Rule in force.

    `lines` are the control lines that must be checked; `stock_tests` the tests of stock that are made; `asleep` the ids
    that exist but are not in force on that day.
    """

    def __init__(self, profile: str, on: datetime.date, files: list[_File]) -> None:
        self.profile = profile
        self.on = on
        self.names = next(((f.zh, f.en) for f in reversed(files) if f.zh and f.en), (profile, profile))
        self._rules: dict[str, Rule] = {}
        self.asleep: dict[str, _Rule] = {}
        self._lines: dict[str, _Line] = {}
        self.accuracies: dict[str, _Accuracy] = {}
        check_lines: list[str] = []
        self.stock_tests: tuple[str, ...] = ()
        for file in files:
            self._take(file)
            check_lines = file.check_lines if file.check_lines is not None else check_lines
            if file.stock_tests is not None:
                self.stock_tests = tuple(file.stock_tests)
        self.lines = {name: self.line(name) for name in check_lines}

    def _take(self, file: _File) -> None:
        for rule in file.rule:
            found = [v for v in rule.version if _in_force(v, self.on)]
            if len(found) > 1:
                raise RuleError("rule_twice", rule=rule.id, day=str(self.on))
            self._rules.pop(rule.id, None)
            self.asleep.pop(rule.id, None)  # what an earlier file said of it no longer counts
            if found:
                self._rules[rule.id] = _rule(rule, found[0], file.id)
            else:
                self.asleep[rule.id] = rule
        self._lines |= {line.id: line for line in file.line}
        self.accuracies |= {a.name: a for a in file.accuracy}

    def __getitem__(self, key: str) -> Rule:
        if key in self._rules:
            return self._rules[key]
        if key in self.asleep:
            rule = self.asleep[key]
            spans = ", ".join(f"{v.since or '…'} – {v.until or '…'}" for v in rule.version)
            name = f"{rule.zh}|{rule.en}"
            raise RuleError("rule_not_in_force", rule=key, name=name, day=str(self.on), spans=spans)
        raise RuleError("rule_unknown", rule=key, profile=self.profile, guess=nearest(key, self._rules))

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, key: object) -> bool:
        return key in self._rules

    def get(self, key: str, default: Any = None) -> Any:
        """The rule in force, or `default` where there is none on that day."""
        return self._rules.get(key, default)

    def line(self, name: str) -> ControlLine:
        """A control line by its id.  Raises: RuleError where the profile does not know it."""
        if name not in self._lines:
            raise RuleError("line_unknown", line=name, profile=self.profile, guess=nearest(name, self._lines))
        found = self._lines[name]
        in_force = tuple(r for r in found.rules if r in self._rules)
        return ControlLine(
            id=name,
            breach=found.breach,
            severity=found.severity,
            rules=in_force,
            forbids_building=found.forbids_building,
            zh=found.zh,
            en=found.en,
        )

    def name(self, lang: Lang = "zh") -> str:
        """The profile's name in a language."""
        return self.names[0] if lang == "zh" else self.names[1]

    @property
    def known_lines(self) -> list[str]:
        """Ids of all control lines of the profile."""
        return list(self._lines)

    def accuracy(self, name: str) -> tuple[float, str]:
        """A default accuracy by name, and where it comes from.  Raises: RuleError for an unknown name."""
        if name not in self.accuracies:
            raise RuleError(
                "accuracy_unknown",
                name=name,
                guess=nearest(name, self.accuracies) or "/".join(self.accuracies),
            )
        found = self.accuracies[name]
        return found.sigma_m, f"{name}: {found.source}"

    def table(self, lang: Lang = "zh") -> pd.DataFrame:
        """All rules in force with their citations, one row each."""
        return rules_table(self.values(), lang)


_VALUE_WORDS: Final = ("rule_value", "stock_class", "idle_cause", "column")  # groups of codes that rules hold


def rules_table(rules: Any, lang: Lang = "zh") -> pd.DataFrame:
    """Rules as a table: id, name, value, unit, basis, decides, verified, citation, url, since, until."""
    rows = [
        {
            "rule": r.id,
            "rule_name": r.zh if lang == "zh" else r.en,
            "value": _as_text(r.value, lang),
            "unit": r.unit,
            "basis": r.basis,
            "decides": r.decides,
            "verified": r.verified,
            "citation": r.citation.say(),
            "url": r.citation.url,
            "since": str(r.since or ""),
            "until": str(r.until or ""),
        }
        for r in sorted(rules, key=lambda r: r.id)
    ]
    columns = [
        "rule",
        "rule_name",
        "value",
        "unit",
        "basis",
        "decides",
        "verified",
        "citation",
        "url",
        "since",
        "until",
    ]
    return pd.DataFrame(rows, columns=columns)


def rulebook(profile: str = "yangzhou", *, on: datetime.date, folder: Path | None = None) -> RuleBook:
    """The rules of a profile on a day (规则库).  `profile` is a shipped name, or a .toml file in `folder`.

    Raises: RuleError where the profile or a rule in it is wrong.
    """
    return RuleBook(profile, on, [_shipped("checks", profile), *_files(profile, folder)])


def _files(profile: str, folder: Path | None, *, depth: int = 0) -> list[_File]:
    if profile.endswith(".toml"):
        path = (folder or Path()) / profile
        if not path.is_file():
            raise RuleError("profile_not_found", profile=profile, guess="/".join(PROFILES))
        top = _parse(path.read_text(encoding="utf-8-sig"), profile)
    elif profile in PROFILES:
        top = _parse(data_text(f"profiles/{profile}.toml"), profile)
    else:
        raise RuleError(
            "profile_not_found", profile=profile, guess=nearest(profile, PROFILES) or "/".join(PROFILES)
        )
    if depth > 4:
        raise RuleError("profile_circle", profile=profile)
    base = _files(top.extends, folder, depth=depth + 1) if top.extends else []
    return [*base, *(_shipped(name, profile) for name in top.include), top]


def _shipped(name: str, profile: str) -> _File:
    folder = resources.files("landkit").joinpath("data", "rules")
    known = sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    if name not in known:
        detail = f"{name!r} is none of {'/'.join(known)}"
        raise RuleError("rules_bad", file=profile, where="include", detail=detail)
    return _File.model_validate(data_toml(f"rules/{name}.toml"))


def _parse(source: str, name: str) -> _File:
    try:
        return _File.model_validate(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        raise RuleError("rules_not_toml", file=name, detail=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise RuleError("rules_bad", file=name, where=where, detail=first["msg"]) from None


def _in_force(version: _Version, on: datetime.date) -> bool:
    return (version.since is None or version.since <= on) and (version.until is None or on < version.until)


def _rule(rule: _Rule, version: _Version, profile: str) -> Rule:
    c = version.citation
    return Rule(
        id=rule.id,
        value=version.value,
        unit=rule.unit,
        basis=version.basis,
        decides=version.decides,
        verified=version.verified,
        citation=Citation(c.title, c.number, c.article, c.url, c.issued),
        zh=rule.zh,
        en=rule.en,
        since=version.since,
        until=version.until,
        profile=profile,
    )


def _as_text(value: Any, lang: Lang) -> str:
    if isinstance(value, float):
        return f"{value:g}" if len(f"{value:g}") < 8 else f"{value:.4g}"
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(_as_text(v, lang) for v in value)
    if isinstance(value, dict):
        joiner = "、" if lang == "zh" else ", "
        return joiner.join(f"{_as_text(k, lang)} {_as_text(v, lang)}" for k, v in value.items())
    groups = (g for g in _VALUE_WORDS if has_text(f"{g}.{value}"))
    return term(next(groups, ""), value, lang)
