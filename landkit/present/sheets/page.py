"""One sheet: map, coordinate frame, labels, title and panel (单幅图)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from landkit.arrays import Bounds
from landkit.present.sheets.earth import Place, degree_ticks, dms, grid_step_m, ticks
from landkit.present.sheets.ink import GREY, INK, Ink
from landkit.present.sheets.legend import Look
from landkit.present.sheets.lettering import MM_PER_POINT, Font
from landkit.present.sheets.panel import Said, draw_panel
from landkit.present.sheets.paper import Box, Paper, round_scale


def draw_page(
    paper: Paper, font: Font, looks: Sequence[Look], wanted: Bounds, crs: str, said: Said
) -> tuple[Ink, int]:
    """The sheet of a place with everything but its title, and the denominator of its scale.

    Raises: ExportError where the place, the words or a character do not fit.
    """
    frame = paper.frame
    denominator = round_scale(wanted[2] - wanted[0], wanted[3] - wanted[1], frame)
    place = Place(crs, (wanted[0] + wanted[2]) / 2, (wanted[1] + wanted[3]) / 2)
    half = frame.width * denominator / 2000, frame.height * denominator / 2000
    bounds = place.x - half[0], place.y - half[1], place.x + half[0], place.y + half[1]
    ink = Ink(paper, font)
    ink.open_map(frame, bounds)
    seen = []
    for look in looks:
        shapes = look.within(bounds)
        if len(shapes):
            ink.shapes(shapes, **look.drawn(paper.lettering))
            seen.append(look)
    _labels(ink, seen, bounds)
    _frame(ink, frame, bounds, place, denominator)
    draw_panel(ink, said, seen, place, denominator)
    return ink, denominator


def draw_title(ink: Ink, title: str, subtitle: str, warning: str, folio: str) -> None:
    """The band at the head (图名), with the page's number and what is made up; long titles in smaller letters."""
    band, k = ink.paper.title, ink.paper.lettering
    mark = ink.font.width_mm(warning, 9 * k) + 6 * k if warning else 0.0
    for words, points, y, colour in ((title, 16, 6, INK), (subtitle, 7.5, 0.6, GREY)):
        room = (band.width - mark - 4 * k) / max(ink.font.width_mm(words, points * k), 1e-9)
        ink.write(words, band.x, band.y + y * k, points * k * min(1.0, room), color=colour)
    if warning:
        ink.write(warning, band.right - 2 * k, band.y + 7 * k, 9 * k, ha="right", color="#b2323a")
    ink.write(folio, band.right - 2 * k, band.y + 0.6 * k, 7.5 * k, ha="right", color=GREY)
    ink.line([band.x, band.right], [band.y - 1.6 * k] * 2, 0.35 * k)


def _frame(ink: Ink, frame: Box, bounds: Bounds, place: Place, denominator: int) -> None:
    """Neat line, crosses of the grid with metres at left and bottom, degrees at top and right (图廓、方里网、经纬度)."""
    k = ink.paper.lettering
    for out, width in ((0.0, 0.15), (1.2, 0.5)):
        left, right, low, high = (
            frame.x - out * k,
            frame.right + out * k,
            frame.y - out * k,
            frame.top + out * k,
        )
        ink.line([left, right, right, left, left], [low, low, high, high, low], width * k)
    step = grid_step_m(denominator, 30 * k)
    per_mm = 1000 / denominator
    xs, ys = ticks(bounds[0], bounds[2], step), ticks(bounds[1], bounds[3], step)
    at_x, at_y = frame.x + (xs - bounds[0]) * per_mm, frame.y + (ys - bounds[1]) * per_mm
    for x in at_x:
        for y in at_y:
            ink.line([max(x - 1.5 * k, frame.x), min(x + 1.5 * k, frame.right)], [y, y], 0.12 * k, color=GREY)
            ink.line([x, x], [max(y - 1.5 * k, frame.y), min(y + 1.5 * k, frame.top)], 0.12 * k, color=GREY)
    look: dict[str, Any] = {"ha": "center", "va": "center", "color": GREY}
    for metres, x in zip(xs, at_x, strict=True):
        if _inside(ink, f"{metres:,.0f}", x, frame.x, frame.right):
            ink.line([x, x], [frame.y - 1.2 * k, frame.y], 0.2 * k)
            ink.write(f"{metres:,.0f}", x, frame.y - 3.3 * k, 6 * k, **look)
    for metres, y in zip(ys, at_y, strict=True):
        if _inside(ink, f"{metres:,.0f}", y, frame.y, frame.top):
            ink.line([frame.x - 1.2 * k, frame.x], [y, y], 0.2 * k)
            ink.write(f"{metres:,.0f}", frame.x - 3.3 * k, y, 6 * k, rotation=90, **look)
    _degrees(ink, frame, bounds, place, look)


