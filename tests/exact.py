"""The kernel held against GEOS, pair by pair, and both against rational arithmetic where they differ."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import shapely

from landkit.overlay.kernel.pairs import find_pairs
from landkit.overlay.kernel.reading import read_layer, wkb_from


def layer(shapes):
    return read_layer(wkb_from(np.asarray(shapes, dtype=object)), "test")


def by_geos(parcels, zones):
    """All pairs whose boxes meet: positions and the area of the plain intersection."""
    zone, parcel = shapely.STRtree(parcels).query(zones)

    def area(rows):
        return shapely.area(shapely.intersection(parcels[parcel[rows]], zones[zone[rows]]))

    with ThreadPoolExecutor(2) as pool:
        blocks = list(pool.map(area, np.array_split(np.arange(len(parcel)), 64)))
    return parcel, zone, np.concatenate(blocks)


def grain_m2(shapes):
    """What one rounding of the coordinates may move along the edges of each shape: below it no area is defined."""
    return 4 * np.spacing(np.abs(shapely.bounds(shapes)).max(axis=1)) * shapely.length(shapes)


def exact_m2(one, other):
    """The area that two polygons share, without any rounding: signed trapezoids under every pair of edges, in fractions."""
    floor = Fraction(min(shapely.bounds(one)[1], shapely.bounds(other)[1]))
    total = Fraction(0)
    for x0, y0, rise, x1, sign in _edges(one, floor):
        for u0, v0, lift, u1, turn in _edges(other, floor):
            left, right = max(x0, u0), min(x1, u1)
            if left < right:
                ends = [(y0 + rise * (x - x0), v0 + lift * (x - u0)) for x in (left, right)]
                total += sign * turn * _under_lower(left, right, *ends)
    return total


def _edges(polygon, floor):
    """Edges that are not upright: where each begins on the left, its slope, where it ends, its sign."""
    for ring in shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon))):
        xy = [(Fraction(x), Fraction(y) - floor) for x, y in shapely.get_coordinates(ring).tolist()]
        for begin, end in pairwise(xy):
            (x0, y0), (x1, y1) = sorted([begin, end])
            if x0 != x1:
                yield x0, y0, (y1 - y0) / (x1 - x0), x1, -1 if begin < end else 1


def _under_lower(left, right, begin, end):
    """The area from x = left to x = right under the lower of two lines, given the heights of both at each end."""
    before, after = begin[0] - begin[1], end[0] - end[1]
    if before * after >= 0:
        return (right - left) * (min(begin) + min(end)) / 2
    share = before / (before - after)
    height = begin[0] + (end[0] - begin[0]) * share
    return (right - left) * (share * (min(begin) + height) + (1 - share) * (min(end) + height)) / 2


def require_exact(parcels, zones):
    """Every pair and every piece as GEOS has them; gives the number of pairs compared.

    Where the two differ GEOS need not be right: with noise of a ten-millionth of a metre it sometimes gives the whole parcel
    for what two nearly equal polygons share, and the whole zone when asked the other way round.
    """
    found = find_pairs(layer(parcels), layer(zones))
    parcel, zone, want = by_geos(parcels, zones)
    key = parcel * len(zones) + zone
    order = np.argsort(key)
    place = np.searchsorted(key[order], found.parcel * len(zones) + found.zone)
    got = np.zeros(len(key))
    got[order[place]] = found.area
    assert (key[order[place]] == found.parcel * len(zones) + found.zone).all()
    room = 1e-6 + 1e-9 * want
    with_zone_number = np.abs(shapely.bounds(parcels)).max() > 1e7
    if with_zone_number:
        room = np.maximum(room, grain_m2(parcels)[parcel])
    for pair in np.flatnonzero(np.abs(got - want) > room):
        want[pair] = exact_m2(parcels[parcel[pair]], zones[zone[pair]])
    worst = np.argmax(np.abs(got - want) - room)
    assert abs(got[worst] - want[worst]) <= room[worst], (
        parcels[parcel[worst]].wkt,
        zones[zone[worst]].wkt,
        got[worst],
        want[worst],
    )
    assert got.sum() == pytest.approx(want.sum(), rel=1e-9, abs=1e-6)
    part = np.flatnonzero(~found.whole)
    pieces = found.pieces.rows(part)
    assert shapely.is_valid(pieces).all()
    assert set(shapely.get_type_id(pieces).tolist()) <= {3, 6}
    apart = np.abs(shapely.area(pieces) - found.area[part])
    own = 1e-6 + 1e-9 * found.area[part]
    assert (apart <= (np.maximum(own, grain_m2(pieces)) if with_zone_number else own)).all()
    return len(key)
