"""Folium layers for parcels and overlays.  They work in any folium.Map; write the map with `offline_html`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from branca.element import Element, Figure
from folium.map import Layer
from folium.template import Template

from landkit.errors import ExportError
from landkit.present.webmap.assets import asset_tags, safe
from landkit.present.webmap.content import Overlay, Parcels, check_words
from landkit.present.webmap.prepare import Bounds, Packed, pack_overlay, pack_parcels
from landkit.text import Lang

SWATCH_WIDTH, SWATCH_HEIGHT = 26, 14


class Raw(Element):
    """Text put on the page as it is; folium would compile it as a template."""

    def __init__(self, text: str) -> None:
        """Keep the text."""
        super().__init__()
        self._name = "Raw"
        self.text = text

    def render(self, **_: Any) -> str:
        """The text."""
        return self.text


def add_assets(figure: Figure) -> None:
    """Our scripts and styles, once per page, after what the map itself brings."""
    for key, text in asset_tags():
        if key not in figure.header._children:  # noqa: SLF001  branca has no other way to ask
            figure.header.add_child(Raw(text), name=key)


class BlockLayer(Layer):
    """A layer whose data travel as an LKP1 block and whose drawing is done by static/*.js."""

    maker = ""
    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = landkit.{{ this.maker }}({{ this.data_id()|tojson }});
        {% endmacro %}""")

    def __init__(self, packed: Packed, *, name: str, show: bool) -> None:
        """`name` is HTML: escape what came from data."""
        super().__init__(name=name, overlay=True, control=True, show=show)
        self.packed = packed

    @property
    def bounds(self) -> Bounds | None:
        """West, south, east, north in degrees; None when nothing is drawn."""
        return self.packed.bounds

    def data_id(self) -> str:
        """Id of the element that holds the block."""
        return f"{self.get_name()}_data"

    def render(self, **kwargs: Any) -> str:
        """Put the block and our scripts beside what folium writes."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise TypeError("a layer is rendered by the map it was added to")
        data = base64.b64encode(self.packed.block).decode("ascii")
        tag = f'<script type="application/octet-stream" id="{self.data_id()}">{data}</script>'
        figure.html.add_child(Raw(tag), name=self.data_id())
        add_assets(figure)
        return ""


class ParcelLayer(BlockLayer):
    """Parcels with themes, legend, search, filters, popups: `ParcelLayer(parcels, words=...).add_to(m)`."""

    maker = "parcels"

    def __init__(self, parcels: Parcels, *, words: Mapping[str, str], lang: Lang = "zh") -> None:
        """Raises ExportError for what could not be drawn as asked."""
        check_words(words)
        packed = pack_parcels(parcels, words=words, lang=lang)
        super().__init__(packed, name=parcel_swatch(parcels) + safe(parcels.name), show=parcels.show)
        self._name = "ParcelLayer"


class OverlayLayer(BlockLayer):
    """Polygons or lines with popups and labels: `OverlayLayer(overlay, words=...).add_to(m)`."""

    maker = "overlay"

    def __init__(
        self, overlay: Overlay, *, words: Mapping[str, str], lang: Lang = "zh", place: int = 0
    ) -> None:
        """`place` counts from the bottom.  Raises ExportError for what could not be drawn as asked."""
        check_words(words)
        packed = pack_overlay(overlay, words=words, lang=lang, place=place)
        super().__init__(packed, name=swatch(overlay) + safe(overlay.name), show=overlay.show)
        self._name = "OverlayLayer"


class BasemapLayer(Layer):
    """Tiles of one server, named by the caller; the only thing on a page that may use the network."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.tileLayer(atob({{ this.address|tojson }}), {
                attribution: {{ this.attribution|tojson }}, maxZoom: 24, maxNativeZoom: 18});
        {% endmacro %}""")

    def __init__(self, basemap: Mapping[str, str], *, name: str) -> None:
        """Raises ExportError for an address that is no web tile template."""
        super().__init__(name=safe(name), overlay=True, control=True, show=True)
        self._name = "BasemapLayer"
        url = basemap.get("url", "")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not all(place in url for place in ("{z}", "{x}", "{y}")):
            raise ExportError("map_basemap", url=url)
        host = parts.netloc.split("@")[-1]
        # one label with a placeholder stands for many hosts: t{s}.tiles.example is *.tiles.example
        self.origin = f"{parts.scheme}://{'*.' + host.split('.', 1)[-1] if '{' in host else host}"
        if any(sign in self.origin for sign in "\"';<> {"):
            raise ExportError("map_basemap", url=url)
        self.address = base64.b64encode(url.encode("ascii", "strict")).decode("ascii")
        self.attribution = safe(basemap.get("attribution", ""))


def parcel_swatch(parcels: Parcels) -> str:
    """A small drawing of parcels in the colours of the first theme, for the layer control."""
    colours = list(parcels.themes[0].class_colours()[:4]) if parcels.themes else []
    cells = _stripes(colours or [parcels.colour], f'stroke="{parcels.outline}" stroke-width=".8"')
    return _drawing(cells)


def swatch(overlay: Overlay) -> str:
    """A small drawing of the overlay's style, for the layer control."""
    width, height, fill = SWATCH_WIDTH, SWATCH_HEIGHT, overlay.fill or overlay.colour
    weight = min(overlay.weight, 5.0)
    inset = max(weight / 2, 0.5)
    line = f'stroke="{overlay.colour}" stroke-width="{weight:g}" stroke-opacity="{overlay.line_opacity:g}"'
    line += f' stroke-dasharray="{overlay.dash}"' if overlay.dash else ""
    drawn = []
    if overlay.fill_opacity:
        drawn += _stripes(_fills(overlay, fill), f'fill-opacity="{overlay.fill_opacity:g}"')
    if overlay.hatch:
        lines = _hatch_path(overlay.hatch)
        drawn.append(f'<path d="{lines}" stroke="{fill}" stroke-opacity=".7" fill="none"/>')
    if _is_linear(overlay):
        end = width - 8 if overlay.arrow else width
        drawn.append(f'<path d="M0 {height / 2:g}H{end}" {line} fill="none"/>')
        if overlay.arrow:
            head = f"M{end} {height / 2 - 6:g}L{width} {height / 2:g}L{end} {height / 2 + 6:g}Z"
            drawn.append(
                f'<path d="{head}" fill="{overlay.colour}" fill-opacity="{overlay.line_opacity:g}"/>'
            )
    elif overlay.weight:
        box = f'x="{inset:g}" y="{inset:g}" width="{width - 2 * inset:g}" height="{height - 2 * inset:g}"'
        drawn.append(f'<rect {box} {line} fill="none"/>')
    return _drawing(drawn)


def _drawing(shapes: list[str]) -> str:
    size = f'width="{SWATCH_WIDTH}" height="{SWATCH_HEIGHT}" viewBox="0 0 {SWATCH_WIDTH} {SWATCH_HEIGHT}"'
    return f'<svg class="lk-swatch" aria-hidden="true" {size}>{"".join(shapes)}</svg>'


def _fills(overlay: Overlay, fill: str) -> list[str]:
    if not overlay.colour_column or not len(overlay.frame):
        return [fill]
    return [str(colour) for colour in overlay.frame[overlay.colour_column].unique()[:4]]


def _stripes(colours: list[str], opacity: str) -> list[str]:
    wide = SWATCH_WIDTH / len(colours)
    size = f'width="{wide:g}" height="{SWATCH_HEIGHT}"'
    return [f'<rect x="{k * wide:g}" {size} fill="{colour}" {opacity}/>' for k, colour in enumerate(colours)]


def _is_linear(overlay: Overlay) -> bool:
    kinds = set(overlay.frame.geometry.dropna().geom_type)
    return bool(kinds) and kinds <= {"LineString", "MultiLineString", "LinearRing"}


def _hatch_path(direction: str) -> str:
    steps = range(-SWATCH_HEIGHT, SWATCH_WIDTH, 6)
    rise = (SWATCH_HEIGHT, 0) if direction == "/" else (0, SWATCH_HEIGHT)
    return "".join(f"M{x} {rise[0]}L{x + SWATCH_HEIGHT} {rise[1]}" for x in steps)
