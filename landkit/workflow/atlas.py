"""Map sheets of a study: an overview, then one sheet per park or per certain conflict (图集)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

import shapely

from landkit.errors import ExportError
from landkit.io.write import outbox
from landkit.model import Verdict
from landkit.present.sheets import SIZES, Atlas, Subject, draw_atlas
from landkit.study import Study
from landkit.text import Lang, column_label, currency, term, text
from landkit.workflow.adding_up import printed_assemblies
from landkit.workflow.ask import Answers, answers_of, layer_rows
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.records import SHEETS, about_study, record_text
from landkit.workflow.say import as_html, clean
from landkit.workflow.show.map import map_of
from landkit.workflow.show.results import parks_shown

THEMES: Final[Mapping[str, str]] = {"parks": "stock", "conflicts": "verdict", "assemblies": "stock"}
"""what there is one sheet of -> the theme that colours the parcels"""
_PARK_FACTS: Final = ("area_m2", "stock_mu", "conflict_mu", "tax_wan_yuan_per_mu")
_CONFLICT_FACTS: Final = ("encroached_m2", "width_m", "margin_m")
_ASSEMBLY_FACTS: Final = ("area_mu", "confirmed_mu", "candidate_mu")


@dataclass(frozen=True)
class Sheets:
    """The sheets that were drawn (图集成果): files, and one row per page in `table`: page, heading, scale."""

    to: Path
    files: tuple[str, ...]
    table: pd.DataFrame
    synthetic: bool = False
    lang: Lang = "zh"

    def summary(self) -> dict[str, Any]:
        """The same as plain values, for machines."""
        facts: dict[str, Any] = clean(
            {
                "to": str(self.to),
                "files": list(self.files),
                "pages": self.table.to_dict("records"),
                "synthetic": self.synthetic,
            }
        )
        return facts

    def describe(self, lang: Lang) -> str:
        """The same for people, a line or two."""
        lines = [text("cli.synthetic", lang)] if self.synthetic else []
        return "\n".join([*lines, text("sheets.done", lang, count=len(self.table), path=self.to)])

    def _repr_html_(self) -> str:
        return as_html(self.describe(self.lang), self.table)


def sheets(
    study: str | Path | Study,
    *,
    to: str | Path,
    of: str = "parks",
    size: str = "A3",
    png: bool = False,
    lang: Lang = "zh",
    progress: Progress = quiet,
) -> Sheets:
    """Draw the map sheets of a study into `to` (图集): atlas.pdf and, with `png`, a picture of each page.

    `of` is parks, conflicts (the certain ones) or assemblies (adjoining stock of at least the size that the reserve asks
    for); `size` A4, A3, A2 or A1; an overview stands first.  Scales are round
    (1:500 ... 1:1,000,000), the scale bar is true on the ellipsoid at the middle of its sheet.

    Raises: PlaceError where matplotlib or a Chinese font is missing, ExportError where a sheet cannot hold its subject;
    earlier sheets in `to` are then as they were.
    """
    for name, value, known in (("of", of, THEMES), ("size", size, SIZES)):
        if value not in known:
            raise ExportError("sheet_word", name=name, value=value, known="/".join(known))
    answers = answers_of(study, lang, progress)
    found = answers.ground.study
    money = found.study
    with outbox(to) as box, currency(money.currency_zh, money.currency_en):
        atlas = _atlas(answers, of, size)
        scales = draw_atlas(
            atlas,
            box.path("atlas.pdf"),
            (lambda number: box.path(f"png/{number:03}.png")) if png else None,
            lambda done, count: progress("sheets", done, count),
        )
        box.write_text(SHEETS, record_text(box.staged(), about_study(answers)))
        files = tuple(box.staged())
    pages = pd.DataFrame({"page": range(1, len(scales) + 1), "scale": scales})
    pages.insert(1, "heading", [subject.heading for subject in atlas.subjects])
    return Sheets(Path(to), files, pages, found.synthetic, lang)


def _atlas(answers: Answers, of: str, size: str) -> Atlas:
    whole = overview_atlas(answers, THEMES[of], size)
    subjects = {"parks": park_subjects, "conflicts": _conflicts, "assemblies": _assemblies}[of](answers)
    return replace(whole, subjects=[*whole.subjects, *subjects])


def overview_atlas(answers: Answers, theme: str, size: str) -> Atlas:
    """The atlas of a study with its first sheet alone: all of the study area, parcels coloured by a theme."""
    lang, study = answers.lang, map_of(answers)
    head = answers.ground.study.study
    marks = [
        *study.marks,
        (text("sheets.coordinate_unit", lang), text("unit.m", lang)),
        (text("sheets.unit", lang), head.prepared_by or text("marks.open", lang)),
    ]
    return Atlas(
        study=replace(study, marks=marks),
        theme=theme,
        subjects=[_overview(answers)],
        sources=_sources(answers),
        size=size,
        synthetic=answers.ground.study.synthetic,
    )


def _overview(answers: Answers) -> Subject:
    """All of the study area; without a boundary layer, all parks and parcels."""
    layers = answers.ground.layers.values()
    frames = [x.frame for x in layers if x.role == "boundary"] or [
        x.frame for x in layers if x.role in ("parks", "parcels")
    ]
    ground = shapely.box(*shapely.total_bounds([shapely.box(*frame.total_bounds) for frame in frames]))
    parks, parcels = answers.parks.table, answers.parcels
    counts = ((term("role", "parks", answers.lang), parks), (term("role", "parcels", answers.lang), parcels))
    facts = [(label, f"{len(frame):,}") for label, frame in counts if len(frame)]
    return Subject(text("sheets.overview", answers.lang), facts, ground)


def park_subjects(answers: Answers) -> list[Subject]:
    """One per park, in the order of the ledger, with its main figures; none in a study without parks."""
    table = answers.parks.table
    if "geometry" not in table.columns:
        return []
    figures = parks_shown(answers).to_dict("records")  # as in the ledger
    out = []
    for row, ground in zip(figures, table.geometry, strict=True):
        name = row["park_name"] if isinstance(row["park_name"], str) else ""
        out.append(Subject(name or str(row["park_id"]), _facts(row, _PARK_FACTS, answers.lang), ground))
    return out


def _assemblies(answers: Answers) -> list[Subject]:
    """One per group of adjoining stock parcels that is not smaller than the reserve asks, the largest first (连片存量)."""
    table, lang = answers.stock.tables["assemblies"], answers.lang
    units = answers.units("parks", "park_id")
    names = units["park_name"].to_dict() if units is not None and "park_name" in units.columns else {}
    figures = printed_assemblies(table).to_dict("records")
    out = []
    for row, ground in zip(figures, table.geometry, strict=True):
        if row["reserve_size"] == "smaller":
            continue
        parks = [str(names.get(p) or p) for p in row["park_ids"].split(";") if p]
        kinds = [term("stock_class", c, lang) for c in row["all_classes"].split(";") if c]
        joiner = "、" if lang == "zh" else ", "
        facts = [
            (column_label("assembly_id", lang), str(row["assembly_id"])),
            (column_label("park_ids", lang), joiner.join(parks) or text("map_words.no_park", lang)),
            (column_label("parcels", lang), f"{row['parcels']:,}"),
            *_facts(row, _ASSEMBLY_FACTS, lang),
            (column_label("all_classes", lang), joiner.join(kinds)),
            (column_label("reason", lang), str(row["reason"])),
        ]
        out.append(Subject(f"{text('sheets.assembly', lang)} {row['assembly_id']}", facts, ground, True))
    return out


def _conflicts(answers: Answers) -> list[Subject]:
    """One per certain conflict, in the order of the ledger; the parcel is outlined."""
    table = answers.printed_conflicts
    lines = {name: line.name(answers.lang) for name, line in answers.lines.items()}
    lang, shapes = answers.lang, answers.parcels.geometry
    out = []
    for row in table[table["verdict"] == Verdict.CONFLICT].to_dict("records"):
        facts = [
            (column_label("conflict_id", lang), str(row["conflict_id"])),
            (column_label("parcel_id", lang), str(row["parcel_id"])),
            *_facts(row, _CONFLICT_FACTS, lang),
            (column_label("reason", lang), str(row["reason"])),
            (column_label("layer_version", lang), str(row["layer_version"] or text("marks.open", lang))),
        ]
        out.append(
            Subject(f"{lines[row['line']]} · {row['parcel_id']}", facts, shapes[row["parcel_id"]], True)
        )
    return out


def _facts(row: Mapping[Any, Any], columns: Sequence[str], lang: Lang) -> list[tuple[str, str]]:
    return [(column_label(c, lang), f"{row[c]:,.2f}") for c in columns if c in row and pd.notna(row[c])]


def _sources(answers: Answers) -> list[str]:
    """Layers of one version and source on one line: `parcels, parks: 2020 (bureau)`."""
    rows = layer_rows(answers.ground)
    rows = rows[rows["layer"].isin(list(answers.ground.layers))]
    joiner = "、" if answers.lang == "zh" else ", "
    colon = "：" if answers.lang == "zh" else ": "
    lines = {n: line.name(answers.lang) for n, line in answers.lines.items()}
    said: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        layer = answers.ground.layers[row["layer"]]
        name = lines.get(layer.line or "", "") or term("role", layer.role, answers.lang)
        about = " · ".join(str(part) for part in (row["version"], row["source"]) if part)
        about = about or text("marks.open", answers.lang)
        said.setdefault(about, []).append(name)
    return [f"{joiner.join(dict.fromkeys(names))}{colon}{about}" for about, names in said.items()]
