"""The verbs that others call: each takes a study and gives a result; `run` writes everything."""

from __future__ import annotations

import datetime
import io
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import LandkitError
from landkit.io.export import gdal_version, layer_style, write_geopackage, write_shapefile_zip
from landkit.io.write import outbox
from landkit.ledger.manifest import build_manifest, manifest_text, result_facts
from landkit.model import Capacity, Conflicts, Findings, Intensity, Layout, Parks, Result, Stock, Verdict
from landkit.present.ledgers import write_ledger
from landkit.present.maps import draw_study_map
from landkit.present.rasters import intensity_raster
from landkit.rulebook import RuleBook, rulebook
from landkit.study import Study, load_study
from landkit.text import Lang, column_label, currency, term, text
from landkit.workflow import show
from landkit.workflow.ask import Answers
from landkit.workflow.ground import Progress, quiet, read_ground

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

    def summary(self) -> dict[str, Any]:
        """Counts and totals of every result and what was written, for machines."""
        facts = {name: result_facts(result) for name, result in self.results.items()}
        counts = self.findings.table["severity"].value_counts().to_dict()
        facts_of_run: dict[str, Any] = _clean(
            {
                "to": str(self.to),
                "outputs": sorted(self.outputs),
                "results": facts,
                "findings": counts,
                "synthetic": self.synthetic,
            }
        )
        return facts_of_run

    def describe(self, lang: Lang, *, seconds: float) -> str:
        """The same for people, a few lines."""
        lines = [text("cli.synthetic", lang)] if self.synthetic else []
        lines += [as_summary(self.results[name], name, lang) for name in ("stock", "conflicts")]
        lines.append(as_summary(self.findings, "findings", lang, rows=0))
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


def _answers(study: str | Path | Study, lang: Lang, progress: Progress) -> Answers:
    found = study if isinstance(study, Study) else load_study(study)
    return Answers(read_ground(found, progress), lang=lang, progress=progress)


