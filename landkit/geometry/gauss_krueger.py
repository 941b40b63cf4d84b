"""Ellipsoidal area in a transverse Mercator grid (高斯-克吕格) at array speed: planar area over the mean areal scale.

On the grid a small square is k2 times as large as on the ellipsoid, and k2 depends almost only on the distance x from the
central meridian:

    k2 = k0^2 (1 + u + u^2 (1 + 4 n2) / 3),   u = (x / k0 R)^2,

R the Gauss radius and n2 = e'^2 cos^2(B) at the polygon's latitude.  The mean of x^2 over a polygon is exact from its
second moments: mean(x^2) = X^2 + var(x), X its centroid.  So area = planar area / k2(X^2 + var x).

Worked example: 1 km square, lower left corner E 437,000 N 3,583,000 in EPSG:4549.  X = -62,500 m, var x = 1000^2 / 12;
R = 6,369,059 m; u = 9.6298e-5; k2 = 1.000096301; 1,000,000 / k2 = 999,903.71 m2, as published (the plane is 96 m2 too large).

The series is within 0.002 ppm of pyproj.Geod up to 150 km from the meridian and within 0.007 ppm to 200 km.  The latitude is
that of the middle: of a polygon w across at X this moves the area by 3e-23 w X^2 (in metres), which is kept
below 0.006 ppm: 20 km across to 99 km from the meridian, 5 km at 200 km.  Farther or larger: see area.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import pyproj
import shapely

from landkit.arrays import Flags, Floats, Shapes
from landkit.geometry.official import sum_rings
from landkit.geometry.outlines import Outlines, outlines_of

FARTHEST_M: Final = 200_000.0  # from the central meridian
LARGEST_M: Final = 20_000.0  # across
LARGEST_FAR: Final = 10_000.0 * 140_000.0**2  # across, times the square of the distance
METHODS: Final = ("9807",)  # EPSG: transverse Mercator


@dataclass(frozen=True)
class Grid:
    """A transverse Mercator grid: false easting and northing, scale on the central meridian, ellipsoid."""

    easting_m: float
    northing_m: float
    k0: float
    a: float
    e2: float

    def suits(self, bounds: Floats) -> Flags:
        """Which boxes (n, 4) are small enough and near enough to the meridian for the series."""
        far = np.maximum(np.abs(bounds[:, 0] - self.easting_m), np.abs(bounds[:, 2] - self.easting_m))
        wide = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
        return np.asarray((far <= FARTHEST_M) & (wide <= LARGEST_M) & (wide * far**2 <= LARGEST_FAR))

    def areal_scale(self, x2: Floats, northing: Floats) -> Floats:
        """k2 for a mean squared distance from the meridian and a northing, both as on the grid."""
        sin2 = np.sin(_footpoint_latitude((northing - self.northing_m) / self.k0, self.a, self.e2)) ** 2
        radius2 = self.k0**2 * self.a**2 * (1 - self.e2) / (1 - self.e2 * sin2) ** 2
        u, n2 = x2 / radius2, self.e2 / (1 - self.e2) * (1 - sin2)
        return np.asarray(self.k0**2 * (1 + u + u * u * (1 + 4 * n2) / 3))


def grid_of(crs: pyproj.CRS) -> Grid | None:
    """The transverse Mercator grid of a CRS in metres (EPSG:4549, 4528, UTM ...); None where it is another projection."""
    operation = crs.coordinate_operation if crs.is_projected else None
    if operation is None or operation.method_code not in METHODS or crs.ellipsoid is None:
        return None
    if abs(crs.axis_info[0].unit_conversion_factor - 1) > 1e-12:
        return None
    value = {p.code: float(p.value) for p in operation.params}
    if value.get("8801", 1.0) != 0.0:  # latitude of origin
        return None
    a, b = crs.ellipsoid.semi_major_metre, crs.ellipsoid.semi_minor_metre
    return Grid(value["8806"], value["8807"], value["8805"], a, 1 - (b / a) ** 2)


def grid_m2(polygons: Shapes, box: Floats, grid: Grid) -> Floats:
    """Ellipsoidal area in m2 of valid polygons (one part each) in these boxes, which suit the grid."""
    holed = shapely.get_num_interior_rings(polygons) > 0
    if not holed.any():
        return rings_m2(outlines_of(polygons, box), grid)
    area = np.empty(len(polygons))
    area[~holed] = rings_m2(outlines_of(polygons[~holed], box[~holed]), grid)
    rings, owner = shapely.get_rings(polygons[holed], return_index=True)
    ring_m2 = rings_m2(outlines_of(rings, shapely.bounds(rings)), grid)
    area[holed] = sum_rings(ring_m2, owner, np.arange(holed.sum()), int(holed.sum()))
    return area


def rings_m2(rings: Outlines, grid: Grid) -> Floats:
    """Ellipsoidal area in m2 inside each ring."""
    if not len(rings.first):
        return np.zeros(0)
    begin, end, turn = rings.x[:-1], rings.x[1:], rings.turn
    sums = begin + end
    squares = sums * sums
    squares -= begin * end
    squares *= turn[:-1]
    sums *= turn[:-1]
    area, mx, mxx = (np.add.reduceat(m, rings.first) / n for m, n in ((turn, 2), (sums, 6), (squares, 12)))
    offset = rings.middle_x - grid.easting_m
    x2 = offset**2 + (2 * offset * mx + mxx) / np.where(area == 0, np.inf, area)
    return np.abs(area) / grid.areal_scale(x2, rings.middle_y)


def _footpoint_latitude(arc_m: Floats, a: float, e2: float) -> Floats:
    """Latitude (rad) at a distance along the meridian, to 1e-7: the areal scale asks for no more."""
    n = (1 - np.sqrt(1 - e2)) / (1 + np.sqrt(1 - e2))
    mu = arc_m / (a / (1 + n) * (1 + n * n / 4))
    return np.asarray(mu + 1.5 * n * np.sin(2 * mu) + 21 / 16 * n * n * np.sin(4 * mu))
