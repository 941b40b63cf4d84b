"""What `landkit init` saw (所见文件): every file, what it looked like, what became of it, and what to write to use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w

from landkit.model import Reason, why
from landkit.text import Lang, data_toml, term, text
from landkit.workflow.proposal.source import Source

_LIKELIEST: Final = {"polygon": "parcels", "line": "axes", "none": "enterprises"}
_BESIDE_SHP: Final = frozenset((".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".xml"))
_OURS: Final = frozenset(("study.toml", "study.schema.json"))
_MOST_NAMED: Final = 12
_LINE: Final = "ecological_redline"


def why_open(source: Source, taken: list[Reason]) -> Reason:
    """Why a source is not used: another one has its role, points have no area, or nothing about it speaks for a role."""
    if taken:
        return taken[0]
    return why("open_points" if source.geometry == "point" else "open_unknown")


def as_used(source: Source) -> list[str]:
    """What to write for the roles that such a source most often has, one string a role."""
    role = source.role or _LIKELIEST.get(source.geometry)
    if role is None:
        return []
    first = next(
        (c for c, f in data_toml("fields/roles.toml")[role].get("fields", {}).items() if f.get("needed")), ""
    )
    fields = source.fields or ({source.ids[0] if source.ids else "@row": first} if first else {})
    usual = {"role": role, "line": source.line, "fields": fields}
    out = [_inline(usual)]
    if source.geometry == "polygon" and role == "parcels":
        out.append(_inline({"role": "control_line", "line": _LINE}))
    return out


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
        choices = "" if source.role else text("seen.or", lang).join(as_used(source))
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
        beside = path.suffix.lower() in _BESIDE_SHP and any(
            (path.parent / f"{path.name.split('.')[0]}{end}").exists() for end in (".shp", ".SHP")
        )
        if path.is_file() and not ours and not beside and path.resolve() not in seen:
            out.append(path.relative_to(folder).as_posix())
    return out


def passed_over_line(paths: list[str], lang: Lang) -> list[str]:
    """The files that were not looked at, in one sentence; none where there are none."""
    if not paths:
        return []
    named = ("、" if lang == "zh" else ", ").join(paths[:_MOST_NAMED])
    more = text("seen.more", lang, count=len(paths) - _MOST_NAMED) if len(paths) > _MOST_NAMED else ""
    return [text("seen.passed_over", lang, files=named + more)]
