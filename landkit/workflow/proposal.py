"""Propose a study (草拟): look at the headers of files, guess roles by names and columns, and say what must be filled in."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import tomli_w

import pyproj

from landkit.errors import LandkitError, LayerError, StudyError
from landkit.io.tables import read_table
from landkit.io.vector import describe_layers
from landkit.io.write import outbox
from landkit.study import study_schema
from landkit.text import data_toml

VECTOR = {".shp", ".gpkg", ".geojson", ".gdb", ".fgb", ".kml", ".zip"}
TABLE = {".csv", ".xlsx"}
_LINE_HINTS = {
    "ecological_redline": ("stbhhx", "生态保护红线", "redline", "红线"),
    "permanent_basic_farmland": ("yjjbnt", "永久基本农田", "基本农田", "farmland"),
    "urban_development_boundary": ("czkfbj", "城镇开发边界", "开发边界", "udb"),
    "eco_control_area": ("stkjgk", "生态空间管控", "管控区", "eco_control"),
}
_NOTE = """# Proposed by `landkit init` from the files found.  Before you run it, check:
#   role      what each layer stands for
#   fields    source column = our column ("宗地代码" = "parcel_id")
#   accuracy_m, valid_extent   without them every verdict on that control line is not_checked
#   provenance, version, synthetic
"""


def propose_study(folder: Path, files: list[Path], *, force: bool = False) -> tuple[Path, dict[str, Any]]:
    """Write a study.toml for the files into the folder; gives its path and its content."""
    target = folder / "study.toml"
    if target.exists() and not force:
        raise StudyError("study_exists", path=str(target))
    found = files or sorted(p for p in folder.rglob("*") if _is_source(p) and ".landkit" not in p.parts)
    layers: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    systems: list[str] = []
    for path in found:
        _look(path, folder, layers, tables, systems)
    if not layers and not tables:
        raise LayerError("nothing_found", path=str(folder))
    _link(layers)
    proposal: dict[str, Any] = {
        "study": {
            "id": _id(folder.resolve().name, {}),
            "title_zh": folder.resolve().name,
            "title_en": folder.resolve().name,
            "crs": _working_crs(systems),
            "as_of": datetime.datetime.now(tz=datetime.UTC).date(),
            "profile": "yangzhou",
        },
        "layers": layers,
        "tables": tables,
    }
    with outbox(folder) as box:
        box.write_text(
            "study.toml", "#:schema ./study.schema.json\n" + _NOTE + "\n" + tomli_w.dumps(proposal)
        )
        box.write_text("study.schema.json", study_schema())
    return target, proposal


def _is_source(path: Path) -> bool:
    if path.suffix.lower() == ".gdb":
        return path.is_dir()
    return path.is_file() and path.suffix.lower() in VECTOR | TABLE and not path.name.startswith((".", "~$"))


def _look(
    path: Path, folder: Path, layers: dict[str, Any], tables: dict[str, Any], systems: list[str]
) -> None:
    where = _relative(path, folder)
    try:
        if path.suffix.lower() in TABLE:
            columns = [str(c) for c in read_table(path).columns]
            role, fields = _role(path.stem, columns, "none")
            key = _id(
                role if role not in tables and role != "attributes" else path.stem, {**layers, **tables}
            )
            if role != "attributes":
                tables[key] = {"role": role, "path": where, "fields": fields}
            return
        for header in describe_layers(path):
            geometry = "line" if "Line" in str(header["geometry"]) else "polygon"
            role, fields = _role(f"{path.stem} {header['layer']}", header["fields"], geometry)
            line = _line(f"{path.stem} {header['layer']}") if role in ("control_line", "") else None
            role = "control_line" if line else role
            key = _id(line or role or header["layer"], layers)
            layers[key] = {
                "role": role or "industrial_zones",
                "path": where,
                "layer": header["layer"],
                "fields": fields,
            }
            if line:
                layers[key]["line"] = line
            if header["crs"] is None:
                layers[key]["crs"] = "EPSG:4549"
            else:
                systems.append(str(header["crs"]))
    except LandkitError:
        return  # not a layer that landkit can read: left out of the proposal


def _relative(path: Path, folder: Path) -> str:
    resolved, base = path.resolve(), folder.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else resolved.as_posix()


def _role(name: str, columns: list[str], geometry: str) -> tuple[str, dict[str, str]]:
    """The role whose aliases fit the columns best, with the mapping; ties go to the role whose hints stand in the name."""
    best: tuple[float, str, dict[str, str]] = (0.0, "attributes" if geometry == "none" else "", {})
    for role, about in data_toml("fields/roles.toml").items():
        if about["geometry"] != geometry:
            continue
        fields = _mapping(about.get("fields", {}), columns)
        needed = [k for k, f in about.get("fields", {}).items() if f.get("needed")]
        if any(k not in (*fields.values(), *columns) for k in needed):
            continue
        hinted = any(h.lower() in name.lower() for h in about["hints"])
        score = len(fields) + sum(c in about.get("fields", {}) for c in columns) + (3.5 if hinted else 0)
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


def _link(layers: dict[str, Any]) -> None:
    """Only one layer per role; what is over keeps its place in the file with a role a person must choose."""
    seen: set[str] = set()
    for key in list(layers):
        mark = layers[key].get("line") or layers[key]["role"]
        if mark in seen:
            del layers[key]
        seen.add(mark)


def _id(name: str, taken: dict[str, Any]) -> str:
    plain = (
        "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name).strip("_") or "study"
    )
    out, number = plain, 2
    while out in taken:
        out, number = f"{plain}_{number}", number + 1
    return out


def _working_crs(systems: list[str]) -> str:
    for system in systems:
        crs = pyproj.CRS.from_user_input(system)
        if crs.is_projected and crs.axis_info[0].unit_name == "metre" and crs.to_epsg():
            return f"EPSG:{crs.to_epsg()}"
    return "EPSG:4549"
