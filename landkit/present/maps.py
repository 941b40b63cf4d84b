"""The planner's map (一张图): results and layers as themes and overlays of one offline page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

import geopandas as gpd

from landkit.model import Layer, Verdict
from landkit.present.breaks import Pin
from landkit.present.map_themes import crossed, study_themes
from landkit.present.webmap import (
    Basemap,
    Fields,
    MapContent,
    Overlay,
    PackedMap,
    Parcels,
    Tour,
    draw_pair,
    pack_map,
)
from landkit.present.webmap.content import WORD_KEYS
from landkit.text import Lang, data_toml, term, text

# how the layers of a role are drawn, from the ground up
_ROLES: dict[str, dict[str, Any]] = {
    "clusters": {
        "colour": "#8a9a86",
        "weight": 1.2,
        "dash": "2 4",
        "fill_opacity": 0.10,
        "below": True,
        "label_column": "cluster_name",
        "show": False,
    },
    "counties": {"colour": "#8d8578", "weight": 1.0, "dash": "8 3 2 3", "below": True, "label_column": ""},
    "boundary": {"colour": "#5d564c", "weight": 2.0, "dash": "12 4 2 4", "below": True},
    "control_line": {"below": True},
    "industrial_zones": {"colour": "#7d6b52", "weight": 1.2, "fill_opacity": 0.12, "show": False},
    "parks_administered": {"colour": "#1d4e89", "weight": 1.0, "dash": "2 4", "show": False},
    "parks_built": {"colour": "#1d4e89", "weight": 0.8, "fill_opacity": 0.08, "show": False},
    "parks": {
        "colour": "#1d4e89",
        "weight": 2.4,
        "dash": "9 5",
        "fill_opacity": 0.03,
        "label_column": "park_name",
    },
    "axes": {"colour": "#c2571a", "weight": 7.0, "line_opacity": 0.45, "label_column": ""},
}
_LINES: dict[str, dict[str, Any]] = {
    "permanent_basic_farmland": {"colour": "#a8842c", "weight": 0.0, "fill": "#e3c66a", "fill_opacity": 0.35},
    "eco_control_area": {"colour": "#3d8a5f", "weight": 1.0, "fill_opacity": 0.12, "show": False},
    "ecological_redline": {"colour": "#c01f2e", "weight": 1.4, "fill_opacity": 0.10, "hatch": "/"},
    "urban_development_boundary": {"colour": "#8e2f8f", "weight": 1.8},
}
_OTHER_LINES = ("#c01f2e", "#2d7f9d", "#a8842c", "#6b4fa0", "#3d8a5f")
_HEADINGS = {"stock": "stock", "conflict": "conflict", "layout": "layout", "tax": "intensity"}
_RANGES = ("area_mu", "tax_wan_yuan_per_mu", "investment_wan_yuan_per_mu")
_GROUPS = {
    "clusters": "plan",
    "axes": "plan",
    "counties": "ground",
    "boundary": "ground",
    "control_line": "lines",
    "industrial_zones": "parks",
    "parks_administered": "parks",
    "parks_built": "parks",
    "parks": "parks",
}
_NAMES = {
    "boundary": "",
    "counties": "county_name",
    "clusters": "cluster_name",
    "industrial_zones": "zone_name",
    "parks": "park_name",
    "axes": "road_name",
}


@dataclass(frozen=True)
class StudyMap:
    """What the map of a study shows: texts, one row per parcel with everything known of it, layers, pieces of conflicts."""

    title: str
    subtitle: str
    notes: Sequence[str]
    lang: Lang
    parcels: gpd.GeoDataFrame
    layers: Sequence[Layer]
    line_names: Mapping[str, str]
    pieces: gpd.GeoDataFrame
    clauses: Mapping[str, str] = field(default_factory=dict)
    """rule id -> what it says and where it stands"""
    marks: Sequence[tuple[str, str]] = ()
    """map approval number, secrecy, date: (label, value)"""
    steps_m: Mapping[str, float] = field(default_factory=dict)
    """layer id -> width of the grid that its vertices are moved to, for layers that must not leave exactly"""
    crs: str = ""
    pins: Mapping[str, Pin] = field(default_factory=dict)
    """breaks by column"""
    data_of: str = ""
    first_theme: str = ""
    """key of the theme that is shown first"""
    basemap: Basemap | None = None


def draw_study_map(study: StudyMap) -> str:
    """The HTML text of the map: one file, opens with no network.

    `study.parcels` holds the columns parcel_id, stock_theme, verdict, tax_wan_yuan_per_mu, layout_verdict, rating (codes) and
    the columns of `popup_fields`, already in words.   Raises: ExportError.
    """
    return pack_study_map(study).html()


def pack_study_map(study: StudyMap) -> PackedMap:
    """The same with its layers packed and the page not yet written, for which nothing of the study is held any more.

    Raises: ExportError.
    """
    return pack_map(_content(study))


def draw_comparison(before: StudyMap, after: StudyMap, *, title: str, heads: tuple[str, str]) -> str:
    """Two studies side by side in one HTML file (对比图); parcels may hold `change` and `change_words`.

    Raises: ExportError.
    """
    return draw_pair(_content(before), replace(_content(after), title=title), heads=heads)


def _content(study: StudyMap) -> MapContent:
    lang = study.lang
    return MapContent(
        title=study.title,
        subtitle=study.subtitle,
        notes=tuple(study.notes),
        marks=tuple(study.marks),
        study_crs=study.crs,
        lang=lang,
        words={key: text(f"map.{key}", lang) for key in WORD_KEYS},
        parcels=_parcels(study),
        overlays=(*overlays_of(study), *pieces_of(study)),
        basemap=study.basemap,
    )


def popup_fields(lang: Lang) -> tuple[tuple[str, str], ...]:
    """Columns of a parcel's popup with their labels, in order."""
    names = (
        "parcel_id",
        "parcel_name",
        "change_words",
        "firms",
        "park",
        "use",
        "area",
        "stock",
        "stock_reason",
        "stock_rules",
        "conflict",
        "conflict_reason",
        "conflict_rules",
        "layer_versions",
        "layout",
        "layout_reason",
        "tax",
        "sales",
        "investment",
        "far",
        "rating_word",
        "intensity_reason",
    )
    return tuple((name, text(f"popup.{name}", lang)) for name in names)


