"""Where a layer of a study lies: what the study says against its file, whether it falls into place, the way to the study CRS."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import CRSError
from landkit.geometry import has_place, repair_structure
from landkit.io.crs import read_crs, reproject
from landkit.io.crs.identify import datums
from landkit.io.crs.outline import Comparison, Limits, compare_outlines
from landkit.io.crs.placing import (
    LIKELY,
    Placement,
    area_of_use,
    likely,
    look_as_stated,
    placements,
    sample_points,
)
from landkit.io.crs.web_coordinates import from_web
from landkit.model import Code, Reason, finding, why
from landkit.study import LayerSpec, Study
from landkit.workflow.ground import Ground

LIMITS = (
    "check.outline_improvement",
    "check.outline_agreement",
    "check.outline_shift_m",
    "check.outline_overlap",
)


def bring_to_study(
    ground: Ground, key: str, spec: LayerSpec, frame: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """A layer in the study CRS, and how it came there (operation, accuracy) for the record.

    Raises: CRSError where its coordinates cannot lie where the study is, or a datum needs parameters.
    """
    frame = _as_told(ground, key, spec, frame)
    goal = pyproj.CRS.from_user_input(ground.study.study.crs)
    area, usual = _study_area(ground, spec), area_of_use(goal)
    points = sample_points(frame)
    shifts = [s.shift(name) for name, s in ground.study.datum.items()]
    moved, operation = reproject(frame, ground.study.study.crs, layer=key, shifts=shifts)
    if usual is not None and len(points) and not look_as_stated(points, frame.crs, usual, goal).share:
        cause = likely_cause(points, frame.crs, area or usual, goal)
        raise CRSError("layer_not_in_zone", layer=key, path=spec.path, goal=goal.name, cause=cause)
    if area is not None and len(points) and not _touches(moved, area):
        cause = likely_cause(points, frame.crs, area, goal)
        raise CRSError("layer_elsewhere", layer=key, path=spec.path, cause=cause)
    if operation.note == "parameters":
        facts = {"name": operation.name, "accuracy": f"{operation.accuracy_m:g}"}
        ground.findings.append(finding(key, "crs.parameters", why("crs_parameters", **facts)))
    if key in _compared(ground.study):
        ground.outlines[key] = _outline(moved)
    return moved, operation.facts()


def _compared(study: Study) -> set[str]:
    """Layers whose outline is compared with another one, and those they are compared with."""
    said = {k: s.same_ground_as for k, s in study.layers.items() if s.same_ground_as}
    return {*said, *said.values(), *study.of_role("counties"), *study.of_role("boundary")}


def _touches(frame: gpd.GeoDataFrame, area: shapely.Geometry) -> bool:
    """Whether any row lies on the study area; rows that cannot be looked at count as lying there."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    odd = ~has_place(shapes) | ~shapely.is_valid(shapes)
    shapely.prepare(area)
    return bool(shapely.intersects(area, shapes[~odd]).any()) or bool(
        (odd & ~shapely.is_missing(shapes)).any()
    )


