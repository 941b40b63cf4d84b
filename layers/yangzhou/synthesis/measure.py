"""Coordinates and ellipsoidal area. Land is measured as the official formula does (closed form)."""

from __future__ import annotations

import numpy as np

import shapely
from pyproj import Transformer

CRS = "EPSG:4549"
GRID_M = 0.01  # every coordinate is a whole number of centimetres
_TO_PLANE = Transformer.from_crs("EPSG:4490", CRS, always_xy=True)
_TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
_SEMI_MINOR = 6378137.0 * (1 - 1 / 298.257222101)
_E = np.sqrt(1 - (_SEMI_MINOR / 6378137.0) ** 2)


def to_plane(lonlat) -> np.ndarray:
    """Longitude, latitude (degrees) to easting, northing (metres)."""
    lonlat = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return np.column_stack(_TO_PLANE.transform(lonlat[:, 0], lonlat[:, 1]))


def ellipsoidal_area(geometries) -> np.ndarray:
    """Area in m2 on the CGCS2000 ellipsoid of planar polygons (holes taken off), edges densified to 200 m."""
    geometries = np.atleast_1d(np.asarray(geometries, dtype=object))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(
        shapely.orient_polygons(shapely.segmentize(parts, 200.0)), return_index=True
    )
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = _TO_DEGREES.transform(xy[:, 0], xy[:, 1])
    lam, q = np.radians(lon), _authalic(np.radians(lat))
    same = ring[1:] == ring[:-1]
    edge = (lam[1:] + lam[:-1]) / 2 * (q[1:] - q[:-1])
    per_ring = np.bincount(ring[1:][same], weights=edge[same], minlength=len(rings))
    return np.bincount(owner[part], weights=per_ring, minlength=len(geometries))


def _authalic(latitude: np.ndarray) -> np.ndarray:
    sine = np.sin(latitude)
    return _SEMI_MINOR**2 / 2 * (sine / (1 - (_E * sine) ** 2) + np.arctanh(_E * sine) / _E)


def on_grid(geometry):
    """The geometry with coordinates on the centimetre grid, valid, polygons only."""
    return polygons_of(shapely.set_precision(geometry, GRID_M))


def polygons_of(geometry):
    """Only the polygons of a geometry, as one Polygon or MultiPolygon."""
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type == "Polygon" and not g.is_empty]
    if geometry.geom_type == "GeometryCollection":
        parts = [
            p for g in shapely.get_parts(geometry) for p in shapely.get_parts(g) if p.geom_type == "Polygon"
        ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def without_specks(geometry):
    """Polygons without the holes below 2 m2 that blocks on the grid leave between each other."""
    parts = [
        shapely.Polygon(p.exterior, [r for r in p.interiors if shapely.Polygon(r).area > 2])
        for p in shapely.get_parts(geometry)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
