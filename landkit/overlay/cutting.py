"""Shapes cut by areas with GEOS, and no answer handed on that one point inside it contradicts.

Where edges of both lie on one line but for the last binary digit, GEOS sometimes takes inside for outside: a parcel within a
zone shares nothing with it, or one beside it lies wholly in it, and what is outside is the other way round.  Seen in one pair
of a thousand such, where coordinates are not much larger than the shapes (local grids whose origin lies in the city), in one
order of the two and not in the other; moved away from the origin the same pair comes out right.  It may be a part of the
piece only that is taken wrongly, which no point tells: so near the origin every pair is cut twice, and where the two
answers differ the one is taken whose area is that found without making a shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.overlay.shapes import areal

CUTS: Final[dict[str, Callable[..., Shapes]]] = {
    "inside": shapely.intersection,
    "outside": shapely.difference,
}
WHOLE: Final = 1e-9  # share of an area that a piece may lack and still be all of it
# Times the width of a shape: wrong answers were seen where coordinates are up to twice as large.
NEAR: Final = 16
SAME_M2: Final = 1e-6  # and so much of an area: answers that differ more are not the same
SAME_SHARE: Final = 1e-9
AWAY: Final = (
    1024.0  # times the size of a shape: coordinates so large come out right, and lose 1e-13 of the size
)


def cut_out(shapes: Shapes, areas: Shapes, side: str) -> Shapes:
    """Shape by shape the polygons inside its area, or outside it; None where nothing areal is left (裁切).

    An area of None covers nothing.
    """
    pieces = areal(CUTS[side](shapes, areas)) if side == "inside" else _rest(shapes, areas)
    odd = np.flatnonzero(_contradicted(shapes, areas, pieces, side))
    if len(odd):
        pieces[odd] = cut_away_from_origin(shapes[odd], areas[odd], side, pieces[odd])
    near = _near_origin(shapes, areas)
    if len(near):
        pieces[near] = _confirmed(shapes[near], areas[near], side, pieces[near])
    return pieces


def _near_origin(shapes: Shapes, areas: Shapes) -> Ints:
    """Pairs whose boxes meet, with coordinates not much larger than the shape is wide."""
    box = shapely.bounds(shapes)
    size = (box[:, 2:] - box[:, :2]).max(axis=1)
    near = np.flatnonzero(np.abs(box).max(axis=1) <= NEAR * size)
    box, other = box[near], shapely.bounds(areas[near])
    return np.asarray(near[((box[:, :2] <= other[:, 2:]) & (box[:, 2:] >= other[:, :2])).all(axis=1)])


def _confirmed(shapes: Shapes, areas: Shapes, side: str, pieces: Shapes) -> Shapes:
    """The pieces; one that is invalid, or of another area than when cut away from the origin, is made again until it is right."""
    moved, out = cut_away_from_origin(shapes, areas, side, pieces), pieces.copy()
    here, there = (np.nan_to_num(shapely.area(some)) for some in (pieces, moved))
    odd = np.abs(here - there) > SAME_M2 + SAME_SHARE * np.maximum(here, there)
    odd |= ~shapely.is_valid(pieces) & ~shapely.is_missing(pieces)
    for row in np.flatnonzero(odd).tolist():
        shared = shared_area(shapes[row], areas[row])
        right = shared if side == "inside" else shapely.area(shapes[row]) - shared
        answers = [pieces[row], moved[row], _cut_on_grid(shapes[row], areas[row], side)]
        mended = areal(shapely.make_valid(answers[:1], method="structure", keep_collapsed=False))
        tried = np.array([*answers, mended[0]], dtype=object)
        off = np.abs(np.nan_to_num(shapely.area(tried)) - right)
        off[~shapely.is_valid(tried) & ~shapely.is_missing(tried)] += shapely.area(shapes[row])
        out[row] = tried[np.argmin(off)]
    return out


def _cut_on_grid(shape: shapely.Geometry, area: shapely.Geometry, side: str) -> shapely.Geometry | None:
    """A piece whose corners are put on a grid as fine as coordinates are away from the origin; slow, but never invalid."""
    grid = float(np.spacing(_far(np.array([shape]))[0]))
    cut = CUTS[side](shape, area, grid_size=grid)
    return areal(np.array([shapely.from_wkb(shapely.to_wkb(cut))], dtype=object))[0]


def shared_area(shape: shapely.Geometry, area: shapely.Geometry) -> float:
    """The area that two polygons share, without making a shape: signed trapezoids, as the kernel sums them (公共面积)."""
    corner = np.array(shapely.bounds(shape)[:2])
    one, other = (_edges(polygon, corner) for polygon in (shape, area))
    beside = (other[:, 2] <= 0) | (other[:, 0] >= shapely.bounds(shape)[2] - corner[0])
    other, total = other[~beside], 0.0
    for x0, y0, x1, y1, sign in one.tolist():
        left, right = np.maximum(x0, other[:, 0]), np.minimum(x1, other[:, 2])
        rise = (other[:, 3] - other[:, 1]) / (other[:, 2] - other[:, 0])
        theirs = [other[:, 1] + rise * (x - other[:, 0]) for x in (left, right)]
        over = [y0 + (y1 - y0) / (x1 - x0) * (x - x0) - y for x, y in zip((left, right), theirs, strict=True)]
        low, high = np.minimum(*over), np.maximum(*over)
        below, span = np.minimum(low, 0) + np.minimum(high, 0), np.where(high > low, high - low, 1)
        share = np.where(high > low, (np.minimum(high, 0) - np.minimum(low, 0)) / span, 1)
        under = 0.5 * np.maximum(right - left, 0) * (theirs[0] + theirs[1] + share * below)
        total += sign * float((other[:, 4] * under).sum())
    return total


def _edges(polygon: shapely.Geometry, corner: np.ndarray) -> np.ndarray:
    """Edges that are not upright, from left to right as seen from a corner, each with the sign of what lies below it."""
    parts = shapely.get_parts(shapely.orient_polygons(polygon))
    xy, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    edges = np.hstack([xy[:-1] - corner, xy[1:] - corner])[np.diff(ring) == 0]
    edges = edges[edges[:, 0] != edges[:, 2]]
    back = edges[:, 0] > edges[:, 2]
    edges[back] = edges[back][:, [2, 3, 0, 1]]
    return np.column_stack([edges, np.where(back, 1.0, -1.0)])


def _rest(shapes: Shapes, areas: Shapes) -> Shapes:
    out, some = shapes.copy(), ~shapely.is_missing(areas)
    out[some] = areal(shapely.difference(shapes[some], areas[some]))
    return out


def _contradicted(shapes: Shapes, areas: Shapes, pieces: Shapes, side: str) -> Flags:
    """Whether nothing, or all of one of the two, is said to be shared, and a point in the middle of it says otherwise."""
    shared = np.nan_to_num(shapely.area(pieces))
    if side == "outside":
        shared = shapely.area(shapes) - shared
    odd = np.zeros(len(shapes), dtype=bool)
    for small, large in ((shapes, areas), (areas, shapes)):
        within = _box_within(small, large)
        asked = np.flatnonzero(within | (_same_box(small, pieces) if side == "inside" else True))
        area = np.nan_to_num(shapely.area(small[asked]))
        whole = shared[asked] >= (1 - WHOLE) * area
        none = (shared[asked] <= WHOLE * area) & within[asked]
        plain = (none | whole) & (area > 0)
        asked, whole = asked[plain], whole[plain]
        held = shapely.contains_xy(large[asked], *_middles(small[asked]).T)
        odd[asked] |= held != whole
    return odd


def _box_within(small: Shapes, large: Shapes) -> Flags:
    inner, outer = shapely.bounds(small), shapely.bounds(large)
    low, high = inner[:, :2] >= outer[:, :2], inner[:, 2:] <= outer[:, 2:]
    return np.asarray((low & high).all(axis=1))


def _same_box(small: Shapes, pieces: Shapes) -> Flags:
    """What is all of a shape fills its box; so is asked before the area of a large zone is."""
    one, other = shapely.bounds(small), shapely.bounds(pieces)
    return np.asarray(np.abs(one - other).max(axis=1) <= WHOLE * np.abs(one).max(axis=1))


def _middles(shapes: Shapes) -> np.ndarray:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(shapes)))


def cut_away_from_origin(shapes: Shapes, areas: Shapes, side: str, pieces: Shapes) -> Shapes:
    """Pieces cut anew where coordinates are so large that they come out right; as they were where the move spoils the pair."""
    far = _far(shapes)
    mine, others = _moved(shapes, far), _moved(areas, far)
    good = np.flatnonzero(shapely.is_valid(mine) & shapely.is_valid(others))
    out = pieces.copy()
    out[good] = _moved(areal(CUTS[side](mine[good], others[good])), -far[good])
    return out


def _far(shapes: Shapes) -> Floats:
    """How far each shape is to be moved so that its coordinates are large against it."""
    return np.asarray(AWAY * 2.0 ** np.ceil(np.log2(np.abs(shapely.bounds(shapes)).max(axis=1))))


def _moved(shapes: Shapes, by: Floats) -> Shapes:
    """Shapes with so much added to both coordinates of each."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    return np.asarray(shapely.set_coordinates(shapes.copy(), xy + by[owner, None]))
