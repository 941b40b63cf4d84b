"""Thresholds of the verdict: quantiles, looks, and that the looks taken are enough for the worst correlated error."""

import numpy as np
import pytest

from landkit.bench.noise_critical import worst_looks
from landkit.overlay.verdict.scatter import core_spread
from landkit.overlay.verdict.thresholds import LOOKS_A, LOOKS_B, normal_z, z_shared


def test_quantiles_are_those_of_the_table_of_the_normal_distribution():
    assert normal_z(0.001) == pytest.approx(3.0902, abs=1e-4)
    assert z_shared(0.001, np.array([1.0, 6.0, 20.0, 1000.0])) == pytest.approx(
        [3.0902, 3.5879, 3.8906, 4.7534], abs=1e-4
    )


@pytest.mark.parametrize("run", [8, 16])
def test_the_looks_taken_cover_the_worst_correlation_of_error_along_the_line(run):
    """Fewer looks than these would let more than alpha of coincident lines through: half of them would not be enough."""
    found = worst_looks(run, alpha=0.01, draws=20_000, seed=20261126)
    taken_a, taken_b = 1 + LOOKS_A * (run - 1), 1 + LOOKS_B * (max(1.0, run / 4) - 1)
    assert 0.5 * taken_a < found.looks_a < 1.15 * taken_a  # a quantile of 20,000 draws is known to a tenth
    assert found.looks_b < 1.15 * taken_b


def test_the_spread_of_the_core_is_found_among_true_overlaps_and_gaps():
    """60 % error of 0.5 m, 40 % encroachments and set-backs of metres: a plain standard deviation says 4 m."""
    rng = np.random.default_rng(7)
    error, rest = rng.normal(0, 0.5, 600), rng.uniform(-10, 10, 400)
    spread, count = core_spread(np.concatenate([error, rest, [np.nan] * 50]))
    assert spread == pytest.approx(0.5, rel=0.25)
    assert count < 760
    assert np.std(np.concatenate([error, rest])) > 3
