"""Gaps between polygons that are too narrow to be ground, found in windows around the places where polygons come near."""

from __future__ import annotations

from typing import Final

import numpy as np

import shapely

from landkit.arrays import Floats, Ints, Shapes
from landkit.overlay.shapes import areal, in_blocks
from landkit.overlay.union.contacts import holders, runs_of
from landkit.overlay.union.places import MITRE_LIMIT, OUTWARD, gap_places

ROOM = 20  # seams around a place; what the cut at a window's rim changes is a few seams wide
AT_ONCE: Final = 1000  # windows


def gaps_between(polygons: Shapes, seam: float, fine: float) -> Shapes:
    """What lies between polygons in gaps up to the seam's width (接边缝隙), as polygons; they may overlap.

    Out by half a seam and in again, as one would with the whole union, but only in windows around places, in threads.
    """
    runs = runs_of(polygons)
    lines = runs.lines()
    clear_of_rim = ROOM / 2 * seam
    places = gap_places(polygons, runs, lines, seam, clear_of_rim)
    covered = _covered_faces(places + ROOM * seam * OUTWARD, polygons, lines, fine)
    windows = shapely.box(*(places + clear_of_rim * OUTWARD).T)

    def gaps_in(rows: slice) -> Shapes:
        ground = shapely.union_all(covered[rows, None], axis=1, grid_size=fine)
        grown = shapely.buffer(ground, seam / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)
        closed = shapely.buffer(grown, -seam / 2, join_style="mitre", mitre_limit=MITRE_LIMIT)
        # without a grid, edges that nearly coincide go wrong; with one, lines may be left over
        gaps = areal(shapely.difference(closed, ground, grid_size=fine))
        gaps = areal(shapely.intersection(gaps, windows[rows], grid_size=fine))
        parts = shapely.get_parts(gaps)
        return np.asarray(parts[2 * shapely.area(parts) > fine * shapely.length(parts)])

    return np.concatenate([np.zeros(0, object), *in_blocks(gaps_in, len(places), None, AT_ONCE)])


def _covered_faces(boxes: Floats, polygons: Shapes, lines: Shapes, fine: float) -> Shapes:
    """The faces in each box that polygons cover, cut out by the runs that cross it: one MultiPolygon a box."""
    windows = shapely.box(*boxes.T)
    tree = shapely.STRtree(lines)

    def faces_in(rows: slice) -> tuple[Shapes, Ints]:
        mine = windows[rows]
        at, line = tree.query(mine, predicate="intersects")
        drawn = np.full(len(mine), shapely.MultiLineString(), dtype=object)
        shapely.multilinestrings(lines[line], indices=at, out=drawn)
        noded = shapely.union(drawn, shapely.boundary(mine), grid_size=fine)
        faces, window = shapely.get_parts(shapely.polygonize(noded[:, None]), return_index=True)
        return faces, window + rows.start

    found = [(np.zeros(0, object), np.zeros(0, np.int64)), *in_blocks(faces_in, len(windows), None, AT_ONCE)]
    faces, window = (np.concatenate(some) for some in zip(*found, strict=True))
    inside = shapely.point_on_surface(faces)
    covered = np.zeros(len(faces), dtype=bool)
    covered[holders(inside, polygons)[0]] = True
    covered &= shapely.intersects(windows[window], inside)
    out = np.full(len(windows), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(faces[covered], indices=window[covered], out=out)
    return out
