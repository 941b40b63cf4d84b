"""The catalogue of checks: every finding stands in it, and everything in it can be found."""

from __future__ import annotations

import ast
import fnmatch
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from source import PACKAGE, modules, strings

from landkit.checklist import BASES, PARTIES, SEVERITIES, checklist
from landkit.model import finding, why
from landkit.text import has_text

IDS = sorted(checklist())


class Emitted(NamedTuple):
    """A place in the source that makes a Finding: a pattern of its check id, and the severity it gives itself."""

    place: str
    pattern: str
    severity: str | None


def emitted(package: Path = PACKAGE) -> list[Emitted]:
    return [e for file in modules(package) for e in _emitted_in(file)]


def _emitted_in(file: Path) -> Iterator[Emitted]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in ("Finding", "finding"):
            continue
        arguments = dict(zip(("layer", "check", "severity"), node.args, strict=False))
        arguments |= {k.arg: k.value for k in node.keywords if k.arg}
        severity = arguments.get("severity") if name == "Finding" else None
        for pattern in _patterns(arguments.get("check")):
            yield Emitted(
                f"{file.name}:{node.lineno}",
                pattern,
                severity.value if isinstance(severity, ast.Constant) else None,
            )


def _patterns(node: ast.expr | None) -> list[str]:
    """The ids that an expression can be: itself, either branch, an f-string with * for what is filled in; [] for a name."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*_patterns(node.body), *_patterns(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)]
    return []


@pytest.mark.parametrize("one", emitted(), ids=lambda e: f"{e.place} {e.pattern}")
def test_what_is_emitted_stands_in_the_catalogue(one: Emitted) -> None:
    """With the severity that stands there: who argues about it amends data, not code."""
    known = fnmatch.filter(IDS, one.pattern)

    assert known, f"{one.place}: add [{one.pattern!r}] to landkit/data/checks.toml"
    assert one.severity is None or {checklist()[k].severity for k in known} == {one.severity}


@functools.cache
def _named() -> tuple[frozenset[str], str]:
    """All strings of the source, and the text of the rule data of checks."""
    data = "".join(f.read_text(encoding="utf-8") for f in (PACKAGE / "data" / "checks").glob("*.toml"))
    return frozenset(words for file in modules() for _, words in strings(file)), data


@pytest.mark.parametrize("check", IDS)
def test_what_stands_in_the_catalogue_is_emitted(check: str) -> None:
    """Somewhere in the source or the rule data its id is named."""
    named, data = _named()
    group, _, kind = check.partition(".")
    by_kind = f"{group}." in named and kind in named  # f"value.{kind}"

    assert check in named or f'"{check}"' in data or by_kind


def test_a_check_that_is_not_in_the_catalogue_cannot_be_emitted() -> None:
    """Also where the id is computed."""
    with pytest.raises(KeyError):
        finding("parcels", "geometry.none_such", why("geometry_null"))


def test_an_emitted_id_that_is_not_in_the_catalogue_is_seen(tmp_path: Path) -> None:
    """Negative control: literal, either branch, by name, with parts filled in."""
    (tmp_path / "x.py").write_text(
        'Finding(a, "x.one", "error", r)\nfinding(a, "x.two" if b else "x.three", r)\n'
        'model.Finding(a, check="x.four", severity="note", reason=r)\nfinding(a, f"x.{kind}", r)\nfinding(a, name, r)\n'
    )

    assert [(e.pattern, e.severity) for e in emitted(tmp_path)] == [
        ("x.one", "error"),
        ("x.two", None),
        ("x.three", None),
        ("x.four", "note"),
        ("x.*", None),
    ]


@pytest.mark.parametrize("check", IDS)
def test_an_entry_of_the_catalogue_is_whole(check: str) -> None:
    """Severity, party, basis and words in both languages; a clause where and only where it claims one."""
    about = checklist()[check]

    assert re.fullmatch(r"[a-z]+\.[a-z_]+", check)
    assert about.severity in SEVERITIES
    assert about.mends in PARTIES
    assert has_text(f"party.{about.mends}")
    assert about.basis in BASES
    assert has_text(f"check_basis.{about.basis}")
    assert bool(about.clause) == (about.basis in ("law", "standard", "local", "plan"))
    for lang in ("zh", "en"):
        assert about.name(lang)
        assert about.todo(lang)
        assert about.rests_on(lang)
    assert re.search(r"[\u4e00-\u9fff]", about.name("zh") + about.todo("zh"))
