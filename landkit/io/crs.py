"""Coordinate systems on reading: nothing is assumed, and no datum is changed without parameters."""

from __future__ import annotations

import geopandas as gpd
import pyproj

from landkit.errors import CRSError

# Two datums whose ellipsoids differ by less than this are the same to decimetres (CGCS2000, WGS 84, GRS 1980 frames).
_SAME_AXIS_M = 0.5


def read_crs(user_input: str, *, layer: str) -> pyproj.CRS:
    """A CRS from a study file.  Raises: CRSError naming the layer."""
    try:
        return pyproj.CRS.from_user_input(user_input)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", layer=layer, crs=user_input) from error


def with_crs(frame: gpd.GeoDataFrame, crs: str | None, *, layer: str) -> gpd.GeoDataFrame:
    """The frame with the CRS that its file or else the study states.

    Raises: CRSError where neither says, or the two disagree.
    """
    stated = read_crs(crs, layer=layer) if crs else None
    if frame.crs is None and stated is None:
        raise CRSError("crs_missing", layer=layer)
    if frame.crs is None:
        return frame.set_crs(stated)
    if stated is not None and not frame.crs.equals(stated, ignore_axis_order=True):
        raise CRSError("crs_disagrees", layer=layer, file_crs=frame.crs.name, study_crs=stated.name)
    return frame


def to_study_crs(frame: gpd.GeoDataFrame, target: str, *, layer: str) -> gpd.GeoDataFrame:
    """The frame in the study's CRS.

    Raises: CRSError where that needs a datum shift whose parameters PROJ does not have (西安80/北京54 -> CGCS2000): PROJ
    would silently do nothing, and the land would lie tens of metres off.
    """
    goal = pyproj.CRS.from_user_input(target)
    if frame.crs.equals(goal, ignore_axis_order=True):
        return frame.set_crs(goal, allow_override=True)
    _refuse_unknown_shift(frame.crs, goal, layer=layer)
    return frame.to_crs(goal)


def _refuse_unknown_shift(source: pyproj.CRS, goal: pyproj.CRS, *, layer: str) -> None:
    a, b = source.ellipsoid, goal.ellipsoid
    if a is None or b is None:
        raise CRSError("crs_without_ellipsoid", crs=source.name if a is None else goal.name)
    alike = abs(a.semi_major_metre - b.semi_major_metre) < _SAME_AXIS_M
    alike = alike and abs(a.semi_minor_metre - b.semi_minor_metre) < _SAME_AXIS_M
    if alike:
        return
    try:
        pyproj.Transformer.from_crs(source, goal, always_xy=True, allow_ballpark=False)
    except pyproj.exceptions.ProjError as error:
        raise CRSError("datum_shift", layer=layer, source=source.name, goal=goal.name) from error
