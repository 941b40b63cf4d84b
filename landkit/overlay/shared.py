"""What pairs of parcels and zones share, by either engine, and how much that is."""

from __future__ import annotations

import numbers
from typing import Final, TypeAlias

import numpy as np

import geopandas as gpd
import shapely
from geopandas.array import GeometryArray

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.geometry import area_m2, planar_area_m2, repair_structure, valid_polygons
from landkit.overlay.cutting import cut_out
from landkit.overlay.engine import kernel_pays_for_pairs, pairs_by_kernel
from landkit.overlay.local import local_areas
from landkit.overlay.shapes import array_of, in_even_blocks, require_usable

# Cutting a zone down to each of the shapes it crosses pays where it has so many vertices and crosses so many shapes.
MANY_VERTICES: Final = 2000
MANY_SHAPES: Final = 120
# What work costs besides vertices, in vertices: a pair that is cut, a zone that is looked up, a parcel looked at for it.
PAIR: Final = 100
ZONE: Final = 10
NEIGHBOUR: Final = 30
MEASURES: Final = {"ellipsoid": area_m2, "planar": planar_area_m2}
SIDE_OF: Final = {"intersection": "inside", "difference": "outside"}
Pairs: TypeAlias = tuple[Ints, Ints, Floats, Shapes]


def require_measure(area: str) -> None:
    """Raises: ValueError where no such way to measure is known."""
    if area not in MEASURES:
        raise ValueError(f"area is {area!r}; it must be one of {sorted(MEASURES)}")


def require_side(how: str) -> None:
    """Raises: ValueError where it is neither of the two that can be asked for."""
    if how not in SIDE_OF:
        raise ValueError(f"how is {how!r}; it must be one of {sorted(SIDE_OF)}")


def require_workers(workers: object, name: str = "workers") -> None:
    """Raises: ValueError where it is neither None nor a number of threads or processes."""
    if workers is not None and (not isinstance(workers, numbers.Integral) or workers < 1):
        raise ValueError(f"{name} is {workers!r}; it must be a whole number from 1 up, or None")


def pairs_of(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, *, area: str, geometry: bool, workers: int | None
) -> Pairs:
    """Pairs that share area, in the order of the parcels, then of the zones: positions of both, areas, pieces.

    Raises: GeometryError.
    """
    if kernel_pays_for_pairs(array_of(parcels), array_of(zones), parcels.crs):
        at_parcel, at_zone, measured, pieces = _by_kernel(parcels, zones, area, geometry, workers)
    else:  # GEOS measures nothing without a shape
        at_parcel, at_zone, measured, pieces = _by_geos(parcels, zones, area, workers)
    found = measured > 0
    return at_parcel[found], at_zone[found], measured[found], pieces[found] if geometry else pieces[:0]


def _by_geos(parcels: gpd.GeoSeries, zones: gpd.GeoSeries, area: str, workers: int | None) -> Pairs:
    """The pairs by GEOS alone: positions of parcels and zones, areas, pieces."""
    parcel_shapes, zone_shapes = require_usable(parcels, "parcels"), require_usable(zones, "zones")
    at_parcel, at_zone, whole = _candidates(parcel_shapes, zone_shapes, workers)
    pieces, part = parcel_shapes[at_parcel], np.flatnonzero(~whole)
    part = part[np.argsort(at_zone[part], kind="stable")]  # one large zone stays in the processor's cache
    local = _local_zones(pieces[part], zone_shapes, at_zone[part], workers)
    pieces[part] = _cut(pieces[part], local, workers)
    measured = _measure(pieces, whole, at_parcel, parcel_shapes, parcels.crs, area)
    return at_parcel, at_zone, measured, pieces


def _cut(shapes: Shapes, areas: Shapes, workers: int | None) -> Shapes:
    def work(rows: slice) -> Shapes:
        return cut_out(shapes[rows], areas[rows], "inside")

    return np.concatenate([np.empty(0, object), *in_even_blocks(work, areas, workers, PAIR)])


