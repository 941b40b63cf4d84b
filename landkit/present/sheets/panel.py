"""The side panel of a sheet: heading, facts, legend, notes, north, scale, marks; never fuller than it is high (图廓整饰)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from landkit.errors import ExportError
from landkit.present.sheets.earth import Place, dms, round_length_m
from landkit.present.sheets.ink import GREY, INK, Ink
from landkit.present.sheets.legend import Look
from landkit.present.sheets.paper import Box
from landkit.text import Lang, text

_LEADING: Final = 1.42  # line to line, of the size
_SIZES: Final = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)  # the smallest is 4.2 points on A4
_BLOCK: Final = 33.0  # mm that north and scale take on A4
_SWATCH: Final = (5.5, 2.6)


@dataclass(frozen=True)
class Row:
    """A line of the panel: words in points, mm of air above, or cells of the legend side by side."""

    words: str
    points: float
    above: float = 0.0
    colour: str = INK
    looks: tuple[Look, ...] = ()

    @property
    def height(self) -> float:
        """Of the line, in mm."""
        return self.points * _LEADING * 25.4 / 72 + self.above


@dataclass(frozen=True)
class Said:
    """The words of a panel."""

    heading: str
    facts: Sequence[tuple[str, str]]
    notes: Sequence[str]
    sources: Sequence[str]
    marks: Sequence[tuple[str, str]]
    lang: Lang


def draw_panel(ink: Ink, said: Said, looks: Sequence[Look], place: Place, denominator: int) -> None:
    """Fill the panel, in smaller letters where there is much to say.

    Raises: ExportError where it does not fit in the smallest.
    """
    k, panel = ink.paper.lettering, ink.paper.panel
    room = panel.height - _BLOCK * k
    for size in _SIZES:
        letters = size * k * ink.paper.panel_letters
        top, bottom = _top_rows(ink, said, looks, letters), _marks(ink, said, letters)
        if sum(r.height for r in (*top, *bottom)) <= room:
            break
    else:
        raise ExportError("sheet_full", size=ink.paper.size, heading=said.heading)
    _draw(ink, top, panel.top)
    foot = panel.y + sum(r.height for r in bottom)
    _draw(ink, bottom, foot)
    _north_and_scale(ink, Box(panel.x, foot, panel.width, _BLOCK * k), place, denominator, said.lang)


def _top_rows(ink: Ink, said: Said, looks: Sequence[Look], k: float) -> list[Row]:
    lang, small = said.lang, 6.0 * k
    rows = _lines(ink, said.heading, 11 * k)
    for at, (label, value) in enumerate(said.facts):
        rows += _lines(
            ink, f"{label}：{value}" if lang == "zh" else f"{label}: {value}", 7 * k, 0 if at else 1.5 * k
        )
    rows.append(Row(text("sheets.legend", lang), 8 * k, 3 * k, GREY))
    rows += _legend(ink, looks, k)
    for key, lines in (("notes", said.notes), ("sources", said.sources)):
        if not lines:
            continue
        rows.append(Row(text(f"sheets.{key}", lang), 7 * k, 2 * k, GREY))
        for line in lines:
            rows += _lines(ink, line, small, 0.3 * k)
    return rows


def _marks(ink: Ink, said: Said, k: float) -> list[Row]:
    rows = [_lines(ink, f"{label}　{value}", 7 * k) for label, value in said.marks]
    return [row for some in rows for row in some]


def _lines(ink: Ink, words: str, points: float, above: float = 0.0) -> list[Row]:
    lines = ink.font.wrapped(words, points, ink.paper.panel.width)
    return [Row(line, points, 0 if at else above) for at, line in enumerate(lines)]


def _legend(ink: Ink, looks: Sequence[Look], k: float) -> list[Row]:
    """Two entries to a line where all are short enough."""
    width, points = ink.paper.panel.width, 6.5 * k
    swatch = (_SWATCH[0] + 2.5) * ink.paper.lettering
    widest = max((ink.font.width_mm(look.label, points) for look in looks), default=0.0)
    cells = 2 if widest + swatch <= width / 2 else 1
    if widest + swatch > width:
        points *= (width - swatch) / widest
    groups = [tuple(looks[at : at + cells]) for at in range(0, len(looks), cells)]
    return [Row("", points, 0.9 * k, looks=group) for group in groups]


def _draw(ink: Ink, rows: Sequence[Row], top: float) -> None:
    panel, k = ink.paper.panel, ink.paper.lettering
    for row in rows:
        top -= row.height
        base = top + row.points * 0.3 * 25.4 / 72
        if row.words:
            ink.write(row.words, panel.x, base, row.points, color=row.colour)
        for at, look in enumerate(row.looks):
            x = panel.x + at * panel.width / 2
            _swatch(ink, look, Box(x, base - 0.4 * k, _SWATCH[0] * k, _SWATCH[1] * k))
            ink.write(look.label, x + (_SWATCH[0] + 1.8) * k, base, row.points)


def _swatch(ink: Ink, look: Look, box: Box) -> None:
    from matplotlib.patches import Rectangle

    style = look.drawn(ink.paper.lettering)
    if look.line:
        style.pop("facecolor")
        colour, width = style.pop("edgecolor"), style.pop("linewidth")
        middle = box.y + box.height / 2
        ink.sheet.plot([box.x, box.right], [middle, middle], color=colour, linewidth=width, **style)
        return
    ink.sheet.add_patch(Rectangle((box.x, box.y), box.width, box.height, **style))


def _north_and_scale(ink: Ink, box: Box, place: Place, denominator: int, lang: Lang) -> None:
    k, turn = ink.paper.lettering, place.convergence_deg()
    _north(ink, box.x + 6 * k, box.top - 17 * k, turn, lang)
    x = box.x + 16 * k
    ink.write(f"1:{denominator:,}", x, box.top - 9 * k, 12 * k)
    ink.write(text("sheets.convergence", lang, angle=_signed(turn)), x, box.top - 14 * k, 6 * k, color=GREY)
    length_m = round_length_m(denominator, (box.width - 20 * k) * 0.9)
    length = place.grid_m(length_m) / denominator * 1000
    low, high = box.top - 24 * k, box.top - 22.6 * k
    for part in range(4):
        left, right = x + part * length / 4, x + (part + 1) * length / 4
        corners = [left, right, right, left], [low, low, high, high]
        ink.fill(*corners, facecolor=INK if part % 2 == 0 else "white", edgecolor=INK, linewidth=0.5 * k)
    unit, per = ("km", 1000.0) if length_m >= 1000 else ("m", 1.0)
    for share, align in ((0.0, "center"), (0.5, "center"), (1.0, "center")):
        value = f"{length_m * share / per:g}" + (f" {unit}" if share == 1 else "")
        ink.write(value, x + share * length, high + 1 * k, 6 * k, ha=align)
    ink.write(text("sheets.scale_note", lang), x, low - 3.2 * k, 5.5 * k, color=GREY)


def _north(ink: Ink, x: float, y: float, turn_deg: float, lang: Lang) -> None:
    """An arrow to true north, turned from the grid's by the convergence, beside a thin line along the grid."""
    k, turn = ink.paper.lettering, math.radians(-turn_deg)
    along, across = (math.sin(turn), math.cos(turn)), (math.cos(turn), -math.sin(turn))

    def at(right: float, up: float) -> tuple[float, float]:
        return x + right * k * across[0] + up * k * along[0], y + right * k * across[1] + up * k * along[1]

    for side, colour in ((-3.0, INK), (3.0, "white")):
        points = [at(0, 11), at(side, -1), at(0, 1.5)]
        ink.fill(*map(list, zip(*points, strict=True)), facecolor=colour, edgecolor=INK, linewidth=0.5 * k)
    ink.write(text("sheets.north", lang), x, y + 12.5 * k, 7 * k, ha="center")


def _signed(degrees: float) -> str:
    return ("+" if degrees >= 0 else "") + dms(degrees)
