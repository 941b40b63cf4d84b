"""Into the study's CRS (坐标转换), with a record of what was done: operation, PROJ pipeline, accuracy.

PROJ changes between datums that it has no parameters for by doing nothing (`ballpark`).  Between frames that agree to
decimetres (CGCS2000, WGS 84, RGF93, NAD83 ...) that is right and is said; between others it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

import geopandas as gpd
import pyproj
import shapely

from landkit.arrays import Floats
from landkit.errors import CRSError
from landkit.io.crs.datum import DatumShift, same_frame

# Two datums whose ellipsoids differ by less than this from WGS 84's are the same to decimetres (ITRF-bound frames).
_SAME_AXIS_M = 0.5
_GRS80 = (6378137.0, 6356752.3142)


class Operation(NamedTuple):
    """How coordinates were brought from one system to another; `accuracy_m` None where nobody states one."""

    name: str
    pipeline: str
    accuracy_m: float | None
    note: str = ""  # "", "same_plane", "frames_alike" or "parameters"

    def facts(self) -> dict[str, Any]:
        """For the record (manifest, ledger)."""
        return {
            "operation": self.name,
            "pipeline": self.pipeline,
            "accuracy_m": self.accuracy_m,
            "note": self.note,
        }


def reproject(
    frame: gpd.GeoDataFrame, target: str, *, layer: str, shifts: Sequence[DatumShift] = ()
) -> tuple[gpd.GeoDataFrame, Operation]:
    """The frame in the study's CRS, and the operation that brought it there.

    Raises: CRSError where that needs a datum shift (西安80/北京54 -> CGCS2000) for which neither PROJ nor the study has
    parameters: the land would lie tens of metres off.
    """
    goal = pyproj.CRS.from_user_input(target)
    if frame.crs.equals(goal, ignore_axis_order=True):
        return frame.set_crs(goal, allow_override=True), Operation("", "", 0.0, "same_plane")
    for crs in (frame.crs, goal):
        if crs.ellipsoid is None:
            raise CRSError("crs_without_ellipsoid", crs=crs.name)
    if not _needs_parameters(frame.crs, goal):
        return _by_proj(frame, goal)
    shift = next((s for s in shifts if s.fits(frame.crs) and not _needs_parameters(s.goal, goal)), None)
    if shift is None:
        raise CRSError("datum_shift", layer=layer, source=frame.crs.name, goal=goal.name)
    return _by_parameters(frame, goal, shift)


def to_study_crs(frame: gpd.GeoDataFrame, target: str, *, layer: str) -> gpd.GeoDataFrame:
    """The frame in the study's CRS, where no parameters of a datum are needed.   Raises: as `reproject`."""
    return reproject(frame, target, layer=layer)[0]


def _needs_parameters(source: pyproj.CRS, goal: pyproj.CRS) -> bool:
    if same_frame(source, goal) or (_alike(source) and _alike(goal)):
        return False
    try:
        pyproj.Transformer.from_crs(source, goal, always_xy=True, allow_ballpark=False)
    except pyproj.exceptions.ProjError:
        return True
    return False


def _alike(crs: pyproj.CRS) -> bool:
    """Whether a system's frame agrees with CGCS2000 and WGS 84 to decimetres, as far as its ellipsoid tells."""
    found = crs.ellipsoid
    axes = (found.semi_major_metre, found.semi_minor_metre) if found else (0.0, 0.0)
    return all(abs(a - b) < _SAME_AXIS_M for a, b in zip(axes, _GRS80, strict=True))


def _by_proj(frame: gpd.GeoDataFrame, goal: pyproj.CRS) -> tuple[gpd.GeoDataFrame, Operation]:
    transformer = pyproj.Transformer.from_crs(frame.crs, goal, always_xy=True)
    moved = _move(frame, [transformer], goal)
    # PROJ may choose among several operations by place: what it last used is what it used here
    used = transformer.get_last_used_operation() if len(frame) else transformer
    ballpark = "ballpark" in used.description.lower()
    accuracy = used.accuracy if used.accuracy is not None and used.accuracy >= 0 else None
    return moved, Operation(
        _tidy(used.description), used.definition, accuracy, "frames_alike" if ballpark else ""
    )


def _by_parameters(
    frame: gpd.GeoDataFrame, goal: pyproj.CRS, shift: DatumShift
) -> tuple[gpd.GeoDataFrame, Operation]:
    steps = [
        pyproj.Transformer.from_crs(frame.crs, shift.start, always_xy=True),
        pyproj.Transformer.from_pipeline(shift.pipeline),
        pyproj.Transformer.from_crs(shift.goal, goal, always_xy=True),
    ]
    name = f"{shift.name}: {shift.start.name} -> {shift.goal.name} ({shift.source})"
    pipeline = " | ".join(s.definition for s in steps if s.definition not in ("noop", ""))
    return _move(frame, steps, goal), Operation(name, pipeline, shift.accuracy_m, "parameters")


def _move(frame: gpd.GeoDataFrame, steps: Sequence[pyproj.Transformer], goal: pyproj.CRS) -> gpd.GeoDataFrame:
    def move(x: Floats, y: Floats) -> tuple[Any, Any]:
        for step in steps:
            x, y = step.transform(x, y)
        return x, y

    return frame.set_geometry(
        gpd.GeoSeries(
            shapely.transform(np.asarray(frame.geometry.array), move, interleaved=False),
            index=frame.index,
            crs=goal,
            name=frame.geometry.name,
        )
    )


def _tidy(description: str) -> str:
    """The steps that move anything: changes of axis order are bookkeeping."""
    return " + ".join(s for s in description.split(" + ") if "axis order change" not in s)
