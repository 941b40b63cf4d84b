"""The kernel held against GEOS, pair by pair."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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


def require_exact(parcels, zones):
    """Every pair and every piece as GEOS has them; gives the number of pairs compared."""
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
