"""Zones of one line taken as one area, so that land under two of them counts once."""

from __future__ import annotations

from typing import Final

import numpy as np

import geopandas as gpd
import shapely

from landkit.overlay.engine import kernel_pays, pieces_by_kernel
from landkit.overlay.local import local_areas
from landkit.overlay.overlaps import measured_m2, overlaps, shared_pieces
from landkit.overlay.shapes import Shapes, areal, require_same_crs, require_usable, shapes_in_blocks

# The resolution of the national exchange files: seams between zones no wider than this are closed.
SEAM_M: Final = 0.001
DEGREES_PER_M: Final = 1 / 111_320
BREACHES: Final = ("inside", "outside")


def union_of(zones: gpd.GeoSeries) -> Shapes:
    """The area of all zones of one line together (控制区合并), as polygons that share no area.

    Zones that overlap or lie side by side are joined and seams up to a millimetre between them closed; zones
    that stand alone are given back as they are.  Object array of polygons, in an order that does not depend
    on the rows.

    Raises: GeometryError (null, empty, invalid or not areal).
    """
    shapes = _each_once(shapely.get_parts(require_usable(zones, "zones")))
    projected = zones.crs is None or zones.crs.is_projected
    seam = SEAM_M if projected else SEAM_M * DEGREES_PER_M
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=seam)
    meets = np.zeros(len(shapes), dtype=bool)
    meets[one[one != other]] = True
    parts = np.concatenate([shapes[~meets], _joined(shapes[meets], seam)])
    return parts[np.lexsort(shapely.bounds(parts).T)] if len(parts) else parts


def _each_once(shapes: Shapes) -> Shapes:
    """The polygons without repeats, in an order of their own: neither rows nor copies of rows change a union."""
    plain = shapely.normalize(shapes)
    return np.asarray(plain[np.unique(shapely.to_wkb(plain), return_index=True)[1]]) if len(plain) else plain


def _joined(shapes: Shapes, seam: float) -> Shapes:
    """The union, on a grid very fine beside the seam, and what lies in gaps up to the seam's width."""
    fine = seam / 1000
    union = shapely.union_all(shapes, grid_size=fine)
    grown = shapely.buffer(union, seam / 2, join_style="mitre")
    gaps = shapely.difference(shapely.buffer(grown, -seam / 2, join_style="mitre"), union)
    closed = shapely.union_all([union, *shapely.get_parts(areal(np.array([gaps])))], grid_size=fine)
    parts = shapely.get_parts(closed)
    return np.asarray(parts[shapely.area(parts) > 0])


def pieces_in_breach(
    shapes: Shapes, parts: Shapes, breach: str, workers: int | None = None, crs: object = None
) -> Shapes:
    """Of each shape what breaks a line: lies inside its area, or outside it; None where none (压占部分).

    `parts` as from `union_of`.  Inside and outside together are the shape.  Without a CRS, coordinates are in
    metres.
    """
    if breach not in BREACHES:
        raise ValueError(f"breach must be one of {BREACHES}")
    if kernel_pays(shapes, parts, crs):
        return pieces_by_kernel(shapes, parts, breach, workers)
    local = local_areas(shapes, parts, workers)
    if breach == "inside":
        return shared_pieces(shapes, local, workers)[0]

    def work(rows: slice) -> Shapes:
        mine, area = shapes[rows], local[rows]
        out = mine.copy()
        out[shapely.covers(area, mine)] = None
        some = ~shapely.is_missing(area) & ~shapely.is_missing(out)
        out[some] = areal(shapely.difference(mine[some], area[some]))
        return out

    return shapes_in_blocks(work, len(shapes), workers)


def encroachment(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, *, breach: str = "inside", workers: int | None = None
) -> gpd.GeoDataFrame:
    """What of each parcel breaks one line, each square metre counted once, and which zones it lies in (压占).

    On the index of the parcels: `encroached_m2` (ellipsoidal; 0.0 where none), `zones` (tuple of (zone label,
    m2) in the order of the zones; zones may overlap, so these need not sum to `encroached_m2`; empty with
    `breach="outside"`) and `geometry` (None where none).

    Raises: CRSError, GeometryError.
    """
    require_same_crs(parcels, zones)
    shapes = require_usable(parcels, "parcels")
    pieces = pieces_in_breach(shapes, union_of(zones), breach, workers, parcels.crs)
    there = ~shapely.is_missing(pieces)
    area = np.zeros(len(shapes))
    area[there] = measured_m2(pieces[there], parcels.crs)
    named = _by_parcel(parcels, zones, workers) if breach == "inside" else [()] * len(shapes)
    return gpd.GeoDataFrame(
        {"encroached_m2": area, "zones": named},
        geometry=gpd.GeoSeries(pieces, index=parcels.index, crs=parcels.crs),
        index=parcels.index,
        crs=parcels.crs,
    )


def _by_parcel(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, workers: int | None
) -> list[tuple[tuple[object, float], ...]]:
    by_position = gpd.GeoDataFrame(geometry=parcels.reset_index(drop=True))
    rows = overlaps(by_position, gpd.GeoDataFrame(geometry=zones), geometry=False, workers=workers)
    named: list[list[tuple[object, float]]] = [[] for _ in range(len(parcels))]
    for parcel, zone, area in zip(rows["parcel"], rows["zone"], rows["area_m2"], strict=True):
        named[parcel].append((zone, float(area)))
    return [tuple(entries) for entries in named]
