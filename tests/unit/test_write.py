"""Publication of outputs: all or none, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from landkit.errors import ExportError, PlaceError
from landkit.io import write
from landkit.io.write import check_name, outbox, recover

NAMES = ("map.html", "results.gpkg", "shp/stock.zip", "manifest.json")


def publish(to: Path, words: str) -> None:
    with outbox(to) as box:
        for name in reversed(NAMES):
            box.write_text(name, f"{words} {name}")


def contents(to: Path) -> dict[str, str]:
    return {
        p.relative_to(to).as_posix(): p.read_text(encoding="utf-8")
        for p in sorted(to.rglob("*"))
        if p.is_file() and ".landkit" not in p.parts
    }


def expected(words: str) -> dict[str, str]:
    return {name: f"{words} {name}" for name in NAMES}


def leftovers(to: Path) -> set[str]:
    return {p.name for p in (to / ".landkit").iterdir()} - {"lock"}


def test_what_is_staged_appears_together_and_nothing_is_left_behind(tmp_path: Path) -> None:
    publish(tmp_path, "first")
    publish(tmp_path, "second")

    assert contents(tmp_path) == expected("second")
    assert leftovers(tmp_path) == set()


def test_nothing_is_seen_before_the_block_ends(tmp_path: Path) -> None:
    publish(tmp_path, "first")
    with outbox(tmp_path) as box:
        box.write_text("map.html", "second")

        assert contents(tmp_path) == expected("first")


def test_other_files_in_the_folder_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "my notes.docx").write_text("mine")
    (tmp_path / "shp").mkdir()
    (tmp_path / "shp" / "old.zip").write_text("mine too")
    publish(tmp_path, "first")

    assert contents(tmp_path) == {**expected("first"), "my notes.docx": "mine", "shp/old.zip": "mine too"}


@pytest.mark.parametrize("fault", [ValueError("ours"), KeyboardInterrupt(), SystemExit(3)])
def test_an_exception_inside_leaves_the_old_outputs_as_they_were(
    tmp_path: Path, fault: BaseException
) -> None:
    publish(tmp_path, "first")
    with pytest.raises(type(fault)), outbox(tmp_path) as box:  # noqa: PT012  the block is what is tested
        box.write_text("map.html", "half")
        raise fault

    assert contents(tmp_path) == expected("first")
    assert leftovers(tmp_path) == set()


def test_a_folder_made_for_a_run_that_fails_is_taken_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ours"), outbox(tmp_path / "new") as box:  # noqa: PT012  the block is what is tested
        box.write_text("map.html", "half")
        raise ValueError("ours")

    assert not (tmp_path / "new").exists()


def test_an_announced_file_that_was_never_made_stops_the_publication(tmp_path: Path) -> None:
    publish(tmp_path, "first")
    with pytest.raises(ExportError, match=r"results\.gpkg"), outbox(tmp_path) as box:  # noqa: PT012  the block is what is tested
        box.write_text("map.html", "second")
        box.path("results.gpkg")

    assert contents(tmp_path) == expected("first")


@pytest.mark.bad_input(94)
@pytest.mark.parametrize("held", NAMES)
def test_a_target_held_by_another_program_is_named_and_everything_is_rolled_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    """94: on Windows a file open in Excel cannot be moved."""
    publish(tmp_path, "first")
    real = os.replace

    def refuse(source: str | Path, target: str | Path) -> None:
        if Path(source) == tmp_path / held:
            raise PermissionError(13, "in use")
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PlaceError) as caught:
        publish(tmp_path, "second")
    monkeypatch.undo()

    assert caught.value.key == "output_in_use"
    assert str(tmp_path / held) in caught.value.say("zh")
    assert contents(tmp_path) == expected("first")
    assert leftovers(tmp_path) == set()


def test_an_interrupt_in_the_middle_of_the_commit_rolls_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, "first")
    real, moves = os.replace, []

    def interrupted(source: str | Path, target: str | Path) -> None:
        moves.append(source)
        if len(moves) == 7:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, "second")

    assert contents(tmp_path) == expected("first")


def test_what_cannot_be_rolled_back_now_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, "first")
    real, moves = os.replace, []

    def broken(source: str | Path, target: str | Path) -> None:
        moves.append(source)
        if len(moves) > 4:
            raise PermissionError(13, "in use")
        real(source, target)

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(PlaceError) as caught:
        publish(tmp_path, "second")
    monkeypatch.undo()
    recover(tmp_path)

    assert caught.value.key == "output_half_done"
    assert contents(tmp_path) == expected("second")


UNPRIVILEGED = """
import os, sys
from landkit.errors import PlaceError
from landkit.io.write import outbox
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    with outbox(sys.argv[1]) as box:
        box.write_text("map.html", "second")
