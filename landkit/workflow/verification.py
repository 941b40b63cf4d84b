"""Verify: whether the files of a run still say what they said when they were written (成果核验)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import LandkitError, LayerError, PlaceError
from landkit.io.printed.texts import json_table
from landkit.ledger.agreement import compare_figures, compare_totals, with_figures
from landkit.ledger.documents import compare_document, totals_of, with_figures_named
from landkit.ledger.manifest import fingerprint, manifest_text
from landkit.ledger.registry import (
    Difference,
    build_registry,
    compare_file,
    fingerprints_of,
    printed_figures,
)
from landkit.present.ledgers import Sheet
from landkit.printed import NOTHING, Printed
from landkit.text import Lang, text
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.records import (
    RECORDS,
    printed_tables,
    read_record,
    record_differences,
    reread,
    sheet_facts,
    strangers,
)
from landkit.workflow.say import as_html

MANIFEST, REGISTRY, LEDGER, SOURCE = "manifest.json", "figures.json", "ledger.xlsx", "results.gpkg"
_LINES = ("line", "text")  # columns of what is read line by line
_LONG, _AROUND = 80, 15  # characters of a text that is cut, and of what is shown on each side of a change
_MOST_BESIDE = 10  # files that are named
_NOT_REGISTERED = ("times", f"outputs.{REGISTRY}")  # what differs from run to run, and what is written after


@dataclass(frozen=True)
class Verification:
    """What verifying found (核验结果): one row per place that differs; none where every file stands as it was written."""

    to: Path
    files: int
    table: pd.DataFrame
    differences: tuple[Difference, ...]
    beside: tuple[str, ...] = ()
    """files in the folder of a run that are not of it, and were not compared"""
    lang: Lang = "zh"

    def summary(self) -> dict[str, Any]:
        """The same as plain values, for machines."""
        return {
            "to": str(self.to),
            "files": self.files,
            "differences": self.table.to_dict("records"),
            "not_compared": list(self.beside),
        }

    def describe(self, lang: Lang) -> str:
        """One line per difference, or that there is none."""
        head = text("verify.same", lang, count=self.files, path=self.to)
        if self.differences:
            head = text("verify.differs", lang, count=len(self.differences), path=self.to)
        lines = [head, *(_say(d, lang) for d in self.differences)]
        if self.beside:
            named = ", ".join(self.beside[:_MOST_BESIDE]) + (" …" if len(self.beside) > _MOST_BESIDE else "")
            lines.append(text("verify.not_compared", lang, count=len(self.beside), files=named))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return as_html(self.describe(self.lang))


def _say(difference: Difference, lang: Lang) -> str:
    facts = dataclasses.asdict(difference)
    facts["figure"] = text("verify.figure", lang, figure=difference.figure) if difference.figure else ""
    facts["table"] = f" {difference.table}" if difference.table else ""
    kind = facts.pop("kind")
    if kind == "changed":
        facts["meant"], facts["found"] = _where_apart(difference.meant, difference.found)
    if kind in ("changed", "cell") and difference.column in _LINES:
        kind += "_line"
    return "  " + text(f"difference.{kind}", lang, **facts)


def _where_apart(one: str, other: str) -> tuple[str, str]:
    """Two texts, of long ones the part in which they differ."""
    if max(len(one), len(other)) <= _LONG:
        return one, other
    least = min(len(one), len(other))
    head = next((k for k in range(least) if one[k] != other[k]), least)
    tail = next((k for k in range(least - head) if one[-1 - k] != other[-1 - k]), least - head)
    return _part(one, head, tail), _part(other, head, tail)


def _part(words: str, head: int, tail: int) -> str:
    start, end = max(0, head - _AROUND), min(len(words), len(words) - tail + _AROUND)
    return ("…" if start else "") + words[start:end] + ("…" if end < len(words) else "")


def registry_text(
    files: Mapping[str, Path],
    manifest: Mapping[str, Any],
    sheets: Sequence[Sheet],
    lang: Lang,
    documents: Mapping[str, Any] | None = None,
    progress: Progress = quiet,
) -> str:
    """The registry of what was printed: staged files read again, the manifest so far, the figures of its results.

    `documents` says where each document prints which figure.

    Raises: LayerError where a file cannot be read again.
    """
    found = reread(files, _Steps(progress, len(files), "reread"))
    found[MANIFEST] = fingerprints_of([registered_part(manifest)])
    figures = totals_of(manifest["results"])
    return build_registry(found, figures, sheets=sheet_facts(sheets, lang), documents=documents)


def registered_part(manifest: Mapping[str, Any]) -> Printed:
    """The manifest as a table, without what differs from run to run."""
    whole = json_table(json.loads(manifest_text(manifest)))
    keep = [i for i, row in enumerate(whole.rows) if not row.startswith(_NOT_REGISTERED)]
    return Printed("", {"value": [whole.columns["value"][i] for i in keep]}, [whole.rows[i] for i in keep])


def verify(folder: str | Path, *, lang: Lang = "zh", progress: Progress = quiet) -> Verification:
    """Read what stands in a folder again and name every cell and figure that is not what was written (成果核验).

    The folder is one of `landkit run`, `export` or `sheets`, or of several of them.  Of a run, map, ledger, report, GeoPackage,
    shapefiles, raster and manifest are compared with the fingerprints of `figures.json`; of a hand-over and of sheets, every
    file with the cells of `handover.json` and `sheets.json`; and figures that several files print, with each other.  A file
    that nobody listed is a difference in a hand-over, where it would travel along, and is named beside a run.

    Raises: PlaceError where the folder holds none of these, LandkitError where their lists cannot be read.
    """
    place = Path(folder)
    records = {n: read_record(place / n) for n in RECORDS if (place / n).is_file()}
    if not records and not (place / MANIFEST).is_file():
        raise PlaceError("verify_nothing", path=str(place), name=", ".join((MANIFEST, *RECORDS)))
    manifest = _json(place / MANIFEST) if (place / MANIFEST).is_file() else {"outputs": {}}
    of_run = sorted(n for n in manifest["outputs"] if n != REGISTRY)
    names = {*manifest["outputs"], *records, *(f for r in records.values() for f in r["outputs"])}
    step = _Steps(progress, len(of_run) + sum(len(r["outputs"]) for r in records.values()))
    found: list[Difference] = []
    if (place / MANIFEST).is_file():
        names |= {MANIFEST, REGISTRY}
        found += _run_differences(place, manifest, of_run, step)
    for name, record in records.items():
        found += record_differences(place, name, record, step)
    beside = strangers(place, names)
    if not of_run:
        found += [Difference(name, "extra") for name in beside]
    columns = [f.name for f in dataclasses.fields(Difference)]
    table = pd.DataFrame([dataclasses.asdict(d) for d in found], columns=columns)
    return Verification(place, len(names), table, tuple(found), tuple(beside if of_run else ()), lang)


class _Steps:
    """Counts files for those who watch."""

    def __init__(self, progress: Progress, of: int, step: str = "verify") -> None:
        self._progress, self._step, self._of, self._done = progress, step, of, 0
        progress(step, 0, of)

    def __call__(self) -> None:
        self._done += 1
        self._progress(self._step, self._done, self._of)


def _run_differences(
    place: Path, manifest: Mapping[str, Any], files: Sequence[str], step: Callable[[], None]
) -> list[Difference]:
    registry = _json(place / REGISTRY)
    found: list[Difference] = list(_registry_differences(place, manifest))
    printed: dict[str, list[Printed]] = {MANIFEST: [registered_part(manifest)]}
    for name in files:
        try:
            printed[name] = printed_tables(place / name) if (place / name).is_file() else []
        except LayerError as error:
            found.append(Difference(name, "unreadable", found=str(error.facts.get("detail", error))))
        step()
    for name in [*files, MANIFEST]:
        if name in printed:
            found += _file_differences(place, name, printed[name], manifest, registry)
    named = {d.figure for d in found if d.figure} | {d.figure.partition("[")[0] for d in found if d.figure}
    figures = [d for d in _figure_differences(printed, manifest, registry) if d.figure not in named]
    return [*_with_what_was(found, printed), *figures]


def _with_what_was(
    found: Sequence[Difference], printed: Mapping[str, Sequence[Printed]]
) -> Iterator[Difference]:
    """Cells of a layer with what another file of the run still says there."""
    for difference in found:
        others = {n: t for n, t in printed.items() if n == SOURCE or n.startswith("shp/")}
        tables = [t for n, some in others.items() if n != difference.file for t in some]
        meant = next((c for t in tables if (c := _cell(t, difference)) is not None), None)
        if difference.kind == "cell" and meant is not None and meant != difference.found:
            difference = dataclasses.replace(difference, kind="changed", meant=meant)
        yield difference


def _cell(table: Printed, difference: Difference) -> str | None:
    """What a table says where a difference is; None where it has no such row or column."""
    if (
        table.name != difference.table
        or difference.column not in table.columns
        or table.shapes == difference.column
    ):
        return None
    row = next((i for i, r in enumerate(table.rows) if r == difference.row), None)
    return None if row is None else table.columns[difference.column][row].replace(NOTHING, "")


def read_run(place: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Manifest and registry of the run in a folder.   Raises: PlaceError where there is none, LandkitError for damage."""
    return _json(place / MANIFEST), _json(place / REGISTRY)


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlaceError("manifest_file", path=path.name) from error
    except ValueError as error:
        raise LandkitError("verify_damaged", path=str(path)) from error
    return content


