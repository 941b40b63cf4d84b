"""Whatever stops a run or an export, the earlier outputs stand whole: real signals, a real full disk, a real read-only one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_disks import leave, leave_all, make_read_only, mounted
from stepped import whole_at_every_step

import landkit
from landkit.errors import LandkitError

pytestmark = pytest.mark.slow

Contents = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system on which one set of outputs fits and not two."""
    with mounted(tmp_path / "disk", "4m") as place:
        yield place


def whole(folder: Path) -> bool:
    return landkit.verify(folder).differences == ()


@pytest.fixture
def on_small_disk(small_disk: Path, done: landkit.Run) -> Path:
    """The outputs of an earlier run, on it."""
    return shutil.copytree(done.to, small_disk / "out")


def test_a_disk_that_fills_up_or_turns_read_only_leaves_the_earlier_run(
    small_disk: Path, on_small_disk: Path, study_folder: Path, contents: Contents
) -> None:
    before = contents(on_small_disk)
    leave(500_000, small_disk)
    with pytest.raises(LandkitError) as caught:
        landkit.run(study_folder, to=on_small_disk)
    assert caught.value.key == "disk_full", caught.value.say("en")
    leave_all(small_disk)
    make_read_only(small_disk)
    with pytest.raises(LandkitError) as caught:
        landkit.run(study_folder, to=on_small_disk)

    assert caught.value.exit_code == 4
    assert caught.value.key != "disk_full"
    assert contents(on_small_disk) == before
    assert whole(on_small_disk)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_run_killed_at_any_step_of_its_writing_leaves_one_whole_set(
    study_folder: Path, earlier: tuple[Path, dict[str, bytes]], tmp_path: Path, contents: Contents
) -> None:
    """A run in English over one in Chinese: before the journal stands the earlier set, from then on the new one."""
    out, before = earlier
    after = whole_at_every_step(
        out,
        tmp_path,
        "run",
        study_folder,
        "--to",
        out,
        "--lang",
        "en",
        "--quiet",
        held="map.html",
        contents=contents,
    )
    assert landkit.verify(out).differences == ()
    assert before.keys() == after.keys()
    assert b'lang="en"' in after["map.html"]
