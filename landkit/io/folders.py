"""Folders that are made for a result, and go again where none comes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def made(folder: Path) -> Iterator[None]:
    """A folder and those above it, made where there are none (新建文件夹); where what follows fails they go again, if empty."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for one in missing:
            with contextlib.suppress(OSError):  # something was written there, which stays
                one.rmdir()
        raise
