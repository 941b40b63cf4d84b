"""How a study's parcels are coloured: one theme per question, and one that crosses stock with output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np
import pandas as pd

from landkit.present.breaks import Pin
from landkit.present.webmap import Theme
from landkit.text import Lang, data_toml, has_text, text

OUTPUT_COLUMNS: Final = ("tax_wan_yuan_per_mu", "investment_wan_yuan_per_mu")
"""what intensity is coloured by: the first that has any value"""
SQUARE: Final = "stock_by_output"
SQUARE_PIN: Final = "tax_wan_yuan_per_mu.thirds"
SQUARE_ROWS: Final = ("not_stock", "candidate", "confirmed")
SQUARE_COLUMNS: Final = ("low", "middle", "high")


def default_pins() -> dict[str, Pin]:
    """How columns are classed where a study says nothing (palettes.toml)."""
    ramp = data_toml("palettes.toml")["ramp"]["tax_wan_yuan_per_mu"]
    breaks = tuple(float(value) for value in ramp["breaks"])
    return {
        "tax_wan_yuan_per_mu": Pin("given", breaks, len(breaks) + 1),
        "investment_wan_yuan_per_mu": Pin("quantile", classes=6),
        SQUARE_PIN: Pin("quantile", classes=len(SQUARE_COLUMNS)),
    }


def crossed(frame: pd.DataFrame, pins: Mapping[str, Pin]) -> pd.DataFrame:
    """`frame` with the column of the theme that crosses stock status with output (存量×产出).

    Rows whose stock is undecided, or whose output nobody knows, belong to no square: missing is not zero.
    """
    breaks = pins[SQUARE_PIN].breaks if SQUARE_PIN in pins else None
    if not breaks or len(breaks) != len(SQUARE_COLUMNS) - 1 or "stock_status" not in frame.columns:
        return frame
    output = frame["tax_wan_yuan_per_mu"].to_numpy(float)
    place = np.searchsorted(np.array(breaks), output, side="right")
    words = [
        f"{status}.{SQUARE_COLUMNS[at]}" if status in SQUARE_ROWS and not np.isnan(value) else None
        for status, at, value in zip(frame["stock_status"], place, output, strict=True)
    ]
    return frame.assign(**{SQUARE: pd.Series(words, index=frame.index, dtype=object)})


def study_themes(frame: pd.DataFrame, lang: Lang, pins: Mapping[str, Pin], *, of: str) -> tuple[Theme, ...]:
    """The themes (专题) that the columns of `frame` allow: stock, verdict, intensity, rating, layout; codes in, words out.

    `of` is the date of the data; breaks from another date are said to be kept.
    """
    palettes = data_toml("palettes.toml")
    stock = {
        **palettes["stock_class"],
        "undecided": palettes["stock_status"]["undecided"],
        "not_stock": palettes["stock_status"]["not_stock"],
    }
    words = {"stock": ("stock_class", "stock_status")}
    columns = {"stock": "stock_theme", "layout": "layout_verdict"}
    colours = {
        "change": palettes["change"],
        "stock": stock,
        "verdict": palettes["verdict"],
        "rating": palettes["rating"],
        "layout": palettes["layout_verdict"],
    }
    missing = {"rating": text("theme.no_rating", lang)}
    themes = {
        key: Theme(
            key=key,
            title=text(f"theme.{key}", lang),
            column=columns.get(key, key),
            kind="category",
            classes=_classes(colours[key], lang, *words.get(key, (columns.get(key, key),))),
            missing_label=missing.get(key, ""),
        )
        for key in colours
    }
    found = [themes["change"], themes["stock"], themes["verdict"], *_output_themes(frame, lang, pins, of=of)]
    found += [themes["rating"], themes["layout"]]
    return tuple(t for t in found if t.column in frame.columns)


def _output_themes(frame: pd.DataFrame, lang: Lang, pins: Mapping[str, Pin], *, of: str) -> list[Theme]:
    known = [c for c in OUTPUT_COLUMNS if c in frame.columns and frame[c].notna().any()]
    column = (known or OUTPUT_COLUMNS)[0]
    breaks = pins[column].breaks if column in pins else ()
    unit = text("unit.wan_yuan_per_mu", lang)
    theme = Theme(
        key="intensity",
        title=text(f"theme.{column}", lang),
        column=column,
        kind="number",
        breaks=breaks or (),
        colours=ramp_colours(
            data_toml("palettes.toml")["ramp"]["tax_wan_yuan_per_mu"]["colours"], len(breaks or ()) + 1
        ),
        unit=unit,
        about=_about(pins[column], lang, of) if breaks else "",
        missing_label=text("theme.no_output", lang),
    )
    return [theme, _square(pins[SQUARE_PIN], lang, of)] if SQUARE in frame.columns else [theme]


def _square(pin: Pin, lang: Lang, of: str) -> Theme:
    colours = data_toml("palettes.toml")["square"][SQUARE]
    low, high = pin.breaks or (0.0, 0.0)
    rows = {code: text(f"stock_status.{code}", lang) for code in SQUARE_ROWS}
    columns = {code: text(f"output_third.{code}", lang) for code in SQUARE_COLUMNS}
    return Theme(
        key=SQUARE,
        title=text(f"theme.{SQUARE}", lang),
        column=SQUARE,
        kind="category",
        classes=tuple(
            (f"{r}.{c}", f"{rows[r]} · {columns[c]}", colours[f"{r}.{c}"])
            for r, c in product(SQUARE_ROWS, SQUARE_COLUMNS)
        ),
        matrix=(tuple(rows.values()), tuple(columns.values())),
        about=f"{text('output_third.about', lang, low=f'{low:g}', high=f'{high:g}')} · {_about(pin, lang, of)}",
        missing_label=text("theme.no_square", lang),
    )


def _about(pin: Pin, lang: Lang, of: str) -> str:
    """How the classes were made, and whether they are last time's."""
    said = text(f"breaks.{pin.method}", lang, rule=pin.rule)
    return " · ".join([said, text("breaks.kept", lang, of=pin.of)] if pin.kept(of) else [said])


def ramp_colours(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """`count` colours evenly along a ramp; the ramp itself where it has as many."""
    known = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in colours], float)
    places = np.linspace(0, len(known) - 1, count) if count > 1 else np.array([(len(known) - 1) / 2])
    mixed = np.column_stack([np.interp(places, np.arange(len(known)), known[:, k]) for k in range(3)])
    return tuple("#" + "".join(f"{round(part):02x}" for part in one) for one in mixed.tolist())


def _classes(colours: Mapping[str, str], lang: Lang, *groups: str) -> tuple[tuple[str, str, str], ...]:
    def word(code: str) -> str:
        return next((text(f"{g}.{code}", lang) for g in groups if has_text(f"{g}.{code}")), code)

    return tuple((code, word(code), colour) for code, colour in colours.items())
