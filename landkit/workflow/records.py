"""Records of what is handed over: written with a hand-over or an atlas, compared when it is verified (交付登记与核验)."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from landkit.errors import LandkitError, LayerError, PlaceError
from landkit.io.handover import Handed
from landkit.io.printed import read_in_parts, read_printed
from landkit.ledger.agreement import compare_figures
from landkit.ledger.manifest import fingerprint
from landkit.ledger.record import build_record, compare_recorded, is_sealed
from landkit.ledger.registry import Difference, fingerprints_of
from landkit.present.ledgers import Sheet, sheet_names
from landkit.present.webmap.reread import map_parts, printed_map
from landkit.printed import NOTHING, Printed
from landkit.text import Lang, text
from landkit.workflow.ask import Answers
from landkit.workflow.memory import give_back

HANDOVER, SHEETS = "handover.json", "sheets.json"
RECORDS: Final = (HANDOVER, SHEETS)
CHECK: Final = "handover_check.xlsx"
_MEASURES: Final = {
    "rows": "rows",
    "drawn_area": "area",
    **{name: name for name in ("x_min", "y_min", "x_max", "y_max")},
}
"""columns of the check, and what they measure of a table"""
_SLACK: Final = 1e-6  # of a measure: what formats with a grid move
_UNMEASURED: Final = ("dxf", "txt")  # outlines without areas


def printed_tables(path: Path) -> list[Printed]:
    """The tables of any file that landkit wrote.   Raises: LayerError where it cannot be read any more."""
    return printed_map(path) if path.suffix == ".html" else read_printed(path)


def reread(files: Mapping[str, Path], told: Callable[[], object]) -> dict[str, dict[str, dict[str, Any]]]:
    """The fingerprints of the tables of staged files, two files at a time; `told()` is called after each.

    Raises: LayerError where one cannot be read again.
    """

    def of_file(path: Path) -> dict[str, dict[str, Any]]:
        found = fingerprints_of(map_parts(path) if path.suffix == ".html" else read_in_parts(path))
        give_back()
        told()
        return found

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(files, pool.map(of_file, files.values()), strict=True))


def about_study(answers: Answers) -> dict[str, Any]:
    """Of which study, day and rules the files are."""
    study = answers.ground.study
    head = study.study
    return {
        "study": head.id,
        "as_of": str(head.as_of),
        "rules_on": str(study.rules_on),
        "profile": head.profile,
        "lang": answers.lang,
        "synthetic": study.synthetic,
    }


def record_text(files: Mapping[str, Path], about: Mapping[str, Any], handed: Sequence[Handed] = ()) -> str:
    """The record of staged files, which are read again for it.

    Raises: LayerError where a file cannot be read again, PlaceError where a package is missing.
    """
    with ThreadPoolExecutor(2) as pool:
        printed = dict(zip(files, pool.map(printed_tables, files.values()), strict=True))
    layers = [_layer_of(h, printed[h.file]) for h in handed if h.fields]
    outputs = {name: fingerprint(path) for name, path in files.items()}
    return build_record(printed, about={**about, "layers": layers}, outputs=outputs)


def _layer_of(handed: Handed, tables: Sequence[Printed]) -> dict[str, Any]:
    """Which table of a file holds a layer, and our names of its columns where it has others."""
    table = next((t for t in tables if t.name == handed.layer), None)
    names: dict[str, str] = {}
    if table is None:  # under a title
        names = {f[0]: f[1] for f in handed.fields if f[0] != f[1]}
        wanted = [f[0] for f in handed.fields]
        table = next((t for t in tables if [c for c in t.columns if c != t.shapes] == wanted), tables[0])
    return {
        "file": handed.file,
        "layer": handed.layer,
        "table": table.name,
        "format": handed.format,
        "names": names,
    }


def sheet_facts(sheets: Sequence[Sheet], lang: Lang) -> dict[str, Any]:
    """Of each sheet of the ledger: the id of its table, its rows, and the column of ours behind each letter."""
    names = sheet_names([text("ledger.summary", lang), *(s.name for s in sheets)])[1:]
    return {
        name: {
            "id": sheet.id,
            "rows": len(sheet.frame),
            "columns": {_letter(i): str(c) for i, c in enumerate(sheet.frame.columns)},
        }
        for name, sheet in zip(names, sheets, strict=True)
        if sheet.id
    }


def _letter(place: int) -> str:
    return (_letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def read_record(path: Path) -> dict[str, Any]:
    """A record.   Raises: LandkitError where it is none any more."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {k: content[k] for k in ("outputs", "files", "cells", "about", "seal")}
    except OSError as error:
        raise PlaceError("manifest_file", path=path.name) from error
    except (ValueError, KeyError, TypeError) as error:
        raise LandkitError("verify_damaged", path=str(path)) from error
    return known | content


