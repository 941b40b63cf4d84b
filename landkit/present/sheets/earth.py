"""Where the sheet lies on the ellipsoid: length of the scale bar, grid convergence, degrees along its edges."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

import pyproj

from landkit.arrays import Floats
from landkit.errors import ExportError

_DEGREE_STEPS: Final = tuple(s / 3600 for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600))


class Place:
    """The middle of a sheet in the study CRS.

    Raises: ExportError where the CRS is not a projected one in metres.
    """

    def __init__(self, crs: str, x: float, y: float) -> None:
        """The point (x, y) in m."""
        self.crs, self.x, self.y = pyproj.CRS(crs), x, y
        geodetic = self.crs.geodetic_crs
        metres = self.crs.axis_info and self.crs.axis_info[0].unit_conversion_factor == 1.0
        if not self.crs.is_projected or not metres or geodetic is None:
            raise ExportError("sheet_crs", crs=crs)
        self._way = pyproj.Transformer.from_crs(self.crs, geodetic, always_xy=True)
        ellipsoid = self.crs.ellipsoid
        self._geod = ellipsoid and pyproj.Geod(a=ellipsoid.semi_major_metre, rf=ellipsoid.inverse_flattening)

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude of grid points, on the datum of the study."""
        lon, lat = self._way.transform(x, y)
        return np.asarray(lon, float), np.asarray(lat, float)

    def grid_m(self, true_m: float) -> float:
        """Length on the grid, eastwards through the middle, of so many metres on the ellipsoid (椭球面长度)."""
        assert self._geod
        lon, lat = self.degrees(np.array([-0.5, 0.5]) * true_m + self.x, np.full(2, self.y))
        _, _, ground_m = self._geod.inv(lon[0], lat[0], lon[1], lat[1])
        return true_m * true_m / float(ground_m)

    def convergence_deg(self) -> float:
        """Angle from true north to grid north, clockwise, in degrees (子午线收敛角): positive east of the meridian."""
        lon, lat = self.degrees(np.array([self.x]), np.array([self.y]))
        north = self._way.transform(lon, lat + 1e-4, direction=pyproj.enums.TransformDirection.INVERSE)
        return -math.degrees(math.atan2(float(north[0][0]) - self.x, float(north[1][0]) - self.y))


def round_length_m(denominator: int, longest_mm: float) -> float:
    """The longest 1, 2 or 5 x 10^n metres that the paper has room for."""
    room_m = longest_mm / 1000 * denominator
    power = 10.0 ** math.floor(math.log10(room_m))
    return max(n * power for n in (1, 2, 5) if n * power <= room_m)


def grid_step_m(denominator: int, apart_mm: float) -> float:
    """The least 1, 2 or 5 x 10^n metres that lie at least so far apart on paper."""
    need_m = apart_mm / 1000 * denominator
    power = 10.0 ** math.floor(math.log10(need_m))
    return min(n * power for n in (1, 2, 5, 10) if n * power >= need_m)


def ticks(low: float, high: float, step: float) -> Floats:
    """Whole multiples of `step` between two values."""
    return np.asarray(np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step, dtype=np.float64)


def degree_ticks(along: Floats, values: Floats, *, most: int) -> list[tuple[float, float]]:
    """Where an edge of the sheet crosses round degrees (经纬网): (position along the edge, degrees), at most so many."""
    low, high = float(values.min()), float(values.max())
    steps = (s for s in _DEGREE_STEPS if len(ticks(low, high, s)) <= most)
    found = ticks(low, high, next(steps, 1.0))
    order = np.argsort(values)
    return [(float(np.interp(v, values[order], along[order])), float(v)) for v in found]


def dms(degrees: float) -> str:
    """Degrees, minutes and seconds: 119°25′30″."""
    seconds = round(abs(degrees) * 3600)
    sign = "−" if degrees < 0 and seconds else ""
    return f"{sign}{seconds // 3600}°{seconds // 60 % 60:02d}′{seconds % 60:02d}″"
