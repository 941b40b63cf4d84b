"""Before a clock starts memory is asked for and given back, by a process that nothing measured has to do with."""

import resource
import subprocess
import sys

import pytest

from landkit.bench import memory, peers, single
from landkit.bench.memory import touch_memory
from landkit.bench.rounds import parcels_file, zones_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there is memory touched")
MB = 2**20


def held_mb(whose):
    return resource.getrusage(whose).ru_maxrss / 1024


def test_another_process_holds_the_memory_and_ends():
    before = held_mb(resource.RUSAGE_SELF)

    size = touch_memory(most=600 * MB)

    assert size == 600 * MB
    assert held_mb(resource.RUSAGE_CHILDREN) >= 600
    assert held_mb(resource.RUSAGE_SELF) - before < 50


def test_never_more_than_half_of_what_is_free(monkeypatch):
    monkeypatch.setattr(memory.os, "sysconf", {"SC_AVPHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.get)
    assert touch_memory() == 500 * 4096


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert touch_memory() == 0


def test_the_peak_is_not_that_of_the_process_that_started_the_engine():
    engine = "from landkit.bench.single import peak_mb; print(peak_mb())"
    parent = f"import subprocess, sys; b'1' * {1200 * MB}; subprocess.run([sys.executable, '-c', {engine!r}])"
    said = subprocess.run([sys.executable, "-c", parent], check=True, capture_output=True, text=True).stdout
    assert 20 < float(said) < 1000


def test_it_is_done_right_before_the_clock_and_is_not_in_what_is_measured(tmp_path, monkeypatch):
    """The engine is ready and what runs beside it runs; the peak is that of the engine."""
    steps, most = [], int(held_mb(resource.RUSAGE_SELF) + 200) * MB
    shapely = peers.PEERS["shapely"]

    def touch():
        steps.append("touched")
        assert touch_memory(most=most) == most

    def job(*paths):
        steps.append("job")
        shapely.job(*paths)

    watched = shapely._replace(job=job, ready=lambda _: steps.append("ready"))
    monkeypatch.setattr(single, "touch_memory", touch)
    monkeypatch.setitem(single.PEERS, "shapely", watched)
    facts = single.measure(
        "shapely", parcels_file(tmp_path, 300), zones_file(tmp_path, "redline-4000"), tmp_path / "out"
    )

    assert steps == ["ready", "touched", "job"]
    assert facts["peak_mb"] < 1.01 * held_mb(resource.RUSAGE_SELF)  # Linux counts the one to some pages
    assert facts["peak_mb"] < most / MB