def _by_kernel(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, area: str, geometry: bool, workers: int | None
) -> Pairs:
    """The same by the kernel; on the plane no piece need be made to be measured."""
    shaped = geometry or area != "planar"
    rows, pieces = pairs_by_kernel(parcels, zones, geometry=shaped, workers=workers)
    at_parcel, at_zone = rows["parcel"].to_numpy(), rows["zone"].to_numpy()
    measured = rows["area"].to_numpy()
    if area != "planar":
        whole = rows["whole"].to_numpy()
        measured = _measure(pieces, whole, at_parcel, array_of(parcels), parcels.crs, area)
    return at_parcel, at_zone, measured, pieces


def _candidates(parcels: Shapes, zones: Shapes, workers: int | None) -> tuple[Ints, Ints, Flags]:
    """Positions of pairs that meet, in the order of the parcels, then of the zones; in which the parcel lies wholly inside."""
    tree = shapely.STRtree(parcels)

    def work(rows: slice) -> tuple[Ints, Ints, Flags]:
        zone, parcel = tree.query(zones[rows])
        asked, of_asked = np.unique(zone, return_inverse=True)
        own = shapely.force_2d(zones[rows][asked])  # copies: no other thread or caller sees them prepared
        shapely.prepare(own)
        meet = shapely.intersects(own[of_asked], parcels[parcel])
        parcel, zone, of_asked = parcel[meet], zone[meet], of_asked[meet]
        return parcel, zone + rows.start, shapely.covers(own[of_asked], parcels[parcel])

    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    each = ZONE + NEIGHBOUR * len(parcels) // max(len(zones), 1)
    done = zip(nothing, *in_even_blocks(work, zones, workers, each), strict=True)
    at_parcel, at_zone, whole = (np.concatenate(column) for column in done)
    order = np.lexsort((at_zone, at_parcel))
    return at_parcel[order], at_zone[order], whole[order]


def _local_zones(shapes: Shapes, zones: Shapes, at_zone: Ints, workers: int | None) -> Shapes:
    """For each shape its zone; those of many vertices that cross many shapes are cut down to what lies around each."""
    local, crossed = zones[at_zone], np.bincount(at_zone, minlength=len(zones))
    for zone in np.flatnonzero(
        (shapely.get_num_coordinates(zones) > MANY_VERTICES) & (crossed > MANY_SHAPES)
    ):
        rows = np.flatnonzero(at_zone == zone)
        local[rows] = local_areas(shapes[rows], zones[zone : zone + 1], workers)
    return local


def _measure(
    pieces: Shapes, whole: np.ndarray, at_parcel: Ints, parcels: Shapes, crs: object, area: str
) -> Floats:
    """Area of each piece; a parcel that lies wholly inside is measured once, however many zones cover it."""
    out = np.zeros(len(pieces))
    once, back = np.unique(at_parcel[whole], return_inverse=True)
    out[whole] = np.asarray(MEASURES[area](gpd.GeoSeries(GeometryArray(parcels[once], crs))))[back]
    part = ~whole & ~shapely.is_missing(pieces)
    out[part] = measured_m2(pieces[part], crs, area)
    return out


def measured_m2(shapes: Shapes, crs: object, area: str = "ellipsoid") -> Floats:
    """Area of shapes in m2; what came out of the overlay not valid is mended first, never left out."""
    series = gpd.GeoSeries(GeometryArray(shapes, crs))
    measured = np.array(MEASURES[area](series), dtype=np.float64)
    good = np.isfinite(measured) if area == "ellipsoid" else valid_polygons(shapes)
    odd = np.flatnonzero(~good & ~shapely.is_missing(shapes))
    if len(odd):
        measured[odd] = MEASURES[area](repair_structure(series.iloc[odd]))
    return measured
