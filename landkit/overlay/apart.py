"""Layers that cannot share ground, whatever is asked of them: one is empty, or their extents do not meet."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

import pyproj

from landkit.arrays import Floats
from landkit.model import Finding, finding, why

Box: TypeAlias = Floats | None  # min x, min y, max x, max y; None of a layer without a place


def what_cannot_meet(parcels: Box, zones: Box, crs: object) -> Finding | None:
    """What is to be said of two layers in one CRS that were overlaid (无从比对): silence would read as "no overlap".

    Boxes are in the CRS.  None where they meet, be it in a point.
    """
    if parcels is None:
        return finding("parcels", "overlay.empty", why("no_parcels_compared"))
    if zones is None:
        return finding("zones", "overlay.empty", why("no_zones_compared"))
    if boxes_meet(parcels, zones):
        return None
    km = f"{_gap_m(parcels, zones, pyproj.CRS.from_user_input(crs)) / 1000:,.1f}"
    key = "layers_apart_swapped" if boxes_meet(parcels[[1, 0, 3, 2]], zones) else "layers_apart"
    return finding("zones", "overlay.apart", why(key, km=km))


def boxes_meet(one: Floats, other: Floats) -> bool:
    """Whether two boxes have a point in common."""
    return bool((one[:2] <= other[2:]).all() and (other[:2] <= one[2:]).all())


def box_around(boxes: Floats) -> Box:
    """The box around boxes (n, 4); those without a place are passed over."""
    boxes = np.reshape(boxes, (-1, 4))
    placed = boxes[np.isfinite(boxes).all(axis=1)]
    return np.array([*placed[:, :2].min(axis=0), *placed[:, 2:].max(axis=0)]) if len(placed) else None


def _gap_m(one: Floats, other: Floats, crs: pyproj.CRS) -> float:
    """From one box to the other, in metres: along the earth where the CRS is in degrees."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    if not crs.is_geographic:
        return float(np.hypot(*np.maximum(low - high, 0))) * crs.axis_info[0].unit_conversion_factor
    here, there = np.where(low > high, low, (low + high) / 2), np.where(low > high, high, (low + high) / 2)
    return float(pyproj.Geod(ellps="GRS80").inv(*here, *there)[2])
