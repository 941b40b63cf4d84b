"""Validity, repair and width of polygons: what is land in a geometry, and how it is mended without losing any."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.arrays import Flags, Floats, Shapes
from landkit.geometry.long_outlines import certainly_valid, rough
from landkit.geometry.outlines import FARTHEST, has_one_ring, outlines_of, seen_whole, width_and_height

LONG: Final = 500  # vertices, from which on an outline is hardly ever seen whole from its middle
LONG_IN_ALL: Final = 30_000  # vertices, from which on numpy finds rough outlines valid sooner than GEOS


def repair_structure(geometries: gpd.GeoSeries) -> gpd.GeoSeries:
    """Make polygons valid by the structure method (结构法): rings are rebuilt, overlapping parts merged, nothing cut away.

    The linework method and `buffer(0)` lose land.  Lines and points that fall out are left out.
    Same index and CRS.  The caller reports what changed.  A shape with a coordinate that is no number stays as it is:
    GEOS would leave that vertex out and give another shape.
    """
    shapes = np.asarray(geometries.array, dtype=object).copy()
    bad = ~shapely.is_missing(shapes) & has_place(shapes) & ~shapely.is_valid(shapes)
    shapes[bad] = [
        polygons_of(g) for g in shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    ]
    return gpd.GeoSeries(shapes, index=geometries.index, crs=geometries.crs, name=geometries.name)


def valid_polygons(shapes: Shapes, *, looked_at: bool = False) -> Flags:
    """Which shapes are valid polygons with ground in them (有效面); GEOS is asked of those that are not plainly so.

    `looked_at` says that none of them is seen whole, which was found out before.
    """
    good = _long_and_valid(shapes) if looked_at else plainly_valid(shapes)
    rest = np.flatnonzero(~good)
    good[rest] = _valid_for_geos(shapes[rest])
    return good


def usable_polygons(shapes: Shapes) -> Flags:
    """Which of them lie on the earth besides, so that they can be measured and compared (可用面); NaN is invalid to GEOS."""
    good = plainly_valid(shapes)
    rest = np.flatnonzero(~good)
    rest = rest[_on_earth(shapely.bounds(shapes[rest]))]
    good[rest] = _valid_for_geos(shapes[rest])
    return good


def _valid_for_geos(shapes: Shapes) -> Flags:
    good = np.zeros(len(shapes), np.bool_)
    areal = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes))
    good[areal] = shapely.is_valid(shapes[areal])
    return good


def plainly_valid(shapes: Shapes) -> Flags:
    """Which shapes are valid polygons on the earth for certain, where that is found sooner than by GEOS.

    Those are short outlines without holes that are seen whole from their middle, and long ones that are rough.
    """
    good = np.asarray(has_one_ring(shapes) & (shapely.get_num_coordinates(shapes) < LONG))
    alone = np.flatnonzero(good)
    box = shapely.bounds(shapes[alone])
    good[alone] = _on_earth(box) & seen_whole(outlines_of(shapes[alone], box), width_and_height(box))
    return good | _long_and_valid(shapes)


def _long_and_valid(shapes: Shapes) -> Flags:
    """Which of them are long, rough, and valid for certain."""
    good, size = np.zeros(len(shapes), np.bool_), shapely.get_num_coordinates(shapes)
    long = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)) & (size >= LONG))
    if size[long].sum() >= LONG_IN_ALL:
        long = long[rough(shapes[long], LONG)]
    if size[long].sum() >= LONG_IN_ALL:
        good[long] = certainly_valid(shapes[long])
    return good


def _on_earth(box: Floats) -> Flags:
    return np.asarray((np.abs(box) < FARTHEST).all(axis=1))


def has_place(shapes: Shapes) -> Flags:
    """Whether every coordinate is a number that can be a place on the earth, in metres or degrees (empty: yes).

    The bounds of a shape pass over NaN, and GEOS calls a polygon at 1e17 valid.
    """
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    odd = ~(np.abs(coordinates) < FARTHEST).all(axis=1)
    good = np.ones(len(shapes), dtype=bool)
    good[owner[odd]] = False
    return good


def polygons_of(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The areal part of a geometry as Polygon or MultiPolygon; None where it has none."""
    if shape is None or shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None


def mean_width_m(geometries: gpd.GeoSeries) -> pd.Series[float]:
    """Mean width (平均宽度) of polygons in the CRS's metres: twice the area over the perimeter, the width of a long strip."""
    shapes = np.asarray(geometries.array, dtype=object)
    length = shapely.length(shapes)
    width = np.divide(2 * shapely.area(shapes), length, out=np.full(len(shapes), np.nan), where=length > 0)
    return pd.Series(width, index=geometries.index, name="width_m")
