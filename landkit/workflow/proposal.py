"""Propose a study (草拟): look at the headers of files, guess roles by names and columns, and say what must be filled in."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import tomli_w

import pyproj

from landkit.errors import LandkitError, LayerError, StudyError
from landkit.io.crs.placing import plane_for
from landkit.io.write import write_whole
from landkit.model import Code, Reason, why
from landkit.study import study_schema
from landkit.text import Lang, text
from landkit.workflow.proposal_outlines import compare_rivals
from landkit.workflow.proposal_questions import of_place, questions
from landkit.workflow.proposal_source import TABLE, VECTOR, Source, sources_of

_USUAL_CRS = "EPSG:4549"  # where no layer names one in metres; the proposal says that it is only that


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
    for path in found:
        try:
            sources += sources_of(path, _relative(path, folder))
        except LandkitError as error:
            if error.key == "boundary_not":
                continue  # a text that is no coordinate text is somebody's notes
            unread.append((_relative(path, folder), error))
    if not sources and unread:
        raise unread[0][1]
    if not sources:
        raise LayerError("nothing_found", path=str(folder))
    crs, crs_note = _working_crs(sources)
    known, unknown = _settle(compare_rivals(sources, folder, crs))
    name = folder.resolve().name
    head = {
        "id": _id(name, {}),
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
    }
    notes = [_comment(line) for line in text("proposal.head", lang).splitlines()]
    if crs_note:
        notes.append(_comment(text(crs_note, lang, crs=crs)))
    parts = ["#:schema ./study.schema.json", *notes, "", tomli_w.dumps({"study": head})]
    asked = _asked(known, unknown, crs)
    parts += [_block(k, x, asked[k], lang) for k, x in known.items()]
    parts += [_block(k, x, asked[k], lang, open_=True) for k, x in unknown.items()]
    parts += [_comment(text("proposal.unread", lang, path=w, why=e.say(lang))) for w, e in unread]
    write_whole(folder / "study.schema.json", study_schema())
    write_whole(target, "\n".join(parts).rstrip() + "\n")
    return target, proposal


def _asked(known: dict[str, Source], unknown: dict[str, Source], goal: str) -> dict[str, list[Reason]]:
    """The open questions of every entry; of one whose role another source has taken, first that."""
    extent = next((k for r in ("boundary", "counties") for k, x in known.items() if x.role == r), None)
    asked = {k: questions(x, extent=extent, goal=goal) for k, x in known.items()}
    for key, source in unknown.items():
        mark = source.line or source.role
        first = next((x.path for x in known.values() if mark and mark == (x.line or x.role)), None)
        taken = (
            [why("ask_taken", role=Code("line" if source.line else "role", mark), first=first)]
            if first
            else []
        )
        asked[key] = [*taken, *of_place(source, goal)]
    return asked


def _block(key: str, source: Source, asked: list[Reason], lang: Lang, *, open_: bool = False) -> str:
    """An entry under what was found, with what is to be confirmed; commented out where the role is open."""
    group = "tables" if source.geometry == "none" else "layers"
    about = _comment(
        text(f"proposal.{group}", lang, count=source.rows, columns=", ".join(source.columns[:20]))
    )
    block = tomli_w.dumps({group: {key: source.entry()}}).replace(f"[{group}]\n", "").strip()
    if open_:
        block = "\n".join(f"# {line}".rstrip() for line in block.splitlines())
        about = "\n".join([_comment(text("proposal.open", lang)), about] if not source.role else [about])
    asks = [_comment(text("proposal.ask", lang, what=q.say(lang))) for q in asked]
    return "\n".join([about, *asks, block, ""])


def _comment(words: str) -> str:
    """One line of TOML comment, whatever stands in the names of files and columns."""
    return "# " + "".join(c if c.isprintable() else "?" for c in " ".join(words.split()))


def _settle(sources: list[Source]) -> tuple[dict[str, Source], dict[str, Source]]:
    """Entries by key: those with a role of their own, and those left open (no role, or a role that is taken)."""
    known: dict[str, Source] = {}
    unknown: dict[str, Source] = {}
    taken: set[str] = set()
    for source in sources:
        mark = source.line or source.role
        settled = (
            bool(mark) and mark not in taken and (source.role != "control_line" or source.line is not None)
        )
        key = _id((mark if settled else "") or source.layer or Path(source.path).stem, {**known, **unknown})
        (known if settled else unknown)[key] = source
        if settled:
            taken.add(mark)
    return known, unknown


def _is_source(path: Path) -> bool:
    if path.suffix.lower() == ".gdb":
        return path.is_dir()
    return path.is_file() and path.suffix.lower() in VECTOR | TABLE and not path.name.startswith((".", "~$"))


def _relative(path: Path, folder: Path) -> str:
    resolved, base = path.resolve(), folder.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else resolved.as_posix()


def _id(name: str, taken: dict[str, Any]) -> str:
    plain = (
        "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name).strip("_") or "study"
    )
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
