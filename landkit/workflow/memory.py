"""Memory that is free goes back to the machine (内存归还): between the steps of a large study, and nowhere else."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Final

LARGE_KB: Final = 700_000  # a process that never held as much is let alone


def give_back() -> None:
    """Hand what is no longer used back to the machine, where the process is large.

    What a step took and freed otherwise stays with the process, in pieces that the next, larger arrays do not fit: a third of
    all that a study of 50,000 parcels took.  Only glibc keeps it so; elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    import resource  # is not on Windows

    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > LARGE_KB:
        gc.collect()  # frames that name each other in a circle go first
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
