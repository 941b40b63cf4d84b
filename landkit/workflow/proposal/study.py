"""Propose a study (草拟): look at the headers of files, guess roles by names and columns, and say what must be filled in."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import tomli_w

import pyproj

from landkit.errors import LandkitError, LayerError, StudyError
from landkit.geometry.plane import plane_for
from landkit.io.write import write_whole
from landkit.model import Code, Reason, why
from landkit.study import study_schema
from landkit.text import Lang, data_toml, term, text
from landkit.workflow.proposal.outlines import city_among, compare_rivals
from landkit.workflow.proposal.questions import of_joins, open_questions, questions
from landkit.workflow.proposal.seen import as_used, passed_over, passed_over_line, seen_lines, why_open
from landkit.workflow.proposal.source import TABLE, VECTOR, Source, sources_of

_USUAL_CRS = "EPSG:4549"  # where no layer names one in metres; the proposal says that it is only that
_NO_NAME = "study"
OF_ACCURACY = ("parcels", "control_line")


def propose_study(
    folder: Path, files: list[Path], *, force: bool = False, lang: Lang = "zh"
) -> tuple[Path, dict[str, Any]]:
    """Write a study.toml for the files into the folder; gives its path and its content.

    What is recognised stands as an entry; what is not stands as a commented one, with its columns, for a person to
    finish; a file that cannot be read stands as a comment with the reason.
    """
    target = folder / "study.toml"
    if target.exists() and not force:
        raise StudyError("study_exists", path=str(target))
    found = files or sorted(p for p in folder.rglob("*") if _is_source(p) and ".landkit" not in p.parts)
    sources: list[Source] = []
    unread: list[tuple[str, LandkitError]] = []
    notes_of_people: list[Path] = []
    for path in found:
        try:
            sources += sources_of(path, _relative(path, folder))
        except LandkitError as error:
            if error.key == "boundary_not":
                notes_of_people.append(path)
                continue  # a text that is no coordinate text is somebody's notes
            unread.append((_relative(path, folder), error))
    if not sources and unread:
        raise unread[0][1]
    if not sources:
        raise LayerError("nothing_found", path=str(folder))
    crs, crs_note = _working_crs(sources)
    known, unknown = _settle(compare_rivals(sources, folder, crs))
    if "counties" in known and "boundary" not in known:
        city = city_among(known["counties"], folder, crs)
        known = {"boundary": city, **known} if city else known
    name = folder.resolve().name
    head = {
        "id": _study_id(name),
        "title_zh": name,
        "title_en": name,
        "crs": crs,
        "as_of": datetime.datetime.now(tz=datetime.UTC).date(),
        "profile": "yangzhou",
    }
    proposal = {
        "study": head,
        "layers": {k: x.entry() for k, x in known.items() if x.geometry != "none"},
        "tables": {k: x.entry() for k, x in known.items() if x.geometry == "none"},
        "open": {k: x.path for k, x in unknown.items()},
        "unread": {where: error.say(lang) for where, error in unread},
    }
    taken = _taken(known, unknown)
    unseen = [] if files else passed_over(folder, [p for p in found if p not in notes_of_people])
    proposal["seen"] = [
        *seen_lines(known, {k: (x, why_open(x, taken[k])) for k, x in unknown.items()}, lang),
        *(text("proposal.unread", lang, path=w, why=e.say(lang)) for w, e in unread),
        *passed_over_line(unseen, lang),
    ]
    notes = [
        *text("proposal.head", lang).splitlines(),
        *_notes(head, [*known.values(), *unknown.values()], lang),
    ]
    if crs_note:
        notes.append(text(crs_note, lang, crs=crs))
    parts = ["#:schema ./study.schema.json", *map(_comment, notes), "", tomli_w.dumps({"study": head})]
    asked = _asked(known, unknown, taken, crs)
    parts += [_block(k, x, asked[k], lang) for k, x in known.items()]
    if unknown:
        parts += [*map(_comment, _roles(lang)), ""]
    parts += [_block(k, x, asked[k], lang, choices=as_used(x, known, lang)) for k, x in unknown.items()]
    parts += [_comment(text("proposal.unread", lang, path=w, why=e.say(lang))) for w, e in unread]
    parts += map(_comment, _accuracies(lang) if any(x.role in OF_ACCURACY for x in known.values()) else [])
    write_whole(folder / "study.schema.json", study_schema())
    write_whole(target, "\n".join(parts).rstrip() + "\n")
    return target, proposal


def _notes(head: dict[str, Any], sources: list[Source], lang: Lang) -> list[str]:
    """What the proposal cannot know of the study as a whole, and what is alike in all its files."""
    notes = [text("proposal.ask_head", lang, day=head["as_of"])]
    if head["id"] == _NO_NAME != head["title_en"]:  # a folder may be called so
        notes.append(text("proposal.ask_id", lang))
    guessed = sorted({x.encoding for x in sources if x.encoding})
    return [*notes, *(_encoding_note(e, sources, lang) for e in guessed)]


def _encoding_note(encoding: str, sources: list[Source], lang: Lang) -> str:
    paths = list(dict.fromkeys(x.path for x in sources if x.encoding == encoding))
    return text(
        "proposal.encoding",
        lang,
        encoding=encoding,
        paths="、".join(paths) if lang == "zh" else ", ".join(paths),
    )


def _roles(lang: Lang) -> list[str]:
    """The roles that may stand in an entry, with their words."""
    words = {k: about[lang] for k, about in data_toml("fields/roles.toml").items()}
    lines = [f"{k} {term('line', k, lang)}" for k in data_toml("fields/line_hints.toml")]
    words["control_line"] = text("proposal.lines", lang, word=words["control_line"], lines=" / ".join(lines))
    return [text("proposal.roles", lang), *(f"{k} {word}" for k, word in words.items())]


def _accuracies(lang: Lang) -> list[str]:
    """The names that `accuracy_m` may take from the shipped list."""
    named = data_toml("rules/accuracy.toml")["accuracy"]
    return [
        text("proposal.accuracies", lang),
        *(f'"default:{a["name"]}" {a["sigma_m"]:g} m {a[lang]}' for a in named),
    ]


def _taken(known: dict[str, Source], unknown: dict[str, Source]) -> dict[str, list[Reason]]:
    """Of every open entry whether another source has taken its role."""
    out: dict[str, list[Reason]] = {}
    for key, source in unknown.items():
        mark = source.line or source.role
        first = next((x.path for x in known.values() if mark and mark == (x.line or x.role)), None)
        role = Code("line" if source.line else "role", mark)
        out[key] = [why("ask_taken", role=role, first=first)] if first else []
    return out


def _asked(
    known: dict[str, Source], unknown: dict[str, Source], taken: dict[str, list[Reason]], goal: str
) -> dict[str, list[Reason]]:
    """The open questions of every entry; of one whose role another source has taken, first that."""
    extent = next((k for r in ("boundary", "counties") for k, x in known.items() if x.role == r), None)
    asked = {k: questions(x, extent=extent, goal=goal) for k, x in known.items()}
    for key, source in unknown.items():
        asked[key] = [*taken[key], *open_questions(source, goal), *of_joins(source, known)]
    return asked


def _block(key: str, source: Source, asked: list[Reason], lang: Lang, *, choices: str | None = None) -> str:
    """An entry under what was found, with what is to be confirmed; commented out where the role is open."""
    group = "tables" if source.geometry == "none" else "layers"
    about = _comment(
        text(f"proposal.{group}", lang, count=source.rows, columns=", ".join(source.columns[:20]))
    )
    block = tomli_w.dumps({group: {key: source.entry()}}).replace(f"[{group}]\n", "").strip()
    if choices is not None:
        block = "\n".join(f"# {line}".rstrip() for line in block.splitlines())
        said = [text("proposal.open", lang, why=why_open(source, []).say(lang))] if not source.role else []
        said += [text("proposal.choices", lang, choices=choices)] if choices and not source.role else []
        about = "\n".join([*map(_comment, said), about])
    asks = [_comment(text("proposal.ask", lang, what=q.say(lang))) for q in asked]
    return "\n".join([about, *asks, block, ""])


def _comment(words: str) -> str:
    """One line of TOML comment, whatever stands in the names of files and columns."""
    return "# " + "".join(c if c.isprintable() else "?" for c in " ".join(words.split()))


def _settle(sources: list[Source]) -> tuple[dict[str, Source], dict[str, Source]]:
    """Entries by key: those with a role of their own, and those left open (no role, or a role that is taken)."""
    first: dict[str, Source] = {}
    for source in sorted(sources, key=lambda s: (s.offset is not None, -s.score)):
        mark = source.line or source.role
        if mark and mark != "control_line":
            first.setdefault(mark, source)
    known: dict[str, Source] = {
        mark: source for source in sources for mark, s in first.items() if s is source
    }
    unknown: dict[str, Source] = {}
    for source in sources:
        if not any(source is s for s in first.values()):
            name = source.layer or Path(source.path).stem
            unknown[_key(name, {**known, **unknown})] = source
    return known, unknown


def _is_source(path: Path) -> bool:
    if path.suffix.lower() == ".gdb":
        return path.is_dir()
    return path.is_file() and path.suffix.lower() in VECTOR | TABLE and not path.name.startswith((".", "~$"))


def _relative(path: Path, folder: Path) -> str:
    resolved, base = path.resolve(), folder.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else resolved.as_posix()


def _study_id(name: str) -> str:
    """The folder's name as an id; a placeholder where it has no letter of the alphabet."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name).strip("_-")
    return plain[:64] or _NO_NAME


