"""Coordinate text of land surveys (勘测定界 / 报备坐标文本): its grammar, from text to plots and back, nothing changed.

    [属性描述]                                   header: keys and values
    坐标系=2000国家大地坐标系
    带号=40
    [地块坐标]
    5,1.2000,K1,地块一,面,,工业用地,0601,@        one plot: points, area in hectares, number, name, shape, sheet, use, code
    J1,1,3583000.000,40437000.000               point, ring, northing, easting

All cells stay the text that they are; what they mean (axes, zone, datum) is decided in boundary_crs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from landkit.errors import LayerError
from landkit.text import data_toml

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_SECTION: Final = re.compile(r"\[(.+)\]")
SNIFFED_LINES: Final = 60


@dataclass(frozen=True)
class Point:
    """A boundary point (界址点) as its line gives it: name, ring number, the two coordinates in order, what follows."""

    name: str
    ring: str
    first: str
    second: str
    further: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plot:
    """A plot (地块): the cells of its row before the `@`, and its points; `cells` is empty where the file has no such row."""

    cells: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class BoundaryText:
    """A coordinate file: the lines of its header and its plots, all as written."""

    header: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()

    def said(self, key: str) -> str:
        """What the header says of a key of coordinate_text.toml (`datum`, `zone` ...); "" where it says nothing."""
        plain = [unicodedata.normalize("NFKC", line) for line in self.header]  # a full-width equal sign too
        pairs = [line.split("=", 1) for line in plain if "=" in line]
        given = {name.strip(): value.strip() for name, value in pairs}
        return next(
            (given[name] for name in data_toml("coordinate_text.toml")["keys"][key] if given.get(name)), ""
        )


def is_boundary_text(words: str) -> bool:
    """Whether a text is coordinate text and no table: a section of that name, a row that ends in `@`, or points alone."""
    lines = [line for _, line in _lines(words)][:SNIFFED_LINES]
    sections = set(data_toml("coordinate_text.toml")["sections"].values())
    if any((found := _SECTION.fullmatch(line)) and found[1].strip() in sections for line in lines):
        return True
    points = [_point(line) is not None for line in lines]
    rows = [line.endswith("@") for line in lines]
    if any(rows):
        return any(points)
    return len(points) >= 3 and all(points)


def parse_boundary_text(words: str, *, path: str = "") -> BoundaryText:
    """The plots of a coordinate text (解析).

    Raises: LayerError with the number and the content of a line that is neither header, plot nor point.
    """
    sections = data_toml("coordinate_text.toml")["sections"]
    header: list[str] = []
    plots: list[tuple[tuple[str, ...], list[Point], int]] = []
    in_header = False
    for number, line in _lines(words):
        section = _SECTION.fullmatch(line)
        if section:
            in_header = section[1].strip() == sections["header"]
        elif line.endswith("@"):
            in_header = False
            plots.append((_plot_cells(line), [], number))
        elif (point := _point(line)) is not None:
            if not plots:
                plots.append(((), [], number))
            plots[-1][1].append(point)
        elif in_header or ("=" in line and not plots):
            header.append(line)
        else:
            raise LayerError("boundary_line", path=path, line=number, content=line[:60])
    return BoundaryText(tuple(header), tuple(Plot(c, tuple(p), n) for c, p, n in plots))


def format_boundary_text(content: BoundaryText) -> str:
    """The text of plots (写出): the header's lines as they were, then each plot; lines end in \\n."""
    sections = data_toml("coordinate_text.toml")["sections"]
    lines = [f"[{sections['header']}]", *content.header] if content.header else []
    lines.append(f"[{sections['plots']}]")
    for plot in content.plots:
        if plot.cells:
            lines.append(",".join((*plot.cells, "@")))
        lines += [",".join((p.name, p.ring, p.first, p.second, *p.further)) for p in plot.points]
    return "\n".join(lines) + "\n"


def _lines(words: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(words.removeprefix("\ufeff").splitlines(), 1):
        if line.strip():
            yield number, line.strip()


def _cells(line: str) -> list[str]:
    """The cells of a line, by the first of the separators that it has; by blanks where it has none."""
    mark = next((m for m in data_toml("coordinate_text.toml")["separators"] if m in line), None)
    return [cell.strip() for cell in line.split(mark)]


def _plot_cells(line: str) -> tuple[str, ...]:
    before = line.removesuffix("@").rstrip()
    cells = _cells(before)
    if before and before[-1] in data_toml("coordinate_text.toml")["separators"]:
        cells.pop()  # the separator before the `@`
    return tuple(cells) or ("",)


def _point(line: str) -> Point | None:
    """The line as a point: `name ring first second ...`, without ring, or without both; None where it is none."""
    cells = [] if "=" in line else _cells(line)
    while len(cells) > 2 and not cells[-1]:
        cells.pop()  # a comma too many
    numeric = [bool(_NUMBER.fullmatch(cell)) for cell in cells]
    if len(cells) == 2 and all(numeric):
        return Point("", "", cells[0], cells[1])
    if len(cells) == 3 and all(numeric) and "." in cells[0]:  # no name: two coordinates and a height
        return Point("", "", cells[0], cells[1], (cells[2],))
    if len(cells) == 3 and all(numeric[1:]):
        return Point(cells[0], "", cells[1], cells[2])
    if len(cells) >= 4 and all(numeric[2:4]) and _is_ring(cells[1]):
        return Point(cells[0], cells[1], cells[2], cells[3], tuple(cells[4:]))
    return None


def _is_ring(cell: str) -> bool:
    return cell == "" or (cell.isascii() and cell.isdigit() and len(cell) <= 4)
