"""How deep a piece reaches, how wide a gap is, and how many vertices of both boundaries could have made it
so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.overlay.edges import Edges, edges_of, farthest
from landkit.overlay.shapes import Floats, Ints, Shapes, in_blocks

REACH_SIGMAS: Final = 6.0  # vertices nearer than this to the other boundary are on the shared run
SINGLE_SIGMAS: Final = 3.0  # an overlap vertex deeper than this bears evidence
LEAST_VERTICES: Final = 2
ON_LINE_M: Final = 1e-6


@dataclass(frozen=True)
class Depth:
    """Of each parcel: deepest point of its piece (NaN where none) and how many overlap vertices are deep."""

    depth_m: Floats
    deep_vertices: Ints


def depth_of(
    pieces: Shapes, parcels: Shapes, line: Edges, *, sigma_m: float, breach: str, workers: int | None = None
) -> Depth:
    """Deepest point of each piece (压占深度), seen from both boundaries.

    The greater of two: how far the parcel's own edge goes beyond the line, and how far the line's edge goes
    into the parcel (a patch, finger or corridor may pass through a parcel whose own edge is nowhere deep).
    Where both edges run together around the same ground (a parcel cut out along the line) neither goes far:
    then it is the radius of the widest circle in the piece, which lies that far inside both.
    With `breach="outside"` the second is no more than the mean width of that part of the piece: a gap between
    two zones may be an error of drawing, however far it lies from the parcel's edge.  Shapes are in metres,
    pieces as from `pieces_in_breach(parcels, ...)`.

    Source: the profile of the point test, with fingers, patches and corridors (overlay/verdict.py).
    """
    parts, parcel = shapely.get_parts(pieces, return_index=True)
    depth = np.full(len(pieces), np.nan)
    if not len(parts) or not len(line.start):
        return Depth(depth, np.zeros(len(pieces), dtype=np.int64))
    walk = edges_of(parts)
    most, at_vertex = farthest(walk, len(parts), line, workers=workers)
    on_line = at_vertex <= ON_LINE_M
    inner = walk.only(on_line & on_line[walk.after])
    through, through_at = _into_parcels(inner, parcel, parcels, workers)
    if breach == "outside":
        width = 2 * shapely.area(parts) / shapely.length(parts)
        through, through_at = np.minimum(through, width), np.minimum(through_at, width[inner.owner])
    depth[parcel] = 0.0
    limit = SINGLE_SIGMAS * sigma_m
    radius = _inradius(parts, np.maximum(most, through), limit)
    np.maximum.at(depth, parcel, np.maximum.reduce([most, through, radius]))
    deep = [parcel[walk.owner[at_vertex > limit]], parcel[inner.owner[through_at > limit]]]
    deep.append(np.repeat(parcel[radius > limit], 2))  # a circle is no single vertex
    return Depth(depth, np.bincount(np.concatenate(deep), minlength=len(pieces)))


def _inradius(parts: Shapes, known: Floats, limit: float) -> Floats:
    """Radius of the widest circle in each part, never too great; 0 where it cannot be above `known` and `limit`."""
    radius = np.zeros(len(parts))
    ask = np.sqrt(shapely.area(parts) / math.pi) > np.maximum(known, limit)
    radius[ask] = shapely.length(shapely.maximum_inscribed_circle(parts[ask]))
    return radius


def _into_parcels(walk: Edges, parcel: Ints, parcels: Shapes, workers: int | None) -> tuple[Floats, Floats]:
    """How far the walk of each part keeps from the edge of its own parcel: per part, and at the start of each
    edge.

    Parcels are laid out side by side, far enough apart that the nearest edge of a point is one of its own
    parcel.
    """
    if not len(walk.start):
        return np.zeros(len(parcel)), np.zeros(0)
    used, which = np.unique(parcel, return_inverse=True)
    lay = _side_by_side(parcels[used])
    own = edges_of(parcels[used]).moved(lay)
    rims = shapely.boundary(parcels[used])
    xy, rim = shapely.get_coordinates(rims, return_index=True)
    rims = shapely.set_coordinates(rims, xy + lay[rim])
    return farthest(walk.moved(lay[which]), len(parcel), own, rims[which], workers)


def _side_by_side(shapes: Shapes) -> Floats:
    """How each shape moves so that all stand on a square grid, farther apart than any of them is wide."""
    box = shapely.bounds(shapes)
    pitch = 2 * float(np.hypot(*(box[:, 2:] - box[:, :2]).T).max()) + 1
    row, column = np.divmod(np.arange(len(shapes)), math.isqrt(len(shapes)) + 1)
    return np.asarray(np.column_stack([column, row]) * pitch - box[:, :2])


def gap_to(shapes: Shapes, line: Edges, workers: int | None = None) -> Floats:
    """Distance of each shape's edge to the line in metres (间距); the shapes share no area with the forbidden
    side.
    """
    if not len(line.start) or not len(shapes):
        return np.full(len(shapes), np.nan)
    rims, tree = shapely.boundary(shapes), line.tree

    def work(rows: slice) -> Floats:
        return np.asarray(tree.query_nearest(rims[rows], return_distance=True, all_matches=False)[1])

    return np.concatenate(in_blocks(work, len(shapes), workers))


def vertices_on_run(shapes: Shapes, line: Edges, reach_m: float, workers: int | None = None) -> Ints:
    """Vertices of both boundaries along the run they share (共线段顶点数), at least two.

    Counted are both ends of every edge of either boundary that comes within `reach_m` of the other: error
    enters at vertices and is interpolated between them, so these are the vertices that could have made the
    overlap.

    Source: the point test (overlay/verdict.py).
    """
    own = edges_of(shapes)
    if not len(own.start) or not len(line.start):
        return np.full(len(shapes), LEAST_VERTICES, dtype=np.int64)
    lines, tree, size = own.lines, line.tree, len(line.start)

    def work(rows: slice) -> tuple[Ints, Ints]:
        edge, other = tree.query(lines[rows], predicate="dwithin", distance=reach_m)
        edge = edge + rows.start
        near = own.owner[edge] * size
        return np.unique([edge, own.after[edge]]), np.unique([near + other, near + line.after[other]])

    done = in_blocks(work, len(own.start), workers, 4000)
    mine = own.owner[np.unique(np.concatenate([m for m, _ in done]))]
    theirs = np.unique(np.concatenate([t for _, t in done])) // size
    count = np.bincount(mine, minlength=len(shapes)) + np.bincount(theirs, minlength=len(shapes))
    return np.asarray(np.maximum(count, LEAST_VERTICES))
