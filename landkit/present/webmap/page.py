"""One page: parcels, overlays, layer control, title block, notes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any

from branca.element import Figure, MacroElement
from folium import LayerControl, Map
from folium.template import Template

from landkit.arrays import Bounds
from landkit.present.webmap.assets import safe
from landkit.present.webmap.basemap import BasemapLayer
from landkit.present.webmap.content import MapContent
from landkit.present.webmap.layers import BlockLayer, OverlayLayer, ParcelLayer, Raw, add_assets
from landkit.present.webmap.offline import offline_html
from landkit.present.webmap.readout import coordinate_readout
from landkit.text import Lang

MAX_ZOOM = 22


class PageFrame(MacroElement):
    """Title block, tools and first view around the map it is added to."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            {% if this.before %}
            landkit.pair({{ this.before.get_name() }}, {{ this._parent.get_name() }}, {{ this.config_id()|tojson }},
                {{ this.control.get_name() }});
            {% else %}
            landkit.page({{ this._parent.get_name() }}, {{ this.config_id()|tojson }}, {{ this.control.get_name() }});
            {% endif %}
        {% endmacro %}""")

    def __init__(
        self, content: MapContent, *, control: LayerControl, notes: tuple[str, ...], bounds: Bounds | None
    ) -> None:
        """Notes and first view are worked out by the caller; `control` becomes the layer tree."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PageFrame"
        self.control = control
        self.before: Map | None = None
        self.heads: tuple[str, str] = ("", "")
        self._content = content
        self._notes = notes
        self._bounds = bounds

    def config_id(self) -> str:
        """Id of the element that holds the words and the first view."""
        return f"{self.get_name()}_config"

    def render(self, **kwargs: Any) -> str:
        """Put the title block and the configuration on the page as text."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise TypeError("a frame is rendered by the map it was added to")
        content = self._content
        readout = (
            coordinate_readout(content.study_crs, self._bounds)
            if content.study_crs and self._bounds
            else None
        )
        config = {
            "words": dict(content.words),
            "lang": content.lang,
            "bounds": self._bounds,
            "readout": readout,
            "heads": list(self.heads),
        }
        coded = base64.b64encode(json.dumps(config, ensure_ascii=False).encode()).decode("ascii")
        tag = f'<script type="application/octet-stream" id="{self.config_id()}">{coded}</script>'
        figure.html.add_child(Raw(self._title_block() + tag), name=self.config_id())
        add_assets(figure)
        return ""

    def _title_block(self) -> str:
        content, words = self._content, self._content.words
        subtitle = f"<p>{safe(content.subtitle)}</p>" if content.subtitle else ""
        marks = "".join(
            f"<div><dt>{safe(label)}</dt><dd>{safe(value)}</dd></div>" for label, value in content.marks
        )
        notes = "".join(f"<li>{safe(note)}</li>" for note in self._notes)
        return (
            f'<header class="lk-card lk-title" id="lk-title"><h1>{safe(content.title)}</h1>{subtitle}'
            f"{f'<dl>{marks}</dl>' if marks else ''}{f'<ul>{notes}</ul>' if notes else ''}</header>"
            f'<div class="lk-loading" id="lk-loading" data-too-old="{safe(words["too_old"])}">'
            f"<b>{safe(words['loading'])}</b>"
            f"<span>{safe(words['slow'])}</span></div>"
        )


def draw_map(content: MapContent) -> str:
    """The page as HTML text: one file, no network.  The same content gives the same bytes.

    Raises: ExportError for words, columns, colours or themes that do not fit, and for a layer without CRS.
    """
    return pack_map(content).html()


@dataclass(frozen=True)
class PackedMap:
    """A map whose layers are packed: what they were made of is no longer needed."""

    map: Map
    frame: PageFrame
    origins: tuple[str, ...]
    title: str
    lang: Lang

    def html(self) -> str:
        """The page; to be asked for once."""
        self.frame.control.add_to(self.map)
        self.frame.add_to(self.map)
        return offline_html(self.map, title=self.title, lang=self.lang, tile_origins=self.origins)


def pack_map(content: MapContent) -> PackedMap:
    """The layers of `draw_map` packed, the page not yet written.   Raises: as `draw_map`."""
    return PackedMap(*_map_of(content), title=content.title, lang=content.lang)


def draw_pair(before: MapContent, after: MapContent, *, heads: tuple[str, str]) -> str:
    """Two maps side by side that move, colour and filter together (对比图), as one page like `draw_map`.

    Both show their parcels by the same themes and filters; title, notes and words are those of `after`, `heads` stand
    over the halves.   Raises: as `draw_map`.
    """
    figure = Figure()
    left, _, _ = _map_of(before)
    right, frame, origins = _map_of(after)
    for half in (left, right):
        half.width, half.height = (50.0, "%"), (100.0, "%")
        figure.add_child(half)
    frame.before, frame.heads = left, heads
    frame.control.add_to(right)
    frame.add_to(right)
    return offline_html(right, title=after.title, lang=after.lang, tile_origins=origins)


def _map_of(content: MapContent) -> tuple[Map, PageFrame, tuple[str, ...]]:
    """The map with its layers, the frame that is to be added to it, the hosts that it may ask."""
    content.check()
    layers = _layers(content)
    online = content.basemap is not None
    m = Map(tiles=None, zoom_control=False, max_zoom=MAX_ZOOM, attribution_control=online)
    origins: tuple[str, ...] = ()
    if content.basemap is not None:
        group = content.words["basemap"]
        BasemapLayer(content.basemap, name=group, group=group).add_to(m)
        origins = content.basemap.origins()
    for _, layer in layers:
        layer.add_to(m)
    control = LayerControl(collapsed=False, autoZIndex=False)
    notes = (*content.notes, *_added_notes(content, layers))
    words = replace(content, parcels=None, overlays=())  # what is packed is not held twice
    return m, PageFrame(words, control=control, notes=notes, bounds=_first_view(content, layers)), origins


def _layers(content: MapContent) -> list[tuple[str, BlockLayer]]:
    """(name, layer) in the order of the layer control: parcels, then overlays from top to bottom."""
    words, lang = content.words, content.lang
    found: list[tuple[str, BlockLayer]] = []
    if content.parcels is not None:
        found.append((content.parcels.name, ParcelLayer(content.parcels, words=words, lang=lang)))
    for place, overlay in reversed(list(enumerate(content.overlays))):
        found.append((overlay.name, OverlayLayer(overlay, words=words, lang=lang, place=place)))
    return _with_distinct_names(found)


def _with_distinct_names(layers: list[tuple[str, BlockLayer]]) -> list[tuple[str, BlockLayer]]:
    """The layer control is keyed by name: a second layer of one name would hide the first."""
    seen: dict[str, int] = {}
    for _, layer in layers:
        seen[layer.layer_name] = seen.get(layer.layer_name, 0) + 1
        if seen[layer.layer_name] > 1:
            layer.layer_name += f" ({seen[layer.layer_name]})"
    return layers


def _added_notes(content: MapContent, layers: list[tuple[str, BlockLayer]]) -> list[str]:
    undrawn, simplified = content.words["undrawn"], content.words["simplified"]
    partial = [(name, layer.packed.undrawn) for name, layer in layers if layer.packed.undrawn]
    smoothed = [overlay for overlay in content.overlays if overlay.simplify_m]
    given = [content.parcels, *content.overlays]
    coarse = [one for one in given if one is not None and one.coarse_m]
    online = content.basemap
    asked = [content.words["basemap_online"].format(hosts=online.hosts())] if online else []
    return [
        *asked,
        *([content.words["basemap_key"]] if online and online.has_key else []),
        *(undrawn.format(layer=name, n=count) for name, count in partial),
        *(simplified.format(layer=one.name, metres=f"{one.simplify_m:g}") for one in smoothed),
        *(content.words["coarse"].format(layer=one.name, metres=f"{one.coarse_m:g}") for one in coarse),
    ]


def _first_view(content: MapContent, layers: list[tuple[str, BlockLayer]]) -> Bounds | None:
    """The parcels, or everything when there are none."""
    boxes = [layer.bounds for _, layer in layers if layer.bounds is not None]
    if content.parcels is not None and layers[0][1].bounds is not None:
        boxes = boxes[:1]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
