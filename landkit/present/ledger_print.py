"""What of a sheet goes on paper (打印范围): all of it, or where that is a ream, its first page, which says so."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

A4_WIDTH: Final = 160.0  # characters across that are still read on paper (7 point)
A3_WIDTH: Final = 240.0
MOST_PAGES: Final = 12  # of one sheet; a list of every parcel is for the screen
_ROW: Final = 15.0  # height in points of a row of one line
_HEADER: Final = 33.0
_HEIGHTS: Final = (500.0, 745.0)  # of a page across, A4 and A3, in points
_WIDTHS: Final = (145.0, 208.0)  # of the same in characters at full size, which `fit to width` makes smaller


def pages_across(widths: Sequence[float]) -> int:
    """Pages side by side that so wide a table takes."""
    return max(1, math.ceil(sum(widths) / A3_WIDTH))


def rows_on_paper(widths: Sequence[float], heights: Mapping[int, float], rows: int) -> int:
    """How many of the rows below the header are printed: all, or those of the first page where all are too many pages.

    `heights` are those of rows that are not of one line, by place, in points.
    """
    width, across = sum(widths), pages_across(widths)
    paper = int(width > A4_WIDTH)
    shrunk = max(1.0, width / (across * _WIDTHS[paper]))
    room = _HEIGHTS[paper] * shrunk - _HEADER
    allowed = room * (MOST_PAGES // across)
    if sum(heights.values()) + _ROW * (rows - len(heights)) <= allowed:
        return rows
    used = 0.0
    for row in range(rows):
        used += heights.get(row, _ROW)
        if used > room:
            return max(1, row)
    return rows
