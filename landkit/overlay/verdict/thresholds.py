"""How deep is deeper than error: thresholds from the stated probability of a false conflict, alpha.

If the two lines really coincide, depth along the run is an error with standard deviation sigma (joint, across the line).

Point test.    Error enters at vertices and is interpolated between them, so P(any depth > z sigma) <= n Q(z) for n vertices
               on the run, whatever the correlation between them: z = Q^-1(alpha / n).
Stretch test,  lines drawn denser than they vary (n > N_A): the mean depth of every stretch of at least four steps is
dense lines.   compared with sigma; no averaging is credited.  N_A = 1 + 0.62 (R - 1) independent looks, R the run over the
               shortest stretch.
Stretch test,  where the scatter of stretch means was measured in this pair of layers (scatter.py): stretches of at least
measured.      16 steps against their own scatter, N_B = 1 + 6 (R / 4 - 1).

Each test that is made takes an equal share of alpha.  N_A and N_B are the number of independent normal variables whose
greatest is as great as that of the stretches of Gaussian error along the line, for the worst correlation
length (landkit/bench/noise_critical.py computes them anew).

Worked example: sigma 0.707 m, six vertices on a run of 110 m, not measured.  N_A = 1 + 0.62 (110/11.3 - 1) = 6.4 >= 6, so the
point test is made alone: z = Q^-1(0.001 / 6) = 3.588, 2.54 m.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from landkit.arrays import Flags, Floats
from landkit.overlay.verdict.scatter import Scatter
from landkit.overlay.walk.columns import SCALES
from landkit.overlay.walk.profile import Walk, stretch_lengths_m

LOOKS_A: Final = 0.62  # independent looks per further shortest stretch, uncredited
LOOKS_B: Final = 6.0  # the same per further stretch of 16 steps, each against its own scatter
FIRST_MEASURED: Final = 2  # the first stretch length that is compared with its own scatter
LEAST_VERTICES: Final = 2
OCTAVES: Final = 40
PER_OCTAVE: Final = 32


@dataclass(frozen=True)
class Proof:
    """What each parcel's depth is compared with, and what is left over.

    `margin_m` is the greatest of depth less threshold over all tests made (positive: deeper than error explains);
    `threshold_m` and `compared_m` are those of that test; `stretch_m` the length it averages, 0 for the point test.
    """

    margin_m: Floats
    threshold_m: Floats
    compared_m: Floats
    stretch_m: Floats

    def least(self, other: Proof, where: Flags) -> Proof:
        """Of two proofs the one that leaves less, where both are asked; else this one."""
        with np.errstate(invalid="ignore"):
            theirs = where & ~(self.margin_m <= other.margin_m)
        return Proof(
            *(np.where(theirs, b, a) for a, b in zip(vars(self).values(), vars(other).values(), strict=True))
        )


def normal_z(p: float) -> float:
    """The one-sided normal quantile (单侧分位数): P(Z > z) = p."""
    return -NormalDist().inv_cdf(p)


def z_shared(alpha: float, among: Floats) -> Floats:
    """The quantile of alpha shared by so many looks, for many counts at once (to 1e-5)."""
    octaves = np.arange(OCTAVES * PER_OCTAVE + 1) / PER_OCTAVE
    table = np.array([normal_z(alpha / 2.0**o) for o in octaves])
    return np.asarray(np.interp(np.log2(np.maximum(among, 1.0)), octaves, table))


def prove(
    walk: Walk,
    depth_m: Floats,
    scatter: Scatter,
    *,
    alpha: float,
    averaged: bool = True,
    generalised_m: float = 0.0,
) -> Proof:
    """Compare the depths of a walk with what error explains (点检验与区段检验).

    `depth_m` is the deepest point of each parcel; stretches are compared with their own scatter where it was measured and
    `averaged` is asked for; what simplifying moved, by at most `generalised_m`, does not average out and is added there.
    """
    lengths, sigma_m = stretch_lengths_m(scatter.stated_m), scatter.point_m
    averaged = averaged and scatter.runs > 0
    ratio = np.maximum(1.0, walk.run_m / lengths[0])
    looks_a = 1 + LOOKS_A * (ratio - 1)
    looks_b = 1 + LOOKS_B * (np.maximum(1.0, ratio / 4) - 1)
    vertices = np.maximum(walk.vertices, LEAST_VERTICES)
    dense: Flags = vertices > looks_a
    tests = 2.0 if averaged else 1.0
    shares = tests * np.where(dense, 2.0, 1.0)
    point = z_shared(alpha, shares * vertices) * sigma_m
    stretch = z_shared(alpha, shares * looks_a) * sigma_m
    proof = Proof(depth_m - point, point, depth_m, np.zeros(len(point)))
    for k in range(SCALES):
        threshold, made = stretch, dense
        if averaged and k >= FIRST_MEASURED:
            own = z_shared(alpha, tests * looks_b) * scatter.used_m[k] + generalised_m
            threshold = np.minimum(stretch, own)
            made = dense | (own < stretch)
        proof = _better(proof, walk.best[:, k], threshold, made, lengths[k])
    return proof


def _better(proof: Proof, mean_m: Floats, threshold_m: Floats, made: Flags, length_m: float) -> Proof:
    """The proof, or where it leaves more the one from stretches of another length."""
    with np.errstate(invalid="ignore"):
        better = made & (mean_m - threshold_m > proof.margin_m)
    return Proof(
        np.where(better, mean_m - threshold_m, proof.margin_m),
        np.where(better, threshold_m, proof.threshold_m),
        np.where(better, mean_m, proof.compared_m),
        np.where(better, length_m, proof.stretch_m),
    )
