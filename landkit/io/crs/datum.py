"""A change of datum (基准转换) by parameters that somebody measured: seven of a Bursa-Wolf model, or four of a plane.

Xian 1980 and Beijing 1954 have no public parameters to CGCS2000: they are local, and the survey office keeps them.  Without
them PROJ does nothing, in silence; landkit refuses.  With them (study.toml [datum.*]) PROJ applies them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyproj

Convention = Literal["position_vector", "coordinate_frame"]


@dataclass(frozen=True)
class DatumShift:
    """One set of parameters: between which systems, as a PROJ pipeline from the one's coordinates to the other's.

    `pipeline` takes and gives east, north (metres) for planes, longitude, latitude (degrees) otherwise.
    """

    name: str
    start: pyproj.CRS
    goal: pyproj.CRS
    pipeline: str
    accuracy_m: float
    source: str

    def fits(self, crs: pyproj.CRS) -> bool:
        """Whether it starts from the datum of a CRS."""
        return same_frame(crs, self.start)


def same_frame(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Whether two systems stand on one geographic system, so that only arithmetic lies between them."""
    a, b = one.geodetic_crs, other.geodetic_crs
    return a is not None and b is not None and bool(a.equals(b, ignore_axis_order=True))


def helmert7(
    start: pyproj.CRS,
    goal: pyproj.CRS,
    *,
    shift_m: tuple[float, float, float],
    rotation_s: tuple[float, float, float],
    scale_ppm: float,
    convention: Convention,
) -> str:
    """Pipeline of a seven-parameter (Bursa-Wolf, 布尔沙) shift between two geographic systems, in degrees.

    Rotations in arc seconds.  The two conventions differ in the sign of the rotations, so it must be named.
    """
    (x, y, z), (rx, ry, rz) = shift_m, rotation_s
    given = f"+x={x!r} +y={y!r} +z={z!r} +rx={rx!r} +ry={ry!r} +rz={rz!r} +s={scale_ppm!r}"
    steps = [
        "+proj=unitconvert +xy_in=deg +xy_out=rad",
        f"+proj=cart {_ellipsoid(start)}",
        f"+proj=helmert {given} +convention={convention}",
        f"+inv +proj=cart {_ellipsoid(goal)}",
        "+proj=unitconvert +xy_in=rad +xy_out=deg",
    ]
    return _pipeline(steps)


def planar4(*, north_m: float, east_m: float, rotation_s: float, scale_ppm: float) -> str:
    """Pipeline of a four-parameter (平面四参数) shift between two planes, east and north in metres.

    X' = north + (1+m)(X cos a - Y sin a), Y' = east + (1+m)(X sin a + Y cos a), where X is northing and Y easting as in
    Chinese survey reports, a the rotation in arc seconds, m the scale in parts per million.
    """
    steps = [
        "+proj=axisswap +order=2,1",
        f"+proj=helmert +x={north_m!r} +y={east_m!r} +theta={-rotation_s!r} +s={1 + scale_ppm * 1e-6!r}",
        "+proj=axisswap +order=2,1",
    ]
    return _pipeline(steps)


def _pipeline(steps: list[str]) -> str:
    return "+proj=pipeline " + " ".join(f"+step {s}" for s in steps)


def _ellipsoid(crs: pyproj.CRS) -> str:
    found = crs.ellipsoid
    if found is None:  # a system of a study file is on an ellipsoid, or was refused there
        raise ValueError(crs.name)
    return f"+a={found.semi_major_metre!r} +rf={found.inverse_flattening!r}"
