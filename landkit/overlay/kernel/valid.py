"""Which polygons are valid for certain, told without GEOS; the few that remain are for GEOS to judge.

A polygon whose edges meet only where one follows the other, whose holes lie in their own shell and in nothing
else, and whose shells lie in no other part, is valid.  Everything else (rings that touch in a point, repeated
vertices, what rounding could decide) is not certain.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from landkit.overlay.kernel.compiled import borrowing, compiled
from landkit.overlay.kernel.polygons import box_of
from landkit.overlay.kernel.simple import edges_apart
from landkit.overlay.kernel.thin import winding

FARTHEST: Final = 1e9  # as in landkit.geometry: no map projection goes there
MOST_STEPS: Final = 50_000_000  # rings times vertices, above which GEOS's sweep is quicker


@borrowing
def on_earth(xy):
    """Whether every coordinate is a number that can be a place."""
    for v in range(len(xy)):  # noqa: SIM110  numba has no all()
        if not (abs(xy[v, 0]) < FARTHEST and abs(xy[v, 1]) < FARTHEST):
            return False
    return True


@borrowing
def closed(xy, ring_start, rings):
    """Whether each ring ends where it began."""
    for ring in range(rings):
        first, last = ring_start[ring], ring_start[ring + 1] - 1
        if xy[first, 0] != xy[last, 0] or xy[first, 1] != xy[last, 1]:
            return False
    return True


@borrowing
def turns_around(xy, ring_start, ring, box, x, y):
    """How often a ring goes round a point, counter-clockwise positive; its box tells most points apart."""
    if x < box[ring, 0] or x > box[ring, 2] or y < box[ring, 1] or y > box[ring, 3]:
        return 0
    return winding(xy, ring_start[ring:], 1, x, y)


@compiled
def nested_well(xy, ring_start, is_shell, rings):
    """Whether each hole lies in its own shell and in no other hole, and each shell in no other part; the edges
    of the rings do not meet.
    """
    box, shell = np.empty((rings, 4)), 0
    for ring in range(rings):
        box_of(xy, ring_start[ring], ring_start[ring + 1], box[ring])
    for ring in range(rings):
        if is_shell[ring]:
            shell = ring
        x, y, around, own = xy[ring_start[ring], 0], xy[ring_start[ring], 1], 0, 0
        for other in range(rings):
            turns = 0 if other == ring else turns_around(xy, ring_start, other, box, x, y)
            around += turns
            own += turns if other == shell else 0
        wanted = 0 if is_shell[ring] else 1
        if around != wanted or own != wanted:
            return False
    return True


@compiled
def certainly_valid(polygons, first, end, out):
    """Fill `out` for the polygons first..end: True where a polygon is valid for certain."""
    for row in range(first, end):
        ring_from, ring_to = polygons.first_ring[row], polygons.first_ring[row + 1]
        rings, starts = ring_to - ring_from, polygons.ring_start[ring_from : ring_to + 1]
        out[row] = on_earth(polygons.xy[starts[0] : starts[rings]]) and polygons.area[row] > 0
        out[row] = out[row] and closed(polygons.xy, starts, rings)
        out[row] = out[row] and edges_apart(polygons.xy, starts, rings)
        if out[row] and rings > 1:
            few = rings * (starts[rings] - starts[0]) <= MOST_STEPS
            out[row] = few and nested_well(polygons.xy, starts, polygons.is_shell[ring_from:], rings)
