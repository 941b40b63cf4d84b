"""What stands in landkit's source, read as syntax: strings, calls with a key, docstrings left aside."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = (
    Path(__file__).parents[1] / "landkit"
)  # the source in the repository, wherever the installed one stands
ERRORS = {
    "LandkitError",
    "StudyError",
    "RuleError",
    "LayerError",
    "CRSError",
    "GeometryError",
    "ExportError",
    "PlaceError",
}


class Said(NamedTuple):
    """A call that names words by a literal key, and the facts it hands over (None: `**facts`, not to be known here)."""

    file: str
    line: int
    call: str
    key: str
    facts: frozenset[str] | None


def modules(package: Path = PACKAGE) -> list[Path]:
    """The modules of the package, in order."""
    return sorted(package.rglob("*.py"))


def keys_said(package: Path = PACKAGE) -> list[Said]:
    """All calls with a literal key: errors, reasons and texts."""
    return [said for file in modules(package) for said in _said_in(file)]


def _said_in(file: Path) -> Iterator[Said]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            prefix = (
                "error." if name in ERRORS else {"why": "reason.", "Reason": "reason.", "text": ""}.get(name)
            )
            if prefix is None:
                continue
            names = [k.arg for k in node.keywords]
            facts = None if None in names else frozenset(n for n in names if n)
            for key in _literals(node.args[0]):
                yield Said(file.name, node.lineno, name, prefix + key, facts)


def _literals(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return [*_literals(node.body), *_literals(node.orelse)] if isinstance(node, ast.IfExp) else []


def strings(file: Path) -> list[tuple[int, str]]:
    """String constants of a module with their lines, without docstrings; parts of f-strings too."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
    ]


def facts_of(words: str) -> set[str]:
    """The names in braces of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}