def _as_told(ground: Ground, key: str, spec: LayerSpec, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What study.toml says of a layer's coordinates against its file; each of it is said again in every output."""
    if spec.swap_axes:
        frame = frame.set_geometry(_mapped(frame.geometry, lambda x, y: (y, x)))
        ground.findings.append(finding(key, "crs.swapped", why("crs_swapped")))
    if spec.crs_instead:
        right = read_crs(spec.crs_instead, layer=key)
        facts = {"said": frame.crs.name, "right": f"{right.name} ({spec.crs_instead})"}
        frame = frame.set_crs(right, allow_override=True)
        ground.findings.append(finding(key, "crs.overruled", why("crs_overruled", **facts)))
    if spec.convert:
        if not frame.crs.is_geographic:
            raise CRSError("convert_not_degrees", layer=key, system=spec.convert, crs=frame.crs.name)
        before = sample_points(frame)
        frame = frame.set_geometry(_mapped(frame.geometry, lambda x, y: from_web(x, y, str(spec.convert))))
        frame = frame.set_crs(datums()["cgcs2000"]["geographic"], allow_override=True)
        moved = pyproj.Geod(ellps="GRS80").inv(*before.T, *sample_points(frame).T)[2]
        facts = {"system": Code("place", spec.convert), "metres": f"{np.median(moved):,.0f}"}
        ground.findings.append(finding(key, "crs.converted", why("crs_converted", **facts)))
    return frame


def _mapped(geometry: gpd.GeoSeries, move: Any) -> gpd.GeoSeries:
    shapes = shapely.transform(np.asarray(geometry.array), move, interleaved=False)
    return gpd.GeoSeries(shapes, index=geometry.index, crs=geometry.crs, name=geometry.name)


def _study_area(ground: Ground, spec: LayerSpec) -> shapely.Geometry | None:
    boundary = ground.of_role("boundary")
    if boundary is None or not len(boundary.frame) or spec.role == "boundary":
        return None
    return shapely.union_all(boundary.frame.geometry.array)


def likely_cause(points: Any, stated: pyproj.CRS, area: shapely.Geometry, goal: pyproj.CRS) -> Reason:
    """What coordinates that lie elsewhere most likely are, and what to write about it; the nearest readings otherwise."""
    found = placements(points, stated, area, goal)
    best = likely(found)
    if best is None:
        nearest = [r for r in found[1:] if np.isfinite(r.distance_m)][:3]
        return why("cause_none", nearest=[_with_distance(r) for r in nearest] or ["-"])
    others = [_with_distance(r) for r in found if r is not best and np.isfinite(r.distance_m)][:3]
    return why(
        "cause_likely", best=best.say(), share=f"{best.share * 100:.0f}", do=_remedy(best), others=others
    )


def _with_distance(place: Placement) -> Reason:
    if place.share >= LIKELY:
        return why("cause_as_well", place=place.say())
    return why("cause_other", place=place.say(), km=f"{place.distance_m / 1000:,.1f}")


def _remedy(best: Placement) -> Reason:
    code = best.system.rpartition("EPSG:")[2]
    if best.kind in ("gcj02", "bd09"):
        return why("remedy_convert", system=best.kind)
    if best.kind == "as_stated":
        return why("remedy_swap")
    return why("remedy_swap_crs" if best.swapped else "remedy_crs", epsg=f"EPSG:{code}")


def check_outlines(ground: Ground) -> None:
    """Layers that should cover the same ground as another one, compared with it: an offset is a finding with its cause."""
    for key, control in _pairs(ground).items():
        if key not in ground.outlines or control not in ground.outlines:
            continue  # a layer that could not be read, which is said
        one = ground.layers[key]
        crs = pyproj.CRS.from_user_input(ground.study.study.crs)
        rules = ground.rules
        limits = Limits(*(float(rules[name].value) for name in LIMITS))
        found = compare_outlines(ground.outlines[key], ground.outlines[control], crs, limits=limits)
        ground.layers[key] = dataclasses.replace(
            one, facts={**one.facts, "outline": _outline_facts(found, control)}
        )
        if found.cause not in ("none", "shift", "other_ground"):
            _say_offset(ground, key, control, found)
        elif found.cause == "shift":
            facts = _words_of(found)
            ground.findings.append(
                finding(key, "crs.shifted", why("outline_shift", control=control, **facts))
            )
        elif found.cause == "other_ground":
            share = f"{found.overlap * 100:.0f}"
            reason = why("outline_other_ground", control=control, share=share)
            ground.findings.append(finding(key, "crs.other_ground", reason))


def _pairs(ground: Ground) -> dict[str, str]:
    """Layers to be compared and their controls: as the study says, and the counties with the boundary."""
    pairs = {k: s.same_ground_as for k, s in ground.study.layers.items() if s.same_ground_as}
    counties, boundary = ground.of_role("counties"), ground.of_role("boundary")
    if counties is not None and boundary is not None:
        pairs.setdefault(counties.id, boundary.id)
    return pairs


def _outline(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    """All ground of a layer, invalid rows mended for this comparison alone."""
    shapes = repair_structure(frame.geometry)
    return shapely.union_all(np.asarray(shapes[shapes.notna()].array))


def _say_offset(ground: Ground, key: str, control: str, found: Comparison) -> None:
    system = found.cause.removeprefix("control_")
    wrong, right = (control, key) if found.cause.startswith("control_") else (key, control)
    facts = _words_of(found)
    reason = why("outline_offset", control=right, system=Code("place", system), convert=system, **facts)
    ground.findings.append(finding(wrong, "crs.web_offset", reason))


def _words_of(found: Comparison) -> Mapping[str, str]:
    by = {m.cause: m.residual_m for m in found.moves}
    after = by["shift"] if found.cause == "shift" else by[found.cause]
    return {
        "metres": f"{found.distance_m:,.0f}",
        "east": f"{found.east_m:+,.0f}",
        "north": f"{found.north_m:+,.0f}",
        "before": f"{by['none']:,.0f}",
        "after": f"{after:,.0f}",
    }


def _outline_facts(found: Comparison, control: str) -> dict[str, Any]:
    return {
        "control": control,
        "cause": found.cause,
        "east_m": round(found.east_m, 1),
        "north_m": round(found.north_m, 1),
        "overlap": round(found.overlap, 4),
        "residuals_m": {m.cause: round(m.residual_m, 1) for m in found.moves},
    }
