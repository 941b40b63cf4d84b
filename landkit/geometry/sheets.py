"""Map sheets (图幅) of the national numbering as cells of parallels and meridians, and their theoretical area.

The area of a sheet is known from its number alone, so it is the control on every area measured inside it: what lies in a
sheet without gaps and overlaps must sum to it (控制面积).

Worked example: I50E024021.  I is the 9th row of 4 degrees (32-36 N), 50 the column 114-120 E, E the scale 1:50,000 with
cells of 10' by 15'.  Row 24 from the north ends at 36° - 24 x 10' = 32°00'; column 21 begins at 114° + 20 x 15' = 119°00'.
"""

from __future__ import annotations

import re
from typing import Final

import pyproj
import shapely

from landkit.geometry.official import between_parallels_m2

# scale code: cells in one sheet of 1:1,000,000 (4 degrees by 6 degrees), along latitude and longitude alike
CELLS: Final = {
    "B": 2, "C": 4, "D": 12, "E": 24, "F": 48, "G": 96, "H": 192, "I": 576, "J": 1152, "K": 2304,
}  # fmt: skip
MILLION_LAT_DEG: Final = 4
MILLION_LON_DEG: Final = 6
CGCS2000: Final = 4490
_NUMBER: Final = re.compile(r"([A-N])(\d{2})(?:([B-K])(\d{3,4})(\d{3,4}))?")


def sheet_bounds(number: str) -> tuple[float, float, float, float]:
    """West, south, east and north of a sheet of the northern hemisphere in degrees (图幅范围), from 1:1,000,000 to 1:500.

    Raises: ValueError where the number is none.   Source: GB/T 13989-2012 (as remembered; not re-read).
    """
    found = _NUMBER.fullmatch(number.strip().upper())
    if not found:
        raise ValueError(f"{number!r} is no map sheet number such as I50E024021")
    letter, column, scale, row, along = found.groups()
    cells = CELLS[scale] if scale else 1
    at_row, at_column = int(row or 1), int(along or 1)
    if not (1 <= int(column) <= 60 and 1 <= at_row <= cells and 1 <= at_column <= cells):
        raise ValueError(f"{number!r} lies outside its sheet of 1:1,000,000")
    high, wide = MILLION_LAT_DEG / cells, MILLION_LON_DEG / cells
    north = (ord(letter) - ord("A") + 1) * MILLION_LAT_DEG - (at_row - 1) * high
    west = (int(column) - 31) * MILLION_LON_DEG + (at_column - 1) * wide
    return west, north - high, west + wide, north


def sheet_polygon(number: str) -> shapely.Polygon:
    """The sheet as a polygon in degrees of longitude and latitude.

    Raises: ValueError.
    """
    return shapely.box(*sheet_bounds(number))


def sheet_area_m2(number: str, *, crs: pyproj.CRS | None = None) -> float:
    """Theoretical area of a map sheet (图幅理论面积) in m2, on CGCS2000 or the ellipsoid of another CRS.

    Raises: ValueError, CRSError.   Source: 国土调查办发〔2008〕32号.
    """
    west, south, east, north = sheet_bounds(number)
    return between_parallels_m2(south, north, east - west, crs or pyproj.CRS.from_epsg(CGCS2000))
