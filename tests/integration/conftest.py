"""What is handed over of the tiny study, once for the whole session: read it, do not write into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from once import once

import landkit
from landkit.io.handover import FORMATS


@pytest.fixture(scope="session")
def given(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> landkit.HandOver:
    """A hand-over in all formats."""
    return once(
        tmp_path_factory,
        "given",
        lambda folder: landkit.export(study_folder, to=folder / "out", formats=tuple(FORMATS)),
    )


@pytest.fixture(scope="session")
def atlas(study_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> landkit.Sheets:
    """Map sheets of the parks on A4, as PDF and PNG."""
    return once(
        tmp_path_factory,
        "atlas",
        lambda folder: landkit.sheets(study_folder, to=folder / "out", size="A4", png=True),
    )


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
