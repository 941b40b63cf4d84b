"""A room beside the outputs of a run, where the parts of a long job wait for the end: gone when the run has ended well.

A run that fails or is killed leaves them, and the next one into the same folder goes on from there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from landkit.errors import PlaceError
from landkit.io.folders import refusal
from landkit.io.write import STATE


class Workroom:
    """The room of one output folder (中间成果); it is made, and held for one run, when it is first asked for."""

    def __init__(self, to: str | Path) -> None:
        """The room of a folder; nothing happens yet."""
        self._state = Path(os.path.abspath(to)) / STATE  # noqa: PTH100  resolve() would follow links
        self._lock: filelock.BaseFileLock | None = None

    def folder(self) -> Path:
        """The folder.   Raises: PlaceError where it cannot be made, or another run is at work there."""
        room = self._state / "parts"
        if self._lock is not None:
            return room
        try:
            if self._state.is_symlink():
                raise PlaceError("output_is_link", path=str(self._state))
            room.mkdir(parents=True, exist_ok=True)
            self._lock = filelock.FileLock(str(room / "lock"), timeout=0)
            self._lock.acquire()
        except filelock.Timeout as error:
            self._lock = None
            raise PlaceError("output_busy", path=str(self._state.parent)) from error
        except OSError as error:
            raise refusal(error, room) from error
        return room

    def leave(self, *, ended_well: bool) -> None:
        """Let go of the folder, and empty it where the run ended well."""
        if self._lock is None:
            return
        self._lock.release()
        if ended_well:
            shutil.rmtree(self._state / "parts", ignore_errors=True)


@contextlib.contextmanager
def workroom(to: str | Path) -> Iterator[Workroom]:
    """The room of an output folder while a run is at work; what stands in it is removed when the run ends well."""
    room = Workroom(to)
    try:
        yield room
    except BaseException:
        room.leave(ended_well=False)
        raise
    room.leave(ended_well=True)
