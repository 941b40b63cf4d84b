"""How two surveys of one boundary come to differ (误差模型): displacements of the vertices of one ring.

`sigma_m` is always the stated accuracy, the standard deviation of one coordinate axis.

    indep    each vertex on its own                       gp100   correlated along the line over 100 m
    pshift   0.8 sigma of the whole object and 0.6 of each vertex         mix     0.5 gp100, 0.6 shift, 0.6 vertices
    global   shift 0.75, rotation and scale 0.4 per 20 km, 0.5 vertices   vplace  vertices of one's own, simplified at sigma
    grid     rounded to min(1 m, 2 sigma)                 dense   a vertex each max(3 m, 2.5 sigma)
    bulge    a drift along the line                       heavy   Student's t with three degrees of freedom
    double   twice the stated sigma                       none    nothing
    gendp    0.7 sigma, then the line simplified (Douglas-Peucker) at 3 sigma, a tolerance that is stated
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Floats
from landkit.bench.noise_lines import Random

ACROSS_M: Final = 20_000.0  # the distance that rotation and scale errors are stated for
HONEST: Final = ("indep", "gp100", "pshift", "global", "vplace", "grid", "dense", "mix", "bulge", "gendp")
GENERALISED_SIGMAS: Final = {"gendp": 3.0}  # tolerance that a line was simplified with, in sigmas


@dataclass(frozen=True)
class Survey:
    """What is common to one object (`shift`, in sigmas) and to one layer: shift in sigmas, rotation and scale per metre."""

    shift: Floats
    layer_shift: Floats
    rotation: float
    scale: float
    is_parcel: bool


def new_layer(rng: Random, sigma_m: float) -> tuple[Floats, float, float]:
    """Shift (sigmas), rotation and scale of a layer of the `global` model."""
    return (
        rng.normal(0, 1, 2),
        rng.normal(0, 0.4 * sigma_m / ACROSS_M),
        rng.normal(0, 0.4 * sigma_m / ACROSS_M),
    )


def disturb(rng: Random, ring: Floats, sigma_m: float, model: str, survey: Survey) -> Floats:
    """The ring as surveyed."""
    return MODELS[model](rng, ring, sigma_m, survey)


def _indep(rng: Random, ring: Floats, sigma_m: float, _survey: Survey) -> Floats:
    return np.asarray(ring + rng.normal(0, sigma_m, ring.shape))


def _heavy(rng: Random, ring: Floats, sigma_m: float, _survey: Survey) -> Floats:
    return np.asarray(ring + rng.standard_t(3, ring.shape) * sigma_m / math.sqrt(3))


def _double(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    return _indep(rng, ring, 2 * sigma_m, survey)


def _gp100(rng: Random, ring: Floats, sigma_m: float, _survey: Survey) -> Floats:
    keep = np.exp(-np.hypot(*np.diff(ring, axis=0).T) / 100)
    fresh = rng.normal(0, sigma_m, ring.shape)
    error = fresh.copy()
    for i in range(1, len(ring)):
        error[i] = keep[i - 1] * error[i - 1] + math.sqrt(1 - keep[i - 1] ** 2) * fresh[i]
    return np.asarray(ring + error)


def _pshift(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    return np.asarray(ring + survey.shift * 0.8 * sigma_m + rng.normal(0, 0.6 * sigma_m, ring.shape))


def _mix(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    drawn = _gp100(rng, ring, 0.5 * sigma_m, survey)
    return np.asarray(drawn + survey.shift * 0.6 * sigma_m + rng.normal(0, 0.6 * sigma_m, ring.shape))


def _global(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    if not survey.is_parcel:
        return _indep(rng, ring, sigma_m, survey)
    away = ring - [20_000, 30_000]
    turned = survey.rotation * np.column_stack([-away[:, 1], away[:, 0]]) + survey.scale * away
    return np.asarray(
        ring + 0.75 * sigma_m * survey.layer_shift + turned + rng.normal(0, 0.5 * sigma_m, ring.shape)
    )


def _vplace(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    drawn = _denser(ring, rng.uniform(max(8, 3 * sigma_m), max(30, 6 * sigma_m)))
    simple = shapely.get_coordinates(shapely.simplify(shapely.Polygon(drawn), sigma_m))[:-1]
    return _indep(rng, simple if len(simple) >= 3 else ring, sigma_m, survey)


def _grid(rng: Random, ring: Floats, sigma_m: float, _survey: Survey) -> Floats:
    cell = min(1.0, 2 * sigma_m)
    return np.asarray(np.round((ring + rng.normal(0, 0.8 * sigma_m, ring.shape)) / cell) * cell)


def _dense(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    return _indep(rng, _denser(ring, max(3.0, 2.5 * sigma_m)), sigma_m, survey)


def _bulge(rng: Random, ring: Floats, sigma_m: float, _survey: Survey) -> Floats:
    phase, length = rng.uniform(0, 2 * np.pi), rng.uniform(200, 800)
    drift = 0.96 * sigma_m * np.sin(ring.sum(axis=1) / length + phase)
    return np.asarray(ring + drift[:, None] + rng.normal(0, 0.4 * sigma_m, ring.shape))


def _gendp(rng: Random, ring: Floats, sigma_m: float, survey: Survey) -> Floats:
    if survey.is_parcel:
        return _indep(rng, _denser(ring, max(10.0, 2 * sigma_m)), 0.7 * sigma_m, survey)
    drawn = shapely.Polygon(_indep(rng, ring, 0.7 * sigma_m, survey))
    tolerance = GENERALISED_SIGMAS["gendp"] * sigma_m
    simple = shapely.get_coordinates(shapely.simplify(drawn, tolerance))[:-1]
    return simple if len(simple) >= 3 else ring


def _none(_rng: Random, ring: Floats, _sigma_m: float, _survey: Survey) -> Floats:
    return ring


def _denser(ring: Floats, step_m: float) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.segmentize(shapely.linearrings(ring), step_m))[:-1])


MODELS: Final[dict[str, Callable[[Random, Floats, float, Survey], Floats]]] = {
    "indep": _indep, "gp100": _gp100, "pshift": _pshift, "mix": _mix, "global": _global, "vplace": _vplace, "grid": _grid,
    "dense": _dense, "bulge": _bulge, "heavy": _heavy, "double": _double, "none": _none, "gendp": _gendp,
}  # fmt: skip