def _parcels(study: StudyMap) -> Parcels:
    lang = study.lang
    fields = tuple((c, label) for c, label in popup_fields(lang) if c in study.parcels.columns)
    frame = crossed(study.parcels, study.pins)
    themes = study_themes(frame, lang, study.pins, of=study.data_of)
    return Parcels(
        frame=gpd.GeoDataFrame(frame),
        name=term("role", "parcels", lang),
        id_column="parcel_id",
        themes=tuple(sorted(themes, key=lambda one: one.key != study.first_theme)),
        popup=fields,
        headings={
            c: text(f"popup_heading.{h}", lang) for c, h in _HEADINGS.items() if c in study.parcels.columns
        },
        glossaries={
            c: study.clauses for c in ("stock_rules", "conflict_rules") if c in study.parcels.columns
        },
        search_columns=tuple(c for c in ("parcel_id", "parcel_name", "firms") if c in study.parcels.columns),
        filters=_filters(study),
        ranges=tuple((c, text(f"range.{c}", lang)) for c in _RANGES if _has_numbers(study.parcels, c)),
        tour=_tour(study),
        group=text("map_group.results", lang),
        coarse_m=study.steps_m.get("parcels", 0.0),
    )


def _tour(study: StudyMap) -> Tour:
    """Through the changes of a comparison, else through the conflicts."""
    if "change" in study.parcels.columns:
        values = tuple(code for code in data_toml("palettes.toml")["change"] if code != "same")
        return Tour(column="change", values=values, title=text("map_words.changes", study.lang))
    values = (Verdict.CONFLICT, Verdict.WITHIN_ACCURACY)
    return Tour(column="verdict", values=values, title=text("map_words.tour", study.lang))


