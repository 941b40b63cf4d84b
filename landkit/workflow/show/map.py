"""The map's input: one row per parcel with everything known of it, in codes for the themes and words for the card."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from landkit.errors import ExportError
from landkit.present.breaks import Pin, pinned, read_pins
from landkit.present.map_themes import default_pins
from landkit.present.maps import StudyMap, draw_study_map
from landkit.present.webmap import Basemap, framed, known_basemap
from landkit.text import Lang, currency, text
from landkit.workflow.ask import Answers
from landkit.workflow.show.map_rows import ParcelTables, map_pieces, map_rows
from landkit.workflow.show.results import notes_of, rules_used, subtitle_of, title_of


@dataclass(frozen=True)
class Drawn:
    """A result as the map that a notebook shows (地图), drawn when it is wanted; `theme` is shown first."""

    answers: Answers
    theme: str

    def __call__(self) -> str:
        """The frame's HTML."""
        head = self.answers.ground.study.study
        with currency(head.currency_zh, head.currency_en):
            study_map = replace(map_of(self.answers), first_theme=self.theme)
            return framed(draw_study_map(study_map), title=study_map.title)


def map_of(answers: Answers) -> StudyMap:
    """The map's input."""
    lang = answers.lang
    pieces = answers.printed_conflicts
    lines = {n: line.name(lang) for n, line in answers.lines.items()}
    frame = map_rows(_tables_of(answers, lines))
    return StudyMap(
        title=title_of(answers),
        subtitle=subtitle_of(answers),
        notes=notes_of(answers),
        lang=lang,
        parcels=frame,
        pins=pins_of(answers, frame),
        steps_m={name: layer.map_step_m for name, layer in answers.ground.study.layers.items()},
        data_of=str(answers.ground.study.study.as_of),
        layers=list(answers.ground.layers.values()),
        line_names=lines,
        pieces=map_pieces(pieces, lines, lang),
        clauses={r.id: _clause(r, lang) for r in rules_used(answers)},
        marks=marks_of(answers),
        crs=answers.ground.study.study.crs,
        basemap=basemap_of(answers),
    )


def basemap_of(answers: Answers) -> Basemap | None:
    """The tiles that the study asks for, with the key from the environment (底图).

    Raises: ExportError where the variable is not set, and for services that may not be used.
    """
    asked, lang = answers.ground.study.study.basemap, answers.lang
    if asked is None:
        return None
    key = os.environ.get(asked.key_env, "") if asked.key_env else ""
    if not key and (asked.key_env or "{key}" in asked.url or asked.provider):
        raise ExportError("map_basemap_key", name=asked.key_env or "key_env")
    if asked.provider:
        return known_basemap(asked.provider, key=key, lang=lang)
    url = asked.url.replace("{key}", key)
    return Basemap(
        urls=(url,), attribution=asked.attribution, subdomains=asked.subdomains, has_key=url != asked.url
    )


def pins_of(answers: Answers, frame: pd.DataFrame) -> dict[str, Pin]:
    """Class breaks by column: those of the study's breaks file, else worked out from this run's parcels (分级).

    Raises: ExportError where the file is wrong or its rule gives no number.
    """
    study = answers.ground.study
    wanted = default_pins() | (read_pins(study.resolve(study.study.breaks)) if study.study.breaks else {})
    rules = {key: rule.value for key, rule in answers.ground.rules.items()}
    known = [c for c in wanted if c.partition(".")[0] in frame.columns]
    return {
        c: pinned(
            wanted[c],
            frame[c.partition(".")[0]].to_numpy(float),
            column=c,
            of=str(study.study.as_of),
            rules=rules,
        )
        for c in known
    }


def marks_of(answers: Answers) -> list[tuple[str, str]]:
    """Map approval number (审图号), secrecy (密级) and date of the title block; what is not given is said to be open."""
    lang, head = answers.lang, answers.ground.study.study
    return [
        (text("marks.approval_number", lang), head.approval_number or text("marks.open", lang)),
        (text("marks.secrecy", lang), head.secrecy or text("marks.open", lang)),
        (text("marks.drawn_of", lang), str(head.as_of)),
        (text("marks.crs", lang), head.crs),
    ]


def _clause(rule: Any, lang: Lang) -> str:
    """A rule as one line: what it says, where it stands, and whether anybody has read it there."""
    parts = [rule.zh if lang == "zh" else rule.en, rule.citation.say()]
    if not rule.verified or rule.basis == "assumption":
        parts.append(text("map_words.unverified", lang))
    return " · ".join(p for p in parts if p)


def _tables_of(answers: Answers, lines: Mapping[str, str]) -> ParcelTables:
    parcels, stock = answers.parcels, answers.printed_stock["parcels"].set_index("parcel_id")
    units = answers.units("parks", "park_id")
    names = units["park_name"].to_dict() if units is not None and "park_name" in units.columns else {}
    printed = {c: stock[c].reindex(parcels.index) for c in ("area_mu", "area_ha")}
    return ParcelTables(
        parcels=parcels.assign(**printed),
        park=[names.get(p, p) for p in answers.park_of],
        firms=_firms(answers),
        stock=answers.stock.table,
        conflicts=answers.conflicts.table,
        layout=answers.layout.table,
        intensity=answers.intensity.table,
        lines=lines,
        version=answers.ground.parcels.version,
        lang=answers.lang,
    )


def _firms(answers: Answers) -> pd.Series[Any]:
    """Names of the enterprises registered on each parcel, as one text."""
    occupancy = answers.ground.table("occupancy")
    firms = answers.intensity.tables["enterprises"]
    if occupancy is None or not len(occupancy) or "enterprise_name" not in firms.columns:
        return pd.Series(dtype=object)
    names = firms.drop_duplicates("enterprise_id").set_index("enterprise_id")["enterprise_name"]
    rows = occupancy.assign(firm=occupancy["enterprise_id"].map(names).fillna(occupancy["enterprise_id"]))
    return rows.groupby("parcel_id")["firm"].agg(
        lambda some: ("；" if answers.lang == "zh" else "; ").join(dict.fromkeys(map(str, some)))
    )
