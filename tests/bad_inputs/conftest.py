"""What the tests of bad inputs share with those of whole runs: a folder with the outputs of an earlier run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import landkit


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, without landkit's own lock."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".landkit" not in p.parts
    }


@pytest.fixture(scope="session")
def done_once(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of a check of the tiny study."""
    to = tmp_path_factory.mktemp("once") / "out"
    landkit.check(study_folder, to=to)
    return to


@pytest.fixture
def earlier(done_once: Path, tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """A folder with the outputs of an earlier run, and their bytes."""
    shutil.copytree(done_once, tmp_path / "out")
    return tmp_path / "out", bytes_of(tmp_path / "out")


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Every file of a folder with its bytes."""
    return bytes_of
