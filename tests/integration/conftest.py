"""The tiny study run once in each language for the whole session: read it, do not write into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import landkit
from landkit.io.handover import FORMATS


@pytest.fixture(scope="session")
def done(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> landkit.Run:
    """A run in Chinese."""
    return landkit.run(study_folder, to=tmp_path_factory.mktemp("zh") / "out")


@pytest.fixture(scope="session")
def done_en(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> landkit.Run:
    """The same in English."""
    return landkit.run(study_folder, to=tmp_path_factory.mktemp("en") / "out", lang="en")


@pytest.fixture(scope="session")
def given(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> landkit.HandOver:
    """A hand-over in all formats."""
    return landkit.export(study_folder, to=tmp_path_factory.mktemp("given") / "out", formats=tuple(FORMATS))


@pytest.fixture(scope="session")
def atlas(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> landkit.Sheets:
    """Map sheets of the parks on A4, as PDF and PNG."""
    return landkit.sheets(study_folder, to=tmp_path_factory.mktemp("atlas") / "out", size="A4", png=True)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, without landkit's own lock."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".landkit" not in p.parts
    }


@pytest.fixture
def earlier(done: landkit.Run, tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """A folder with the outputs of an earlier run, and their bytes."""
    shutil.copytree(done.to, tmp_path / "out")
    return tmp_path / "out", bytes_of(tmp_path / "out")


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """`contents(folder)`: every file by name."""
    return bytes_of
