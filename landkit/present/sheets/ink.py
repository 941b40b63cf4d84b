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
        look = {"color": INK, "va": "baseline", "family": self.font.families(said)} | style
        return axes.text(x, y, said, fontsize=points, parse_math=False, **look)

    def line(self, xs: list[float], ys: list[float], mm: float, **style: Any) -> None:
        """A line so many mm wide, through points in mm."""
        look = {"color": INK, "solid_capstyle": "butt", "solid_joinstyle": "miter"} | style
        self.sheet.plot(xs, ys, linewidth=mm / MM_PER_POINT, **look)

    def fill(self, xs: list[float], ys: list[float], **style: Any) -> None:
        """A filled polygon in mm."""
        self.sheet.fill(xs, ys, **({"linewidth": 0.0} | style))

    def shapes(self, shapes: Any, **style: Any) -> None:
        """Areas or lines on the map, as one compound each; hatched ones all as one, a hatch is laid out for every path."""
        from matplotlib.collections import PathCollection
        from matplotlib.path import Path

        paths = paths_of(shapes)
        if paths and style.get("hatch"):
            paths = [Path.make_compound_path(*paths)]
        self.map.add_collection(PathCollection(paths, **style), autolim=False)


def paths_of(shapes: Any) -> list[Any]:
    """Each area or line as one path, holes wound against their shells; nothing for what has neither length nor area."""
    from matplotlib.path import Path

    parts, owner = shapely.get_parts(shapely.normalize(shapes), return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    rings, ring_of = shapely.get_rings(parts[areal], return_index=True)
    strings = np.concatenate([rings, parts[~areal]])
    closed = np.arange(len(strings)) < len(rings)
    owner = np.concatenate([owner[areal][ring_of], owner[~areal]])
    keep = shapely.get_num_points(strings) > 1
    order = np.flatnonzero(keep)[np.argsort(owner[keep], kind="stable")]
    strings, closed, owner = strings[order], closed[order], owner[order]
    xy, string = shapely.get_coordinates(strings, return_index=True)
    ends = np.flatnonzero(np.diff(string, append=-1))
    codes = np.full(len(xy), Path.LINETO, dtype=np.uint8)
    codes[ends[closed]] = Path.CLOSEPOLY
    codes[np.concatenate([[0], ends[:-1] + 1])[: len(ends)]] = Path.MOVETO
    breaks = np.flatnonzero(np.diff(owner[string])) + 1
    each = zip(np.split(xy, breaks), np.split(codes, breaks), strict=True)
    return [Path(points, kinds) for points, kinds in each if len(points)]
