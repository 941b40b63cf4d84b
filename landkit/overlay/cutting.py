"""Shapes cut by areas with GEOS, and no answer handed on that one point inside it contradicts.

Where edges of both lie on one line but for the last binary digit, GEOS sometimes takes inside for outside: a parcel within a
zone shares nothing with it, or one beside it lies wholly in it, and what is outside is the other way round.  Seen in one pair
of a thousand such, where coordinates are not much larger than the shapes (local grids whose origin lies in the city), in one
order of the two and not in the other; moved away from the origin the same pair comes out right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Flags, Shapes
from landkit.overlay.shapes import areal

CUTS: Final[dict[str, Callable[[Shapes, Shapes], Shapes]]] = {
    "inside": shapely.intersection,
    "outside": shapely.difference,
}
WHOLE: Final = 1e-9  # share of an area that a piece may lack and still be all of it
AWAY: Final = (
    1024.0  # times the size of a shape: coordinates so large come out right, and lose 1e-13 of the size
)


def cut_out(shapes: Shapes, areas: Shapes, side: str) -> Shapes:
    """Shape by shape the polygons inside its area, or outside it; None where nothing areal is left (裁切).

    An area of None covers nothing.
    """
    pieces = areal(CUTS[side](shapes, areas)) if side == "inside" else _rest(shapes, areas)
    odd = np.flatnonzero(_contradicted(shapes, areas, pieces, side))
    for row in odd.tolist():
        pieces[row] = cut_away_from_origin(shapes[row], areas[row], side, pieces[row])
    return pieces


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


def cut_away_from_origin(
    shape: shapely.Geometry, area: shapely.Geometry, side: str, piece: shapely.Geometry | None
) -> shapely.Geometry | None:
    """A piece cut anew where coordinates are so large that it comes out right; as it was where the move spoils the pair."""
    far = AWAY * 2.0 ** np.ceil(np.log2(np.abs(shapely.bounds(shape)).max()))
    pair = shapely.transform(np.array([shape, area]), lambda xy: xy + far)
    if not shapely.is_valid(pair).all():
        return piece
    moved = areal(CUTS[side](pair[:1], pair[1:]))[0]
    return None if moved is None else shapely.transform(moved, lambda xy: xy - far)
