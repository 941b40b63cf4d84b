"""Checks of shapes one by one (图形检查): can each be measured, and how was it drawn."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

import geopandas as gpd
import shapely

from landkit.arrays import Flags, Floats, Shapes
from landkit.geometry import has_place, mean_width_m
from landkit.model import Finding, Place, Reason, why
from landkit.quality.rows import Rows, middle, placed

BLOCK = 100_000  # rows looked at together: bounds the memory of millions


class DrawingLimits(NamedTuple):
    """From when on the way a shape is drawn is a finding: metres and degrees, from the rules."""

    same_vertex_m: float
    spike_degrees: float
    sliver_width_m: float


def check_geometry(
    frame: gpd.GeoDataFrame, ids: pd.Series[Any], *, layer: str
) -> tuple[list[Finding], pd.Series[bool]]:
    """Null, empty, not-finite, wrong-kind and invalid geometry; and which rows may be measured and compared."""
    shapes: Shapes = np.asarray(frame.geometry.array, dtype=object)
    null = shapely.is_missing(shapes)
    rest = ~null & ~shapely.is_empty(shapes)
    finite = has_place(shapes)
    wanted = _of_the_layers_kind(shapes)
    valid = np.ones(len(shapes), dtype=bool)
    valid[rest] = shapely.is_valid(shapes[rest])
    usable = rest & finite & wanted & valid
    rows = Rows(layer, frame, ids.to_numpy(object), usable)
    findings = [
        *rows.find("geometry.null", null, lambda _: why("geometry_null")),
        *rows.find("geometry.empty", ~null & ~rest, lambda _: why("geometry_empty")),
        *rows.find("geometry.not_finite", rest & ~finite, lambda _: why("geometry_not_finite")),
        *rows.find(
            "geometry.kind", rest & ~wanted, lambda i: why("geometry_kind", kind=str(shapes[i].geom_type))
        ),
        *rows.find(
            "geometry.invalid",
            rest & finite & wanted & ~valid,
            lambda i: why("geometry_invalid", detail=why_invalid(shapes[i])),
            at=lambda i: _invalid_place(shapes[i]),
        ),
    ]
    return findings, pd.Series(usable, index=frame.index)


def _of_the_layers_kind(shapes: Shapes) -> Flags:
    """Polygons, or lines where most are lines: what most rows are is what the layer holds."""
    kinds = shapely.get_type_id(shapes)
    areal, lines = np.isin(kinds, (3, 6)), np.isin(kinds, (1, 5))
    return np.asarray(lines if lines.sum() > areal.sum() else areal)


def why_invalid(shape: shapely.Geometry) -> str:
    """What GEOS calls the fault."""
    return str(shapely.is_valid_reason(shape)).split("[")[0].strip()


def _invalid_place(shape: shapely.Geometry) -> Place:
    """Where a shape is invalid, as GEOS says it in brackets; the middle of the shape where it does not."""
    said = re.search(r"\[(-?[\d.e+]+) (-?[\d.e+]+)\]", str(shapely.is_valid_reason(shape)))
    return placed(float(said[1]), float(said[2])) if said else middle(shape)


def check_repaired(
    before: gpd.GeoSeries, after: gpd.GeoSeries, ids: pd.Series[Any], *, layer: str
) -> list[Finding]:
    """One note per repaired row: area before and after, in planar metres of the CRS."""
    shapes, mended = np.asarray(before.array, dtype=object), np.asarray(after.array, dtype=object)
    changed = ~shapely.is_missing(shapes) & has_place(shapes) & ~shapely.is_valid(shapes)
    rows = Rows(layer, gpd.GeoDataFrame(geometry=after), ids.to_numpy(object), ~changed)
    return rows.find(
        "geometry.repaired",
        changed,
        lambda i: why(
            "geometry_repaired",
            before=f"{abs(shapes[i].area):,.2f}",
            after=f"{mended[i].area if mended[i] is not None else 0:,.2f}",
        ),
    )


def check_inside(
    frame: gpd.GeoDataFrame,
    ids: pd.Series[Any],
    usable: pd.Series[bool],
    area: shapely.Geometry,
    *,
    layer: str,
) -> list[Finding]:
    """Rows that lie wholly outside the study area: another place, or another coordinate system."""
    rows = Rows.of(layer, frame, ids, usable)
    shapely.prepare(area)
    out = np.zeros(len(frame), dtype=bool)
    out[rows.usable] = ~shapely.intersects(area, rows.shapes[rows.usable])
    return rows.find("geometry.outside_study", out, lambda _: why("outside_study"))


def check_drawing(rows: Rows, limits: DrawingLimits) -> list[Finding]:
    """Repeated vertices, spikes and slivers of the usable polygons, one finding per row and kind, at the place."""
    good = np.flatnonzero(rows.usable)
    findings: list[Finding] = []
    for block in np.split(good, range(BLOCK, len(good), BLOCK)):
        corners = _corners(rows.shapes[block], block)
        same = corners.before < limits.same_vertex_m
        sharp = ~same & (corners.ahead >= limits.same_vertex_m) & (corners.angle < limits.spike_degrees)
        findings += _per_row(rows, ("vertices.repeated", "vertices_repeated"), corners, same)
        findings += _per_row(rows, ("geometry.spike", "geometry_spike"), corners, sharp)
    width = mean_width_m(gpd.GeoSeries(rows.shapes[good])).to_numpy()
    thin = {int(i): w for i, w in zip(good, width, strict=True) if w < limits.sliver_width_m}
    return findings + rows.find(
        "geometry.sliver",
        np.array(list(thin), dtype=np.intp),
        lambda i: why("sliver", width=f"{thin[i]:.2f}", limit=f"{limits.sliver_width_m:g}"),
    )


def check_one_piece(rows: Rows) -> list[Finding]:
    """Shapes of several parts (多部件): a parcel is one piece of land."""
    parts = shapely.get_num_geometries(rows.shapes)
    return rows.find(
        "geometry.multipart", rows.usable & (parts > 1), lambda i: why("multipart", parts=int(parts[i]))
    )


class _Corners(NamedTuple):
    """Corners of rings: the row each belongs to, where it stands, its angle in degrees, its two edges in metres."""

    row: npt.NDArray[np.intp]
    xy: Floats
    angle: Floats
    before: Floats
    ahead: Floats


def _corners(shapes: Shapes, row: npt.NDArray[np.intp]) -> _Corners:
    """All corners of polygons: of each vertex but the closing one, the edge before and the edge after."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    last = np.flatnonzero(np.diff(of_ring, append=-1) != 0)
    first = np.concatenate([[0], last[:-1] + 1]).astype(np.intp)[: len(last)]
    edge = np.diff(xy, axis=0, append=xy[:1])  # from each vertex to the next
    arrived = np.roll(edge, 1, axis=0)
    arrived[first] = edge[last - 1]  # the closing vertex is the first one again
    keep = np.ones(len(xy), dtype=bool)
    keep[last] = False
    back, on = -arrived[keep], edge[keep]
    before, ahead = np.hypot(*back.T), np.hypot(*on.T)
    lengths = before * ahead
    cosine = np.divide((back * on).sum(axis=1), lengths, out=np.full(len(back), -1.0), where=lengths > 0)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return _Corners(row[of_shape[of_part[of_ring[keep]]]], xy[keep], angle, before, ahead)


def _per_row(rows: Rows, said: tuple[str, str], corners: _Corners, which: Flags) -> list[Finding]:
    """One finding per row: how many such corners, placed at the sharpest.  `said` is the check and its sentence."""
    check, key = said
    hits = np.flatnonzero(which)
    hits = hits[np.lexsort((corners.angle[hits], corners.row[hits]))]
    owners, sharpest, counts = np.unique(corners.row[hits], return_index=True, return_counts=True)
    found = {int(r): (hits[at], int(n)) for r, at, n in zip(owners, sharpest, counts, strict=True)}

    def reason(i: int) -> Reason:
        corner, count = found[i]
        return why(key, count=count, angle=f"{corners.angle[corner]:.1f}")

    return rows.find(check, owners, reason, at=lambda i: placed(*corners.xy[found[i][0]]))
