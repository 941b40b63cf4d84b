"""Report: the Word document of a study, alone or added to the run that stands in the folder (报告)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from landkit.errors import ExportError, PlaceError, StudyError
from landkit.io.limits import Limits
from landkit.io.office import as_pdf
from landkit.io.printed.document import printed_document
from landkit.io.write import Outbox, outbox, write_bytes_whole
from landkit.io.zips import names_in_zip
from landkit.ledger.documents import figure_places
from landkit.ledger.manifest import fingerprint, manifest_text, result_facts
from landkit.ledger.registry import fingerprints, registry_json
from landkit.model import Result
from landkit.present.ledgers import Sheet
from landkit.study import Study, load_study
from landkit.text import Lang, currency, data_toml, text
from landkit.workflow.ask import Answers, answers_of
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.records import printed_tables
from landkit.workflow.run_manifest import manifest_of, now, results_of
from landkit.workflow.say import as_html
from landkit.workflow.show import results as show
from landkit.workflow.verification import MANIFEST, REGISTRY, read_run, registered_part, registry_text

REPORT: Final = "report.docx"
PDF: Final = "report.pdf"
_SAME: Final = ("id", "lang", "sha256")  # of a study, that a run and its report share


@dataclass(frozen=True)
class Written:
    """A report that was staged: where it prints which figure, and how much it holds."""

    places: Mapping[str, Any]
    tables: int
    maps: int

    @property
    def figures(self) -> int:
        """How many figures with an id it prints."""
        return sum(len(ids) for cells in self.places.values() for ids in cells.values())


@dataclass(frozen=True)
class Report:
    """The report that was written (报告): its files, and whether it was added to a run."""

    to: Path
    files: tuple[str, ...]
    tables: int
    maps: int
    figures: int
    joined: bool
    synthetic: bool = False
    lang: Lang = "zh"

    def summary(self) -> dict[str, Any]:
        """The same as plain values, for machines."""
        names = ("tables", "maps", "figures", "joined", "synthetic")
        return {"to": str(self.to), "files": list(self.files)} | {n: getattr(self, n) for n in names}

    def describe(self, lang: Lang) -> str:
        """The same for people, a line or two."""
        lines = [text("cli.synthetic", lang)] if self.synthetic else []
        facts = {"tables": self.tables, "maps": self.maps, "figures": self.figures}
        lines.append(text("report.done", lang, path=self.to / REPORT, **facts))
        if self.joined:
            lines.append(text("report.done_joined", lang, path=self.to))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return as_html(self.describe(self.lang))


def report(
    study: str | Path | Study,
    *,
    to: str | Path,
    template: str | Path | None = None,
    pdf: bool = False,
    lang: Lang = "zh",
    progress: Progress = quiet,
) -> Report:
    """Write report.docx of a study into `to` (报告), with its registry of figures; where a run of the study stands, join it.

    `template` is a Word document made from `write_report_template`; `pdf` asks LibreOffice for report.pdf as well.  Areas
    are in m2, mu and ha, as in the ledger.

    Raises: ExportError for a wrong template and for a folder with another run, PlaceError where a program or a font is
    missing; earlier documents in `to` are then as they were.
    """
    require_report()
    started, place = now(), Path(to)
    if not isinstance(study, Study) and (Path(study) / MANIFEST).is_file():
        raise StudyError("report_of_run", path=str(study))
    found = study if isinstance(study, Study) else load_study(study)
    brought = _template(template) if template is not None else None
    earlier = _run_to_join(place, found, lang)
    answers = answers_of(found, lang, progress)
    money = found.study
    with outbox(place) as box, currency(money.currency_zh, money.currency_en):
        results = results_of(answers)
        if earlier is not None:
            _require_same(place, earlier[0], results)
        sheets = show.sheets_of(answers)
        written = stage_report(answers, sheets, box, template=brought, progress=progress)
        if pdf:
            as_pdf(box.staged()[REPORT], box.path(PDF))
        if earlier is None:
            so_far = manifest_of(answers, results, box, {}, started)
            documents = {REPORT: written.places}
            box.write_text(REGISTRY, registry_text(box.staged(), so_far, sheets, lang, documents))
            box.write_text(MANIFEST, manifest_text(manifest_of(answers, results, box, {}, started)))
        else:
            _join(*earlier, box, written)
        files = tuple(box.staged())
    return Report(
        place, files, written.tables, written.maps, written.figures, bool(earlier), found.synthetic, lang
    )


def stage_report(
    answers: Answers,
    sheets: Sequence[Sheet],
    box: Outbox,
    *,
    template: tuple[str, bytes] | None = None,
    progress: Progress = quiet,
) -> Written:
    """Make the report from answers and the ledger's sheets, and stage it.   Raises: as `report`."""
    reports = _reports()
    from landkit.workflow.reporting.content import content_of, report_sheets
    from landkit.workflow.reporting.maps import pictures_of

    lang, page = answers.lang, data_toml("report.toml")["page"]
    progress("report", 0, 2)
    pictures = pictures_of(answers)
    progress("report", 1, 2)
    known = report_sheets(answers, sheets)
    printer = reports.Printer(known, lang)
    name, words = template or ("", reports.write_template(lang))
    marked = reports.render_report(
        words,
        content_of(answers, printer, known),
        pictures,
        size_mm=(float(page["picture_mm"][0]), float(page["picture_mm"][1])),
        day=answers.ground.study.study.as_of,
        printer=printer,
        name=name,
    )
    tables = printed_document(io.BytesIO(marked))
    places = figure_places(tables, printer.marks.figures_in)
    box.write_bytes(REPORT, reports.without_marks(marked))
    progress("report", 2, 2)
    return Written(places, sum(t.name.startswith("table ") for t in tables), len(pictures))


