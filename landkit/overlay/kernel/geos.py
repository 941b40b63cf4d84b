"""The pairs that the clip gave up, done by GEOS: with the rings around the parcel, then with the zone, then away from the
origin (`cutting`).

GEOS's answer is taken only where it is a valid polygon of the area measured without it; where all three give another area
GEOS, the older of the two, is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import geopandas as gpd
import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes, ranges, starts
from landkit.geometry import repair_structure
from landkit.overlay.cutting import cut_away_from_origin, cut_out
from landkit.overlay.kernel.clip import SAME_AREA_M2, SAME_AREA_SHARE
from landkit.overlay.kernel.reading import Layer
from landkit.overlay.kernel.walk import Local
from landkit.overlay.local import local_areas
from landkit.overlay.shapes import areal


@dataclass(frozen=True)
class Job:
    """Pairs for GEOS: positions of parcels and zones, the exact area of each piece (NaN: not measured)."""

    parcel: Ints
    zone: Ints
    exact: Floats
    side: str


def pieces_by_geos(parcels: Layer, zones: Layer, job: Job, local: Local, rows: Ints) -> tuple[Shapes, Floats]:
    """The pieces of the pairs, made from the local rings of `rows`, and their areas; None and 0 where nothing
    areal is left.
    """
    if not len(job.parcel):
        return np.empty(0, dtype=object), np.zeros(0)
    mine = parcels.wkb.rows(job.parcel)
    around = _local_shapes(local, rows)
    pieces = np.full(len(mine), None, dtype=object)
    sound = shapely.is_valid(around)
    pieces[sound] = cut_out(mine[sound], around[sound], job.side)
    again = np.flatnonzero(~sound | ~_checks_out(pieces, job.exact))
    for zone in np.unique(job.zone[again]):
        those = again[job.zone[again] == zone]
        parts = shapely.get_parts(zones.wkb.rows(np.array([zone])))
        around[those] = local_areas(mine[those], parts)
        pieces[those] = cut_out(mine[those], around[those], job.side)
    _cut_moved(mine, around, pieces, job)
    pieces = _mended(pieces)
    area = np.where(_checks_out(pieces, job.exact), job.exact, np.nan_to_num(shapely.area(pieces)))
    area[shapely.is_missing(pieces)] = 0.0
    return pieces, area


def _cut_moved(mine: Shapes, around: Shapes, pieces: Shapes, job: Job) -> None:
    """Pieces of another area than was measured are cut away from the origin, and taken where they then check out."""
    odd = np.flatnonzero(
        ~shapely.is_missing(around) & np.isfinite(job.exact) & ~_checks_out(pieces, job.exact)
    )
    moved = cut_away_from_origin(mine[odd], around[odd], job.side, pieces[odd])
    right = _checks_out(moved, job.exact[odd])
    pieces[odd[right]] = moved[right]


def _checks_out(pieces: Shapes, exact: Floats) -> Flags:
    area = np.nan_to_num(shapely.area(pieces))
    same = np.abs(area - exact) <= SAME_AREA_M2 + SAME_AREA_SHARE * exact
    return np.asarray(same & (shapely.is_valid(pieces) | shapely.is_missing(pieces)))


def _mended(pieces: Shapes) -> Shapes:
    bad = np.flatnonzero(~shapely.is_missing(pieces) & ~shapely.is_valid(pieces))
    if len(bad):
        pieces[bad] = areal(np.asarray(repair_structure(gpd.GeoSeries(pieces[bad])).array, dtype=object))
    return pieces


def _local_shapes(local: Local, rows: Ints) -> Shapes:
    """The local rings of some pairs as multipolygons: each shell with the holes that follow it."""
    first, end = local.first_ring[rows], local.first_ring[rows + 1]
    rings = ranges(first, end)
    begins, ends = local.ring_start[rings], local.ring_start[rings + 1]
    shells = np.flatnonzero(local.is_shell[rings])
    parts = np.append(shells, len(rings))
    pairs = np.searchsorted(parts, starts(end - first))
    offsets = (starts(ends - begins), parts, pairs)
    made = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, local.xy[ranges(begins, ends)], offsets
    )
    return np.asarray(made, dtype=object)
