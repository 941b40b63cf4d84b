"""What `landkit init` saw (所见文件): every file, what it looked like, what became of it, and what to write to use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w

from landkit.io.shapefile.parts import shapefile_of
from landkit.model import Reason, why
from landkit.text import Lang, data_toml, term, text
from landkit.workflow.proposal.source import Source

_LIKELIEST: Final = {"polygon": "parcels", "line": "axes", "none": "enterprises"}
_OURS: Final = frozenset(("study.toml", "study.schema.json"))
_MOST_NAMED: Final = 12


def why_open(source: Source, taken: list[Reason]) -> Reason:
    """Why a source is not used: another one has its role, points have no area, or nothing about it speaks for a role."""
    if taken:
        return taken[0]
    return why("open_points" if source.geometry == "point" else "open_unknown")


def as_used(source: Source, known: Mapping[str, Source], lang: Lang) -> str:
    """What to write for the roles that a source of no role most often has; none that the `known` ones have taken."""
    taken = {x.line or x.role for x in known.values()}
    choices = []
    role = _LIKELIEST.get(source.geometry)
    if role is not None and role not in taken:
        fields = data_toml("fields/roles.toml")[role]["fields"]
        needed = next(c for c, about in fields.items() if about.get("needed"))
        choices.append({"role": role, "fields": {source.ids[0] if source.ids else "@row": needed}})
    line = next((k for k in data_toml("fields/line_hints.toml") if k not in taken), None)
    if source.geometry == "polygon" and line is not None:
        choices.append({"role": "control_line", "line": line})
    return text("seen.or", lang).join(map(_inline, choices))


def _inline(entry: Mapping[str, Any]) -> str:
    """The keys of an entry, a line each in the file, side by side here."""
    parts = []
    for key, value in entry.items():
        if isinstance(value, Mapping) and value:
            inner = ", ".join(line for line in tomli_w.dumps(value).splitlines() if line)
            parts.append(f"`{key} = {{ {inner} }}`")
        elif isinstance(value, str) and value:
            parts.append(f"`{tomli_w.dumps({key: value}).strip()}`")
    return ", ".join(parts)


def kind_of(source: Source, lang: Lang) -> str:
    """What a source is, with its rows (面，206 行)."""
    return text("seen.kind", lang, kind=text(f"seen.{source.geometry}", lang), rows=f"{source.rows:,}")


def seen_lines(
    known: Mapping[str, Source], opened: Mapping[str, tuple[Source, Reason]], lang: Lang
) -> list[str]:
    """A sentence for every layer and table that was found, the used ones first."""
    out = []
    for source in known.values():
        word = (
            term("line", source.line, lang)
            if source.line
            else data_toml("fields/roles.toml")[source.role][lang]
        )
        out.append(text("seen.used", lang, file=_called(source), kind=kind_of(source, lang), role=word))
    for key, (source, reason) in opened.items():
        said = text("seen.open", lang, file=_called(source), kind=kind_of(source, lang), why=reason.say(lang))
        group = "tables" if source.geometry == "none" else "layers"
        choices = "" if source.role else as_used(source, known, lang)
        out.append(
            said + (text("seen.write", lang, entry=f"[{group}.{key}]", choices=choices) if choices else "")
        )
    return out


def _called(source: Source) -> str:
    return f"{source.path} [{source.layer}]" if source.layer else source.path


def passed_over(folder: Path, looked_at: Iterable[Path]) -> list[str]:
    """Files of the folder that no reader of ours was tried on, but for the companions of a shapefile."""
    seen = {p.resolve() for p in looked_at}
    out = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        ours = path.name in _OURS or any(
            part.startswith(".") or part.lower().endswith(".gdb") for part in inside
        )
        if path.is_file() and not ours and shapefile_of(path) is None and path.resolve() not in seen:
            out.append(path.relative_to(folder).as_posix())
    return out


def passed_over_line(paths: list[str], lang: Lang) -> list[str]:
    """The files that were not looked at, in one sentence; none where there are none."""
    if not paths:
        return []
    named = ("、" if lang == "zh" else ", ").join(paths[:_MOST_NAMED])
    more = text("seen.more", lang, count=len(paths) - _MOST_NAMED) if len(paths) > _MOST_NAMED else ""
    return [text("seen.passed_over", lang, files=named + more)]
