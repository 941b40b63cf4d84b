"""Where coordinates would lie if they meant something else (坐标系诊断): one row per reading, with its distance.

Coordinates far from where their layer must be are nearly always of another zone, with or without the zone number, with axes
swapped, or degrees called metres.  Each such reading is tried; the study area decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

import geopandas as gpd
import pyproj
import shapely

from landkit.io.crs.identify import Plane, datums, epsg_of
from landkit.io.crs.web_coordinates import SYSTEMS, from_web
from landkit.model import Code, Reason, why
from landkit.text import data_toml

SAMPLE: Final = 400  # points of a layer that are enough to see where it lies
MARGIN_DEGREES: Final = 1.0  # neighbouring zones are used a little beyond their edges
FARTHEST_M: Final = 20_004_000  # half way round the Earth
LIKELY: Final = 0.5  # share of them that must fall into place before a reading is called likely
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Placement:
    """One way to read coordinates: as which system, axes swapped or not, on which web map's system; and where they then lie.

    `share` of the points lie in the study area; `distance_m` is from the middle of them to it.
    """

    kind: str  # as_stated | study_crs | plane | utm | web_mercator | degrees | gcj02 | bd09
    system: str
    swapped: bool
    share: float
    distance_m: float

    def say(self) -> Reason:
        """As words: `3-degree plane with zone number (EPSG:4528), axes swapped`."""
        return why(
            "place_swapped" if self.swapped else "place_as", kind=Code("place", self.kind), system=self.system
        )


def sample_points(frame: gpd.GeoDataFrame) -> Points:
    """At most 400 vertices spread over a layer, as they stand in its file."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    if len(shapes) > SAMPLE:
        shapes = shapes[np.linspace(0, len(shapes) - 1, SAMPLE).astype(int)]
    xy = shapely.get_coordinates(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    few = np.linspace(0, len(xy) - 1, min(SAMPLE, len(xy))).astype(int)
    return np.asarray(xy[few], dtype=np.float64)


def placements(
    points: Points, stated: pyproj.CRS, area: shapely.Geometry, crs: pyproj.CRS
) -> list[Placement]:
    """All readings of points against the area they should lie in (in `crs`), the best first; the first row is as stated."""
    first = look_as_stated(points, stated, area, crs)
    others = [
        _look(points[:, ::-1] if swapped else points, kind, system, area, crs, swapped=swapped)
        for kind, system, swapped in _tries(points, stated)
    ]
    if all(other.share < LIKELY for other in others):  # a study need not be in China
        own = [_look(points, "study_crs", crs, area, crs)]
        own += [_look(points[:, ::-1], "study_crs", crs, area, crs, swapped=True)]
        others += [reading for reading in own if reading.share >= LIKELY]
    order = {"gcj02": 2, "bd09": 2}
    others.sort(key=lambda r: (-round(r.share, 2), r.distance_m, order.get(r.kind, 1), r.swapped))
    return [first, *others]


def look_as_stated(points: Points, stated: pyproj.CRS, area: shapely.Geometry, crs: pyproj.CRS) -> Placement:
    """Points as their file states them."""
    shapely.prepare(area)
    return _look(points, "as_stated", stated, area, crs)


def likely(found: list[Placement]) -> Placement | None:
    """The reading that puts a layer into place; None where none does, or as it is stated does just as well."""
    stated, best = found[0], found[1] if len(found) > 1 else found[0]
    return best if best.share >= LIKELY and best.share > stated.share else None


def _tries(points: Points, stated: pyproj.CRS) -> Iterator[tuple[str, pyproj.CRS, bool]]:
    """Systems that coordinates of this size can be in, each with and without swapped axes."""
    middle = np.median(points, axis=0)
    tries = data_toml("crs/systems.toml")["tries"]
    degrees = pyproj.CRS.from_epsg(datums()["cgcs2000"]["geographic"])
    for swapped in (False, True):
        x, y = middle[::-1] if swapped else middle
        if swapped:
            yield "as_stated", stated, True
        if abs(x) <= 180 and abs(y) <= 90:
            yield "degrees", degrees, swapped
            for system in SYSTEMS:
                if not swapped:
                    yield system, degrees, False
            continue
        for epsg in _planes(x):
            if swapped and stated.to_epsg() == epsg:
                continue  # as stated, swapped
            yield "plane", pyproj.CRS.from_epsg(epsg), swapped
        if 160_000 < x < 840_000:
            for epsg in range(tries["utm_first"], tries["utm_last"] + 1):
                yield "utm", pyproj.CRS.from_epsg(epsg), swapped
        yield "web_mercator", pyproj.CRS.from_epsg(tries["web_mercator"]), swapped


def _planes(easting: float) -> Iterator[int]:
    """Gauss-Kruger planes on CGCS2000 that an easting can belong to: by its zone number, or any zone where it has none."""
    zone, rest = divmod(easting, 1_000_000)
    if 13 <= zone <= 45 and 100_000 < rest < 900_000:
        meridian = zone * 3 if zone >= 25 else zone * 6 - 3
        planes = [Plane(meridian, zone * 1_000_000 + 500_000)]
    elif -1_000_000 < easting < 2_000_000:  # a layer may lie two zones from its meridian
        planes = [Plane(meridian, 500_000) for meridian in range(75, 136, 3)]
    else:
        planes = []
    for plane in planes:
        code = epsg_of("cgcs2000", plane)
        if code:
            yield code


def _look(
    points: Points,
    kind: str,
    system: pyproj.CRS,
    area: shapely.Geometry,
    crs: pyproj.CRS,
    *,
    swapped: bool = False,
) -> Placement:
    x, y = points[:, 0], points[:, 1]
    if kind in SYSTEMS:
        x, y = from_web(x, y, kind)
    # datums are left alone here: a hundred metres decide nothing between zones
    x, y = pyproj.Transformer.from_crs(system, crs, always_xy=True).transform(x, y)
    good = np.isfinite(x) & np.isfinite(y)
    share, distance = 0.0, float("inf")
    if good.any():
        share = float(np.sum(shapely.intersects_xy(area, x[good], y[good])) / len(x))
        distance = float(shapely.distance(area, shapely.Point(np.median(x[good]), np.median(y[good]))))
    if distance > FARTHEST_M:  # no distance on Earth: the plane does not reach there
        distance = float("inf")
    return Placement(kind, _name(system), swapped, share, distance)


def _name(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"{crs.name}, EPSG:{code}" if code else crs.name


def area_of_use(crs: pyproj.CRS) -> shapely.Geometry | None:
    """The ground a CRS is meant for, in itself, with a margin; None where EPSG states none."""
    place = crs.area_of_use
    if place is None:
        return None
    west, east = place.west - MARGIN_DEGREES, place.east + MARGIN_DEGREES
    box = shapely.box(west, place.south - MARGIN_DEGREES, east, place.north + MARGIN_DEGREES)
    to_crs = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    edge = shapely.segmentize(box, 0.25)
    return shapely.transform(edge, to_crs.transform, interleaved=False)
