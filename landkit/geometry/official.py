"""The published method (国土调查办发〔2008〕32号, also TD/T 1055-2019): ellipsoidal area edge by edge, by its series.

Each edge closes a trapezoid against a fixed meridian: S = dL (q(B2) - q(B1)), dL the mean longitude of the edge from the
meridian, and q(B) the area between the equator and latitude B for one radian of longitude,

    q(B) = b2 [ A sinB - B sin3B + C sin5B - D sin7B + E sin9B ],

which is the text's formula in another order (2 sin((B2-B1)/2) cosBm = sinB2 - sinB1, and so on).

Worked example: the 1:50,000 sheet I50E024021, 32°00'-32°10'N, 119°00'-119°15'E, on CGCS2000.  Only its two meridian edges
change latitude, so the sum is (L2 - L1) (q(B2) - q(B1)) = 0.00436332 rad x 9.9968732e10 m2/rad = 436,195,379.5 m2.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np

import pyproj
import shapely

from landkit.arrays import Floats, Ints, Shapes
from landkit.errors import CRSError

# An edge is straight in the CRS its layer is drawn in; longer ones are split before they go to the ellipsoid.
LONGEST_EDGE_M: Final = 200.0
# Coefficients of the text's A to E in powers of e2, from e2^0 to e2^4.
SERIES: Final = np.array(
    [
        [1, 3 / 6, 30 / 80, 35 / 112, 630 / 2304],
        [0, 1 / 6, 15 / 80, 21 / 112, 420 / 2304],
        [0, 0, 3 / 80, 7 / 112, 180 / 2304],
        [0, 0, 0, 1 / 112, 45 / 2304],
        [0, 0, 0, 0, 5 / 2304],
    ]
)


def official_m2(shapes: Shapes, crs: pyproj.CRS) -> Floats:
    """Ellipsoidal area of valid polygons by the published series (椭球面积计算公式), in m2; any CRS, its own ellipsoid.

    Raises: CRSError where the CRS names no ellipsoid.   Source: 国土调查办发〔2008〕32号; TD/T 1055-2019.
    """
    xy, ring_of, part_of, shape_of = rings_on_earth(shapes, crs)
    if not len(xy):
        return np.zeros(len(shapes))
    last = np.flatnonzero(np.append(np.diff(ring_of) != 0, True))
    edges = _under_edges(xy, crs)
    edges[last[:-1]] = 0.0  # from the end of one ring to the start of the next
    first = np.concatenate([[0], last[:-1] + 1])
    return sum_rings(np.add.reduceat(np.append(edges, 0.0), first), part_of, shape_of, len(shapes))


def between_parallels_m2(south_deg: float, north_deg: float, width_deg: float, crs: pyproj.CRS) -> float:
    """Area of a cell of parallels and meridians (图幅理论面积) in m2."""
    q = area_below(crs)(np.radians([south_deg, north_deg]))
    return float(np.radians(width_deg) * (q[1] - q[0]))


def rings_on_earth(shapes: Shapes, crs: pyproj.CRS) -> tuple[Floats, Ints, Ints, Ints]:
    """Rings of polygons as vertices in their CRS, no edge longer than is straight on the earth too.

    Out: vertices (n, 2); ring of each vertex; part of each ring; shape of each part.
    """
    if crs.is_projected:
        shapes = shapely.segmentize(shapes, LONGEST_EDGE_M / crs.axis_info[0].unit_conversion_factor)
    parts, shape_of = shapely.get_parts(shapes, return_index=True)
    # of polygons only: get_rings passes multipolygons over
    rings, part_of = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    return xy, ring_of, part_of, shape_of


def sum_rings(ring_m2: Floats, part_of: Ints, shape_of: Ints, count: int) -> Floats:
    """Area of shapes from that of their rings, whichever way those turn: shells count, holes are taken away."""
    is_shell = np.append(True, np.diff(part_of) != 0)
    signed = np.where(is_shell, np.abs(ring_m2), -np.abs(ring_m2))
    return np.bincount(shape_of[part_of], weights=signed, minlength=count).astype(np.float64)


def to_degrees(xy: Floats, crs: pyproj.CRS) -> tuple[Floats, Floats]:
    """Longitude and latitude of points on the CRS's own datum: none is changed on the way."""
    if not crs.is_projected:
        return xy[:, 0], xy[:, 1]
    lon, lat = _to_own_degrees(crs.to_wkt()).transform(xy[:, 0], xy[:, 1])
    return lon, lat


def _under_edges(xy: Floats, crs: pyproj.CRS) -> Floats:
    """Area between each edge and a fixed meridian: the trapezoid of the whole edge and those of its two halves, extrapolated.

    An edge that is straight on the plane is bent in longitude and latitude: one trapezoid per 200 m is off by up to
    0.07 m2 (a triangle of 50 ha by 0.4 m2), the extrapolated one by a few mm2 per km2.
    """
    below = area_below(crs)
    lon, lat = np.radians(to_degrees(xy, crs))
    lon_mid, lat_mid = np.radians(to_degrees((xy[:-1] + xy[1:]) / 2, crs))
    near = lon[0]  # any fixed meridian will do, and a near one keeps the digits
    lon, lon_mid = lon - near, lon_mid - near
    q, q_mid = below(lat), below(lat_mid)
    whole = (lon[:-1] + lon[1:]) / 2 * (q[1:] - q[:-1])
    halves = (lon[:-1] + lon_mid) / 2 * (q_mid - q[:-1]) + (lon_mid + lon[1:]) / 2 * (q[1:] - q_mid)
    return np.asarray(halves + (halves - whole) / 3)


@functools.cache
def _to_own_degrees(wkt: str) -> pyproj.Transformer:
    crs = pyproj.CRS.from_wkt(wkt)
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


class area_below:  # noqa: N801  a function with its ellipsoid
    """q(B): area between the equator and latitude B (rad) for one radian of longitude, by the published series."""

    def __init__(self, crs: pyproj.CRS) -> None:
        ellipsoid = crs.ellipsoid
        if ellipsoid is None:
            raise CRSError("crs_without_ellipsoid", crs=crs.name)
        a, b = ellipsoid.semi_major_metre, ellipsoid.semi_minor_metre
        e2 = (a * a - b * b) / (a * a)
        signs = np.array([1, -1, 1, -1, 1])
        self.terms = b * b * signs * (SERIES @ e2 ** np.arange(5))

    def __call__(self, lat: Floats) -> Floats:
        """q(B) of each latitude."""
        odd = range(1, 10, 2)
        return np.asarray(sum(c * np.sin(k * lat) for c, k in zip(self.terms, odd, strict=True)))
