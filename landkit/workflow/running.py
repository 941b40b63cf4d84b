"""One run (一键成果): everything is asked, and the documents of the study are written, all of them or none."""

from __future__ import annotations

import contextvars
import datetime
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landkit.cluster.spark_context import Where
from landkit.collecting import seldom_collected
from landkit.errors import ExportError, LandkitError
from landkit.io.geopackage import write_geopackage
from landkit.io.shapefile.write import write_shapefile_zip
from landkit.io.styles.qml import layer_style
from landkit.io.workroom import workroom
from landkit.io.write import Outbox, outbox
from landkit.ledger.manifest import manifest_text, result_facts
from landkit.model import Findings, Result, Verdict
from landkit.overlay.shared import require_workers
from landkit.present.breaks import pins_toml
from landkit.present.ledgers import Sheet, write_ledger
from landkit.present.maps import pack_study_map
from landkit.present.rasters import intensity_raster, stock_raster
from landkit.present.webmap import PackedMap, framed
from landkit.study import Study
from landkit.text import Lang, currency, text
from landkit.workflow.ask import Answers, answers_of
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.memory import give_back
from landkit.workflow.reporting.write import REPORT, require_report, stage_report
from landkit.workflow.run_manifest import manifest_of, now, results_of
from landkit.workflow.say import as_summary, clean, write_csv
from landkit.workflow.show import results as show
from landkit.workflow.show.map import map_of
from landkit.workflow.show.summary import summary_of
from landkit.workflow.verification import registry_text

RASTER_CELL_M = 30.0


@dataclass(frozen=True)
class Run:
    """What a run found and wrote (成果): the results, the files by name, and the manifest."""

    to: Path
    outputs: Mapping[str, Path]
    results: Mapping[str, Result]
    findings: Findings
    manifest: Mapping[str, Any] = field(repr=False)
    synthetic: bool = False
    left_out: Mapping[str, LandkitError] = field(default_factory=dict)
    """files that a format could not hold, and why"""

    def summary(self) -> dict[str, Any]:
        """Counts and totals of every result and what was written, for machines."""
        facts = {name: result_facts(result) for name, result in self.results.items()}
        counts = self.findings.table["severity"].value_counts().to_dict()
        facts_of_run: dict[str, Any] = clean(
            {
                "to": str(self.to),
                "outputs": sorted(self.outputs),
                "results": facts,
                "findings": counts,
                "synthetic": self.synthetic,
            }
            | ({"left_out": sorted(self.left_out)} if self.left_out else {})
        )
        return facts_of_run

    def _repr_html_(self) -> str:
        """The map that was written, as a notebook shows it."""
        page = self.outputs["map.html"].read_text(encoding="utf-8")
        return framed(page, title=str(self.to))

    def describe(self, lang: Lang, *, seconds: float) -> str:
        """The same for people, a few lines."""
        lines = [text("cli.synthetic", lang)] if self.synthetic else []
        lines += [as_summary(self.results[name], name, lang) for name in ("stock", "conflicts")]
        lines.append(as_summary(self.findings, "findings", lang, rows=0))
        lines += [error.say(lang) for error in self.left_out.values()]
        lines.append(
            text("cli.run_done", lang, count=len(self.outputs), path=self.to, seconds=f"{seconds:.1f}")
        )
        return "\n".join(lines)

    def fails_on(self, what: str | None) -> bool:
        """Whether the run is asked to fail: error findings, or certain conflicts."""
        if what == "error":
            return bool((self.findings.table["severity"] == "error").any())
        if what == "conflict":
            return bool((self.results["conflicts"].table["verdict"] == Verdict.CONFLICT).any())
        return False


@seldom_collected()
def run(
    study: str | Path | Study,
    *,
    to: str | Path,
    report: bool = False,
    lang: Lang = "zh",
    progress: Progress = quiet,
    cluster: Where | None = None,
) -> Run:
    """Answer everything and write the documents of a study into `to` (一键成果), all of them or none.

    With `report` the Word report stands among them; `landkit.report` takes templates of your own.

    `cluster` is a number of processes of this machine, the address of a dask scheduler (`tcp://host:8786`) or of a Spark master
    (`spark://host:7077`, `yarn`), or a session of Spark; its workers see `to` under the same path, and judge the parcels
    part by part, with the same result.  The parts of a run that was killed are taken up by the next run into the same folder.

    Raises: LandkitError; earlier outputs in `to` are then as they were.
    """
    started = now()
    if report:
        require_report()
    if cluster is None:
        return _run(answers_of(study, lang, progress), to, report, started)
    if isinstance(cluster, int):
        require_workers(cluster, "cluster")
    from landkit.cluster.judging import judges

    with workroom(to) as room, judges(cluster, room, lambda d, of: progress("judge_parts", d, of)) as found:
        return _run(answers_of(study, lang, progress, found), to, report, started)