def check(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Findings:
    """What is wrong with the layers of a study (质检), one row per finding, gravest first.

    Raises: LandkitError where the study cannot be read at all.
    """
    answers = _answers(study, lang, progress)
    answers.places("parks", "park_id")
    return answers.findings


def stock(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Stock:
    """Redevelopment stock (存量), one row per parcel; areas in m2, mu, ha.   Source: 国土资源部令第53号; the rule profile."""
    return _answers(study, lang, progress).stock


def conflicts(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Conflicts:
    """Conflicts (冲突), one row per parcel x control line, with verdict, width, margin (m) and encroached area (m2)."""
    return _answers(study, lang, progress).conflicts


def layout(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Layout:
    """Fit with the plan's layout (布局), one row per parcel; `.tables["parks"]` one per park."""
    return _answers(study, lang, progress).layout


def intensity(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Intensity:
    """Output intensity (强度) in wan yuan per mu, one row per parcel; `.tables["enterprises"]` one per enterprise."""
    return _answers(study, lang, progress).intensity


def parks(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Parks:
    """Parks (园区), one row per park."""
    return _answers(study, lang, progress).parks


def capacity(study: str | Path | Study, *, lang: Lang = "zh", progress: Progress = quiet) -> Capacity:
    """Land left for growth (增量), one row per park: mu, years."""
    return _answers(study, lang, progress).capacity


def rules(*, on: str | datetime.date | None = None, profile: str = "yangzhou") -> RuleBook:
    """The rules in force on a day (规则库), today by default.   Raises: RuleError, LandkitError for a bad day."""
    if isinstance(on, str):
        try:
            on = datetime.date.fromisoformat(on)
        except ValueError as error:
            raise LandkitError("bad_day", value=on) from error
    path = Path(profile)
    day = on or datetime.datetime.now(tz=datetime.UTC).date()
    return (
        rulebook(path.name, on=day, folder=path.parent)
        if profile.endswith(".toml")
        else rulebook(profile, on=day)
    )


def run(study: str | Path | Study, *, to: str | Path, lang: Lang = "zh", progress: Progress = quiet) -> Run:
    """Answer everything and write the documents of a study into `to` (一键成果), all of them or none.

    Raises: LandkitError; earlier outputs in `to` are then as they were.
    """
    started = _now()
    answers = _answers(study, lang, progress)
    results: dict[str, Result] = {
        "stock": answers.stock,
        "conflicts": answers.conflicts,
        "layout": answers.layout,
        "intensity": answers.intensity,
        "parks": answers.parks,
        "capacity": answers.capacity,
    }
    money = answers.ground.study.study
    with outbox(to) as box, currency(money.currency_zh, money.currency_en):
        certificates = _write_documents(answers, results, box, progress)
        manifest = _manifest(answers, results, box, certificates, started)
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
    )


def _write_documents(
    answers: Answers, results: Mapping[str, Result], box: Any, progress: Progress
) -> dict[str, Any]:
    """Stage every document; gives the round-trip certificates of the exchange files."""
    lang, head = answers.lang, answers.ground.study.study
    created = datetime.datetime.combine(head.as_of, datetime.time(), tzinfo=datetime.UTC)
    layers = {name: _with_origin(answers, results[name].table) for name in show.RESULTS}
    steps = 3 + len(layers) + 1
    certificates: dict[str, Any] = {}
    progress("write", 0, steps)
    box.write_text("map.html", draw_study_map(show.map_of(answers)))
    progress("write", 1, steps)
    styles = {name: layer_style(name, frame.columns, lang=lang) for name, frame in layers.items()}
    titles = {name: text(f"sheet.{name}", lang) for name in layers}
    certificates["results.gpkg"] = write_geopackage(
        box.path("results.gpkg"), layers, styles=styles, titles=titles, lang=lang
    )
    for done, (name, frame) in enumerate(layers.items(), 2):
        progress("write", done, steps)
        certificates[f"shp/{name}.zip"] = write_shapefile_zip(
            box.path(f"shp/{name}.zip"), name, frame, lang=lang
        )
    progress("write", steps - 2, steps)
    ledger = write_ledger(
        show.sheets_of(answers),
        lang=lang,
        title=show.title_of(answers),
        notes=[show.subtitle_of(answers), *show.notes_of(answers)],
        created=created,
        summary=show.summary_of(answers),
    )
    box.write_bytes("ledger.xlsx", ledger)
    progress("write", steps - 1, steps)
    tags = {
        "STUDY": head.id,
        "AS_OF": str(head.as_of),
        "SYNTHETIC": "yes" if answers.ground.study.synthetic else "no",
    }
    raster = intensity_raster(
        _raster_frame(answers), _raster_column(answers), cell_m=RASTER_CELL_M, lang=lang, tags=tags
    )
    box.write_bytes("intensity.tif", raster)
    progress("write", steps, steps)
    return certificates


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


def _with_origin(answers: Answers, table: pd.DataFrame) -> pd.DataFrame:
    """Every row of an exchange file says whether its study is made up."""
    synthetic = answers.ground.study.synthetic
    return table.assign(synthetic=term("yes_no", str(synthetic).lower(), answers.lang))


def _manifest(
    answers: Answers,
    results: Mapping[str, Result],
    box: Any,
    certificates: Mapping[str, Any],
    started: datetime.datetime,
) -> dict[str, Any]:
    ground = answers.ground
    head = ground.study.study
    used = {r.id: r for result in results.values() for r in result.rules}
    about = {
        "id": head.id,
        "title": show.title_of(answers),
        "as_of": str(head.as_of),
        "rules_on": str(ground.study.rules_on),
        "profile": head.profile,
        "crs": head.crs,
        "lang": answers.lang,
        "synthetic": ground.study.synthetic,
    }
    tables = {
        e["id"]: {k: v for k, v in e.items() if k not in ("id", "sha256")}
        for e in ground.inputs
        if e["id"] in ground.study.tables
    }
    return build_manifest(
        study_file=ground.study.file,
        layers=ground.layers.values(),
        rules=used.values(),
        results={**results, "findings": answers.findings},
        outputs=box.staged(),
        times=(started, _now()),
        about=about,
        tables=tables,
        versions={"gdal_pyogrio": gdal_version()},
        certificates=certificates,
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(tz=datetime.UTC)


# --- results as text, records and CSV ------------------------------------------------------------------------------


def as_records(result: Result) -> dict[str, Any]:
    """A result as plain values for JSON: rows of the table without geometry, and its further tables."""
    tables = {name: _rows(table) for name, table in result.tables.items()}
    return {
        "rows": _rows(result.table),
        "tables": tables,
        "rules": [r.id for r in result.rules],
        "layers": dict(result.layers),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = pd.DataFrame(table.drop(columns=["geometry", "reasons"], errors="ignore"))
    return [{str(k): _clean(v) for k, v in row.items()} for row in plain.to_dict("records")]


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and not math.isfinite(value))
    ):
        return None
    if isinstance(value, pd.Timestamp | datetime.date):
        return value.strftime("%Y-%m-%d")
    return value


def as_summary(result: Result, name: str, lang: Lang, *, rows: int = 12) -> str:
    """The few lines a person wants to see of a result."""
    if name == "stock":
        table = result.tables["by_class"][
            ["stock_class", "stock_status", "parcels", "area_mu", "area_ha", "net_area_mu"]
        ]
    elif name == "conflicts":
        table = result.tables["by_line"][["line", "verdict", "parcels", "encroached_mu", "encroached_ha"]]
    elif name == "layout":
        table = result.table.groupby("layout_verdict").size().rename("parcels").reset_index()
    elif name == "intensity":
        table = result.tables["conservation"]
    elif name == "findings":
        table = (
            result.table.groupby(["severity", "layer", "check"], sort=False)
            .size()
            .rename("count")
            .reset_index()
        )
        rows = max(rows, 20) if rows else 0
    else:
        table = pd.DataFrame(result.table.drop(columns=["geometry"], errors="ignore"))
        table = table[[c for c in _SHOWN[name] if c in table.columns]]
    title = text(f"sheet.{name}", lang)
    if name == "findings" and not rows:
        counts = result.table["severity"].value_counts()
        return f"{title}: " + ", ".join(
            f"{term('severity', s, lang)} {counts.get(s, 0)}" for s in ("error", "warning", "note")
        )
    return f"{title}\n{as_text_table(table, lang, most=rows if name == 'findings' else 60)}"


_SHOWN = {
    "parks": [
        "park_id",
        "park_name",
        "area_m2",
        "stock_mu",
        "conflict_mu",
        "tax_wan_yuan_per_mu",
        "sales_wan_yuan_per_mu",
    ],
    "capacity": ["park_id", "park_name", "spare_mu", "yearly_supply_mu", "years_left", "reserve", "stock_mu"],
}
_GROUPS = {
    "figure": "column",
    "stock_class": "stock_class",
    "stock_status": "stock_status",
    "verdict": "verdict",
    "layout_verdict": "layout_verdict",
    "severity": "severity",
    "line": "line",
    "reserve": "reserve",
    "basis": "basis",
}


def as_text_table(table: pd.DataFrame, lang: Lang, *, most: int = 200) -> str:
    """A table for a terminal: codes as words, columns under their labels, Chinese aligned."""
    shown = table.head(most)
    columns = [
        [column_label(str(c), lang), *[_cell(v, _GROUPS.get(str(c)), lang) for v in shown[c]]]
        for c in shown.columns
    ]
    right = [
        pd.api.types.is_numeric_dtype(shown[c]) and not pd.api.types.is_bool_dtype(shown[c])
        for c in shown.columns
    ]
    widths = [max(_width(v) for v in column) for column in columns]
    lines = []
    for at in range(len(shown) + 1):
        cells = [
            " " * (w - _width(c[at])) + c[at] if r else c[at] + " " * (w - _width(c[at]))
            for c, w, r in zip(columns, widths, right, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    if len(table) > most:
        lines.append(text("cli.more_rows", lang, count=len(table) - most))
    return "\n".join(lines)


def as_rule_list(table: pd.DataFrame, lang: Lang) -> str:
    """Rules for a terminal: id, name, value with unit and basis on one line, the citation below."""
    lines = []
    for row in table.to_dict("records"):
        read = "" if row["verified"] else text("cli.rule_unverified", lang)
        may = "" if row["decides"] else text("cli.rule_may", lang)
        lines.append(f"{row['rule']}  {row['rule_name']}")
        lines.append(f"    {row['value']} [{row['unit']}]  {term('basis', row['basis'], lang)}{may}{read}")
        span = f"{row['since'] or '…'} – {row['until'] or '…'}"
        lines.append(f"    {row['citation']}  ({span})")
    return "\n".join(lines)


def _cell(value: Any, group: str | None, lang: Lang) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if group:
        return term(group, value, lang) or "—"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


def write_tables(result: Result, name: str, to: str | Path) -> list[Path]:
    """A result's tables as CSV (UTF-8 with BOM, so that Excel shows Chinese), all or none."""
    tables = {name: result.table, **{f"{name}_{k}": v for k, v in result.tables.items()}}
    with outbox(to) as box:
        for key, table in tables.items():
            box.write_text(f"{key}.csv", _csv(table), encoding="utf-8-sig")
        names = list(box.staged())
    return [Path(to) / n for n in names]


def _csv(table: pd.DataFrame) -> str:
    plain = pd.DataFrame(table.drop(columns=["geometry", "reasons"], errors="ignore"))
    for column in plain.columns:
        if plain[column].dtype == object or str(plain[column].dtype) == "str":
            plain[column] = plain[column].map(_defused)
    out = io.StringIO()
    plain.to_csv(out, index=False, lineterminator="\r\n")
    return out.getvalue()


def _defused(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is kept as text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def propose(
    folder: str | Path, files: tuple[str, ...] = (), *, force: bool = False
) -> tuple[Path, dict[str, Any]]:
    """Propose a study.toml for the files of a folder and write it there; gives its path and what it says.

    Raises: StudyError where there is one already (unless `force`), LayerError where nothing is recognised.
    """
    from landkit.workflow.proposal import propose_study

    return propose_study(Path(folder), [Path(f) for f in files], force=force)


def init(folder: str | Path, files: tuple[str, ...] = ()) -> Path:
    """A study.toml proposed from the files found (草拟研究); never replaces one.   Raises: StudyError, LayerError."""
    return propose(folder, files)[0]
