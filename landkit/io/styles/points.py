"""The QGIS style (QML) of a layer of points: one colour and word for each code of a column."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from landkit.text import Lang, column_label, data_text, data_toml, term

_SYMBOL = (
    '      <symbol type="marker" name="{number}" alpha="1" clip_to_extent="1">'
    '<layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map">'
    '<Option type="QString" name="name" value="circle"/><Option type="QString" name="size" value="2.6"/>'
    '<Option type="QString" name="size_unit" value="MM"/><Option type="QString" name="color" value="{colour}"/>'
    '<Option type="QString" name="outline_color" value="255,255,255,255"/>'
    '<Option type="QString" name="outline_width" value="0.3"/></Option></layer></symbol>'
)
_CATEGORY = '      <category render="true" type="string" symbol="{number}" value={code} label={label}/>'
_ALIAS = "    <alias index={index} field={field} name={name}/>"


def point_style(column: str, columns: Iterable[str], *, lang: Lang) -> str:
    """Points coloured by the codes of `column`, a group of data/palettes.toml; aliases for all columns."""
    colours = data_toml("palettes.toml")[column]
    categories = [
        _CATEGORY.format(number=i, code=quoteattr(code), label=quoteattr(term(column, code, lang)))
        for i, code in enumerate(colours)
    ]
    symbols = [_SYMBOL.format(number=i, colour=_rgb(c)) for i, c in enumerate(colours.values())]
    aliases = [
        _ALIAS.format(index=quoteattr(str(i)), field=quoteattr(c), name=quoteattr(column_label(c, lang)))
        for i, c in enumerate(columns)
    ]
    return (
        data_text("styles/points.qml")
        .replace("{attr}", quoteattr(column))
        .replace("{categories}", "\n".join(categories))
        .replace("{symbols}", "\n".join(symbols))
        .replace("{aliases}", "\n".join(aliases))
    )


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
