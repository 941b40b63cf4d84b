"""Polygons united by their lines: only where they come near each other are lines cut at their crossings.

All lines together enclose faces; a face that a polygon holds belongs to the union, and faces side by side are put together.
So the costly part, crossings on a grid, is paid for the places where polygons meet; the rest is drawn as it is.
"""

from __future__ import annotations

import contextlib

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.overlay.union.contacts import Near, Runs, holders, near_runs, runs_of


def united(zones: Shapes, gaps: Shapes, seam: float, fine: float) -> Shapes:
    """The union of zones and gaps between them (合并), as polygons that share no area.

    Lines that come within `seam` of another polygon's are put on a grid of `fine` and cut there; what polygons enclose
    that is nowhere wider than the seam is closed.  Where the faces do not make up the zones, GEOS unites them all.
    """
    polygons = np.concatenate([zones, gaps])
    runs = runs_of(polygons)
    lines = runs.lines()
    faces = _faces(runs, lines, _to_be_cut(near_runs(runs, lines, seam), len(lines)), fine)
    face, holder = holders(shapely.point_on_surface(faces), polygons)
    if _make_up(zones, shapely.area(faces)[face], holder, fine):
        with contextlib.suppress(shapely.errors.GEOSException):  # faces that cross each other
            parts = _put_together(faces, np.isin(np.arange(len(faces)), face), seam)
            if shapely.is_valid(parts).all():
                return parts
    return np.asarray(shapely.get_parts(shapely.union_all(polygons, grid_size=fine)))


def _to_be_cut(near: Near, count: int) -> Flags:
    """Runs that come near another polygon, and what comes near those: what is put on the grid stays clear of what is not."""
    cut = np.zeros(count, dtype=bool)
    found = near.apart
    while found.any():
        cut[near.one[found]] = cut[near.other[found]] = True
        found = cut[near.one] != cut[near.other]
    return cut


def _faces(runs: Runs, lines: Shapes, cut: Flags, fine: float) -> Shapes:
    """What the lines enclose, those to be cut put on the grid and cut at their crossings."""
    nodes = np.zeros(
        len(runs.xy), dtype=bool
    )  # where lines on the grid and lines that stay as they are go on
    nodes[runs.begin[cut]] = nodes[runs.end[cut]] = True
    joint = runs.begin[runs.after]  # the same place as the end, where a ring closes another vertex
    nodes[runs.end] = nodes[joint] = nodes[runs.end] | nodes[joint]
    xy = runs.xy.copy()
    xy[nodes] = shapely.get_coordinates(shapely.set_precision(shapely.points(xy[nodes]), fine))
    noded = shapely.get_parts(shapely.union_all(lines[cut], grid_size=fine))
    as_drawn = runs._replace(xy=xy).lines()[~cut]
    return np.asarray(shapely.get_parts(shapely.polygonize(np.concatenate([noded, as_drawn]))))


def _make_up(zones: Shapes, area: Floats, holder: Ints, fine: float) -> bool:
    """Whether the faces in each zone have its area, but for what the grid may move along its border."""
    of_faces = np.bincount(holder, area, minlength=len(zones))[: len(zones)]
    return bool((np.abs(of_faces - shapely.area(zones)) <= 2 * fine * shapely.length(zones)).all())


def _put_together(faces: Shapes, held: Flags, seam: float) -> Shapes:
    """The faces that are held and those too narrow to be ground, neighbours made one."""
    narrow = ~held & (2 * shapely.area(faces) <= seam * shapely.length(faces))
    narrow[narrow] = shapely.is_empty(shapely.buffer(faces[narrow], -seam / 2))
    return np.asarray(shapely.get_parts(shapely.coverage_union_all(faces[held | narrow])))