def _filters(study: StudyMap) -> Fields:
    names = (["park"] if any(x.role == "parks" for x in study.layers) else []) + [
        "change",
        "stock_theme",
        "verdict",
        "layout_verdict",
        "rating",
    ]
    known = [n for n in names if n in study.parcels.columns and study.parcels[n].notna().any()]
    return tuple((n, text(f"filter.{n}", study.lang)) for n in known)


def _has_numbers(frame: pd.DataFrame, column: str) -> bool:
    return column in frame.columns and bool(frame[column].notna().any())


def overlays_of(study: StudyMap) -> list[Overlay]:
    """The layers of a study as they are drawn (专题底图), from the ground up."""
    order = list(_ROLES)
    found = [x for x in study.layers if x.role in _ROLES and len(x.frame)]
    found.sort(key=lambda x: (order.index(x.role), list(_LINES).index(x.line) if x.line in _LINES else 99))
    others = iter(_OTHER_LINES * 9)
    out = []
    for layer in found:
        style = dict(_ROLES[layer.role])
        if layer.line:
            style |= _LINES.get(layer.line, {"colour": next(others), "weight": 1.2, "fill_opacity": 0.15})
        out.append(_overlay(study, layer, style))
    return out


def _overlay(study: StudyMap, layer: Layer, style: dict[str, Any]) -> Overlay:
    lang = study.lang
    name = study.line_names[layer.line] if layer.line else term("role", layer.role, lang)
    if layer.role == "axes":
        name = f"{name} · {text('map_words.sketch', lang)}"
    if layer.synthetic:
        name = f"{name} · {text('map_words.synthetic', lang)}"
    frame = layer.frame.assign(layer_name=name, layer_version=layer.version)
    wanted = [
        "layer_name",
        _NAMES.get(layer.role, ""),
        *(["zone_id", "zone_name", "zone_kind"] if layer.line else []),
        "layer_version",
    ]
    popup = tuple((c, term("column", c, lang)) for c in dict.fromkeys(wanted) if c and c in frame.columns)
    label = style.pop("label_column", "")
    frame = frame[frame.geometry.notna()]
    return Overlay(
        key=layer.id,
        name=name,
        frame=frame,
        popup=popup if layer.role not in ("boundary", "counties") else (),
        label_column=label if label in frame.columns else "",
        group=text(f"map_group.{_GROUPS[layer.role]}", lang),
        coarse_m=study.steps_m.get(layer.id, 0.0),
        **style,
    )


def pieces_of(study: StudyMap) -> list[Overlay]:
    """The ground that breaks a line, certain and within accuracy apart; as coarse as the coarsest layer it was cut from."""
    lang = study.lang
    cut = [x.id for x in study.layers if x.role in ("parcels", "control_line")]
    step_m = max((study.steps_m.get(name, 0.0) for name in cut), default=0.0)
    colours = data_toml("palettes.toml")["verdict"]
    out = []
    for verdict in (Verdict.WITHIN_ACCURACY, Verdict.CONFLICT):
        rows = study.pieces[(study.pieces["verdict"] == verdict) & study.pieces.geometry.notna()]
        if not len(rows):
            continue
        columns = ("parcel_id", "line", "verdict_word", "encroached_m2", "margin_m", "reason")
        popup = tuple((c, text(f"popup.{c}", lang)) for c in columns)
        out.append(
            Overlay(
                key=f"pieces_{verdict}",
                name=text("map_words.pieces", lang, verdict=term("verdict", verdict, lang)),
                frame=gpd.GeoDataFrame(rows),
                colour=colours[verdict],
                weight=1.6,
                fill_opacity=0.55,
                popup=popup,
                group=text("map_group.results", lang),
                coarse_m=step_m,
            )
        )
    return out


def parcel_words(table: pd.DataFrame, column: str, group: str, lang: Lang) -> pd.Series[Any]:
    """A column of codes as words."""
    known = {code: term(group, code, lang) for code in table[column].dropna().unique()}
    return table[column].map(known)
