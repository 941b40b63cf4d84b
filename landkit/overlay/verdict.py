"""Does a parcel truly break a control line, given how accurate both layers are?

The point test and the gap rule.  `conflict` where the deepest point of the piece is deeper
than z sigma, sigma the joint accuracy of both layers across the line and z such that, if the lines really
coincide, any of the n vertices on the shared run comes to lie that deep with probability alpha at most: z =
Q^-1(alpha / n), whatever the correlation between vertices.  `clear` where the gap is wider than Q^-1(beta)
sigma in a layer whose valid extent covers the parcel and its neighbourhood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

import geopandas as gpd
import shapely

from landkit.errors import LayerError
from landkit.model import Verdict
from landkit.overlay.dissolve import BREACHES, pieces_in_breach, union_of
from landkit.overlay.edges import Edges, edges_of
from landkit.overlay.extent import Within, near_any, within_extent
from landkit.overlay.overlaps import measured_m2
from landkit.overlay.profile import REACH_SIGMAS, depth_of, gap_to, vertices_on_run
from landkit.overlay.shapes import (
    Flags,
    Floats,
    Ints,
    Shapes,
    array_of,
    require_metres,
    require_same_crs,
    usable,
)

VERDICT_COLUMNS: Final = (
    "verdict",
    "why",
    "encroached_m2",
    "share",
    "depth_m",
    "gap_m",
    "width_m",
    "margin_m",
    "threshold_m",
    "sigma_m",
    "vertices",
    "one_vertex",
    "geometry",
)


@dataclass(frozen=True)
class _Case:
    """What holds for all parcels of one judgement."""

    breach: str
    sigma_m: float  # joint; NaN where a side does not state it
    alpha: float
    clear_m: float  # a gap wider than this proves that nothing is shared
    unstated: str  # why there is no joint accuracy, or ""
    extent: shapely.Geometry | None
    workers: int | None

    @property
    def reach_m(self) -> float:
        """How far the neighbourhood of a parcel goes."""
        return 0.0 if self.unstated else max(self.clear_m, REACH_SIGMAS * self.sigma_m)


@dataclass(frozen=True)
class _Facts:
    """What was measured of each parcel, before anything is decided."""

    piece: Shapes
    depth_m: Floats  # of the part that the extent lets us believe
    gap_m: Floats
    vertices: Ints
    one_vertex: Flags
    within: Within


def judge(
    parcels: gpd.GeoSeries,
    zones: gpd.GeoSeries,
    *,
    breach: str,
    sigma_parcel_m: float | None,
    sigma_line_m: float | None,
    extent: shapely.Geometry | None,
    alpha: float = 0.001,
    beta: float = 0.001,
    unusable_zones: gpd.GeoSeries | None = None,
    workers: int | None = None,
) -> gpd.GeoDataFrame:
    """Verdict of each parcel against one control line (结论), with what it rests on.

    Parcels and zones in one projected CRS in metres; `breach` says which side is forbidden; sigmas are the
    standard deviation of one coordinate axis (None: not stated); `extent` is what the line's layer covers
    completely (None: nobody says), in the same CRS.  Parcels may be unusable (they come back `not_checked`);
    zones may not, those belong in `unusable_zones`.  Out, on the index of the parcels:

    verdict, why    Verdict value and a key of messages.toml [why]
    encroached_m2   ellipsoidal area as drawn; 0.0 where none, NaN where it could not be measured; `share` of
                    the parcel
    depth_m, gap_m  deepest point of what is shared; distance where nothing is; NaN otherwise (within 1 mm or
                    0.1 %)
    width_m         mean width of the piece, twice its area over its perimeter
    margin_m        clear: gap less what error could hide; else: depth (or minus the gap) less `threshold_m`
    threshold_m     z x `sigma_m`, with `vertices` on the shared run; `one_vertex`: a single vertex bears the
                    evidence
    geometry        the piece, None where none

    Raises: CRSError, GeometryError (zones or extent unusable), LayerError (an accuracy not above zero).
    Source: the derivation at the head of this file.
    """
    if breach not in BREACHES or not 0 < alpha < 0.5 or not 0 < beta < 0.5:
        raise ValueError("breach is 'inside' or 'outside'; alpha and beta lie between 0 and 0.5")
    require_same_crs(parcels, zones)
    require_metres(parcels)
    sigma, unstated = joint_sigma(sigma_parcel_m, sigma_line_m)
    case = _Case(breach, sigma, alpha, sigma * normal_z(beta), unstated, extent, workers)
    shapes = array_of(parcels)
    good = np.flatnonzero(usable(shapes))
    parts = union_of(zones)
    bad_zones = array_of(unusable_zones) if unusable_zones is not None else np.empty(0, dtype=object)
    facts = _measure(shapes[good], parts, case)
    near_bad = near_any(shapes[good], bad_zones, case.reach_m)
    columns = _decide(facts, case, near_bad, no_zones=not len(parts))
    columns |= _areas(shapes[good], facts.piece, parcels.crs, measured=bool(len(parts)))
    return _table(parcels, good, columns, facts.piece, sigma)


def joint_sigma(parcel_m: float | None, line_m: float | None) -> tuple[float, str]:
    """Joint accuracy across the line (合成中误差), sqrt(a2 + b2); NaN and the reason where one is not stated.

    Raises: LayerError where one is zero or less.
    """
    for layer, sigma in (("parcels", parcel_m), ("line", line_m)):
        if sigma is None or math.isnan(sigma):
            return math.nan, f"no_accuracy_{layer}"
        if sigma <= 0 or math.isinf(sigma):
            raise LayerError("accuracy_not_positive", layer=layer, value=sigma)
    return math.hypot(parcel_m or 0.0, line_m or 0.0), ""


def normal_z(p: float) -> float:
    """The one-sided normal quantile: P(Z > z) = p."""
    return -NormalDist().inv_cdf(p)


def _measure(shapes: Shapes, parts: Shapes, case: _Case) -> _Facts:
    line = edges_of(parts)
    within = within_extent(shapes, case.extent, 0.0 if case.unstated else case.clear_m)
    piece = pieces_in_breach(shapes, parts, case.breach, case.workers)
    if not len(parts):
        piece = np.full(len(shapes), None, dtype=object)
    shared = ~shapely.is_missing(piece)
    gap = np.full(len(shapes), np.nan)
    gap[~shared] = gap_to(shapes[~shared], line, case.workers)
    depth, deep = _believable_depth(shapes, piece, parts, line, within, case)
    vertices = np.zeros(len(shapes), dtype=np.int64)
    near = np.flatnonzero(shared | (gap <= case.reach_m))
    if not case.unstated:
        vertices[near] = vertices_on_run(shapes[near], line, REACH_SIGMAS * case.sigma_m, case.workers)
    return _Facts(piece, depth, gap, vertices, shared & (deep == 1), within)


def _believable_depth(
    shapes: Shapes, piece: Shapes, parts: Shapes, line: Edges, within: Within, case: _Case
) -> tuple[Floats, Ints]:
    """Depth of each piece as far as the layer may be believed, and how many of its vertices are deep.

    A zone that is drawn is evidence wherever it lies.  That no zone is drawn is evidence only inside the
    extent: there the extent's rim counts as a line behind which everything may be allowed.
    """
    if case.breach == "outside":
        piece = piece.copy()
        piece[~within.some] = None
        cut = np.flatnonzero(within.some & ~within.whole & ~shapely.is_missing(piece))
        if case.extent is not None and not case.extent.is_empty:
            shapes = shapes.copy()
            shapes[cut] = pieces_in_breach(
                shapes[cut], shapely.get_parts([case.extent]), "inside", case.workers
            )
            cut = cut[~shapely.is_missing(shapes[cut])]
            piece[cut] = pieces_in_breach(shapes[cut], parts, "outside", case.workers)
            line = edges_of(np.concatenate([parts, [case.extent]]))
    found = depth_of(piece, shapes, line, sigma_m=case.sigma_m, breach=case.breach, workers=case.workers)
    return found.depth_m, found.deep_vertices


def _thresholds(vertices: Ints, case: _Case) -> Floats:
    counts, back = np.unique(np.maximum(vertices, 2), return_inverse=True)
    return np.array([normal_z(case.alpha / n) * case.sigma_m for n in counts.tolist()])[back]


def _decide(facts: _Facts, case: _Case, near_bad: Flags, *, no_zones: bool) -> dict[str, np.ndarray]:
    within, shared = facts.within, ~shapely.is_missing(facts.piece)
    threshold = _thresholds(facts.vertices, case)
    wide = ~shared & (facts.gap_m > case.clear_m)
    inside = case.breach == "inside"
    proven = (facts.depth_m > threshold) & (inside | ~near_bad)
    covered = within.around | ~wide if inside else np.zeros_like(wide)
    every = np.ones_like(wide)
    rules = [
        (every & bool(case.unstated), case.unstated, Verdict.NOT_CHECKED),
        (every & no_zones, "no_zones", Verdict.NOT_CHECKED),
        (proven, "deeper_than_error", Verdict.CONFLICT),
        (near_bad, "near_bad_zone", Verdict.NOT_CHECKED),
        (every & (case.extent is None), "extent_unknown", Verdict.NOT_CHECKED),
        (~within.some, "outside_extent", Verdict.NOT_CHECKED),
        (~within.whole | (inside & ~covered), "partly_outside_extent", Verdict.NOT_CHECKED),
        (wide, "gap_wider_than_error", Verdict.CLEAR),
        (every, "band", Verdict.WITHIN_ACCURACY),
    ]
    which = np.select([rule[0] for rule in rules], np.arange(len(rules)))
    verdict = np.array([rule[2].value for rule in rules], dtype=object)[which]
    signed = np.where(shared, facts.depth_m, -facts.gap_m)
    margin = np.where(verdict == Verdict.CLEAR.value, facts.gap_m - case.clear_m, signed - threshold)
    return {
        "verdict": verdict,
        "why": np.array([rule[1] for rule in rules], dtype=object)[which],
        "depth_m": facts.depth_m,
        "gap_m": facts.gap_m,
        "margin_m": margin,
        "threshold_m": threshold,
        "vertices": facts.vertices,
        "one_vertex": facts.one_vertex,
    }


def _areas(shapes: Shapes, piece: Shapes, crs: object, *, measured: bool) -> dict[str, np.ndarray]:
    shared = ~shapely.is_missing(piece)
    area = np.full(len(shapes), 0.0 if measured else np.nan)
    share, width = area.copy(), np.full(len(shapes), np.nan)
    area[shared] = measured_m2(piece[shared], crs)
    share[shared] = np.minimum(area[shared] / measured_m2(shapes[shared], crs), 1.0)
    width[shared] = 2 * shapely.area(piece[shared]) / shapely.length(piece[shared])
    return {"encroached_m2": area, "share": share, "width_m": width}


def _table(
    parcels: gpd.GeoSeries, good: Ints, columns: dict[str, np.ndarray], piece: Shapes, sigma_m: float
) -> gpd.GeoDataFrame:
    """The columns of the usable parcels among all parcels; the others are not checked, for bad geometry."""
    count = len(parcels)
    columns |= {"sigma_m": np.full(len(good), sigma_m), "geometry": piece}
    blank: dict[str, object] = {
        "verdict": Verdict.NOT_CHECKED.value,
        "why": "bad_geometry",
        "geometry": None,
        "one_vertex": False,
    }
    blank |= {"vertices": 0, "sigma_m": sigma_m}
    out: dict[str, object] = {}
    for name in VERDICT_COLUMNS:
        full = np.full(count, blank.get(name, np.nan), dtype=columns[name].dtype)
        full[good] = columns[name]
        out[name] = full
    out["geometry"] = gpd.GeoSeries(out["geometry"], index=parcels.index, crs=parcels.crs)
    return gpd.GeoDataFrame(out, geometry="geometry", index=parcels.index, crs=parcels.crs)