except PlaceError as error:
    print(error.key, error.path)
"""


@pytest.mark.bad_input(90)
@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_folder_without_permission_is_a_clear_error() -> None:
    """90: root may write anywhere, so the child becomes nobody first."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        ended = run_child(Path(folder), 0, UNPRIVILEGED)
        Path(folder).chmod(0o755)

    assert ended.stdout.strip() == f"output_not_writable {folder}", ended.stderr


def test_two_runs_into_one_folder_are_refused(tmp_path: Path) -> None:
    """93."""
    with outbox(tmp_path) as box:
        box.write_text("map.html", "mine")
        with pytest.raises(PlaceError) as caught:
            publish(tmp_path, "other")

    assert caught.value.key == "output_busy"
    assert contents(tmp_path) == {"map.html": "mine"}


@pytest.mark.bad_input(93)
def test_two_processes_into_one_folder_are_refused(tmp_path: Path) -> None:
    with outbox(tmp_path) as box:
        box.write_text("map.html", "mine")
        code = f"from landkit.io.write import outbox\noutbox({str(tmp_path)!r}).__enter__()"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "Another landkit run is writing" in other.stderr


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../b",
        "/etc/passwd",
        "a/b/c",
        "a\\b",
        "CON",
        "nul.txt",
        "shp/com1.zip",
        "LPT¹.zip",
        "x.",
        "x ",
        " x",
        "a:b",
        "a?b",
        "a\nb",
        "a\u202eb",
        ".landkit/lock",
        "字" * 80,
    ],
)
def test_a_bad_output_name_is_refused(tmp_path: Path, name: str) -> None:
    """57, 78."""
    with pytest.raises(ExportError), outbox(tmp_path) as box:
        box.write_text(name, "x")

    assert contents(tmp_path) == {}


@pytest.mark.parametrize("name", ["map.html", "台账.xlsx", "shp/stock.zip", "console.txt", "a b (1).csv"])
def test_a_plain_name_is_taken(name: str) -> None:
    assert check_name(name) == name


def test_a_name_that_differs_in_case_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="twice"), outbox(tmp_path) as box:  # noqa: PT012  the block is what is tested
        box.write_text("Map.html", "x")
        box.write_text("map.HTML", "x")


def test_a_folder_in_the_place_of_a_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "map.html").mkdir()
    (tmp_path / "map.html" / "mine").write_text("mine")
    with pytest.raises(PlaceError) as caught:
        publish(tmp_path, "first")

    assert caught.value.key == "output_is_folder"
    assert contents(tmp_path) == {"map.html/mine": "mine"}


def test_a_linked_file_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    """77."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    to = tmp_path / "to"
    to.mkdir()
    (to / "map.html").symlink_to(victim)
    publish(to, "first")

    assert victim.read_text() == "mine"
    assert not (to / "map.html").is_symlink()


def test_a_linked_folder_inside_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "shp").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlaceError) as caught:
        publish(tmp_path / "to", "first")

    assert caught.value.key == "output_is_link"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_journal_that_names_places_outside_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, "first")
    (tmp_path / ".landkit" / "journal.json").write_text('{"names": ["../../victim"]}')
    with pytest.raises(ExportError):
        recover(tmp_path)

    assert contents(tmp_path) == expected("first")


CHILD = """
import os, resource, signal, sys
from pathlib import Path
from landkit.io import write
to, moment = Path(sys.argv[1]), int(sys.argv[2])
real, calls = os.replace, []
def counted(source, target):
    calls.append(1)
    if len(calls) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
    real(source, target)
os.replace = counted
with write.outbox(to) as box:
    for name in {names!r}:
        box.write_text(name, "second " + name)
    if moment == 0:
        os.kill(os.getpid(), signal.SIGKILL)
if moment == -1:
    print("done")
