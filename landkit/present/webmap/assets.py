"""Scripts, styles and vendored libraries as inline tags, and the one way text is escaped for the page."""

from __future__ import annotations

import base64
import functools
import html
import re
from importlib import resources
from typing import Final

SCRIPTS: Final = (
    "first", "block", "store", "draw", "tiles", "view", "card", "layer", "panel", "search", "legend", "filters", "tour",
    "parcels", "overlay", "basemap", "geodesy", "measure", "coordinates", "layertree", "keys", "page", "pair",
)  # fmt: skip
"""in the order the page loads them"""

_MIME: Final = {"png": "image/png"}
_JINJA_AND_JS: Final = {"`": "&#96;", "$": "&#36;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"}


def safe(text: str) -> str:
    """Text for HTML that folium may yet compile as a Jinja template or place in a script string."""
    escaped = html.escape(text, quote=True)
    return "".join(_JINJA_AND_JS.get(sign, sign) for sign in escaped)


def _read(name: str) -> bytes:
    return resources.files("landkit.present.webmap").joinpath(*name.split("/")).read_bytes()


def script_tag(text: str) -> str:
    """An inline script; a closing tag inside it is broken up, a pointer to a source map dropped."""
    text = re.sub(r"//# sourceMappingURL=.*", "", text)
    return "<script>" + re.sub(r"</(?=script)", r"<\\/", text, flags=re.I) + "</script>"


def style_tag(text: str) -> str:
    """An inline style sheet."""
    return f"<style>{text}</style>"


def data_uri(name: str) -> str:
    """A packaged file as a data: address."""
    mime = _MIME[name.rsplit(".", 1)[-1]]
    return f"data:{mime};base64,{base64.b64encode(_read(name)).decode('ascii')}"


@functools.cache
def vendored(name: str) -> str:
    """The tag of a file under vendor/; images that a style sheet names travel inside it."""
    text = _read(f"vendor/{name}").decode("utf-8")
    if not name.endswith(".css"):
        return script_tag(text)
    folder = name.rsplit("/", 1)[0]

    def inline(match: re.Match[str]) -> str:
        target = match.group(1).strip("'\"")
        if target.startswith(("data:", "#")):
            return match.group(0)
        return f"url({data_uri(f'vendor/{folder}/{target}')})"

    return style_tag(re.sub(r"url\(([^)]+)\)", inline, text))


@functools.cache
def asset_tags() -> tuple[tuple[str, str], ...]:
    """(key, tag) of everything our layers need, to stand after Leaflet."""
    style = ("landkit_css", style_tag(_read("static/map.css").decode("utf-8")))
    unzip = ("landkit_fflate", vendored("fflate/fflate.js"))
    scripts = [
        (f"landkit_{name}", script_tag(_read(f"static/{name}.js").decode("utf-8"))) for name in SCRIPTS
    ]
    return (style, unzip, *scripts)
