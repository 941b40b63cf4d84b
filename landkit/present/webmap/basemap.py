"""Tiles under the map (底图): off unless a study asks; the only thing on a page that may use the network."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from folium.map import Layer
from folium.template import Template

from landkit.errors import ExportError
from landkit.present.webmap.assets import safe
from landkit.text import Lang, data_toml

PLACES: Final = ("{z}", "{x}", "{y}")
SUBDOMAINS: Final = "abc"


@dataclass(frozen=True, kw_only=True)
class Basemap:
    """Tile addresses drawn over one another, with {z} {x} {y}, and {s} for one of `subdomains`; Web Mercator."""

    urls: tuple[str, ...]
    attribution: str = ""
    subdomains: str = SUBDOMAINS
    most_zoom: int = 18
    name: str = ""
    has_key: bool = False
    """whether the addresses hold a key, which anybody can read in the page"""

    def check(self) -> None:
        """Raises ExportError for an address that is no web tile template, or whose tiles are shifted (GCJ-02, BD-09)."""
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not all(place in url for place in PLACES):
                raise ExportError("map_basemap", url=url)
            host = (parts.hostname or "").lower()
            shifted = data_toml("basemaps.toml")["shifted"]["hosts"]
            if any(host == one or host.endswith(f".{one}") for one in shifted):
                raise ExportError("map_basemap_shifted", host=host)
            if any(sign in origin for origin in self.origins() for sign in "\"';<> {}*,"):
                raise ExportError("map_basemap", url=url)

    def origins(self) -> tuple[str, ...]:
        """The hosts that the page may ask, for its content policy."""
        found = []
        for url in self.urls:
            parts = urlsplit(url)
            host = parts.netloc.split("@")[-1]
            hosts = [host.replace("{s}", one) for one in self.subdomains] if "{s}" in host else [host]
            found += [f"{parts.scheme}://{one}" for one in hosts]
        return tuple(dict.fromkeys(found))

    def hosts(self) -> str:
        """For people: whom the page asks."""
        return ", ".join(sorted({origin.partition("://")[2] for origin in self.origins()}))


def known_basemap(provider: str, *, key: str, lang: Lang) -> Basemap:
    """A service of basemaps.toml with the key in its addresses.   Raises: ExportError for an unknown one."""
    known = data_toml("basemaps.toml")["provider"]
    if provider not in known:
        raise ExportError("map_basemap_unknown", provider=provider, known=", ".join(known))
    about = known[provider]
    return Basemap(
        urls=tuple(url.replace("{key}", key) for url in about["urls"]),
        attribution=about["attribution"],
        subdomains=about["subdomains"],
        most_zoom=about["most_zoom"],
        name=about[lang],
        has_key=True,
    )


class BasemapLayer(Layer):
    """The tiles of a `Basemap` as one layer of the layer control."""

    _template = Template("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = landkit.basemap({{ this.addresses|tojson }}, {{ this.options|tojson }});
        {% endmacro %}""")

    def __init__(self, basemap: Basemap, *, name: str, group: str = "") -> None:
        """Raises ExportError for addresses that may not be used."""
        super().__init__(name=safe(basemap.name or name), overlay=True, control=True, show=True)
        basemap.check()
        self._name = "BasemapLayer"
        self.addresses = [
            base64.b64encode(url.encode("ascii", "strict")).decode("ascii") for url in basemap.urls
        ]
        self.options: dict[str, Any] = {
            "attribution": safe(basemap.attribution),
            "subdomains": list(basemap.subdomains),
            "most_zoom": basemap.most_zoom,
            "group": group,
        }
