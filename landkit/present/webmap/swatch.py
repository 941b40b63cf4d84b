"""Small drawings of layers' styles, for the layer control."""

from __future__ import annotations

from typing import Final

from landkit.present.webmap.content import Overlay, Parcels

SWATCH_WIDTH, SWATCH_HEIGHT = 26, 14
LINE_TYPES: Final = {"LineString", "MultiLineString", "LinearRing"}
POINT_TYPES: Final = {"Point", "MultiPoint"}


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
    kinds = set(overlay.frame.geometry.dropna().geom_type)
    if kinds and kinds <= POINT_TYPES:
        radius = min(overlay.radius, height / 2 - 1)
        dot = f'cx="{width / 2:g}" cy="{height / 2:g}" r="{radius:g}" fill="{fill}"'
        drawn = [f'<circle {dot} stroke="#fff" stroke-width="1"/>']
    elif kinds and kinds <= LINE_TYPES:
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


def _hatch_path(direction: str) -> str:
    steps = range(-SWATCH_HEIGHT, SWATCH_WIDTH, 6)
    rise = (SWATCH_HEIGHT, 0) if direction == "/" else (0, SWATCH_HEIGHT)
    return "".join(f"M{x} {rise[0]}L{x + SWATCH_HEIGHT} {rise[1]}" for x in steps)
