"""Where the numbers of looks N_A and N_B of thresholds.py come from: Gaussian error along a line, the greatest stretch mean.

Error with an exponential correlation (the roughest stationary one) is drawn along runs of R shortest stretches, for
correlation lengths from half a step to 64 steps and for one that never ends, and the greatest mean of all stretches noted:
over sigma (A: no averaging credited) and over the true scatter of each stretch (B).  The number of looks is that of independent
normal variables whose greatest passes the same value as often: N = alpha / Q(z), z the quantile for the worst correlation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from landkit.arrays import Floats
from landkit.overlay.walk.columns import SCALES, WINDOW

CORRELATIONS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 1e6)  # in steps
AT_ONCE: Final = 2000


@dataclass(frozen=True)
class Looks:
    """The quantile of the greatest stretch mean for the worst correlation, and the looks it stands for."""

    run: int  # in shortest stretches
    z_a: float
    z_b: float
    looks_a: float
    looks_b: float


def worst_looks(run: int, *, alpha: float, draws: int, seed: int, first_b: int = 2) -> Looks:
    """Looks at a run of so many shortest stretches, the worst correlation length taken (等效独立次数).

    B counts stretches from the length `first_b` on, as the verdict does.
    """
    rng = np.random.default_rng([seed, run])
    z = np.array([_quantiles(rng, run, correlation, alpha, draws, first_b) for correlation in CORRELATIONS])
    z_a, z_b = z.max(axis=0)
    return Looks(
        run, float(z_a), float(z_b), alpha / _upper_tail(float(z_a)), alpha / _upper_tail(float(z_b))
    )


def _quantiles(
    rng: np.random.Generator, run: int, correlation: float, alpha: float, draws: int, first_b: int
) -> tuple[float, float]:
    count = WINDOW * run
    keep = math.exp(-1 / correlation)
    greatest = []
    for _ in range(0, draws, AT_ONCE):
        error = rng.standard_normal((AT_ONCE, count))
        for i in range(1, count):
            error[:, i] = keep * error[:, i - 1] + math.sqrt(1 - keep * keep) * error[:, i]
        greatest.append(_greatest_means(error, keep, first_b))
    a, b = np.concatenate(greatest, axis=1)
    return float(np.quantile(a, 1 - alpha)), float(np.quantile(b, 1 - alpha))


def _greatest_means(error: Floats, keep: float, first_b: int) -> Floats:
    """Of each row the greatest stretch mean, over 1 and over the stretch's own scatter."""
    sums = np.concatenate([np.zeros((len(error), 1)), error.cumsum(axis=1)], axis=1)
    a = np.full(len(error), -np.inf)
    b = a.copy()
    for k in range(SCALES):
        width = WINDOW << k
        if width > error.shape[1]:
            break
        begins = np.arange(0, error.shape[1] - width + 1, max(1, width // 4))
        most = ((sums[:, begins + width] - sums[:, begins]) / width).max(axis=1)
        a = np.maximum(a, most)
        if k >= first_b:
            b = np.maximum(b, most / _scatter_of_mean(width, keep))
    return np.stack([a, np.where(np.isfinite(b), b, 0.0)])


def _scatter_of_mean(width: int, keep: float) -> float:
    """Standard deviation of the mean of so many steps."""
    apart = np.arange(1, width)
    return math.sqrt(1 / width + 2 / width**2 * float(((width - apart) * keep**apart).sum()))


def _upper_tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))
