"""Folium layers for parcels and overlays.  They work in any folium.Map; write the map with `offline_html`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from branca.element import Element, Figure
from folium.map import Layer
from folium.template import Template

from landkit.arrays import Bounds
from landkit.present.webmap.assets import asset_tags, safe
from landkit.present.webmap.content import Overlay, Parcels, check_words
from landkit.present.webmap.prepare import Packed, pack_overlay, pack_parcels
from landkit.present.webmap.swatch import parcel_swatch, swatch
from landkit.text import Lang


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
    """A layer whose data travel as an LKP2 block and whose drawing is done by static/*.js."""

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
