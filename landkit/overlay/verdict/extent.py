"""Where a layer may be trusted: its valid extent, and the neighbourhood of zones that could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Flags, Shapes
from landkit.errors import GeometryError
from landkit.geometry import has_place

AT_ONCE: Final = 1000
ROUNDING_M: Final = 1e-3  # far more than rounding can take from a distance


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
    deep = _deep_within(extent, shapes, reach_m)
    some, whole, around, near = deep.copy(), deep.copy(), deep, ~deep
    mine = shapes[near]
    whole[near] = shapely.covers(extent, mine)
    some[near] = whole[near] | (shapely.intersects(extent, mine) & ~shapely.touches(extent, mine))
    around[near] = whole[near] & ~shapely.dwithin(rim, mine, reach_m)
    return Within(some, whole, around)


def _deep_within(extent: shapely.Geometry, shapes: Shapes, reach_m: float) -> Flags:
    """Which shapes lie in an extent with all of their neighbourhood, for certain: their boxes do, made a little wider."""
    room = reach_m + ROUNDING_M
    widened = np.array([-room, -room, room, room])
    if shapely.contains_properly(extent, shapely.box(*(shapely.total_bounds(shapes) + widened))):
        return np.ones(len(shapes), dtype=bool)
    return np.asarray(shapely.contains_properly(extent, shapely.box(*(shapely.bounds(shapes) + widened).T)))


def none_within(zones: Shapes, extent: shapely.Geometry | None) -> bool:
    """Whether an extent is stated and none of the zones meets it: they, or it, stand in the wrong place (图层错位).

    A layer of which nothing is drawn where it is said to be complete is no evidence that nothing is there.
    """
    if extent is None or extent.is_empty or not len(zones):
        return False
    blocks = (zones[at : at + AT_ONCE] for at in range(0, len(zones), AT_ONCE))  # the first one mostly tells
    return not any(shapely.STRtree(block).query(extent, predicate="intersects").size for block in blocks)


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