def write_report_template(to: str | Path, *, lang: Lang = "zh") -> Path:
    """Write the shipped template to a file (报告模板) to be changed in Word; never replaces one.

    Raises: ExportError where the file exists, PlaceError where it cannot be written.
    """
    path = Path(to)
    if path.exists():
        raise ExportError("report_template_exists", path=str(path))
    write_bytes_whole(path, _reports().write_template(lang))
    return path


def require_report() -> None:
    """Raises PlaceError where docxtpl is not installed: it is told before a study is asked."""
    _reports()


def _reports() -> ModuleType:
    """The room that makes Word documents.   Raises: PlaceError where docxtpl is not installed."""
    try:
        from landkit.present import reports
    except ImportError as error:
        raise PlaceError("export_needs_package", package="docxtpl", extra="report") from error
    return reports


def _template(path: str | Path) -> tuple[str, bytes]:
    """A template's name and bytes, looked into first as any zip is."""
    file = Path(path)
    if not file.is_file():
        raise ExportError("file_missing_alone", path=str(file))
    if file.suffix.lower() != ".docx":
        raise ExportError("report_template_kind", path=str(file))
    names_in_zip(file, Limits())
    return str(file), file.read_bytes()


def _run_to_join(place: Path, study: Study, lang: Lang) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Manifest and registry of the run in a folder, None where there is none, or nothing but an earlier report.

    Raises: ExportError where it is of another study, or in another language.
    """
    if not (place / MANIFEST).is_file():
        return None
    manifest, registry = read_run(place)
    if set(manifest.get("outputs", {})) <= {REPORT, PDF, REGISTRY}:
        return None
    said = manifest.get("study", {})
    head = {"id": study.study.id, "lang": lang, **fingerprint(study.file)}
    if different := [name for name in _SAME if said.get(name) != head[name]]:
        raise ExportError("report_other_run", path=str(place), what=", ".join(different))
    return manifest, registry


def _require_same(place: Path, manifest: Mapping[str, Any], results: Mapping[str, Result]) -> None:
    """A report must not say otherwise than the run beside it.   Raises: ExportError naming what differs."""
    for name, result in results.items():
        facts, found = manifest.get("results", {}).get(name, {}), result_facts(result)
        if different := [f"{name}.{p}" for p in ("rows", "sums", "counts") if facts.get(p) != found[p]]:
            raise ExportError("report_other_run", path=str(place), what=", ".join(different))


def _join(manifest: dict[str, Any], registry: dict[str, Any], box: Outbox, written: Written) -> None:
    """Stage the run's registry and manifest with the report among its files."""
    staged = box.staged()
    for listed in (manifest["outputs"], registry["files"]):
        listed.pop(PDF, None)  # of the document before: it is no longer part of the run
    manifest["outputs"] |= {name: fingerprint(path) for name, path in staged.items()}
    registry.setdefault("documents", {})[REPORT] = written.places
    for name, path in staged.items():
        registry["files"][name] = {t.name: fingerprints(t) for t in printed_tables(path)}
    registry["files"][MANIFEST] = {"": fingerprints(registered_part(manifest))}
    box.write_text(REGISTRY, registry_json(registry))
    manifest["outputs"][REGISTRY] = fingerprint(box.staged()[REGISTRY])
    box.write_text(MANIFEST, manifest_text(manifest))
