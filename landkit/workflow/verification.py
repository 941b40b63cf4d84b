"""Verify: whether the files of a run still say what they said when they were written (成果核验)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import LandkitError, LayerError, PlaceError
from landkit.io.printed import read_printed
from landkit.io.printed.texts import json_table
from landkit.ledger.agreement import compare_figures, compare_totals, with_figures
from landkit.ledger.manifest import fingerprint, manifest_text
from landkit.ledger.registry import Difference, build_registry, compare_file
from landkit.present.ledgers import Sheet, sheet_names
from landkit.present.webmap.reread import printed_map
from landkit.printed import Printed
from landkit.text import Lang, text
from landkit.workflow.ground import Progress, quiet

MANIFEST, REGISTRY, LEDGER, SOURCE = "manifest.json", "figures.json", "ledger.xlsx", "results.gpkg"
_NOT_REGISTERED = ("times", f"outputs.{REGISTRY}")  # what differs from run to run, and what is written after


@dataclass(frozen=True)
class Verification:
    """What verifying found (核验结果): one row per place that differs; none where every file stands as it was written."""

    to: Path
    files: int
    table: pd.DataFrame
    differences: tuple[Difference, ...]

    def summary(self) -> dict[str, Any]:
        """The same as plain values, for machines."""
        return {"to": str(self.to), "files": self.files, "differences": self.table.to_dict("records")}

    def describe(self, lang: Lang) -> str:
        """One line per difference, or that there is none."""
        if not self.differences:
            return text("verify.same", lang, count=self.files, path=self.to)
        lines = [text("verify.differs", lang, count=len(self.differences), path=self.to)]
        return "\n".join([*lines, *(_say(d, lang) for d in self.differences)])


def _say(difference: Difference, lang: Lang) -> str:
    facts = dataclasses.asdict(difference)
    facts["figure"] = text("verify.figure", lang, figure=difference.figure) if difference.figure else ""
    facts["table"] = f" {difference.table}" if difference.table else ""
    return "  " + text(f"difference.{facts.pop('kind')}", lang, **facts)


def registry_text(
    files: Mapping[str, Path], manifest: Mapping[str, Any], sheets: Sequence[Sheet], lang: Lang
) -> str:
    """The registry of what was printed: staged files read again, the manifest so far, the figures of its results.

    Raises: LayerError where a file cannot be read again.
    """
    printed = {name: _printed(path) for name, path in files.items()}
    printed[MANIFEST] = [_registered_part(manifest)]
    figures = {
        f"{name}.{column}": float(total)
        for name, facts in manifest["results"].items()
        for column, total in {"rows": facts["rows"], **facts["sums"]}.items()
    }
    return build_registry(printed, figures, sheets=_sheet_facts(sheets, lang))


def _sheet_facts(sheets: Sequence[Sheet], lang: Lang) -> dict[str, Any]:
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


def _printed(path: Path) -> list[Printed]:
    return printed_map(path) if path.suffix == ".html" else read_printed(path)


def _registered_part(manifest: Mapping[str, Any]) -> Printed:
    """The manifest as a table, without what differs from run to run."""
    whole = json_table(json.loads(manifest_text(manifest)))
    keep = [i for i, row in enumerate(whole.rows) if not row.startswith(_NOT_REGISTERED)]
    return Printed("", {"value": [whole.columns["value"][i] for i in keep]}, [whole.rows[i] for i in keep])


def verify(folder: str | Path, *, lang: Lang = "zh", progress: Progress = quiet) -> Verification:
    """Read the files of a run again and name every cell and figure that is not what was written (成果核验).

    Map, ledger, GeoPackage, shapefiles, raster and manifest are compared with the fingerprints of `figures.json`, and
    figures that several of them print with each other.

    Raises: PlaceError where the folder holds no run.
    """
    del lang
    place = Path(folder)
    manifest, registry = (_json(place / n, folder=place) for n in (MANIFEST, REGISTRY))
    files = sorted(n for n in manifest["outputs"] if n != REGISTRY)
    found: list[Difference] = list(_registry_differences(place, manifest))
    printed: dict[str, list[Printed]] = {MANIFEST: [_registered_part(manifest)]}
    for number, name in enumerate(files):
        progress("verify", number, len(files))
        try:
            printed[name] = _printed(place / name) if (place / name).is_file() else []
        except LayerError as error:
            found.append(Difference(name, "unreadable", found=str(error)))
    for name in [*files, MANIFEST]:
        if name in printed:
            found += _file_differences(place, name, printed[name], manifest, registry)
    named = {d.figure for d in found if d.figure} | {d.figure.partition("[")[0] for d in found if d.figure}
    found += [d for d in _figure_differences(printed, manifest, registry) if d.figure not in named]
    progress("verify", len(files), len(files))
    columns = [f.name for f in dataclasses.fields(Difference)]
    table = pd.DataFrame([dataclasses.asdict(d) for d in found], columns=columns)
    return Verification(place, len(files) + 2, table, tuple(found))


def _json(path: Path, *, folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlaceError("verify_nothing", path=str(folder), name=path.name) from error
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
    yield from compare_figures(source, others, rounded=[LEDGER])
    yield from compare_totals(source, manifest["results"])