def record_differences(
    folder: Path, name: str, record: Mapping[str, Any], step: Callable[[], None]
) -> Iterator[Difference]:
    """What the files of a record say otherwise than when it was made; `step()` is called after each file."""
    if not is_sealed(record):
        yield Difference(name, "registry")
    printed: dict[str, list[Printed]] = {}
    named: set[str] = set()
    for file in record["outputs"]:
        found = list(_file_differences(folder, file, record, printed))
        named |= {d.figure for d in found}
        yield from found
        step()
    yield from _certificate_differences(record, printed)
    yield from (d for d in _figure_differences(record, printed) if d.figure not in named)


def _file_differences(
    folder: Path, file: str, record: Mapping[str, Any], printed: dict[str, list[Printed]]
) -> Iterator[Difference]:
    path = folder / file
    if not path.is_file():
        yield Difference(file, "missing")
        return
    same = fingerprint(path)["sha256"] == record["outputs"][file].get("sha256")
    try:
        printed[file] = printed_tables(path)
    except LayerError as error:
        yield Difference(file, "unreadable", found=str(error.facts.get("detail", error)))
        return
    try:
        found = [] if same else compare_recorded(file, printed[file], record)
    except (KeyError, ValueError, zlib.error) as error:  # a record that was changed
        raise LandkitError("verify_damaged", path=str(folder)) from error
    yield from found
    if not same and not found:
        yield Difference(file, "outside")


def _certificate_differences(
    record: Mapping[str, Any], printed: Mapping[str, Sequence[Printed]]
) -> Iterator[Difference]:
    """Rows, area and bounds that handover_check.xlsx certifies against those of the files."""
    certified = _certified(record, printed)
    for about in record["about"].get("layers", []):
        table = next((t for t in printed.get(about["file"], []) if t.name == about["table"]), None)
        if table is None or about["format"] in _UNMEASURED:
            continue
        has = {"rows": float(len(table.rows)), **table.drawn}
        for column, meant in certified.get((about["file"], about["layer"]), {}).items():
            found = has.get(_MEASURES[column], meant)
            if not abs(found - meant) <= _SLACK * max(1.0, abs(meant)):
                said = {"found": f"{found:.15g}", "meant": f"{meant:.15g}"}
                yield Difference(
                    about["file"], "certificate", row=about["layer"], column=column, other=CHECK, **said
                )


def _certified(
    record: Mapping[str, Any], printed: Mapping[str, Sequence[Printed]]
) -> dict[tuple[str, str], dict[str, float]]:
    """What the check says of each layer in each file: the measures by column."""
    about = record["about"].get("check")
    table = next((t for t in printed.get(CHECK, []) if about and t.name == about["name"]), None)
    if table is None:
        return {}
    columns = {name: table.columns.get(letter, ()) for letter, name in about["columns"].items()}
    found: dict[tuple[str, str], dict[str, float]] = {}
    for at in range(1, min(int(about["rows"]) + 1, len(table.rows))):
        row = {name: cells[at] for name, cells in columns.items() if at < len(cells)}
        with contextlib.suppress(ValueError):  # text where a number stood: named as a cell
            known = {n: float(row[n]) for n in _MEASURES if row.get(n, NOTHING) != NOTHING}
            found[row["file"], row["layer"]] = known
    return found


def _figure_differences(
    record: Mapping[str, Any], printed: Mapping[str, Sequence[Printed]]
) -> Iterator[Difference]:
    """Figures of one layer that several formats print: each against the first that holds the layer."""
    first: dict[str, tuple[str, Printed]] = {}
    for about in record["about"].get("layers", []):
        table = next((t for t in printed.get(about["file"], []) if t.name == about["table"]), None)
        if table is None:
            continue
        ours = _under_our_names(table, about)
        file, source = first.setdefault(about["layer"], (about["file"], ours))
        if file != about["file"]:
            yield from compare_figures([source], {about["file"]: [ours]}, of=file)


def _under_our_names(table: Printed, about: Mapping[str, Any]) -> Printed:
    names = about["names"]
    columns = {names.get(c, c): cells for c, cells in table.columns.items()}
    figures = {names.get(c, c): f"{about['layer']}.{names.get(c, c)}" for c in table.figures}
    return dataclasses.replace(table, columns=columns, figures=figures)


def strangers(folder: Path, known: Iterable[str]) -> list[str]:
    """Files of a folder that nobody listed; those that programs leave behind while they hold a file open are none."""
    listed = set(known)
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    names = sorted(p.as_posix() for p in found if not any(_is_hidden(part) for part in p.parts))
    return [n for n in names if n not in listed]


def _is_hidden(part: str) -> bool:
    return part.startswith((".", "~$")) or part.casefold() in ("thumbs.db", "desktop.ini")
