"""Export: the results of a study in the formats that others work with, each certified (成果交付)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import ExportError, nearest
from landkit.io.handover import FORMATS, Handed, Order, hand_over
from landkit.io.shapefile.dbf import Encoding
from landkit.io.write import outbox
from landkit.present.ledgers import Sheet, Summary, write_ledger
from landkit.study import Study
from landkit.text import Lang, currency, text
from landkit.workflow.ask import Answers, answers_of
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.records import CHECK, HANDOVER, about_study, record_text, sheet_facts
from landkit.workflow.say import as_html, clean
from landkit.workflow.show import results as show

_KEYS: Mapping[str, str] = {
    "stock": "parcel_id",
    "conflicts": "conflict_id",
    "layout": "parcel_id",
    "intensity": "parcel_id",
    "parks": "park_id",
}


@dataclass(frozen=True)
class HandOver:
    """What was handed over (交付结果): files, one row per layer and file, what a format changed, the fields."""

    to: Path
    files: tuple[str, ...]
    table: pd.DataFrame
    changes: pd.DataFrame
    fields: pd.DataFrame = field(repr=False)
    synthetic: bool = False
    lang: Lang = "zh"

    def summary(self) -> dict[str, Any]:
        """The same as plain values, for machines."""
        facts: dict[str, Any] = clean(
            {
                "to": str(self.to),
                "files": list(self.files),
                "checks": self.table.to_dict("records"),
                "changes": self.changes.to_dict("records"),
                "synthetic": self.synthetic,
            }
        )
        return facts

    def describe(self, lang: Lang) -> str:
        """The same for people, a few lines."""
        lines = [text("cli.synthetic", lang)] if self.synthetic else []
        lines.append(text("handover.done", lang, count=len(self.files), path=self.to, check=CHECK))
        if len(self.changes):
            lines.append(text("handover.changed", lang, count=len(self.changes), check=CHECK))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return as_html(self.describe(self.lang), self.table)


def export(
    study: str | Path | Study,
    *,
    to: str | Path,
    formats: Sequence[str] = ("gpkg", "shp"),
    encoding: Encoding = "UTF-8",
    lang: Lang = "zh",
    progress: Progress = quiet,
) -> HandOver:
    """Hand over the results of a study in other formats (成果交付), certified, all of them or none.

    `formats` are those of `landkit.io.handover.FORMATS`; `encoding` is that of shapefiles.  What a format cannot
    hold as it is stands in `changes` and in handover_check.xlsx.

    Raises: ExportError where a layer does not fit a format or a file read again differs; earlier outputs in `to`
    are then as they were.
    """
    chosen = list(dict.fromkeys(formats))
    for name in chosen:
        if name not in FORMATS:
            guess = nearest(name, FORMATS) or "/".join(FORMATS)
            raise ExportError("export_format", name=name, guess=guess)
    answers = answers_of(study, lang, progress)
    found = answers.ground.study
    money = found.study
    with outbox(to) as box, currency(money.currency_zh, money.currency_en):
        order = Order(
            {n: show.with_origin(answers, t) for n, t in _tables(answers).items()},
            titles={n: text(f"sheet.{n}", lang) for n in show.layers_of(answers)},
            keys=_KEYS,
            encoding=encoding,
            lang=lang,
        )
        handed = hand_over(order, chosen, box.path, done=lambda done, of: progress("export", done, of))
        result = replace(_hand_over(Path(to), box.staged(), handed, found.synthetic), lang=lang)
        sheets = _check_sheets(result, lang)
        box.write_bytes(CHECK, _check_ledger(answers, sheets))
        check = {"name": sheets[0].name, **sheet_facts(sheets[:1], lang)[sheets[0].name]}
        about = {**about_study(answers), "check": check}
        box.write_text(HANDOVER, record_text(box.staged(), about, handed))
    return result


def _tables(answers: Answers) -> dict[str, pd.DataFrame]:
    return {name: getattr(answers, name).table for name in show.layers_of(answers)}


def _hand_over(to: Path, staged: Mapping[str, Path], handed: Sequence[Handed], synthetic: bool) -> HandOver:
    checks = [_check_row(h, staged[h.file].stat().st_size) for h in handed]
    changed = [(h.file, h.layer, *c) for h in handed for c in h.changes]
    fields = [(h.file, h.layer, *row) for h in handed for row in h.fields]
    return HandOver(
        to,
        (*staged, CHECK, HANDOVER),
        pd.DataFrame(checks),
        pd.DataFrame(changed, columns=["file", "layer", "column", "change", "rows", "example"]),
        pd.DataFrame(
            fields, columns=["file", "layer", "field", "name", "label_zh", "label_en", "unit", "part"]
        ),
        synthetic,
    )


def _check_row(handed: Handed, size: int) -> dict[str, Any]:
    facts = handed.certificate
    box = facts.get("bounds") or (None,) * 4
    return {
        "file": handed.file,
        "format": handed.format,
        "layer": handed.layer,
        "rows": facts["rows"],
        "field_count": len(handed.fields),
        "drawn_area": facts.get("area"),
        **dict(zip(("x_min", "y_min", "x_max", "y_max"), box, strict=True)),
        "change_count": len(handed.changes),
        "bytes": size,
        "reread_equal": facts["ok"],
    }


def _check_sheets(result: HandOver, lang: Lang) -> list[Sheet]:
    """Files, changes, fields."""
    frames = {
        "handover_files": result.table,
        "handover_changes": result.changes,
        "handover_fields": result.fields,
    }
    return [
        Sheet(text(f"sheet.{n}", lang), frame, summary=text(f"sheet_about.{n}", lang), id=n)
        for n, frame in frames.items()
    ]


def _check_ledger(answers: Answers, sheets: Sequence[Sheet]) -> bytes:
    """handover_check.xlsx."""
    lang, head = answers.lang, answers.ground.study.study
    return write_ledger(
        sheets,
        lang=lang,
        title=text("handover.title", lang, title=show.title_of(answers)),
        notes=[show.subtitle_of(answers), text("handover.note", lang)],
        created=datetime.datetime.combine(head.as_of, datetime.time(), tzinfo=datetime.UTC),
        summary=Summary(synthetic=answers.ground.study.synthetic),
    )
