"""Checks of neighbours in one layer (重叠与缝隙): land claimed twice, the same shape twice, slits that nobody owns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import geopandas as gpd
import shapely

from landkit.arrays import Floats, Shapes
from landkit.geometry import area_m2, mean_width_m
from landkit.model import Finding, Place, finding, why
from landkit.overlay.shapes import in_blocks
from landkit.quality.rows import Rows, middle

BLOCK = 50_000
SHARES_INTERIOR = "T********"  # DE-9IM: the two interiors meet
SAME_SHARE = 0.9999  # of what two shapes cover together: the rest is rounding of coordinates


class NeighbourLimits(NamedTuple):
    """From when on neighbours are a finding, from the rules."""

    overlap_m2: float
    alike_share: float
    gap_width_m: float
    gap_m2: float


class SharedGround(NamedTuple):
    """Pairs of rows that share ground: positions `first` < `second`, m2 (ellipsoidal), how alike, where.

    `alike_share` is the shared area over that of both together (1: the same shape).
    """

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    area_m2: Floats
    alike_share: Floats
    places: list[Place]


def shared_ground(rows: Rows) -> SharedGround:
    """All pairs of usable rows that share ground, each once.  Touching is no overlap."""
    good = np.flatnonzero(rows.usable)
    shapes = rows.shapes[good]
    pairs = _pairs(shapes)
    pieces = shapely.intersection(shapes[pairs[0]], shapes[pairs[1]])
    areal = np.isin(shapely.get_type_id(pieces), (3, 6, 7)) & ~shapely.is_empty(pieces)
    pairs, pieces = pairs[:, areal], _land(pieces[areal])
    shared = _area(rows, pieces)
    both = _area(rows, shapes[pairs[0]]) + _area(rows, shapes[pairs[1]])
    places = [middle(piece) for piece in pieces]
    return SharedGround(good[pairs[0]], good[pairs[1]], shared, shared / (both - shared), places)


def _area(rows: Rows, shapes: Shapes) -> Floats:
    measured = np.asarray(area_m2(gpd.GeoSeries(shapes, crs=rows.crs)), dtype=np.float64)
    return np.nan_to_num(measured)


def _pairs(shapes: Shapes) -> npt.NDArray[np.intp]:
    """Positions of pairs whose interiors meet, each once, the smaller first; in blocks on all cores, so that millions fit."""
    tree = shapely.STRtree(shapes)

    def meeting(rows: slice) -> npt.NDArray[np.intp]:
        a, b = tree.query(shapes[rows])
        a = a + rows.start
        once = a < b
        a, b = a[once], b[once]
        meet = shapely.relate_pattern(shapes[a], shapes[b], SHARES_INTERIOR)
        return np.stack([a[meet], b[meet]])

    found = [np.zeros((2, 0), dtype=np.intp), *in_blocks(meeting, len(shapes), None, BLOCK)]
    pairs = np.concatenate(found, axis=1)
    return pairs[:, np.lexsort((pairs[1], pairs[0]))]


def _land(pieces: Shapes) -> Shapes:
    """The areal part of pieces: where two shapes also touch along a line, GEOS gives both."""
    mixed = shapely.get_type_id(pieces) == 7
    out = pieces.copy()
    out[mixed] = [
        shapely.union_all([p for p in shapely.get_parts(piece) if p.area > 0]) for piece in pieces[mixed]
    ]
    return out


def check_overlaps(rows: Rows, pairs: SharedGround, limits: NeighbourLimits, *, check: str) -> list[Finding]:
    """Each pair that shares more than the limit, once: the same shape, nearly the same, or overlapping (`check`).

    `pairs` as of `shared_ground`.
    """
    findings = []
    for at in np.flatnonzero(pairs.area_m2 > limits.overlap_m2):
        other, alike = str(rows.ids[pairs.second[at]]), pairs.alike_share[at]
        kind = check
        if alike > limits.alike_share:
            kind = "overlap.same" if alike > SAME_SHARE else "overlap.alike"
        facts: dict[str, object] = {"other": other, "area": f"{pairs.area_m2[at]:,.1f}"}
        if kind == check:
            reason = why("parcels_overlap" if check == "overlap.parcels" else "zones_overlap", **facts)
        else:
            reason = why("shapes_alike", share=f"{alike * 100:.1f} %", **facts)
        row = rows.ids[pairs.first[at]]
        findings.append(finding(rows.layer, kind, reason, row, value=other, at=pairs.places[at]))
    return findings


def check_gaps(rows: Rows, limits: NeighbourLimits) -> list[Finding]:
    """Slits between the usable polygons narrower than the limit and larger than its area, each where it is.

    The land is closed by the width and opened again (闭运算): what is filled and belongs to nobody is a slit.
    """
    shapes = rows.shapes[rows.usable]
    if not len(shapes):
        return []
    land = shapely.union_all(shapes)
    reach = limits.gap_width_m / 2
    closed = shapely.buffer(shapely.buffer(land, reach, join_style="mitre"), -reach, join_style="mitre")
    slits = shapely.get_parts(shapely.difference(closed, land))
    slits = slits[shapely.get_type_id(slits) == 3]
    series = gpd.GeoSeries(slits, crs=rows.crs)
    area, width = area_m2(series).to_numpy(), mean_width_m(series).to_numpy()
    wide = (area > limits.gap_m2) & (width <= limits.gap_width_m)
    if not wide.any():
        return []
    tree = shapely.STRtree(shapes)
    ids = rows.ids[rows.usable]
    findings = []
    for slit, m2, across in zip(slits[wide], area[wide], width[wide], strict=True):
        beside = [str(i) for i in ids[np.sort(tree.query(slit, predicate="dwithin", distance=0.01))]]
        reason = why("gap", area=f"{m2:,.1f}", width=f"{across:.2f}", beside=beside[:4])
        findings.append(
            finding(rows.layer, "gaps.slit", reason, beside[0] if beside else "", value=";".join(beside[1:4]),
                    at=middle(slit))
        )  # fmt: skip
    return findings
