"""What pairs of parcels and zones share, by either engine, and how much that is."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

import geopandas as gpd
import shapely

from landkit.geometry import area_m2, planar_area_m2, repair_structure, valid_polygons
from landkit.overlay.engine import kernel_pays, pairs_by_kernel
from landkit.overlay.local import local_areas
from landkit.overlay.shapes import (
    Floats,
    Ints,
    Shapes,
    areal,
    array_of,
    in_blocks,
    require_usable,
    shapes_in_blocks,
)

MANY_VERTICES: Final = 2000
MEASURES: Final = {"ellipsoid": area_m2, "planar": planar_area_m2}
Pairs: TypeAlias = tuple[Ints, Ints, Floats, Shapes]


def require_measure(area: str) -> None:
    """Raises: ValueError where no such way to measure is known."""
    if area not in MEASURES:
        raise ValueError(f"area must be one of {sorted(MEASURES)}")


def pairs_of(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, *, area: str, geometry: bool, workers: int | None
) -> Pairs:
    """Pairs that share area, in the order of the parcels, then of the zones: positions of both, areas, pieces.

    Raises: GeometryError.
    """
    by = _by_kernel if kernel_pays(array_of(parcels), array_of(zones), parcels.crs) else _by_geos
    at_parcel, at_zone, measured, pieces = by(parcels, zones, area, geometry, workers)
    found = measured > 0
    return at_parcel[found], at_zone[found], measured[found], pieces[found] if geometry else pieces[:0]


def _by_geos(
    parcels: gpd.GeoSeries,
    zones: gpd.GeoSeries,
    area: str,
    geometry: bool,  # noqa: ARG001  GEOS measures nothing without a shape
    workers: int | None,
) -> Pairs:
    """The pairs by GEOS alone: positions of parcels and zones, areas, pieces."""
    parcel_shapes, zone_shapes = require_usable(parcels, "parcels"), require_usable(zones, "zones")
    at_parcel, at_zone = _candidates(parcel_shapes, zone_shapes, workers)
    local = _local_zones(parcel_shapes, zone_shapes, at_parcel, at_zone, workers)
    pieces, whole = shared_pieces(parcel_shapes[at_parcel], local, workers)
    measured = _measure(pieces, whole, at_parcel, parcel_shapes, parcels.crs, area)
    return at_parcel, at_zone, measured, pieces


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


def shared_pieces(shapes: Shapes, areas: Shapes, workers: int | None) -> tuple[Shapes, np.ndarray]:
    """Shape by shape the polygons shared with its area (None where none), and which shapes lie wholly inside.

    An area of None shares nothing.  A shape wholly inside is given back as it is.
    """
    whole = np.zeros(len(shapes), dtype=bool)

    def work(rows: slice) -> Shapes:
        mine, area = shapes[rows], areas[rows]
        inside = shapely.covers(area, mine)
        out = mine.copy()
        out[~inside] = areal(shapely.intersection(mine[~inside], area[~inside]))
        whole[rows] = inside
        return out

    return shapes_in_blocks(work, len(shapes), workers), whole


def _candidates(parcels: Shapes, zones: Shapes, workers: int | None) -> tuple[Ints, Ints]:
    """Positions of pairs that meet, in the order of the parcels, then of the zones."""
    tree = shapely.STRtree(parcels)
    found = in_blocks(lambda rows: _meet(tree, zones, rows), len(zones), workers)
    pairs = np.concatenate([np.zeros((2, 0), dtype=np.int64), *found], axis=1)
    order = np.lexsort((pairs[0], pairs[1]))
    return pairs[1][order], pairs[0][order]


def _meet(tree: shapely.STRtree, zones: Shapes, rows: slice) -> Ints:
    pairs = tree.query(zones[rows], predicate="intersects")
    return np.asarray(pairs + np.array([[rows.start], [0]]))


def _local_zones(
    parcels: Shapes, zones: Shapes, at_parcel: Ints, at_zone: Ints, workers: int | None
) -> Shapes:
    """For each pair its zone, big ones cut down to what lies around the parcel."""
    local = zones[at_zone]
    for zone in np.flatnonzero(shapely.get_num_coordinates(zones) > MANY_VERTICES):
        rows = np.flatnonzero(at_zone == zone)
        local[rows] = local_areas(parcels[at_parcel[rows]], zones[zone : zone + 1], workers)
    return local


def _measure(
    pieces: Shapes, whole: np.ndarray, at_parcel: Ints, parcels: Shapes, crs: object, area: str
) -> Floats:
    """Area of each piece; a parcel that lies wholly inside is measured once, however many zones cover it."""
    out = np.zeros(len(pieces))
    once, back = np.unique(at_parcel[whole], return_inverse=True)
    out[whole] = measured_m2(parcels[once], crs, area)[back]
    part = ~whole & ~shapely.is_missing(pieces)
    out[part] = measured_m2(pieces[part], crs, area)
    return out


def measured_m2(shapes: Shapes, crs: object, area: str = "ellipsoid") -> Floats:
    """Area of shapes in m2; what came out of the overlay not valid is mended first, never left out."""
    series = gpd.GeoSeries(shapes, crs=crs)
    if not (valid_polygons(shapes) | shapely.is_missing(shapes)).all():
        series = repair_structure(series)
    return np.asarray(MEASURES[area](series), dtype=np.float64)
