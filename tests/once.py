"""What is dear to make and only read is made once for all processes of a test run."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import filelock
import pytest

T = TypeVar("T")


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """What `make(folder)` gave, with the folder that it filled: by whoever asks first; the others take it from there."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the one that the workers' own folders lie in
    kept = base / f"{name}.pickle"
    with filelock.FileLock(f"{kept}.lock"):
        if not kept.exists():
            folder = base / f"once-{name}"
            folder.mkdir()
            made = make(folder)
            kept.write_bytes(pickle.dumps(made))
            return made
        found: T = pickle.loads(kept.read_bytes())
        return found
