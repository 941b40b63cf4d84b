"""Drawing on a sheet in mm: text, lines, fills and shapes (绘制)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import shapely

from landkit.present.sheets.lettering import MM_PER_POINT, Font, plain
from landkit.present.sheets.paper import Box, Paper

INK: Final = "#2b2824"
GREY: Final = "#6f675c"


class Ink:
    """One sheet under way: a figure of the paper's size, and an axes over all of it that counts in mm."""

    def __init__(self, paper: Paper, font: Font) -> None:
        """An empty sheet."""
        from matplotlib.figure import Figure

        self.paper, self.font = paper, font
        page = paper.page
        self.figure: Any = Figure(figsize=(page.width / 25.4, page.height / 25.4), facecolor="white")
        self.sheet = self._axes(page, zorder=2)
        self.sheet.set(xlim=(0, page.width), ylim=(0, page.height))
        self.map: Any = None

    def open_map(self, frame: Box, bounds: tuple[float, float, float, float]) -> None:
        """The axes of the map, in m of the study CRS."""
        self.map = self._axes(frame, zorder=1)
        self.map.set(xlim=bounds[::2], ylim=bounds[1::2])

    def _axes(self, box: Box, *, zorder: int) -> Any:
        page = self.paper.page
        place = (box.x / page.width, box.y / page.height, box.width / page.width, box.height / page.height)
        axes = self.figure.add_axes(place, zorder=zorder)
        axes.set_axis_off()
        axes.patch.set_visible(False)
        return axes

    def write(self, words: object, x: float, y: float, points: float, **style: Any) -> Any:
        """A line of text in points, at mm from the lower left corner; never read as a formula."""
        return self.letter(self.sheet, words, x, y, points, **style)

    def letter(self, axes: Any, words: object, x: float, y: float, points: float, **style: Any) -> Any:
        """A line of text on other axes."""
        said = plain(words)
        self.font.check(said)
        look = {"color": INK, "va": "baseline"} | style
        return axes.text(x, y, said, fontsize=points, family=self.font.name, parse_math=False, **look)

    def line(self, xs: list[float], ys: list[float], mm: float, **style: Any) -> None:
        """A line so many mm wide, through points in mm."""
        look = {"color": INK, "solid_capstyle": "butt", "solid_joinstyle": "miter"} | style
        self.sheet.plot(xs, ys, linewidth=mm / MM_PER_POINT, **look)

    def fill(self, xs: list[float], ys: list[float], **style: Any) -> None:
        """A filled polygon in mm."""
        self.sheet.fill(xs, ys, **({"linewidth": 0.0} | style))

    def shapes(self, shapes: Any, **style: Any) -> None:
        """Areas or lines on the map, as one compound each."""
        from matplotlib.collections import PathCollection

        paths = [p for p in map(_path, shapes) if p is not None]
        self.map.add_collection(PathCollection(paths, **style), autolim=False)


def _path(shape: Any) -> Any:
    """A shape as one path, holes wound against their shells."""
    from matplotlib.path import Path

    areas = shapely.get_dimensions(shape) == 2
    parts = shapely.get_parts(shapely.normalize(shape))
    if areas:
        parts = shapely.get_rings(parts)
    parts = [p for p in parts if shapely.get_num_points(p) > 1]
    if not parts:
        return None
    codes = []
    for part in parts:
        code = np.full(shapely.get_num_points(part), Path.LINETO, dtype=np.uint8)
        code[0] = Path.MOVETO
        if areas:
            code[-1] = Path.CLOSEPOLY
        codes.append(code)
    return Path(np.vstack([shapely.get_coordinates(p) for p in parts]), np.concatenate(codes))
