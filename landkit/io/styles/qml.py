"""QGIS styles (QML) of the result layers, from data/styles and data/palettes.toml."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

from landkit.io.styles.labels import describe
from landkit.io.styles.symbols import Symbol, outline_colour, symbols_of
from landkit.text import Lang, data_text, with_unit


def layer_style(
    layer: str,
    columns: Iterable[str],
    *,
    lang: Lang = "zh",
    words: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """The QGIS style (QML) of a result layer: its colours from data/palettes.toml, its labels in a language.

    `words` gives a label for a code and goes before terms.toml; `names` the name that a column has in the
    file.  "" where the layer has no style of its own.
    """
    columns = list(columns)
    found = symbols_of(layer, columns, lang=lang, words=words)
    if found is None:
        return ""
    column, shown = found
    called = {c: (names or {}).get(c, c) for c in columns}
    draw = _categories if shown[0].code is not None else _rules
    return (
        data_text("styles/base.qml")
        .replace("{renderer}", draw(called[column], shown))
        .replace("{aliases}", "\n".join(_alias(i, c, called[c], lang) for i, c in enumerate(columns)))
    )


def _categories(column: str, shown: list[Symbol]) -> str:
    categories = "".join(
        f'      <category render="true" type="string" symbol="{i}" value={quoteattr(s.code or "")}'
        f" label={quoteattr(s.label)}/>\n"
        for i, s in enumerate(shown)
    )
    return (
        f'  <renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} symbollevels="0">\n'
        f"    <categories>\n{categories}    </categories>\n"
        f"    <symbols>\n{_symbols(shown)}    </symbols>\n  </renderer-v2>"
    )


def _rules(column: str, shown: list[Symbol]) -> str:
    """By rules: QGIS's graduated renderer leaves a parcel without a number blank instead of saying so."""
    rules = "".join(_rule(column, i, _test(column, s), s.label) for i, s in enumerate(shown))
    return (
        '  <renderer-v2 type="RuleRenderer" symbollevels="0">\n'
        f'    <rules key="{_key(column, "root")}">\n{rules}    </rules>\n'
        f"    <symbols>\n{_symbols(shown)}    </symbols>\n  </renderer-v2>"
    )


def _test(column: str, symbol: Symbol) -> str:
    tests = [
        f'"{column}" >= {symbol.low:g}' if symbol.low is not None else "",
        f'"{column}" < {symbol.high:g}' if symbol.high is not None else "",
    ]
    return "ELSE" if symbol.is_rest else " AND ".join(t for t in tests if t)


def _symbols(shown: list[Symbol]) -> str:
    return "".join(_symbol(i, s.colour, hatched=s.hatched) for i, s in enumerate(shown))


def _rule(column: str, number: int, test: str, label: str) -> str:
    key = _key(column, str(number))
    return f'      <rule key="{key}" symbol="{number}" filter={quoteattr(test)} label={quoteattr(label)}/>\n'


def _key(column: str, part: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"landkit:{column}:{part}")) + "}"


def _symbol(number: int, colour: str, *, hatched: bool) -> str:
    fill = {
        "color": _rgba(colour, 60 if hatched else 215),
        "style": "solid",
        "outline_color": _rgba(outline_colour()),
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


def _alias(number: int, column: str, field: str, lang: Lang) -> str:
    about = describe(column)
    label = with_unit(about.get(lang, column), about.get("unit", ""), lang)
    return f'    <alias index="{number}" field={quoteattr(field)} name={quoteattr(label)}/>'
