"""Memory that is free goes back to the machine between the steps of a large study."""

from __future__ import annotations

import gc
import mmap
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from landkit.study import load_study
from landkit.workflow import memory
from landkit.workflow.reading.study import read_ground

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps freed memory")


def held_mb() -> float:
    return memory.held_bytes() / 1e6


@contextmanager
def taken(size: int) -> Iterator[None]:
    """So much memory from the system itself, held and given back whatever was freed before."""
    with mmap.mmap(-1, size) as large:
        for page in range(0, size, mmap.PAGESIZE):
            large[page] = 1
        yield


@pytest.fixture(autouse=True)
def no_study_yet_and_nothing_to_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests freed would hold what is taken here."""
    monkeypatch.setattr(memory, "BEGUN", memory.Begun())
    with monkeypatch.context() as large:
        large.setattr(memory, "LARGE_BYTES", 0)
        memory.give_back()


def test_what_was_freed_goes_back_where_the_process_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LARGE_BYTES", 0)
    before = held_mb()
    kept = [bytearray(100_000) for _ in range(1500)]  # 150 MB in pieces below what glibc maps each by itself
    end = bytearray(100_000)
    assert held_mb() > before + 100
    del kept
    memory.give_back()
    assert held_mb() < before + 50
    assert end is not None


def test_a_small_process_is_let_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LARGE_BYTES", 10**12)
    monkeypatch.setattr(gc, "collect", lambda: pytest.fail("nothing is to be done"))
    memory.give_back()


def test_a_process_that_is_large_by_what_others_keep_in_it_is_let_alone_until_the_study_is_large_too(
    study_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen: beside a gigabyte of somebody else's data a study of eight parcels took 30 seconds instead of 4."""
    searched: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: searched.append(1))
    read_ground(load_study(study_folder))
    before = memory.BEGUN.held
    assert 0 < before <= memory.held_bytes()
    memory.begin()
    monkeypatch.setattr(memory, "LARGE_BYTES", 0)
    memory.give_back()
    assert searched == []

    with taken(150_000_000):
        memory.give_back()
    assert searched == [1]


def test_a_process_that_was_large_once_is_let_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: after one large study every small one in the same process looked through all of memory thirty times."""
    held = memory.held_bytes()
    monkeypatch.setattr(memory, "LARGE_BYTES", held + 100_000_000)
    monkeypatch.setattr(gc, "collect", lambda: pytest.fail("nothing is to be done"))
    with taken(300_000_000):
        assert memory.held_bytes() > held + 250_000_000
    memory.give_back()
