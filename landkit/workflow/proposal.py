"""Propose a study (草拟): look at the headers of files, guess roles by names and columns, and say what must be filled in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

import pyproj

from landkit.errors import LandkitError, LayerError, StudyError
from landkit.io.tables import read_table
from landkit.io.vector import describe_layers
from landkit.io.write import write_whole
from landkit.study import study_schema
from landkit.text import Lang, data_toml, text

VECTOR = {".shp", ".gpkg", ".geojson", ".gdb", ".fgb", ".kml", ".zip"}
TABLE = {".csv", ".xlsx"}
_LINE_HINTS = {
    "ecological_redline": ("stbhhx", "生态保护红线", "redline", "红线"),
    "permanent_basic_farmland": ("yjjbnt", "永久基本农田", "基本农田", "farmland"),
    "urban_development_boundary": ("czkfbj", "城镇开发边界", "开发边界", "udb"),
    "eco_control_area": ("stkjgk", "生态空间管控", "管控区", "eco_control"),
}
_USUAL_CRS = "EPSG:4549"  # where no layer names one in metres; the proposal says that it is only that


@dataclass
class Source:
    """One layer or table that was found, and what it seems to be; `role` "" where a person must say."""

    path: str
    layer: str | None
    columns: list[str]
    geometry: str  # polygon | line | none
    rows: int
    crs: str | None = None
    role: str = ""
    line: str | None = None
    fields: dict[str, str] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """Its table in study.toml."""
        out: dict[str, Any] = {"role": self.role or "?", "path": self.path}
        if self.layer:
            out["layer"] = self.layer
        if self.line:
            out["line"] = self.line
        if self.geometry != "none" and self.crs is None:
            out["crs"] = "?"
        if self.fields:
            out["fields"] = self.fields
        return out


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
            sources += _sources(path, folder)
        except LandkitError as error:
            unread.append((_relative(path, folder), error))
    if not sources and unread:
        raise unread[0][1]
    if not sources:
        raise LayerError("nothing_found", path=str(folder))
    known, unknown = _settle(sources)
    name = folder.resolve().name
    crs = _working_crs([x.crs for x in sources if x.crs])
    head = {
        "id": _id(name, {}),
        "title_zh": name,
        "title_en": name,
        "crs": crs or _USUAL_CRS,
        "as_of": datetime.datetime.now(tz=datetime.UTC).date(),
        "profile": "yangzhou",
    }
    proposal = {
        "study": head,
        "layers": {k: x.entry() for k, x in known.items() if x.geometry != "none"},
        "tables": {k: x.entry() for k, x in known.items() if x.geometry == "none"},
    }
    notes = [_comment(line) for line in text("proposal.head", lang).splitlines()]
    if crs is None:
        notes.append(_comment(text("proposal.usual_crs", lang, crs=_USUAL_CRS)))
    parts = ["#:schema ./study.schema.json", *notes, "", tomli_w.dumps({"study": head})]
    parts += [_block(k, x, lang) for k, x in known.items()]
    parts += [_block(k, x, lang, open_=True) for k, x in unknown.items()]
    parts += [_comment(text("proposal.unread", lang, path=w, why=e.say(lang))) for w, e in unread]
    write_whole(folder / "study.schema.json", study_schema())
    write_whole(target, "\n".join(parts).rstrip() + "\n")
    return target, proposal


def _block(key: str, source: Source, lang: Lang, *, open_: bool = False) -> str:
    """An entry with a line on what was found; commented out where the role is open."""
    group = "tables" if source.geometry == "none" else "layers"
    about = _comment(
        text(f"proposal.{group}", lang, count=source.rows, columns=", ".join(source.columns[:20]))
    )
    block = tomli_w.dumps({group: {key: source.entry()}}).replace(f"[{group}]\n", "").strip()
    if open_:
        block = "\n".join(f"# {line}" for line in block.splitlines())
        about = f"{_comment(text('proposal.open', lang))}\n{about}"
    return f"{about}\n{block}\n"


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


def _sources(path: Path, folder: Path) -> list[Source]:
    """The layers or the table of a file.  Raises: LandkitError where it cannot be read."""
    where = _relative(path, folder)
    if path.suffix.lower() in TABLE:
        table = read_table(path)
        found = Source(where, None, [str(c) for c in table.columns], "none", len(table))
        found.role, found.fields = _role(path.stem, found.columns, "none")
        return [found]
    return [_layer(path, where, header) for header in describe_layers(path)]


def _layer(path: Path, where: str, header: dict[str, Any]) -> Source:
    geometry = "line" if "Line" in str(header["geometry"]) else "polygon"
    found = Source(where, header["layer"], header["fields"], geometry, header["rows"], header["crs"])
    name = f"{path.stem} {header['layer']}"
    found.line = _line(name)
    if found.line:
        known = data_toml("fields/roles.toml")["control_line"]["fields"]
        found.role, found.fields = "control_line", _mapping(known, found.columns)
    else:
        found.role, found.fields = _role(name, found.columns, geometry)
    return found


def _relative(path: Path, folder: Path) -> str:
    resolved, base = path.resolve(), folder.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else resolved.as_posix()


def _role(name: str, columns: list[str], geometry: str) -> tuple[str, dict[str, str]]:
    """The role whose aliases fit the columns best, with the mapping; "" where neither name nor two columns speak for one."""
    best: tuple[float, str, dict[str, str]] = (1.9, "", {})
    for role, about in data_toml("fields/roles.toml").items():
        known = about.get("fields", {})
        if about["geometry"] != geometry:
            continue
        fields = _mapping(known, columns)
        named = [*fields.values(), *(c for c in columns if c in known)]
        needed = [k for k, f in known.items() if f.get("needed")]
        hinted = any(h.lower() in name.lower() for h in about["hints"])
        if any(k not in named for k in needed):
            continue
        score = len(named) + (3.5 if hinted else 0) + (100 if role == name.split()[-1] else 0)
        if score > best[0]:
            best = (score, role, fields)
    return best[1], best[2]


def _mapping(known: dict[str, Any], columns: list[str]) -> dict[str, str]:
    lower = {c.lower(): c for c in reversed(columns)}
    found: dict[str, str] = {}
    for ours, spec in known.items():
        if ours in columns:
            continue
        match = next((lower[a.lower()] for a in [*spec["aliases"], spec["zh"]] if a.lower() in lower), None)
        if match and match not in found:
            found[match] = ours
    return found


def _line(name: str) -> str | None:
    return next((line for line, hints in _LINE_HINTS.items() if any(h in name.lower() for h in hints)), None)


def _id(name: str, taken: dict[str, Any]) -> str:
    plain = (
        "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name).strip("_") or "study"
    )
    out, number = plain, 2
    while out in taken:
        out, number = f"{plain}_{number}", number + 1
    return out


def _working_crs(systems: list[str]) -> str | None:
    """The first projected system in metres that a layer names; None where none does."""
    for system in systems:
        crs = pyproj.CRS.from_user_input(system)
        if crs.is_projected and crs.axis_info[0].unit_name == "metre" and crs.to_epsg():
            return f"EPSG:{crs.to_epsg()}"
    return None
