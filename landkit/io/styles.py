"""QGIS styles (QML) of the result layers, from data/styles and data/palettes.toml."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

from landkit.io.labels import describe, unit_word
from landkit.text import Lang, data_text, data_toml, term, text


def layer_style(
    layer: str, columns: Iterable[str], *, lang: Lang = "zh", words: Mapping[str, str] | None = None
) -> str:
    """The QGIS style (QML) of a result layer: its colours from data/palettes.toml, its labels in a language.

    `words` gives a label for a code and goes before terms.toml.  "" where the layer has no style of its own.
    """
    columns = list(columns)
    spec = data_toml("styles/layers.toml").get(layer)
    if spec is None or spec["column"] not in columns:
        return ""
    draw = _by_code if spec["by"] == "code" else _by_amount
    return (
        data_text("styles/base.qml")
        .replace("{renderer}", draw(spec["column"], lang, words or {}))
        .replace("{aliases}", "\n".join(_alias(i, c, lang) for i, c in enumerate(columns)))
    )


def _by_code(column: str, lang: Lang, words: Mapping[str, str]) -> str:
    palette = data_toml("palettes.toml")
    colours: dict[str, str] = palette[column]
    shown = [(code, words.get(code, term(column, code, lang)), colour) for code, colour in colours.items()]
    shown.append(("", text("style.other", lang), palette["other"]))
    categories = "".join(
        f'      <category render="true" type="string" symbol="{i}" value={quoteattr(code)}'
        f" label={quoteattr(label)}/>\n"
        for i, (code, label, _) in enumerate(shown)
    )
    symbols = "".join(
        _symbol(i, colour, hatched=code in palette["hatched"]) for i, (code, _, colour) in enumerate(shown)
    )
    return (
        f'  <renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} symbollevels="0">\n'
        f"    <categories>\n{categories}    </categories>\n"
        f"    <symbols>\n{symbols}    </symbols>\n  </renderer-v2>"
    )


def _by_amount(column: str, lang: Lang, words: Mapping[str, str]) -> str:
    """By rules: QGIS's graduated renderer leaves a parcel without a number blank instead of saying so."""
    palette = data_toml("palettes.toml")
    breaks, colours = palette["ramp"][column]["breaks"], palette["ramp"][column]["colours"]
    edges = [None, *breaks, None]
    rules, symbols = "", ""
    for i, (low, high) in enumerate(itertools.pairwise(edges)):
        tests = [
            f'"{column}" >= {low:g}' if low is not None else "",
            f'"{column}" < {high:g}' if high is not None else "",
        ]
        label = (
            f"{low:g} - {high:g}"
            if low is not None and high is not None
            else (f"< {high:g}" if low is None else f">= {low:g}")
        )
        rules += _rule(column, i, " AND ".join(t for t in tests if t), words.get(str(i), label))
        symbols += _symbol(i, colours[i], hatched=False)
    rules += _rule(column, len(colours), "ELSE", words.get("", text("style.none", lang)))
    symbols += _symbol(len(colours), palette["missing"], hatched=True)
    return (
        '  <renderer-v2 type="RuleRenderer" symbollevels="0">\n'
        f'    <rules key="{_key(column, "root")}">\n{rules}    </rules>\n'
        f"    <symbols>\n{symbols}    </symbols>\n  </renderer-v2>"
    )


def _rule(column: str, number: int, test: str, label: str) -> str:
    key = _key(column, str(number))
    return f'      <rule key="{key}" symbol="{number}" filter={quoteattr(test)} label={quoteattr(label)}/>\n'


def _key(column: str, part: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"landkit:{column}:{part}")) + "}"


def _symbol(number: int, colour: str, *, hatched: bool) -> str:
    fill = {
        "color": _rgba(colour, 60 if hatched else 215),
        "style": "solid",
        "outline_color": _rgba(data_toml("palettes.toml")["outline"]),
        "outline_width": "0.15",
        "outline_width_unit": "MM",
        "outline_style": "solid",
    }
    layers = _symbol_layer("SimpleFill", fill)
    if hatched:
        lines = {"angle": "45", "distance": "1.5", "distance_unit": "MM", "color": _rgba(colour)}
        layers += _symbol_layer("LinePatternFill", lines, inside=_hatch_line(number, colour))
    return (
        f'      <symbol type="fill" name="{number}" alpha="1" clip_to_extent="1">\n{layers}      </symbol>\n'
    )


def _hatch_line(number: int, colour: str) -> str:
    inner = _symbol_layer(
        "SimpleLine", {"line_color": _rgba(colour), "line_width": "0.25", "line_width_unit": "MM"}
    )
    return f'<symbol type="line" name="@{number}@1" alpha="1" clip_to_extent="1">\n{inner}</symbol>\n'


def _symbol_layer(kind: str, options: Mapping[str, str], *, inside: str = "") -> str:
    named = "".join(f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in options.items())
    older = "".join(f'<prop k="{k}" v="{v}"/>' for k, v in options.items())
    return (
        f'        <layer class="{kind}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{named}</Option>{older}{inside}</layer>\n'
    )


def _rgba(colour: str, alpha: int = 255) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"


def _alias(number: int, column: str, lang: Lang) -> str:
    about = describe(column)
    unit = unit_word(about, lang)
    label = about.get(lang, column) + (f" ({unit})" if unit else "")
    return f'    <alias index="{number}" field={quoteattr(column)} name={quoteattr(label)}/>'
