"""Two workers beside one, each with one thread: overlays by the peers `dask` and `dask-1` of `landkit bench`.

`pytest -m benchmark tests/benchmarks/test_workers_speed.py -s`; LANDKIT_ROUNDS sets how many rounds, LANDKIT_PARCELS how
many parcels.  The start of the workers is inside the clock, the loading of libraries is not, as for every peer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from landkit.bench.rounds import compare, parcels_file, take_turns, zones_file

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]
COUNT = int(os.environ.get("LANDKIT_PARCELS", "1000000"))
ROUNDS = int(os.environ.get("LANDKIT_ROUNDS", "5"))
GOAL = 1.7


@pytest.mark.parametrize("zones", ["redline-1000000", "farmland-200000"])
def test_two_workers_overlay_a_million_parcels_1_7_times_as_fast_as_one(zones: str, tmp_path: Path) -> None:
    files = parcels_file(tmp_path, COUNT), zones_file(tmp_path, zones)
    found = compare(take_turns(*files, ["dask", "dask-1"], ROUNDS, print), "dask")
    sys.stdout.write(f"\n{COUNT} parcels x {zones}\n{found.round(3).to_string()}\n")
    assert found["same_area"].all()
    assert found.loc["dask-1", "times_wall"] >= GOAL
