"""Styles for GeoServer and SuperMap (SLD 1.0) of the result layers, from the same data as the QGIS styles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from landkit.io.styles.symbols import Symbol, outline_colour, symbols_of
from landkit.text import Lang

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.opengis.net/sld http://schemas.opengis.net/sld/1.0.0/StyledLayerDescriptor.xsd">
  <NamedLayer>
    <Name>{layer}</Name>
    <UserStyle>
      <Title>{title}</Title>
      <FeatureTypeStyle>
"""
_TAIL = "      </FeatureTypeStyle>\n    </UserStyle>\n  </NamedLayer>\n</StyledLayerDescriptor>\n"


def layer_sld(
    layer: str,
    columns: Iterable[str],
    *,
    lang: Lang = "zh",
    title: str = "",
    names: Mapping[str, str] | None = None,
) -> str:
    """The SLD of a result layer; "" where it has no style.  `names` gives the file's name of a column."""
    found = symbols_of(layer, columns, lang=lang)
    if found is None:
        return ""
    column, symbols = found
    field = escape((names or {}).get(column, column))
    rules = "".join(_rule(field, s) for s in symbols)
    return _HEAD.format(layer=escape(layer), title=escape(title or layer)) + rules + _TAIL


def _rule(field: str, symbol: Symbol) -> str:
    test = (
        "        <ElseFilter/>\n"
        if symbol.is_rest
        else f"        <ogc:Filter>{_test(field, symbol)}</ogc:Filter>\n"
    )
    fill = f'<CssParameter name="fill">{symbol.colour}</CssParameter>'
    if symbol.hatched:
        fill = (
            "<GraphicFill><Graphic><Mark><WellKnownName>shape://slash</WellKnownName><Stroke>"
            f'<CssParameter name="stroke">{symbol.colour}</CssParameter></Stroke></Mark><Size>8</Size>'
            "</Graphic></GraphicFill>"
        )
    return (
        f"      <Rule>\n        <Title>{escape(symbol.label)}</Title>\n{test}        <PolygonSymbolizer><Fill>{fill}</Fill>"
        f'<Stroke><CssParameter name="stroke">{outline_colour()}</CssParameter>'
        '<CssParameter name="stroke-width">0.5</CssParameter></Stroke></PolygonSymbolizer>\n      </Rule>\n'
    )


def _test(field: str, symbol: Symbol) -> str:
    if symbol.code is not None:
        return _compare("PropertyIsEqualTo", field, symbol.code)
    tests = [
        _compare("PropertyIsGreaterThanOrEqualTo", field, f"{symbol.low:g}")
        if symbol.low is not None
        else "",
        _compare("PropertyIsLessThan", field, f"{symbol.high:g}") if symbol.high is not None else "",
    ]
    both = "".join(tests)
    return f"<ogc:And>{both}</ogc:And>" if all(tests) else both


def _compare(kind: str, field: str, value: str) -> str:
    return (
        f"<ogc:{kind}><ogc:PropertyName>{field}</ogc:PropertyName>"
        f"<ogc:Literal>{escape(value)}</ogc:Literal></ogc:{kind}>"
    )
