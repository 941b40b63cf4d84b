"""A landkit command of its own process that stands still before each step of its writing, so that no moment is missed.

    with stepped(out, "run", study, "--to", out) as child:
        for step in child.steps():
            ...                      # on disk stands what a kill at this moment leaves
            child.kill()             # SIGKILL, while it stands still

A step is a file opened in `.landkit/new`, a rename, a removal or a removed folder inside `out`, told by Python's own
audit events; nothing of landkit is replaced.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from landkit.io.write import recover

CHILD = """
import os, sys, threading
one = threading.Lock()  # steps of two threads said at once would be one line, answered once
out = os.path.join(sys.argv.pop(1), "")
new = os.path.join(out, ".landkit", "new", "")

def stand_still(event, args):
    if event in ("open", "os.rename", "os.remove", "shutil.rmtree") and isinstance(args[0], (str, os.PathLike)):
        path = os.fspath(args[0])
        if path.startswith(new if event == "open" else out):
            with one:
                print("step", event, os.path.relpath(path, out), flush=True)
                sys.stdin.readline()

sys.addaudithook(stand_still)
from landkit.cli import main
main()
"""


@dataclass
class Stepped:
    """The child, standing still at a step until the next one is asked for."""

    process: subprocess.Popen[str]

    def steps(self) -> Iterator[str]:
        """Each step as `event path`, before it is done; ends when the child does."""
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        for said in self.process.stdout:
            if said.startswith("step "):
                yield said.removeprefix("step ").strip()
                if self.process.poll() is None:
                    self.process.stdin.write("\n")
                    self.process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()


@contextmanager
def stepped(out: Path, *arguments: str | Path) -> Iterator[Stepped]:
    """Start `landkit ARGUMENTS`, to be watched while it writes into `out`; it is killed on leaving."""
    command = [sys.executable, "-c", CHILD, str(out), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Stepped(process)
        finally:
            process.kill()


def whole_at_every_step(
    out: Path,
    copies: Path,
    *arguments: str | Path,
    held: str,
    contents: Callable[[Path], Mapping[str, bytes]],
) -> Mapping[str, bytes]:
    """What stands in `out` after `landkit ARGUMENTS`, killed at its last step; each state on the way is one whole set.

    What a kill before a step would leave is copied and recovered: before the journal stands it is the earlier set, from
    then on the new one, and nothing is left but the lock.  Who holds the file `held` open reads the earlier one to its end.
    """
    before, left = contents(out), []
    with (out / held).open("rb") as reader, stepped(out, *arguments) as child:
        begin = reader.read(1000)
        for number, step in enumerate(child.steps()):
            copy = copies / f"as killed at step {number}"
            shutil.copytree(out, copy)
            left.append((step, (copy / ".landkit" / "journal.json").exists(), copy))
            if step == "os.remove .landkit/journal.json":
                child.kill()
        assert begin + reader.read() == before[held]
    assert child.process.returncode == -signal.SIGKILL
    recover(out)
    after = contents(out)
    assert after[held] != before[held]
    for step, journalled, copy in left:
        recover(copy)
        assert contents(copy) == (after if journalled else before), step
        assert {path.name for path in (copy / ".landkit").iterdir()} == {"lock"}, step
    assert {journalled for _, journalled, _ in left} == {True, False}
    return after
