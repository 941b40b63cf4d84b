"""Where a layer may be trusted: its valid extent, and the neighbourhood of zones that could not be used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import shapely

from landkit.errors import GeometryError
from landkit.geometry import has_place
from landkit.overlay.shapes import Flags, Shapes


@dataclass(frozen=True)
class Within:
    """Of each parcel against a valid extent: any of it inside, all of it, all of its neighbourhood."""

    some: Flags
    whole: Flags
    around: Flags


def within_extent(shapes: Shapes, extent: shapely.Geometry | None, reach_m: float) -> Within:
    """How far parcels lie inside the valid extent of a layer (有效范围); without an extent nothing does.

    `reach_m` is the width of the neighbourhood in the CRS's metres.

    Raises: GeometryError where the extent is not valid or not areal.
    """
    nothing = np.zeros(len(shapes), dtype=bool)
    if extent is None or extent.is_empty:
        return Within(nothing, nothing, nothing)
    if extent.geom_type not in ("Polygon", "MultiPolygon") or not extent.is_valid:
        raise GeometryError("extent_unusable", kind=extent.geom_type)
    extent = shapely.union_all(
        shapely.get_parts(extent)
    )  # a copy of our own: preparing it changes nothing of the caller's
    rim = extent.boundary
    shapely.prepare([extent, rim])
    whole = shapely.covers(extent, shapes)
    some = whole | (shapely.intersects(extent, shapes) & ~shapely.touches(extent, shapes))
    return Within(some, whole, whole & ~shapely.dwithin(rim, shapes, reach_m))


def near_any(shapes: Shapes, others: Shapes, reach_m: float) -> Flags:
    """Which shapes have one of the others' boxes within `reach_m` of their own box (both ways, in the CRS's
    metres).

    Another without a place (null, empty, a coordinate that is no number) may lie anywhere: every shape is near it.
    """
    near = np.zeros(len(shapes), dtype=bool)
    placed = others[~shapely.is_missing(others) & ~shapely.is_empty(others) & has_place(others)]
    if len(placed) < len(others):
        return ~near
    if len(placed) and len(shapes):
        box = shapely.bounds(shapes) + np.array([-reach_m, -reach_m, reach_m, reach_m])
        near[shapely.STRtree(shapely.box(*shapely.bounds(placed).T)).query(shapely.box(*box.T))[0]] = True
    return near
