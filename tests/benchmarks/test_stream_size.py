"""Parcels in a file larger than memory should have to hold, overlaid as the command does it: memory, growth, and a kill.

`pytest -m benchmark tests/benchmarks/test_stream_size.py -s`; LANDKIT_STREAM_PARCELS says how many (ten million).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyarrow import parquet

from landkit.bench.memory import touch_memory
from landkit.bench.rounds import parcels_file, zones_file

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]
COUNT = int(os.environ.get("LANDKIT_STREAM_PARCELS", "10000000"))
ZONES = "redline-1000000"
MOST_GB = 4.0
LINEAR = 1.05  # the exponent allowed for growth


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stream")


def command(folder: Path, count: int, to: Path) -> list[str]:
    files = parcels_file(folder, count), zones_file(folder, ZONES)
    return [
        sys.executable,
        "-m",
        "landkit",
        "overlaps",
        *map(str, files),
        "--label",
        "id",
        "--to",
        str(to),
        "--json",
    ]


def streamed(folder: Path, count: int, to: Path) -> dict[str, float]:
    """What the command says of rows and area, the seconds of wall and processor it took, and its peak memory."""
    touch_memory()
    began = time.perf_counter()
    run = subprocess.Popen(command(folder, count, to), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert run.stdout is not None
    said = json.loads(run.stdout.read())
    _, status, used = os.wait4(run.pid, 0)
    assert status == 0
    run.returncode, wall = 0, time.perf_counter() - began
    run.stdout.close()
    cost = {"wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "gb": used.ru_maxrss / 1e6}
    sys.stdout.write(f"{count:,} parcels: {said['rows']:,} rows, {said['area_m2']:,.0f} m2, {cost}\n")
    return {**said, **cost}


def test_ten_times_the_parcels_take_ten_times_as_long_and_less_than_four_gigabytes(folder: Path) -> None:
    """Between a tenth of them and all, with a tenth once before so that the compiled kernel is there."""
    streamed(folder, COUNT // 10, folder / "first")
    tenth, whole = (streamed(folder, count, folder / f"to-{count}") for count in (COUNT // 10, COUNT))
    assert whole["gb"] < MOST_GB
    assert whole["cpu_s"] <= tenth["cpu_s"] * 10**LINEAR


def test_a_command_killed_halfway_and_given_again_ends_with_the_same_files(folder: Path) -> None:
    to, count = folder / "killed", COUNT // 5
    expected = streamed(folder, count, folder / "whole")
    run = subprocess.Popen(command(folder, count, to), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(list(to.glob("part-*.parquet"))) < 3:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    again = streamed(folder, count, to)
    assert again["taken_over"] >= 2
    for key in ("rows", "area_m2", "parts"):
        assert again[key] == expected[key]
    for name in again["parts"]:
        assert parquet.read_table(to / name).equals(parquet.read_table(folder / "whole" / name))
