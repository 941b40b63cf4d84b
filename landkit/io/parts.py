"""A result written part by part: each part whole or not at all, and a list of those that are done.

A run that is killed leaves whole parts and the list; the next run of the same job goes on from there.  Two runs at a time
would take each other's files away, or mix the parts of two jobs: the second one is refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import filelock

from landkit.errors import ExportError, PlaceError
from landkit.io.folders import made, refusal
from landkit.io.write import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

LIST: Final = "_parts.json"  # what reads a folder of Parquet skips names that begin so
LOCK: Final = ".parts.lock"
ZONES: Final = ".zones-"  # how a folder is called in which the workers of one run read and write


@dataclass(frozen=True)
class Parts:
    """The parts of one job in one folder (分块成果); `done` maps the name of each to its facts."""

    to: Path
    job: dict[str, Any]
    done: dict[str, dict[str, Any]] = field(default_factory=dict)

    def name(self, group: int) -> str:
        """The file name of a part."""
        return f"part-{group:05d}.parquet"

    def has(self, group: int) -> bool:
        """Whether a part is done: listed, and there with the size it had."""
        name = self.name(group)
        facts, path = self.done.get(name), self.to / name
        return facts is not None and path.is_file() and path.stat().st_size == facts["bytes"]

    def path(self, group: int) -> Path:
        """Where a part goes."""
        return self.to / self.name(group)

    def begin(self) -> None:
        """Say whose parts will stand here, before the first is written.   Raises: PlaceError."""
        self._write_list(whole=False)

    def note(self, group: int, facts: dict[str, Any]) -> None:
        """List a part that has been written, with its facts as from `write_part`.   Raises: PlaceError."""
        self.done[self.name(group)] = facts
        self._write_list(whole=False)

    def finish(self) -> None:
        """Say in the list that nothing is missing, and nothing is left by workers that were lost.   Raises: PlaceError."""
        self._write_list(whole=True)
        with contextlib.suppress(OSError):  # one that was given up may still hold its file
            _sweep(self.to)

    def paths(self) -> list[Path]:
        """The parts in order."""
        return [self.to / name for name in sorted(self.done)]

    def _write_list(self, *, whole: bool) -> None:
        said = {"job": self.job, "whole": whole, "parts": dict(sorted(self.done.items()))}
        write_whole(self.to / LIST, json.dumps(said, ensure_ascii=False, indent=1))


def write_part(path: Path, table: pa.Table) -> dict[str, Any]:
    """Write one part whole or not at all; gives its rows and bytes.   Raises: PlaceError."""
    from pyarrow import parquet

    beside = path.with_name(f".{path.name}.{uuid4().hex}")  # two machines may have processes of one number
    try:
        parquet.write_table(table, beside)
        with beside.open("r+b") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise refusal(error, path) from error
    finally:
        beside.unlink(missing_ok=True)
    return {"rows": table.num_rows, "bytes": path.stat().st_size}


def _sweep(folder: Path) -> None:
    """Remove what was being written when its writer was killed, and what its workers worked in."""
    for left in folder.glob(".part-*"):
        left.unlink(missing_ok=True)
    for left in folder.glob(f"{ZONES}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def held(to: str | Path) -> Iterator[None]:
    """A folder for one run alone (独占文件夹), made where there is none; a run that is killed lets go of it.

    A run that fails before its first part leaves nothing that was not there before.

    Raises: PlaceError where another run is at work there, or it cannot be made.
    """
    folder = Path(to)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(made(folder))
            fresh = [path for path in (folder / LOCK, folder / LIST) if not path.exists()]
            stack.enter_context(filelock.FileLock(str(folder / LOCK), timeout=0))
        except filelock.Timeout as error:
            raise PlaceError("output_busy", path=str(to)) from error
        except OSError as error:
            raise refusal(error, folder) from error
        try:
            yield
        except BaseException:
            _take_away(folder, fresh)
            raise


def _take_away(folder: Path, fresh: list[Path]) -> None:
    """Remove what a run made that failed: its lock, and its list where that lists nothing."""
    begun = any(folder.glob("*part-*"))
    for path in fresh:
        if path.name == LOCK or not begun:
            with contextlib.suppress(OSError):  # Windows removes the lock when it is let go of
                path.unlink(missing_ok=True)


def open_parts(to: str | Path, job: dict[str, Any]) -> Parts:
    """The parts of a job in a folder, with those that an earlier run of the same job has done.

    Raises: ExportError where the folder holds the parts of another job, or parts that no list names, or, where `job` lists
    its `groups`, GeoParquet that is none of its parts; PlaceError where it cannot be made.
    """
    folder = Path(to)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = _list_in(folder)
        _sweep(folder)
        there = sorted(p.name for p in folder.glob("*.parquet") if not p.name.startswith("."))
    except OSError as error:
        raise refusal(error, folder) from error
    mine = _of_job(known, job)
    holds = any(name.startswith("part-") for name in there)
    if (
        holds and not mine
    ):  # a job that was refused before its first part leaves a list alone, which is in nobody's way
        raise ExportError("parts_of_another_job", path=str(folder))
    parts = Parts(folder, job, known["parts"] if mine else {})
    count = len(job.get("groups", ()))
    strange = [name for name in there if name not in {parts.name(group) for group in range(count)}]
    if strange and "groups" in job:  # who reads the folder would take them for overlaps
        raise ExportError("parts_beside_others", path=str(folder), name=strange[0], count=len(strange))
    parts.begin()
    return parts


def _list_in(folder: Path) -> Any:
    """What the list of a folder says; None where there is none, or one that is no JSON."""
    try:
        return json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _of_job(known: Any, job: dict[str, Any]) -> bool:
    """Whether a list that was found there is one of this job."""
    said = known if isinstance(known, dict) else {}
    return said.get("job") == json.loads(json.dumps(job)) and isinstance(said.get("parts"), dict)
