"""Memory that is free goes back to the machine between the steps of a large study."""

from __future__ import annotations

import gc
import sys

import pytest

from landkit.workflow import memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps freed memory")


def held_mb() -> float:
    return memory.held_bytes() / 1e6


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


def test_a_process_that_was_large_once_is_let_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: after one large study every small one in the same process looked through all of memory thirty times."""
    held = memory.held_bytes()
    monkeypatch.setattr(memory, "LARGE_BYTES", held + 100_000_000)
    monkeypatch.setattr(gc, "collect", lambda: pytest.fail("nothing is to be done"))
    large = bytearray(300_000_000)
    large[::4096] = b"x" * len(large[::4096])
    assert memory.held_bytes() > held + 250_000_000
    del large
    memory.give_back()
