"""GCJ-02 (火星坐标) and BD-09 (百度坐标): the offsets of Chinese web maps, forward and back, in degrees.

There is no published standard.  These are the formulas that the community has used since 2013 (eviltransform,
coordtransform and their many ports); against points of the maps themselves they are reported good to a few metres.  Basis:
community practice, not law.  The way back solves the forward formula, to far less than a millimetre of the formula
itself; the approximate inverses in circulation are off by up to a metre.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

SYSTEMS: Final = ("gcj02", "bd09")
_SEMI_MAJOR_M: Final = 6378245.0  # of Krassovsky 1940, as the formulas use it
_ECCENTRICITY2: Final = 0.00669342162296594323
_BD: Final = np.pi * 3000.0 / 180.0
_INSIDE: Final = (72.004, 137.8347, 0.8293, 55.8271)  # west, east, south, north: outside nothing is offset


def to_web(lon: Degrees, lat: Degrees, system: str) -> Pair:
    """Longitude and latitude on WGS 84 or CGCS2000 as a web map's system shows them (`gcj02` or `bd09`)."""
    return _FORWARD[system](np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))


def from_web(lon: Degrees, lat: Degrees, system: str) -> Pair:
    """The way back: longitude and latitude of a web map's system (`gcj02` or `bd09`) on WGS 84 (CGCS2000)."""
    goal_lon, goal_lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    x, y = goal_lon.copy(), goal_lat.copy()
    for _ in range(30):  # the offset changes by less than 1 % of a step: each round gains two digits
        there_lon, there_lat = to_web(x, y, system)
        x, y = x - (there_lon - goal_lon), y - (there_lat - goal_lat)
    return x, y


def _to_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root = 0.2 * np.sqrt(np.abs(x))
    ripple = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + root + ripple
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y / 30 * np.pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root / 2 + ripple
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    w2 = 1 - _ECCENTRICITY2 * np.sin(np.radians(lat)) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY2) / (w2 * np.sqrt(w2))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(w2) * np.cos(np.radians(lat))
    west, last, south, high = _INSIDE
    offset = (lon >= west) & (lon <= last) & (lat >= south) & (lat <= high)
    return (
        np.where(offset, lon + np.degrees(east / parallel_m), lon),
        np.where(offset, lat + np.degrees(north / meridian_m), lat),
    )


def _to_bd09(lon: Degrees, lat: Degrees) -> Pair:
    x, y = _to_gcj02(lon, lat)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_FORWARD: Final[dict[str, Callable[[Degrees, Degrees], Pair]]] = {"gcj02": _to_gcj02, "bd09": _to_bd09}
