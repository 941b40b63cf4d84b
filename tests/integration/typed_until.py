"""`python typed_until.py PARTS FATE WORDS...`: landkit as a user types it, until so many parts are listed as done.

Then it meets Ctrl-C (`interrupted`) or one of its executors is killed (`robbed`).  The moment is told by Python's own audit
events, so that it is never missed however quick or slow the machine is; nothing of landkit is replaced.
"""

import os
import signal
import sys
from pathlib import Path

from executors import executors

from landkit.cli import main


def meet_fate(event: str, arguments: tuple[object, ...]) -> None:
    if event != "os.rename" or Path(str(arguments[1])).name != "_parts.json":
        return
    listed.append(arguments)
    if len(listed) == 1 + parts:  # the first list is made before any part
        if fate == "interrupted":
            os.kill(os.getpid(), signal.SIGINT)
        else:
            os.kill(executors(os.getpid())[0], signal.SIGKILL)


if __name__ == "__main__":
    parts, fate, listed = int(sys.argv[1]), sys.argv[2], []
    # in the background of a shell it would be ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.addaudithook(meet_fate)
    main(sys.argv[3:])
