"""The map's input: one row per parcel with everything known of it, in codes for the themes and words for the card."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.errors import ExportError
from landkit.model import Verdict
from landkit.present.breaks import Pin, pinned, read_pins
from landkit.present.map_themes import default_pins
from landkit.present.maps import StudyMap, draw_study_map, parcel_words
from landkit.present.webmap import Basemap, framed, known_basemap
from landkit.text import Lang, currency, term, text
from landkit.workflow.ask import Answers
from landkit.workflow.show import notes_of, rules_used, subtitle_of, title_of


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
    pieces = answers.conflicts.table
    lines = {n: line.name(lang) for n, line in answers.lines.items()}
    shown = pieces.assign(
        verdict_word=parcel_words(pieces, "verdict", "verdict", lang),
        line=pieces["line"].map(lines),
        encroached_m2=pieces["encroached_m2"].round(2),
        margin_m=pieces["margin_m"].round(2),
    )
    frame = map_parcels(answers, lines)
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
        pieces=shown,
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


def map_parcels(answers: Answers, lines: Mapping[str, str]) -> gpd.GeoDataFrame:
    """One row per parcel with codes for the themes and words for the popup."""
    lang = answers.lang
    parcels = answers.parcels
    out = gpd.GeoDataFrame(
        {"parcel_id": parcels.index},
        geometry=parcels.geometry.to_numpy(),
        crs=parcels.crs,
        index=parcels.index,
    )
    for name, source in (("parcel_name", "parcel_name"), ("use", "use_name")):
        if source in parcels.columns:
            out[name] = parcels[source]
    units = answers.units("parks", "park_id")
    names = units["park_name"].to_dict() if units is not None and "park_name" in units.columns else {}
    out["park"] = [names.get(p, p) or text("map_words.no_park", lang) for p in answers.park_of]
    printed = answers.printed_stock["parcels"].set_index("parcel_id").reindex(out.index)
    out["area_m2"], out["area_mu"] = parcels["area_m2"], printed["area_mu"]
    out["firms"] = _firms(answers).reindex(out.index)
    out["area"] = [
        _area_text(mu, ha, lang) for mu, ha in zip(printed["area_mu"], printed["area_ha"], strict=True)
    ]
    _add_stock(out, answers)
    _add_conflicts(out, answers, lines)
    layout = answers.layout.table.set_index("parcel_id")
    out["layout_verdict"] = layout["layout_verdict"]
    out["layout"] = parcel_words(layout, "layout_verdict", "layout_verdict", lang)
    out["layout_reason"] = layout["reason"]
    _add_intensity(out, answers)
    return out.reset_index(drop=True)


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


def _area_text(area_mu: float, area_ha: float, lang: Lang) -> str:
    if np.isnan(area_mu):
        return "—"
    return text("map_words.area_mu", lang, mu=f"{area_mu:,.2f}", ha=f"{area_ha:,.4f}")


def _add_stock(out: gpd.GeoDataFrame, answers: Answers) -> None:
    stock = answers.stock.table.set_index("parcel_id")
    unsure = stock["stock_status"].isin(["undecided", "not_stock"])
    out["stock_status"] = stock["stock_status"]
    out["stock_theme"] = stock["stock_class"].where(~unsure, stock["stock_status"])
    kinds = [
        " · ".join(
            p
            for p in (
                term("stock_class", c, answers.lang) if c else "",
                term("stock_status", s, answers.lang),
            )
            if p
        )
        for c, s in zip(stock["stock_class"], stock["stock_status"], strict=True)
    ]
    out["stock"] = pd.Series(kinds, index=stock.index)
    out["stock_reason"] = stock["reason"]
    out["stock_rules"] = stock["rules"]


def _add_conflicts(out: gpd.GeoDataFrame, answers: Answers, lines: Mapping[str, str]) -> None:
    lang = answers.lang
    table = answers.conflicts.table
    worst = answers.conflicts.tables["worst"]
    out["verdict"] = worst["verdict"]
    open_rows = table[table["verdict"] != Verdict.CLEAR]
    said = [
        text("map_words.in_line", lang, line=lines[n], verdict=term("verdict", v, lang))
        for n, v in zip(open_rows["line"], open_rows["verdict"], strict=True)
    ]
    joiner = "；" if lang == "zh" else "; "
    grouped = open_rows.assign(said=said).groupby("parcel_id")
    out["conflict"] = (
        grouped["said"].agg(joiner.join).reindex(out.index).fillna(text("map_words.all_clear", lang))
    )
    because = open_rows.assign(
        why=[f"{lines[n]}: {r}" for n, r in zip(open_rows["line"], open_rows["reason"], strict=True)]
    )
    out["conflict_reason"] = (
        because.groupby("parcel_id")["why"].agg(joiner.join).reindex(out.index).fillna("")
    )
    cited = open_rows.groupby("parcel_id")["rules"].agg(
        lambda some: ";".join(dict.fromkeys(";".join(some).split(";")))
    )
    out["conflict_rules"] = cited.reindex(out.index).fillna("")
    versions = table.drop_duplicates("line").set_index("line")["layer_version"]
    out["layer_versions"] = joiner.join(
        [
            f"{term('role', 'parcels', lang)} {answers.ground.parcels.version}",
            *(f"{lines[str(n)]} {v}" for n, v in versions.items()),
        ]
    )


def _add_intensity(out: gpd.GeoDataFrame, answers: Answers) -> None:
    lang = answers.lang
    table = answers.intensity.table.set_index("parcel_id")
    unit = text("unit.wan_yuan_per_mu", lang)
    for name, column in (("tax", "tax_wan_yuan_per_mu"), ("sales", "sales_wan_yuan_per_mu")):
        out[column] = table[column]
        out[name] = [f"{v:,.2f} {unit}" if pd.notna(v) else None for v in table[column]]
    invested = table["investment_wan_yuan_per_mu"]
    out["investment_wan_yuan_per_mu"] = invested
    out["investment"] = [f"{v:,.2f} {unit}" if pd.notna(v) else None for v in invested]
    out["far"] = [f"{v:.2f}" if pd.notna(v) else None for v in table["floor_area_ratio"]]
    out["rating"] = table["rating"]
    out["rating_word"] = parcel_words(table, "rating", "rating", lang)
    out["intensity_reason"] = table["reason"]
