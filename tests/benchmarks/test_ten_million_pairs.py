"""Ten million pairs against GEOS, once: `pytest -m benchmark tests/benchmarks/test_ten_million_pairs.py -s`.

Some ten minutes on two quiet cores (0.05 ms of a processor a pair, most of it GEOS); `LANDKIT_PAIRS` asks for more or
fewer.
"""

import os

import numpy as np
import pytest
import rings
from exact import require_exact

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]
NOISES_M = [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0]


def test_ten_million_pairs_are_exact():
    wanted, compared, seed = int(os.environ.get("LANDKIT_PAIRS", "10_000_000")), 0, 1000
    origins = list(rings.ORIGINS.values())
    while compared < wanted:
        rng = np.random.default_rng(seed)
        parcels = rings.everything(rng, 3000, origins[seed % len(origins)])
        compared += require_exact(parcels, rings.everything(rng, 3000, origins[seed % len(origins)]))
        compared += require_exact(parcels, rings.nudged(rng, parcels, NOISES_M[seed % len(NOISES_M)]))
        seed += 1
        print(f"\r{compared:>12,} pairs", end="", flush=True)  # noqa: T201  the figure is what this is for
