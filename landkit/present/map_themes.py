"""How a study's parcels are coloured: one theme per question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from landkit.present.webmap import Theme
from landkit.text import Lang, data_toml, has_text, text


def study_themes(frame: pd.DataFrame, lang: Lang) -> tuple[Theme, ...]:
    """The themes (专题) that the columns of `frame` allow: stock, verdict, intensity, rating, layout; codes in, words out."""
    palettes = data_toml("palettes.toml")
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
        _tax_theme(frame, lang, palettes["ramp"]["tax_wan_yuan_per_mu"]),
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
    return tuple(t for t in themes if t.column in frame.columns)


def _tax_theme(frame: pd.DataFrame, lang: Lang, ramp: Mapping[str, Any]) -> Theme:
    unit = text("unit.wan_yuan_per_mu", lang)
    column = (
        "tax_wan_yuan_per_mu"
        if frame["tax_wan_yuan_per_mu"].notna().any() or "investment_wan_yuan_per_mu" not in frame.columns
        else "investment_wan_yuan_per_mu"
    )
    breaks = tuple(ramp["breaks"])
    if column != "tax_wan_yuan_per_mu":
        known = frame[column].dropna()
        breaks = (
            tuple(sorted({float(f"{v:.2g}") for v in known.quantile([0.2, 0.4, 0.6, 0.8, 0.95])}))
            if len(known)
            else ()
        )
    colours = tuple(ramp["colours"])[: len(breaks) + 1]
    return Theme(
        key="intensity",
        title=text(f"theme.{column}", lang),
        column=column,
        kind="number",
        breaks=breaks,
        colours=colours,
        unit=unit,
        missing_label=text("theme.no_output", lang),
    )


def _classes(colours: Mapping[str, str], lang: Lang, *groups: str) -> tuple[tuple[str, str, str], ...]:
    def word(code: str) -> str:
        return next((text(f"{g}.{code}", lang) for g in groups if has_text(f"{g}.{code}")), code)

    return tuple((code, word(code), colour) for code, colour in colours.items())
