"""The shift of parcels that explains the depths of their shared runs: a vote, then Tukey's regression, and Wald's test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from landkit.arrays import Floats, Ints
from landkit.overlay.walk.profile import Walk

LEAST_RUN_M: Final = 15.0
VOTERS: Final = 800
ONE_WAY: Final = 0.15  # least singular value of the normals for two directions
TUKEY: Final = 4.685


@dataclass(frozen=True)
class SharedRuns:
    """Shared runs good enough to be evidence: normal (n, 2) shortened by how far it varies, mean depth, place, parcel."""

    normal: Floats
    depth_m: Floats
    place: Floats
    parcel: Ints

    def only(self, keep: Floats | Ints) -> SharedRuns:
        """Some of them."""
        return SharedRuns(self.normal[keep], self.depth_m[keep], self.place[keep], self.parcel[keep])


def shared_runs(walk: Walk, places: Floats, *, shorter: int = 0) -> SharedRuns:
    """The runs of a walk that are evidence: long, not too bent, and mostly near the line.

    Their depth is the mean of the longest stretch that fits into the middle of the run, or of one shorter by so many
    halvings: at its ends a run turns away from the line with the parcel's sides, which would look like a gap.
    """
    good = (walk.core_m > LEAST_RUN_M) & (walk.straight > 0.5) & (walk.core_m > 0.5 * walk.run_m)
    at = np.flatnonzero(good & np.isfinite(walk.middle[:, 0]))
    longest = np.isfinite(walk.middle[at]).sum(axis=1) - 1
    depth = walk.middle[at, np.maximum(longest - shorter, 0)]
    return SharedRuns(walk.normal[at] * walk.straight[at, None], depth, places[at], at)


def voted_shift(runs: SharedRuns, sigma_m: float, reach_m: float) -> tuple[Floats, Floats]:
    """The shift that explains most runs, refined, and its covariance."""
    normal = runs.normal
    _, least, way = np.linalg.svd(normal / math.sqrt(len(normal)), full_matrices=False)
    if least[-1] < ONE_WAY:  # one direction only: solve along it
        along, covariance = regression(
            normal @ way[:1].T,
            runs.depth_m,
            _vote(normal @ way[:1].T, runs.depth_m, sigma_m, reach_m),
            sigma_m,
        )
        return along @ way[:1], way[:1].T @ covariance @ way[:1]
    return regression(normal, runs.depth_m, _vote(normal, runs.depth_m, sigma_m, reach_m), sigma_m)


def _vote(design: Floats, depth_m: Floats, sigma_m: float, reach_m: float) -> Floats:
    """The shift on a grid that leaves the least, each run counting no more than one that is 3 sigma off."""
    pick = np.unique(np.linspace(0, len(depth_m) - 1, VOTERS).astype(int))
    steps = np.arange(-reach_m, reach_m + 1e-9, max(1.5 * sigma_m, reach_m / 30))
    grid = np.stack(np.meshgrid(*[steps] * design.shape[1], indexing="ij"), axis=-1).reshape(
        -1, design.shape[1]
    )
    left = (depth_m[pick] - grid @ design[pick].T) / (3 * sigma_m)
    loss = np.minimum(1.0, left**2).sum(axis=1)
    order = np.argsort(np.hypot.reduce(grid, axis=1), kind="stable")  # of equal ones the smallest shift
    return np.asarray(grid[order[np.argmin(np.round(loss[order], 9))]])


def regression(design: Floats, depth_m: Floats, start: Floats, sigma_m: float) -> tuple[Floats, Floats]:
    """Tukey's regression from a start, and the sandwich covariance of what it finds."""
    terms: Floats = start
    ridge = 1e-9 * np.eye(design.shape[1])
    for _ in range(30):
        left = depth_m - design @ terms
        spread = min(max(1e-6, 1.4826 * float(np.median(np.abs(left)))), 2 * sigma_m)
        weight = np.clip(1 - (left / (TUKEY * spread)) ** 2, 0, None) ** 2
        normal = (design * weight[:, None]).T @ design + ridge
        fresh = np.asarray(np.linalg.solve(normal, (design * weight[:, None]).T @ depth_m), dtype=np.float64)
        done = np.abs(fresh - terms).max() < 1e-6
        terms = fresh
        if done:
            break
    left = depth_m - design @ terms
    inverse = np.linalg.inv(normal)
    meat = (design * (weight * left)[:, None]).T @ (design * (weight * left)[:, None])
    return terms, inverse @ meat @ inverse + 1e-12 * np.eye(len(terms))


def wald_p(terms: Floats, covariance: Floats) -> float:
    """Chance of terms as large without any displacement (chi square with two degrees of freedom)."""
    return math.exp(-float(terms @ np.linalg.pinv(covariance, rtol=1e-9) @ terms) / 2)
