"""A folium map as one HTML file that asks nobody for anything, and says so in its content-security policy."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import Final

from branca.element import CssLink, Element, Figure, JavascriptLink
from folium import Map
from folium.map import Marker, Popup
from folium.raster_layers import TileLayer, VideoOverlay, WmsTileLayer

from landkit.errors import ExportError
from landkit.present.webmap.assets import data_uri, safe, script_tag, vendored
from landkit.present.webmap.layers import Raw
from landkit.text import Lang

NEEDED: Final = (
    (re.compile(r"/leaflet@[\d.]+/dist/leaflet\.js$"), "leaflet/leaflet.js"),
    (re.compile(r"/leaflet@[\d.]+/dist/leaflet\.css$"), "leaflet/leaflet.css"),
)
NOT_NEEDED: Final = re.compile(
    r"/(jquery-[\d.]+\.min\.js|bootstrap\.bundle\.min\.js|bootstrap\.min\.css|bootstrap-glyphicons\.css"
    r"|leaflet\.awesome-markers\.(js|css)|leaflet\.awesome\.rotate\.min\.css|fontawesome-free@[\d.]+/css/all\.min\.css)$"
)
REFUSED: Final = (TileLayer, WmsTileLayer, VideoOverlay, Popup)
"""the first three load from elsewhere, folium's own popup needs jQuery"""
LOADING_ATTRIBUTES: Final = frozenset({"src", "href", "srcset", "data", "action", "poster", "background"})
LANG_TAGS: Final = {"zh": "zh-CN"}


def offline_html(m: Map, *, title: str, lang: Lang = "zh", tile_origins: Sequence[str] = ()) -> str:
    """One page from a folium map.  The same map gives the same bytes.

    Raises: ExportError for a part that would need the network, jQuery, or a host not in `tile_origins`.
    """
    figure = m.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("the map has no figure")
    _refuse_unsupported(figure)
    _number(figure)
    figure.title = safe(title)
    figure.render()
    _inline_links(figure)
    if any(isinstance(part, Marker) for part in _walk(figure)):
        figure.header.add_child(Raw(_default_icon()), name="landkit_icon")
    if re.search("</script|<!--", figure.script.render(), flags=re.I):
        raise ExportError("map_breaks_out", title=title)
    page: str = figure._template.render(this=figure, kwargs={})  # noqa: SLF001  render() would undo the inlining
    return _with_policy(page, lang=lang, tile_origins=tile_origins)


def framed(page: str, *, title: str, height_px: int = 640) -> str:
    """A page as a frame that a notebook can show: scripts run in it, but cut off from the notebook."""
    return (
        f'<iframe srcdoc="{html.escape(page, quote=True)}" title="{html.escape(title, quote=True)}" '
        f'sandbox="allow-scripts allow-modals" style="width:100%;height:{height_px}px;border:1px solid #d8d1c3"></iframe>'
    )


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001  branca has no public iterator
        yield from _walk(child)


def _refuse_unsupported(figure: Figure) -> None:
    for part in _walk(figure):
        if isinstance(part, REFUSED):
            raise ExportError("map_part", part=type(part).__name__)
        if isinstance(part, Map) and part.objects_to_stay_in_front:
            raise ExportError("map_part", part="keep_in_front")


def _number(figure: Figure) -> None:
    """Running numbers instead of folium's random ids."""
    for number, part in enumerate(_walk(figure)):
        part._id = str(number)  # noqa: SLF001  folium offers no other way


def _inline_links(figure: Figure) -> None:
    links = figure.header._children  # noqa: SLF001
    for key, link in list(links.items()):
        if isinstance(link, JavascriptLink | CssLink):
            links[key] = Raw(_replacement(link.url))


def _replacement(url: str) -> str:
    for pattern, name in NEEDED:
        if pattern.search(url):
            return vendored(name)
    if NOT_NEEDED.search(url):
        return ""
    raise ExportError("map_needs_network", url=url)


def _default_icon() -> str:
    """Leaflet looks for its marker image beside its style sheet, which is not a file here."""
    images = [("iconUrl", "marker-icon"), ("iconRetinaUrl", "marker-icon-2x"), ("shadowUrl", "marker-shadow")]
    options = ",".join(f'{key}:"{data_uri(f"vendor/leaflet/images/{name}.png")}"' for key, name in images)
    return script_tag(f'L.Icon.Default.imagePath="";L.Icon.Default.mergeOptions({{{options}}});')


class _PageReader(HTMLParser):
    """Collects inline scripts and styles, and every address that a tag would load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.addresses: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.addresses += [value for name, value in attrs if value and name in LOADING_ATTRIBUTES]
        if tag == "script" and "type" not in names:
            self._begin(self.scripts)
        elif tag == "style":
            self._begin(self.styles)

    def _begin(self, texts: list[str]) -> None:
        texts.append("")
        self._into = texts

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._into = None


def content_policy(page: str, *, tile_origins: Sequence[str] = ()) -> str:
    """The policy that allows exactly the inline scripts and styles of this page, and no other host."""
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    outside = [address for address in reader.addresses if not address.startswith(("data:", "#"))]
    if outside:
        raise ExportError("map_needs_network", url=outside[0])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes(reader.scripts)}",
            f"style-src {_hashes(reader.styles)}",
            " ".join(["img-src data: blob:", *tile_origins]),
            "font-src data:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hashes(texts: Sequence[str]) -> str:
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in texts}
    return " ".join(f"'sha256-{digest}'" for digest in sorted(digests))


def _with_policy(page: str, *, lang: Lang, tile_origins: Sequence[str]) -> str:
    page = page.replace("\r\n", "\n")
    policy = content_policy(page, tile_origins=tile_origins)
    head = (
        f'<html lang="{safe(LANG_TAGS.get(lang, lang))}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta http-equiv="X-UA-Compatible" content="IE=edge">\n<meta name="renderer" content="webkit">\n'
        '<meta name="generator" content="landkit">'
    )
    return page.replace("<html>\n<head>", head, 1)