def _registry_differences(place: Path, manifest: Mapping[str, Any]) -> Iterator[Difference]:
    said = manifest["outputs"].get(REGISTRY, {}).get("sha256")
    if fingerprint(place / REGISTRY)["sha256"] != said:
        yield Difference(REGISTRY, "registry")


def _file_differences(
    place: Path,
    name: str,
    tables: Sequence[Printed],
    manifest: Mapping[str, Any],
    registry: Mapping[str, Any],
) -> list[Difference]:
    if not (place / name).is_file():
        return [Difference(name, "missing")]
    found = compare_file(name, tables, registry["files"].get(name, {}))
    if name in registry.get("documents", {}):
        found = with_figures_named(found, registry["documents"][name])
    if name == MANIFEST or found:
        return found
    same = fingerprint(place / name)["sha256"] == manifest["outputs"][name].get("sha256")
    return [] if same else [Difference(name, "outside")]


def _figure_differences(
    printed: Mapping[str, Sequence[Printed]], manifest: Mapping[str, Any], registry: Mapping[str, Any]
) -> Iterator[Difference]:
    source = printed.get(SOURCE, [])
    sheets = registry.get("sheets", {})
    others: dict[str, list[Printed]] = {
        name: list(tables) for name, tables in printed.items() if name.startswith("shp/")
    }
    others[LEDGER] = [with_figures(t, sheets[t.name]) for t in printed.get(LEDGER, []) if t.name in sheets]
    yield from compare_figures(source, others, of=SOURCE, rounded=[LEDGER])
    meant = printed_figures(others[LEDGER]) | totals_of(manifest["results"])
    for name, places in registry.get("documents", {}).items():
        yield from compare_document(name, printed.get(name, []), places, meant, of=LEDGER)
    yield from compare_totals(source, manifest["results"], of=SOURCE)
