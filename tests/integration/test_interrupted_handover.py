"""A hand-over or an atlas that is killed, finds the disk full or may not write leaves the earlier one whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_disks import leave, make_read_only, mounted
from stepped import whole_at_every_step

import landkit
from landkit.errors import LandkitError

pytestmark = pytest.mark.slow

Contents = Callable[[Path], dict[str, bytes]]
VERBS: dict[str, tuple[Callable[..., Any], list[str], str]] = {  # and a file that it writes
    "export": (landkit.export, ["--format", "csv"], "handover_check.xlsx"),
    "sheets": (landkit.sheets, ["--size", "A4"], "atlas.pdf"),
}


@pytest.fixture
def earlier_of(given: landkit.HandOver, atlas: landkit.Sheets) -> dict[str, Path]:
    """Where the earlier outputs of each verb stand."""
    return {"export": given.to, "sheets": atlas.to}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "6m") as place:
        yield place


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("verb", VERBS)
def test_killed_at_any_step_of_its_writing_it_leaves_one_whole_set(
    verb: str, earlier_of: dict[str, Path], study_folder: Path, tmp_path: Path, contents: Contents
) -> None:
    """In English over one in Chinese: before the journal stands the earlier set, from then on the new one."""
    out = tmp_path / "out"
    shutil.copytree(earlier_of[verb], out)
    _, choices, held = VERBS[verb]
    arguments = (verb, study_folder, "--to", out, "--lang", "en", *choices, "--quiet")
    whole_at_every_step(out, tmp_path, *arguments, held=held, contents=contents)
    assert [d for d in landkit.verify(out).differences if d.kind != "extra"] == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_and_one_for_reading_only_leave_the_earlier_set(
    verb: str, disk: Path, earlier_of: dict[str, Path], study_folder: Path, contents: Contents
) -> None:
    """A real file system with room for the first file and no more; then the same, mounted anew."""
    shutil.copytree(earlier_of[verb], disk / "out")
    before = contents(disk / "out")
    make, *_ = VERBS[verb]
    leave(60_000, disk)
    with pytest.raises(LandkitError) as caught:
        make(study_folder, to=disk / "out")
    assert caught.value.key == "disk_full", caught.value.say("en")

    make_read_only(disk)
    with pytest.raises(LandkitError) as caught:
        make(study_folder, to=disk / "out")
    assert caught.value.exit_code == 4
    assert contents(disk / "out") == before
    assert landkit.verify(disk / "out").differences == ()