def _key(name: str, taken: dict[str, Any]) -> str:
    """The key of an entry: its file's or layer's own name, with a number where that is taken."""
    plain = "".join(c if c.isalnum() or c in "_-" else "_" for c in name).strip("_") or _NO_NAME
    out, number = plain, 2
    while out in taken:
        out, number = f"{plain}_{number}", number + 1
    return out


def _working_crs(sources: list[Source]) -> tuple[str, str]:
    """The study's system, and the note that goes with it: "" where a layer names one in metres; else the plane of the land's
    own meridian; the usual one where no layer says where it lies."""
    for source in sources:
        crs = pyproj.CRS.from_user_input(source.crs) if source.crs else None
        if crs and crs.is_projected and crs.axis_info[0].unit_name == "metre" and crs.to_epsg():
            return f"EPSG:{crs.to_epsg()}", ""
    for source in sources:
        if source.crs and source.extent:
            return _plane_of(source.crs, source.extent), "proposal.chosen_crs"
    return _USUAL_CRS, "proposal.usual_crs"


def _plane_of(system: str, extent: list[float]) -> str:
    """A plane in metres for the middle of an extent."""
    crs = pyproj.CRS.from_user_input(system)
    west, south, east, north = extent
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform((west + east) / 2, (south + north) / 2)
    return plane_for(lon, lat)