"""


def run_child(to: Path, moment: int, code: str = CHILD) -> subprocess.CompletedProcess[str]:
    script = textwrap.dedent(code).replace("{names!r}", repr(NAMES))
    return subprocess.run(
        [sys.executable, "-c", script, str(to), str(moment)], capture_output=True, text=True, check=False
    )


@pytest.mark.bad_input(92)
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("moment", range(11))
def test_a_killed_run_leaves_outputs_whole_after_the_next_one(tmp_path: Path, moment: int) -> None:
    """92: killed while staging (0, 1), at each of the four moves away and in (2-9), and not at all (10)."""
    publish(tmp_path, "first")
    ended = run_child(tmp_path, moment)
    killed = ended.returncode == -signal.SIGKILL
    if moment <= 1:
        assert contents(tmp_path) == expected("first")
    recover(tmp_path)

    assert killed == (moment < 10), ended.stderr
    assert contents(tmp_path) == expected("first" if moment <= 1 else "second")
    assert leftovers(tmp_path) == set()


ENDLESS = """
import sys
from pathlib import Path
from landkit.io.write import outbox
while True:
    with outbox(Path(sys.argv[1])) as box:
        for name in {names!r}:
            box.write_text(name, "second " + name)
    print("published", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("wait", [0.0, 0.0007, 0.0019, 0.0043, 0.0101, 0.0213])
def test_a_run_killed_at_any_time_leaves_one_whole_set(tmp_path: Path, wait: float) -> None:
    """Killed from outside, at moments nobody chose, while it publishes over and over."""
    script = ENDLESS.replace("{names!r}", repr(NAMES))
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        ready = child.stdout.readline()
        time.sleep(wait)
        child.kill()
    recover(tmp_path)

    assert ready == b"published\n"
    assert contents(tmp_path) == expected("second")
    assert leftovers(tmp_path) == set()


FULL = """
import resource, sys
from pathlib import Path
from landkit.errors import PlaceError
from landkit.io.write import outbox
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    with outbox(Path(sys.argv[1])) as box:
        box.write_text("map.html", "second")
        box.write_bytes("results.gpkg", b"x" * 1_000_000)
except PlaceError as error:
    print(error.key)
"""


@pytest.mark.bad_input(91)
@pytest.mark.skipif(os.name == "nt", reason="limits are POSIX")
def test_a_file_that_meets_its_limit_leaves_the_old_outputs(tmp_path: Path) -> None:
    """91, by RLIMIT_FSIZE."""
    publish(tmp_path, "first")

    assert run_child(tmp_path, 0, FULL).stdout.strip() == "disk_full"
    assert contents(tmp_path) == expected("first")
    assert leftovers(tmp_path) == set()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """A file system of 256 kB, where the machine lets us mount one."""
    place = tmp_path / "tiny"
    place.mkdir()
    if sys.platform != "linux":
        pytest.skip("mounting a small tmpfs is for Linux")
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    return place


def test_a_full_disk_leaves_the_old_outputs(tiny_disk: Path) -> None:
    """91, by a real full disk."""
    try:
        publish(tiny_disk, "first")
        with pytest.raises(PlaceError) as caught, outbox(tiny_disk) as box:  # noqa: PT012  the block is what is tested
            for name in NAMES:
                box.write_bytes(name, b"x" * 100_000)

        assert caught.value.key == "disk_full"
        assert contents(tiny_disk) == expected("first")
        assert leftovers(tiny_disk) == set()
    finally:
        subprocess.run(["umount", str(tiny_disk)], check=True)


def test_the_manifest_is_taken_away_first_and_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, "first")
    real, moves = os.replace, []

    def seen(source: str | Path, target: str | Path) -> None:
        moves.append(Path(target).relative_to(tmp_path).as_posix())
        real(source, target)

    monkeypatch.setattr(os, "replace", seen)
    publish(tmp_path, "second")

    assert moves[1] == ".landkit/old/manifest.json"
    assert moves[-1] == write.LAST


@pytest.mark.parametrize("removes_open_files", [True, False])
def test_a_run_that_fails_in_a_new_folder_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removes_open_files: bool
) -> None:
    """Windows removes no file that is open: there the lock is let go before its file goes."""
    monkeypatch.setattr(write, "_REMOVES_OPEN_FILES", removes_open_files)
    with pytest.raises(ExportError), outbox(tmp_path / "new") as box:
        box.write_text("CON", "x")

    assert list(tmp_path.iterdir()) == []
    publish(tmp_path / "new", "again")
    assert contents(tmp_path / "new") == expected("again")