def _run(answers: Answers, to: str | Path, report: bool, started: datetime.datetime) -> Run:
    lang, progress = answers.lang, answers.progress
    results = results_of(answers)
    answers.let_go()
    give_back()
    money = answers.ground.study.study
    with outbox(to) as box, currency(money.currency_zh, money.currency_en):
        _write_map(answers, box)
        sheets = show.sheets_of(answers)
        left_out: dict[str, LandkitError] = {}
        certificates = _write_documents(answers, results, box, sheets, left_out)
        written = stage_report(answers, sheets, box, progress=progress) if report else None
        so_far = manifest_of(answers, results, box, certificates, started)
        documents = {REPORT: written.places} if written else {}
        box.write_text("figures.json", registry_text(box.staged(), so_far, sheets, lang, documents, progress))
        manifest = manifest_of(answers, results, box, certificates, started)
        box.write_text("manifest.json", manifest_text(manifest))
        names = list(box.staged())
    place = Path(to)
    return Run(
        place,
        {n: place / n for n in names},
        results,
        answers.findings,
        manifest,
        answers.ground.study.synthetic,
        left_out,
    )


def _write_documents(
    answers: Answers,
    results: Mapping[str, Result],
    box: Outbox,
    sheets: Sequence[Sheet],
    left_out: dict[str, LandkitError],
) -> dict[str, Any]:
    """Stage every document but the map, the rasters on a second core; gives the round-trip certificates of the exchange files.

    What a format cannot hold comes into `left_out`.
    """
    with ThreadPoolExecutor(1) as beside:
        drawn = beside.submit(contextvars.copy_context().run, _rasters, answers)
        certificates = _write_tables(answers, results, box, sheets, left_out)
        for name, raster in drawn.result().items():
            box.write_bytes(name, raster)
    return certificates


def _write_tables(
    answers: Answers,
    results: Mapping[str, Result],
    box: Outbox,
    sheets: Sequence[Sheet],
    left_out: dict[str, LandkitError],
) -> dict[str, Any]:
    """The exchange files and the ledger."""
    lang, head, progress = answers.lang, answers.ground.study.study, answers.progress
    created = datetime.datetime.combine(head.as_of, datetime.time(), tzinfo=datetime.UTC)
    layers = {name: show.with_origin(answers, results[name].table) for name in show.layers_of(answers)}
    steps = _steps_of(answers)
    certificates: dict[str, Any] = {}
    progress("write", 1, steps)
    styles = {name: layer_style(name, frame.columns, lang=lang) for name, frame in layers.items()}
    titles = {name: text(f"sheet.{name}", lang) for name in layers}
    certificates["results.gpkg"] = write_geopackage(
        box.path("results.gpkg"), layers, styles=styles, titles=titles, lang=lang
    )
    for done, (name, frame) in enumerate(layers.items(), 2):
        progress("write", done, steps)
        file = f"shp/{name}.zip"
        try:
            certificates[file] = write_shapefile_zip(box.path(file), name, frame, lang=lang)
        except ExportError as error:
            if error.key != "export_too_large":
                raise
            box.give_up(file)
            left_out[file] = error
        give_back()
    progress("write", steps - 1, steps)
    ledger = write_ledger(
        sheets,
        lang=lang,
        title=show.title_of(answers),
        notes=[show.subtitle_of(answers), *show.notes_of(answers), *(e.say(lang) for e in left_out.values())],
        created=created,
        summary=summary_of(answers),
    )
    box.write_bytes("ledger.xlsx", ledger)
    give_back()
    write_csv(box.path("coverage.csv"), answers.conflicts.tables["coverage_matrix"])
    progress("write", steps, steps)
    return certificates


def _steps_of(answers: Answers) -> int:
    """Map, GeoPackage, an exchange file of each layer, ledger: what is told to those who watch."""
    return 3 + len(show.layers_of(answers))


def _write_map(answers: Answers, box: Outbox) -> None:
    """The map and its class breaks, before there are sheets and rasters: all at once are the most that a run holds."""
    answers.progress("write", 0, _steps_of(answers))
    packed, pins = _packed_map(answers)
    give_back()
    box.write_text("map.html", packed.html())
    box.write_text("breaks.toml", pins)
    del packed
    give_back()


def _packed_map(answers: Answers) -> tuple[PackedMap, str]:
    """The map without what it was packed from, and its class breaks as a file."""
    study_map = map_of(answers)
    return pack_study_map(study_map), pins_toml(study_map.pins)


def _rasters(answers: Answers) -> dict[str, bytes]:
    head = answers.ground.study.study
    tags = {
        "STUDY": head.id,
        "AS_OF": str(head.as_of),
        "SYNTHETIC": "yes" if answers.ground.study.synthetic else "no",
    }
    frame, column = _raster_frame(answers), _raster_column(answers)
    drawn: dict[str, Any] = {"cell_m": RASTER_CELL_M, "lang": answers.lang, "tags": tags}
    return {
        "intensity.tif": intensity_raster(frame, column, **drawn),
        "stock_density.tif": stock_raster(answers.stock.table, **drawn),
    }


def _raster_frame(answers: Answers) -> Any:
    """The parcels with their figures and measured area."""
    table = answers.intensity.table
    return table.assign(area_m2=answers.parcels["area_m2"].reindex(table["parcel_id"]).to_numpy(float))


def _raster_column(answers: Answers) -> str:
    """Tax per mu; where a study has none, the first figure that it has."""
    table = answers.intensity.table
    names = (
        "tax_wan_yuan_per_mu",
        "sales_wan_yuan_per_mu",
        "output_wan_yuan_per_mu",
        "investment_wan_yuan_per_mu",
    )
    return next((n for n in names if table[n].notna().any()), names[0])
