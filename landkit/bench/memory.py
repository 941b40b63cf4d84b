"""Memory made ready before a clock starts.

A virtual machine with free page reporting gives memory that nobody holds back to its host within a second or two, and the
next to touch it waits for the host: here 2.2 s for a GB where 0.12 s is usual.  Whether a run meets such memory depends on
what ran before it and on how long that took to be measured, not on its engine.  So before every run, whichever engine, a
process asks for memory, writes to all of it and ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 4 * 2**30
SHARE: Final = 0.5  # of what is free, so that nothing that runs has to make room
BYTES_PER_BYTE: Final = 32  # what engines hold at most for a byte of compressed files, roughly


def touch_memory(*files: Path, most: int = MOST_BYTES) -> int:
    """Have free memory at hand for a job on some files (预热内存), or as much as there may be; gives how many bytes.

    Elsewhere than on Linux nothing is done: no other system is known to give memory back like that.
    """
    if sys.platform != "linux":
        return 0
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    wanted = BYTES_PER_BYTE * sum(file.stat().st_size for file in files) if files else most
    size = min(wanted, most, int(SHARE * free))
    subprocess.run([sys.executable, "-I", "-S", "-c", f"b'1' * {size}"], check=True)  # noqa: S603  our own program
    return size
