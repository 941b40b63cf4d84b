"""Zones of one line taken as one area, so that land under two of them counts once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.arrays import Floats, Ints, Shapes
from landkit.overlay.cutting import cut_out
from landkit.overlay.engine import kernel_pays, line_and_zones_by_kernel, lines_by_kernel
from landkit.overlay.local import local_areas
from landkit.overlay.shapes import array_of, require_same_crs, require_usable, shapes_in_blocks
from landkit.overlay.shared import measured_m2, pairs_of
from landkit.overlay.union.contacts import meeting
from landkit.overlay.union.seams import gaps_between
from landkit.overlay.union.uniting import united

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
    shapes = _each_once(_single(require_usable(zones, "zones")))
    projected = zones.crs is None or zones.crs.is_projected
    seam = SEAM_M if projected else SEAM_M * DEGREES_PER_M
    meets = meeting(shapes, seam)
    if not meets.any():
        return shapes
    parts = np.concatenate([shapes[~meets], _joined(shapes[meets], seam)])
    return parts[np.lexsort(shapely.bounds(parts).T)]


def _single(shapes: Shapes) -> Shapes:
    """Polygons and the polygons of those with many parts; taking parts copies every shape, and most layers have none."""
    many = shapely.get_type_id(shapes) != 3
    return np.concatenate([shapes[~many], shapely.get_parts(shapes[many])]) if many.any() else shapes


def _each_once(shapes: Shapes) -> Shapes:
    """The polygons without repeats, in an order of their own: neither rows nor copies of rows change a union.

    Those on a grid that they were once put on are read anew, for it would hold for what is made of them too.
    """
    plain = shapes_in_blocks(lambda rows: shapely.normalize(shapes[rows]), len(shapes), None)
    on_grid = shapely.get_precision(plain) > 0
    plain[on_grid] = shapely.from_wkb(shapely.to_wkb(plain[on_grid]))
    box = shapely.bounds(plain)
    order = np.lexsort(box.T)
    as_next = (np.diff(box[order], axis=0) == 0).all(axis=1)
    if not as_next.any():
        return plain[order]
    again = order[np.append(as_next, False) | np.append(False, as_next)]
    repeats = shapely.from_wkb(np.unique(shapely.to_wkb(plain[again])))
    once = np.concatenate([np.delete(plain, again), repeats])
    return once[np.lexsort(shapely.bounds(once).T)]


def _joined(shapes: Shapes, seam: float) -> Shapes:
    """The union, on a grid very fine beside the seam, and what lies in gaps up to the seam's width."""
    if not len(shapes):
        return shapes
    fine = seam / 1000
    return united(shapes, gaps_between(shapes, seam, fine), seam, fine)


def pieces_in_breach(
    shapes: Shapes, parts: Shapes, breach: str, workers: int | None = None, crs: object = None
) -> Shapes:
    """Of each shape what breaks a line: lies inside its area, or outside it; None where none (压占部分).

    `parts` as from `union_of`.  Inside and outside together are the shape.  Without a CRS, coordinates are in
    metres.
    """
    return pieces_of_lines(shapes, [parts], breach, workers, crs)[0]


def pieces_of_lines(
    shapes: Shapes, lines: Sequence[Shapes], breach: str, workers: int | None = None, crs: object = None
) -> list[Shapes]:
    """`pieces_in_breach` for several lines at once; the kernel walks them all together."""
    if breach not in BREACHES:
        raise ValueError(f"breach must be one of {BREACHES}")
    if kernel_pays(shapes, np.concatenate([np.zeros(0, object), *lines]), crs):
        return lines_by_kernel(shapes, lines, breach, workers)
    return [_pieces_by_geos(shapes, parts, breach, workers) for parts in lines]


def _pieces_by_geos(shapes: Shapes, parts: Shapes, breach: str, workers: int | None) -> Shapes:
    local = local_areas(shapes, parts, workers)

    def work(rows: slice) -> Shapes:
        mine, area = shapes[rows], local[rows]
        within = shapely.covers(area, mine)
        out = mine.copy()
        if breach == "outside":
            out[within] = None
        out[~within] = cut_out(mine[~within], area[~within], breach)
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
    shapes, parts = require_usable(parcels, "parcels"), union_of(zones)
    named: list[tuple[tuple[object, float], ...]] = [()] * len(shapes)
    if breach == "inside" and kernel_pays(shapes, array_of(zones), parcels.crs):
        pieces, rows, shared = line_and_zones_by_kernel(shapes, parts, zones, workers)
        at_parcel, at_zone = rows["parcel"].to_numpy(), rows["zone"].to_numpy()
        named = _named(len(shapes), at_parcel, zones.index[at_zone], measured_m2(shared, parcels.crs))
    else:
        pieces = pieces_in_breach(shapes, parts, breach, workers, parcels.crs)
        if breach == "inside":
            at_parcel, at_zone, area, _ = pairs_of(
                parcels, zones, area="ellipsoid", geometry=False, workers=workers
            )
            named = _named(len(shapes), at_parcel, zones.index[at_zone], area)
    there = ~shapely.is_missing(pieces)
    encroached = np.zeros(len(shapes))
    encroached[there] = measured_m2(pieces[there], parcels.crs)
    return gpd.GeoDataFrame(
        {"encroached_m2": encroached, "zones": named},
        geometry=gpd.GeoSeries(pieces, index=parcels.index, crs=parcels.crs),
        index=parcels.index,
        crs=parcels.crs,
    )


def _named(
    count: int, at_parcel: Ints, zone: pd.Index, area_m2: Floats
) -> list[tuple[tuple[object, float], ...]]:
    """For each parcel the zones it shares area with, and how much."""
    named: list[list[tuple[object, float]]] = [[] for _ in range(count)]
    for parcel, label, area in zip(at_parcel.tolist(), zone, area_m2.tolist(), strict=True):
        named[parcel].append((label, area))
    return [tuple(entries) for entries in named]
