"""Python's collector of circles, kept from looking through a million shapes again and again."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

SELDOM: Final = (50_000, 20, 50)  # objects made, and how often so, before each generation is looked through


@dataclass
class _Usual:
    inside: int = 0
    thresholds: tuple[int, int, int] = (0, 0, 0)
    lock: threading.Lock = field(default_factory=threading.Lock)


_USUAL: Final = _Usual()


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Have Python look for circles of objects less often (少作垃圾回收): as a decorator or in `with`.

    Shapes count among what it looks through, all of them whenever there are a quarter more: that is a twentieth of the time of
    a judgement of 200,000 parcels, in which other threads wait.  What nobody names any more is freed at once all the same.
    It is as before when the last that entered has left.  Where somebody has asked for less or for none, that stays.
    """
    with _USUAL.lock:
        if not _USUAL.inside:
            _USUAL.thresholds = gc.get_threshold()
            if 0 < _USUAL.thresholds[0] < SELDOM[0]:
                gc.set_threshold(*SELDOM)
        _USUAL.inside += 1
    try:
        yield
    finally:
        with _USUAL.lock:
            _USUAL.inside -= 1
            if not _USUAL.inside:
                gc.set_threshold(*_USUAL.thresholds)
