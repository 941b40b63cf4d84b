"""Real small file systems: mounted, filled, made read-only.  Skipped with a reason where mounting is not allowed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    """An empty file system in memory of this size (`4m`)."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def leave(room: int, disk: Path) -> None:
    """Fill a disk but for so many bytes."""
    leave_all(disk)
    free = os.statvfs(disk)
    (disk / "other.bin").write_bytes(b"x" * (free.f_bavail * free.f_frsize - room))


def leave_all(disk: Path) -> None:
    """What filled it is gone."""
    (disk / "other.bin").unlink(missing_ok=True)
