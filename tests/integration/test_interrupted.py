"""Whatever stops a run or an export, the earlier outputs stand whole: real signals, a real full disk, a real read-only one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import landkit
from landkit.errors import LandkitError
from landkit.io.write import recover

pytestmark = pytest.mark.slow

Contents = Callable[[Path], dict[str, bytes]]


def mount(place: Path, *options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system on which one set of outputs fits and not two."""
    place = tmp_path / "disk"
    place.mkdir()
    mount(place, "size=4m")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def leave(room: int, disk: Path) -> None:
    """Fill a disk but for so many bytes."""
    filler = disk / "other.bin"
    filler.unlink(missing_ok=True)
    free = os.statvfs(disk)
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - room))


def whole(folder: Path) -> bool:
    return landkit.verify(folder).differences == ()


def test_a_disk_that_fills_up_leaves_the_earlier_run(
    small_disk: Path, study_folder: Path, contents: Contents
) -> None:
    landkit.run(study_folder, to=small_disk / "out")
    before = contents(small_disk / "out")
    for make, room in ((landkit.run, 200_000), (landkit.run, 500_000), (landkit.export, 150_000)):
        leave(room, small_disk)
        with pytest.raises(LandkitError) as caught:
            make(study_folder, to=small_disk / "out")
        assert caught.value.key == "disk_full", caught.value.say("en")

    assert contents(small_disk / "out") == before
    assert whole(small_disk / "out")


def test_a_read_only_disk_leaves_the_earlier_run(
    small_disk: Path, study_folder: Path, contents: Contents
) -> None:
    landkit.run(study_folder, to=small_disk / "out")
    before = contents(small_disk / "out")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(LandkitError) as caught:
        landkit.run(study_folder, to=small_disk / "out")

    assert caught.value.exit_code == 4
    assert contents(small_disk / "out") == before


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
def test_a_run_and_an_export_killed_at_any_moment_leave_one_whole_set(
    study_folder: Path, tmp_path: Path, contents: Contents
) -> None:
    """SIGKILL at 5 moments of a run in English over one in Chinese; then nothing is half of each."""
    out = tmp_path / "out"
    landkit.run(study_folder, to=out)
    command = [
        sys.executable,
        "-m",
        "landkit",
        "run",
        str(study_folder),
        "--to",
        str(out),
        "--lang",
        "en",
        "--quiet",
    ]
    began = time.perf_counter()
    subprocess.run([*command[:-3], "--quiet"], check=True, capture_output=True)
    took = time.perf_counter() - began
    sets = []
    for moment in range(5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * (0.6 + 0.09 * moment))
        process.send_signal(signal.SIGKILL)
        process.wait()
        recover(out)
        found = landkit.verify(out)
        assert found.differences == (), found.describe("en")
        sets.append(contents(out)["map.html"][:4000].count(b'lang="en"'))
    assert 0 in sets  # at least one was killed before its end
