"""Two outlines of the same ground (轮廓比对): how far one lies off the other, and what most likely moved it.

Two honest sources of one county differ by up to 7 % of its area, by whole lakes and islands, and by hundreds of metres along
a shore; yet such differences point in all directions.  A web map's offset moves every boundary the same way by a known
vector.  So the shift is estimated from the nearer part of the boundary (a trimmed closest-point fit), each offset is undone
in turn, and a cause is named only where undoing it brings the outlines together *and* the shift is the one it predicts.

Measured on Yangzhou and its six counties from four public sources: see tests/real/test_outlines.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

import pyproj
import shapely

from landkit.geometry import polygons_of
from landkit.io.crs.web_coordinates import SYSTEMS, from_web, to_web

POINTS: Final = 1000  # along the outline
TRIMMED: Final = 0.6  # share of the points, the nearer ones, that the fit looks at
ROUNDS: Final = 60
XY = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """When a difference is no longer an honest one (rules `check.outline_*`)."""

    improvement: float = 0.5  # a cause must bring the median distance below this share of what it was
    agreement: float = 0.35  # and the shift must be within this share of the one that it predicts
    shift_m: float = 30.0  # a shift of no known cause is named from here on
    overlap: float = 0.5  # share that both outlines have in common; below, they are not of the same ground


@dataclass(frozen=True)
class Move:
    """One explanation: the outline is moved back by it, and lies `residual_m` (median) off the control."""

    cause: str  # none | gcj02 | bd09 | control_gcj02 | control_bd09 | shift
    east_m: float
    north_m: float
    residual_m: float


@dataclass(frozen=True)
class Comparison:
    """`cause` is `none` where nothing but honest differences show, `other_ground` where the two are not comparable.

    `east_m`, `north_m` say how far the outline lies off the control; `moves` are all explanations, the best first.
    """

    cause: str
    east_m: float
    north_m: float
    residual_m: float
    overlap: float
    moves: tuple[Move, ...] = ()

    @property
    def distance_m(self) -> float:
        """Length of the shift."""
        return float(np.hypot(self.east_m, self.north_m))


def compare_outlines(
    outline: shapely.Geometry, control: shapely.Geometry, crs: pyproj.CRS, *, limits: Limits | None = None
) -> Comparison:
    """An outline against a control outline of the same ground, both in one projected CRS in metres on CGCS2000 or WGS 84."""
    limits = limits or Limits()
    one, other = polygons_of(outline), polygons_of(control)
    both = shapely.area(shapely.intersection(one, other)) if one is not None and other is not None else 0.0
    whole = max(shapely.area(one), shapely.area(other)) if both else 1.0
    if both / whole < limits.overlap:
        return Comparison("other_ground", 0.0, 0.0, float("inf"), both / whole)
    line = shapely.boundary(other)
    shapely.prepare(line)
    points = _along(one)
    moves = [Move("none", 0.0, 0.0, _residual(points, line)), *_undone(points, line, crs)]
    shift, rest = _best_fit(points, line, moves)
    moves.append(Move("shift", -shift[0], -shift[1], rest))
    moves.sort(key=lambda m: m.residual_m)
    cause = _cause(moves, limits)
    return Comparison(cause, -shift[0], -shift[1], rest, both / whole, tuple(moves))


def _cause(moves: list[Move], limits: Limits) -> str:
    by = {m.cause: m for m in moves}
    before, shift = by["none"].residual_m, by["shift"]
    east, north = shift.east_m, shift.north_m
    for move in moves:
        if move.cause in ("none", "shift") or move.residual_m >= limits.improvement * before:
            continue
        off = np.hypot(east - move.east_m, north - move.north_m)
        if off < limits.agreement * np.hypot(move.east_m, move.north_m):
            return move.cause
    length = float(np.hypot(east, north))
    clear = shift.residual_m < limits.improvement * before and length > limits.shift_m
    return "shift" if clear and length > 3 * shift.residual_m else "none"


def _undone(points: XY, line: shapely.Geometry, crs: pyproj.CRS) -> list[Move]:
    """Each web map's offset undone, on the outline and on the control in turn."""
    degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = degrees.transform(points[:, 0], points[:, 1])
    moves = []
    for system in SYSTEMS:
        for cause, undo in ((system, from_web), (f"control_{system}", to_web)):
            x, y = degrees.transform(*undo(lon, lat, system), direction="INVERSE")
            moved = np.column_stack([x, y])
            east, north = np.median(points - moved, axis=0)
            moves.append(Move(cause, float(east), float(north), _residual(moved, line)))
    return moves


def _along(area: shapely.Geometry) -> XY:
    """Points at even steps along all rings."""
    rings = shapely.get_rings(shapely.get_parts(area))
    lengths = shapely.length(rings)
    counts = np.maximum(1, np.round(POINTS * lengths / lengths.sum()).astype(int))
    at = np.concatenate([np.arange(n) / n for n in counts])
    points = shapely.line_interpolate_point(np.repeat(rings, counts), at, normalized=True)
    return np.asarray(shapely.get_coordinates(points))


def _nearest(points: XY, line: shapely.Geometry) -> XY:
    """From each point to the nearest place of the line."""
    ways = shapely.get_coordinates(shapely.shortest_line(line, shapely.points(points)))
    return np.asarray(ways[0::2] - points)


def _residual(points: XY, line: shapely.Geometry) -> float:
    return float(np.median(shapely.distance(line, shapely.points(points))))


def _best_fit(points: XY, line: shapely.Geometry, moves: list[Move]) -> tuple[XY, float]:
    """The shift that leaves the least distance, begun at rest and at the two best explanations: a fit may stop half-way."""
    nearest = sorted(moves, key=lambda m: m.residual_m)[:2]
    starts = {(0.0, 0.0)} | {(-m.east_m, -m.north_m) for m in nearest}
    fits = [_fit(points, line, np.array(start)) for start in sorted(starts)]
    return min(fits, key=lambda fit: fit[1])


def _fit(points: XY, line: shapely.Geometry, shift: XY) -> tuple[XY, float]:
    """The shift near a first guess that brings the points onto the line, and the median distance that remains."""
    for _ in range(ROUNDS):
        way = _nearest(points + shift, line)
        length = np.hypot(way[:, 0], way[:, 1])
        step = np.median(way[length <= np.quantile(length, TRIMMED)], axis=0)
        shift = shift + step
        if np.hypot(*step) < 0.5:
            break
    return shift, _residual(points + shift, line)