def _degrees(ink: Ink, frame: Box, bounds: Bounds, place: Place, look: dict[str, Any]) -> None:
    k, share = ink.paper.lettering, np.linspace(0, 1, 33)
    east, north = bounds[0] + share * (bounds[2] - bounds[0]), bounds[1] + share * (bounds[3] - bounds[1])
    lon, _ = place.degrees(east, np.full(33, bounds[3]))
    _, lat = place.degrees(np.full(33, bounds[2]), north)
    most = max(2, int(frame.height / (30 * k)))
    for at, value in degree_ticks(share, lon, most=most + 2):
        x = frame.x + at * frame.width
        if _inside(ink, dms(value), x, frame.x, frame.right):
            ink.line([x, x], [frame.top, frame.top + 1.2 * k], 0.2 * k)
            ink.write(dms(value), x, frame.top + 3.0 * k, 6 * k, **look)
    for at, value in degree_ticks(share, lat, most=most):
        y = frame.y + at * frame.height
        if _inside(ink, dms(value), y, frame.y, frame.top):
            ink.line([frame.right, frame.right + 1.2 * k], [y, y], 0.2 * k)
            ink.write(dms(value), frame.right + 3.3 * k, y, 6 * k, rotation=270, **look)


def _inside(ink: Ink, words: str, at: float, low: float, high: float) -> bool:
    """Whether a figure centred there stands between the corners of its edge."""
    half = ink.font.width_mm(words, 6 * ink.paper.lettering) / 2
    return low + half <= at <= high - half


def _labels(ink: Ink, looks: Sequence[Look], bounds: Bounds) -> None:
    """Names on the map, the topmost layer's first; one that would touch another or the frame is moved, else left out."""
    from matplotlib.patheffects import withStroke

    k, frame = ink.paper.lettering, ink.paper.frame
    per_mm, points = frame.width / (bounds[2] - bounds[0]), 7.5 * k
    taken: list[Box] = []
    for look in reversed([one for one in looks if one.label_column]):
        for name, shape in zip(look.frame[look.label_column], look.frame.geometry, strict=True):
            middle = shape.representative_point()
            x = frame.x + (middle.x - bounds[0]) * per_mm
            y = frame.y + (middle.y - bounds[1]) * per_mm
            width, height = ink.font.width_mm(str(name), points), points * MM_PER_POINT
            if not (frame.x <= x <= frame.right and frame.y <= y <= frame.top) or not name:
                continue
            for up in (0.0, 1.3, -1.3, 2.6, -2.6):
                box = Box(x - width / 2, y + (up - 0.5) * height, width, height)
                if _fits(box, frame, taken, 0.8 * k):
                    taken.append(box)
                    halo = [withStroke(linewidth=2 * k, foreground="white")]
                    ink.write(name, x, box.y + 0.15 * height, points, ha="center", path_effects=halo)
                    break


def _fits(box: Box, frame: Box, taken: Sequence[Box], air: float) -> bool:
    inside = frame.x + air < box.x and box.right < frame.right - air and frame.y + air < box.y
    return inside and box.top < frame.top - air and not any(_touch(box, other, air) for other in taken)


def _touch(one: Box, two: Box, air: float) -> bool:
    apart = (
        one.right + air < two.x or two.right + air < one.x or one.top + air < two.y or two.top + air < one.y
    )
    return not apart
