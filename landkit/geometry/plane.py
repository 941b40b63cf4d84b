"""Which plane in metres suits land at a place (适用平面): what a layer in degrees or feet should be brought to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import pyproj

from landkit.arrays import Floats
from landkit.text import Lang, data_toml, text

WIDEST_DEGREES: Final = 6.0  # the width of a UTM zone: no one plane suits what is wider


def plane_for(lon: float, lat: float) -> str:
    """A projected system in metres for land at a place: the 3-degree plane on CGCS2000 in China, else UTM on WGS 84."""
    systems = data_toml("crs/systems.toml")
    tries = systems["tries"]
    west, south, east, north = tries["cgcs2000_degrees"]
    if west <= lon <= east and south <= lat <= north:
        code = systems["datum"]["cgcs2000"]["first_cm_3"] + round(lon / 3) - 25
    else:
        code = int(tries["utm_north" if lat >= 0 else "utm_south"]) + min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{code}"


@dataclass(frozen=True)
class Advised:
    """The plane that a layer should be brought to (建议坐标系), for an error: named where its place tells which."""

    crs: str = ""

    def say(self, lang: Lang) -> str:
        """The plane by number and name, else what kind of plane."""
        if not self.crs:
            return text("plane.any", lang)
        return text("plane.named", lang, crs=self.crs, name=pyproj.CRS.from_user_input(self.crs).name)


def advised(bounds: Floats | None, crs: pyproj.CRS) -> Advised:
    """The plane for a layer by its bounds (west, south, east, north) in its own CRS, which has degrees or other units."""
    if bounds is None or crs.geodetic_crs is None or crs.is_geocentric or not np.isfinite(bounds).all():
        return Advised()
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*bounds)
    on_earth = -180 <= west <= east <= 180 and -80 <= south <= north <= 84  # as far as UTM goes
    if not on_earth or east - west > WIDEST_DEGREES:
        return Advised()
    return Advised(plane_for((west + east) / 2, (south + north) / 2))
