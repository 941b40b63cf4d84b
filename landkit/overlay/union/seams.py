"""Gaps between polygons that are too narrow to be ground, found in windows around the places where polygons come near."""

from __future__ import annotations

import numpy as np

import shapely

from landkit.arrays import Floats, Shapes
from landkit.overlay.shapes import areal
from landkit.overlay.union.contacts import holders, runs_of
from landkit.overlay.union.places import MITRE_LIMIT, OUTWARD, gap_places

ROOM = 20  # seams around a place; what the cut at a window's rim changes is a few seams wide


def gaps_between(polygons: Shapes, seam: float, fine: float) -> Shapes:
    """What lies between polygons in gaps up to the seam's width (接边缝隙), as polygons; they may overlap.

    Out by half a seam and in again, as one would with the whole union, but only in windows around places.
    """
    runs = runs_of(polygons)
    lines = runs.lines()
    clear_of_rim = ROOM / 2 * seam
    places = gap_places(polygons, runs, lines, seam, clear_of_rim)
    ground = _ground_in(places + ROOM * seam * OUTWARD, polygons, lines, fine)
    grown = shapely.buffer(ground, seam / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)
    closed = shapely.buffer(grown, -seam / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)
    # without a grid, edges that nearly coincide go wrong; with one, lines may be left over
    gaps = areal(shapely.difference(closed, ground, grid_size=fine))
    gaps = shapely.intersection(gaps, shapely.box(*(places + clear_of_rim * OUTWARD).T), grid_size=fine)
    parts = shapely.get_parts(areal(gaps))
    return np.asarray(parts[2 * shapely.area(parts) > fine * shapely.length(parts)])


def _ground_in(boxes: Floats, polygons: Shapes, lines: Shapes, fine: float) -> Shapes:
    """What polygons cover of each box, put together from the runs that cross it."""
    windows = shapely.box(*boxes.T)
    at, line = shapely.STRtree(lines).query(windows, predicate="intersects")
    drawn = shapely.multilinestrings(lines[line], indices=at)
    noded = shapely.union(drawn, shapely.boundary(windows), grid_size=fine)
    faces, window = shapely.get_parts(shapely.polygonize(noded[:, None]), return_index=True)
    inside = shapely.point_on_surface(faces)
    covered = np.zeros(len(faces), dtype=bool)
    covered[holders(inside, polygons)[0]] = True
    covered &= shapely.intersects(windows[window], inside)
    ground = np.full(len(windows), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(faces[covered], indices=window[covered], out=ground)
    return np.asarray(shapely.union_all(ground[:, None], axis=1, grid_size=fine))
