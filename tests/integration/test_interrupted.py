"""Whatever stops a run or an export, the earlier outputs stand whole: real signals, a real full disk, a real read-only one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_disks import leave, leave_all, make_read_only, mounted
from stepped import stepped, whole_at_every_step

import landkit
from landkit.errors import LandkitError
from landkit.io.write import recover

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
    for make, room in ((landkit.run, 200_000), (landkit.run, 500_000), (landkit.export, 150_000)):
        leave(room, small_disk)
        with pytest.raises(LandkitError) as caught:
            make(study_folder, to=on_small_disk)
        assert caught.value.key == "disk_full", caught.value.say("en")
    leave_all(small_disk)
    make_read_only(small_disk)
    with pytest.raises(LandkitError) as caught:
        landkit.run(study_folder, to=on_small_disk)

    assert caught.value.exit_code == 4
    assert caught.value.key != "disk_full"
    assert contents(on_small_disk) == before
    assert whole(on_small_disk)


def test_who_holds_an_output_open_reads_it_to_its_end(study_folder: Path, tmp_path: Path) -> None:
    """On systems that allow it: an open map is the old one until it is closed, never half of each."""
    landkit.run(study_folder, to=tmp_path / "out")
    with (tmp_path / "out" / "map.html").open("rb") as held:
        begin = held.read(1000)
        landkit.run(study_folder, to=tmp_path / "out", lang="en")
        old = begin + held.read()

    assert b'lang="zh' in old
    assert b'lang="en"' in (tmp_path / "out" / "map.html").read_bytes()
    assert whole(tmp_path / "out")


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_run_killed_at_any_step_of_its_writing_leaves_one_whole_set(
    study_folder: Path, earlier: tuple[Path, dict[str, bytes]], tmp_path: Path, contents: Contents
) -> None:
    """A run in English over one in Chinese: before the journal stands the earlier set, from then on the new one."""
    out, before = earlier
    after = whole_at_every_step(
        out, tmp_path, "run", study_folder, "--to", out, "--lang", "en", "--quiet", contents=contents
    )
    assert landkit.verify(out).differences == ()
    assert before.keys() == after.keys()
    assert b'lang="en"' in after["map.html"]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_run_killed_while_it_draws_the_map_leaves_the_earlier_one(
    study_folder: Path, earlier: tuple[Path, dict[str, bytes]], contents: Contents
) -> None:
    out, before = earlier
    with stepped(out, "run", study_folder, "--to", out, "--lang", "en", "--quiet") as child:
        next(step for step in child.steps() if step == "open .landkit/new/map.html")
        child.kill()

    assert contents(out) == before
    recover(out)
    assert contents(out) == before
    assert {path.name for path in (out / ".landkit").iterdir()} == {"lock"}
