"""The planner's map (一张图): results and layers as themes and overlays of one offline page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

import geopandas as gpd

from landkit.model import Layer, Verdict
from landkit.present.webmap import MapContent, Overlay, Parcels, Theme, draw_map
from landkit.present.webmap.content import WORD_KEYS
from landkit.text import Lang, data_toml, has_text, term, text

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
    basemap: Mapping[str, str] | None = None


def draw_study_map(study: StudyMap) -> str:
    """The HTML text of the map: one file, opens with no network.

    `study.parcels` holds the columns parcel_id, stock_theme, verdict, tax_wan_yuan_per_mu, layout_verdict, rating (codes) and
    the columns of `popup_fields`, already in words.   Raises: ExportError.
    """
    lang = study.lang
    return draw_map(
        MapContent(
            title=study.title,
            subtitle=study.subtitle,
            notes=tuple(study.notes),
            lang=lang,
            words={key: text(f"map.{key}", lang) for key in WORD_KEYS},
            parcels=_parcels(study),
            overlays=(*_overlays(study), *_pieces(study)),
            basemap=study.basemap,
        )
    )


def popup_fields(lang: Lang) -> tuple[tuple[str, str], ...]:
    """Columns of a parcel's popup with their labels, in order."""
    names = (
        "parcel_id",
        "parcel_name",
        "park",
        "use",
        "area",
        "stock",
        "stock_reason",
        "conflict",
        "conflict_reason",
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
    return Parcels(
        frame=study.parcels,
        name=term("role", "parcels", lang),
        id_column="parcel_id",
        themes=_themes(study),
        popup=fields,
        search_column="parcel_id",
        filters=(("park", text("popup.park", lang)),) if any(x.role == "parks" for x in study.layers) else (),
    )


def _themes(study: StudyMap) -> tuple[Theme, ...]:
    palettes, lang = data_toml("palettes.toml"), study.lang
    stock = {
        **palettes["stock_class"],
        "undecided": palettes["stock_status"]["undecided"],
        "not_stock": palettes["stock_status"]["not_stock"],
    }
    themes = [
        Theme(
            key="stock",
            title=text("theme.stock", lang),
            column="stock_theme",
            kind="category",
            classes=_classes(stock, lang, "stock_class", "stock_status"),
        ),
        Theme(
            key="verdict",
            title=text("theme.verdict", lang),
            column="verdict",
            kind="category",
            classes=_classes(palettes["verdict"], lang, "verdict"),
        ),
        _tax_theme(study, palettes["ramp"]["tax_wan_yuan_per_mu"]),
        Theme(
            key="rating",
            title=text("theme.rating", lang),
            column="rating",
            kind="category",
            classes=_classes(palettes["rating"], lang, "rating"),
            missing_label=text("theme.no_rating", lang),
        ),
        Theme(
            key="layout",
            title=text("theme.layout", lang),
            column="layout_verdict",
            kind="category",
            classes=_classes(palettes["layout_verdict"], lang, "layout_verdict"),
        ),
    ]
    return tuple(t for t in themes if t.column in study.parcels.columns)


def _tax_theme(study: StudyMap, ramp: Mapping[str, Any]) -> Theme:
    unit = text("unit.wan_yuan_per_mu", study.lang)
    column = (
        "tax_wan_yuan_per_mu"
        if study.parcels["tax_wan_yuan_per_mu"].notna().any()
        or "investment_wan_yuan_per_mu" not in study.parcels.columns
        else "investment_wan_yuan_per_mu"
    )
    breaks = tuple(ramp["breaks"])
    if column != "tax_wan_yuan_per_mu":
        known = study.parcels[column].dropna()
        breaks = (
            tuple(sorted({float(f"{v:.2g}") for v in known.quantile([0.2, 0.4, 0.6, 0.8, 0.95])}))
            if len(known)
            else ()
        )
    colours = tuple(ramp["colours"])[: len(breaks) + 1]
    return Theme(
        key="intensity",
        title=text(f"theme.{column}", study.lang),
        column=column,
        kind="number",
        breaks=breaks,
        colours=colours,
        unit=unit,
        missing_label=text("theme.no_output", study.lang),
    )


def _classes(colours: Mapping[str, str], lang: Lang, *groups: str) -> tuple[tuple[str, str, str], ...]:
    def word(code: str) -> str:
        return next((text(f"{g}.{code}", lang) for g in groups if has_text(f"{g}.{code}")), code)

    return tuple((code, word(code), colour) for code, colour in colours.items())


def _overlays(study: StudyMap) -> list[Overlay]:
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
        **style,
    )


def _pieces(study: StudyMap) -> list[Overlay]:
    """The ground that breaks a line, certain and within accuracy apart."""
    lang = study.lang
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
            )
        )
    return out


def parcel_words(table: pd.DataFrame, column: str, group: str, lang: Lang) -> pd.Series[Any]:
    """A column of codes as words."""
    known = {code: term(group, code, lang) for code in table[column].dropna().unique()}
    return table[column].map(known)
