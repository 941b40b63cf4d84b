"""Points of a plot to a shape and back: rings by their number, holes by what lies inside what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import shapely

from landkit.arrays import Floats
from landkit.io.boundary.text import Point

LEAST = {"polygon": 3, "line": 2, "point": 1}  # different points that a shape needs


class Ring(NamedTuple):
    """Points in a row: names, and coordinates as two columns."""

    names: list[str]
    places: Floats


def rings_of(points: Sequence[Point], places: Floats) -> list[Ring]:
    """The rings of a plot: a new one begins where the ring number changes, or after a ring has come back to its start."""
    rings: list[Ring] = []
    start = 0
    for i in range(1, len(points) + 1):
        closed = i - start > 3 and bool((places[i - 1] == places[start]).all())
        if i == len(points) or points[i].ring != points[start].ring or closed:
            rings.append(Ring([p.name for p in points[start:i]], places[start:i]))
            start = i
    return rings


def open_ends(ring: Ring) -> float | None:
    """How far apart, in the file's unit, two points of one name lie that should close the ring; None where none do."""
    names, places = ring
    if len(names) > 3 and names[0] and names[0] == names[-1]:
        gap = float(np.hypot(*(places[0] - places[-1])))
        return gap if gap > 0 else None
    return None


def shape_of(rings: Sequence[Ring], kind: str) -> shapely.Geometry | None:
    """The shape of a plot (polygon, line or point); None where the rings have too few different points."""
    usable = [r.places for r in rings if len(np.unique(r.places, axis=0)) >= LEAST[kind]]
    if len(usable) < len(rings) or not usable:
        return None
    if kind == "point":
        points = shapely.points(np.concatenate(usable))
        return points[0] if len(points) == 1 else shapely.multipoints(points)
    if kind == "line":
        lines = [shapely.LineString(r) for r in usable]
        return lines[0] if len(lines) == 1 else shapely.multilinestrings(lines)
    return _polygon(usable)


def _polygon(rings: Sequence[Floats]) -> shapely.Geometry:
    """A ring inside an odd number of others is a hole of the smallest of them; all others are parts."""
    shells = [shapely.Polygon(r) for r in rings]
    order = sorted(range(len(shells)), key=lambda i: -shells[i].area)
    holes: dict[int, list[Floats]] = {}
    for place, i in enumerate(order):
        around = [j for j in order[:place] if _lies_in(shells[i], shells[j])]
        if len(around) % 2:
            holes[around[-1]].append(rings[i])
        else:
            holes[i] = []
    parts = [shapely.Polygon(rings[i], holes[i]) for i in sorted(holes)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _lies_in(inner: shapely.Polygon, outer: shapely.Polygon) -> bool:
    return bool(outer.is_valid and inner.is_valid and outer.covers(inner))


def points_of(shape: shapely.Geometry) -> list[tuple[int, Floats]]:
    """Rings of a shape with their numbers, each polygon ring closed: shell, its holes, the next shell ..."""
    rings: list[Floats] = []
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            rings += [shapely.get_coordinates(r) for r in (part.exterior, *part.interiors)]
        else:
            rings.append(shapely.get_coordinates(part))
    return list(enumerate(rings, 1))
