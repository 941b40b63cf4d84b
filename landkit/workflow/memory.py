"""Memory that is free goes back to the machine (内存归还): between the steps of a large study, and nowhere else."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LARGE_BYTES: Final = 700_000_000  # a process that holds less is let alone
STUDY_BYTES: Final = 100_000_000  # and so is one to which the study has added less


@dataclass
class Begun:
    """What this process held when the latest study began to be read (起始占用)."""

    held: int = 0


BEGUN: Final = Begun()


def begin() -> None:
    """A study is about to be read: what the process holds until now is not the study's."""
    BEGUN.held = held_bytes() if sys.platform == "linux" else 0


def give_back() -> None:
    """Hand what is no longer used back to the machine, where the process is large and the study is what made it so.

    What a step took and freed otherwise stays with the process, in pieces that the next, larger arrays do not fit: a third of
    all that a study of 50,000 parcels took.  Only glibc keeps it so; elsewhere nothing is done.  Looking for what is free
    takes up to a second each time: a process that was large once, or whose parent was, is not asked again; nor is one that is
    large by what others keep in it, which would be looked through at every step of a small study.
    """
    if sys.platform == "linux" and held_bytes() > max(LARGE_BYTES, BEGUN.held + STUDY_BYTES):
        gc.collect()  # frames that name each other in a circle go first
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def held_bytes() -> int:
    """Memory that this process holds now (现占内存), in bytes; its peak, which Linux hands down to children, is another."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
