"""Files out, all of them or none (成果落盘): staged beside their place, published in one journalled step.

Inside the folder stands `.landkit/`: `new/` what is being made, `old/` what is being replaced,
`journal.json` while a publication is under way, `lock`.  A run that dies before the journal is written has
changed nothing; one that dies after it is finished by the next run, or rolled back where it cannot be
finished.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import filelock

from landkit.errors import ExportError, PlaceError
from landkit.io.folders import FULL, refusal, words_of

LAST: Final = (
    "manifest.json"  # published last and taken away first: where it stands, all that it lists stands too
)
STATE: Final = ".landkit"
_REMOVES_OPEN_FILES: Final = os.name != "nt"
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?")
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_LONGEST_NAME: Final = 200  # bytes


def check_name(name: str) -> str:
    """An output name that may stand on any system: `a.html`, or `folder/a.zip`, one folder deep.

    Raises: ExportError.
    """
    parts = name.split("/")
    if len(parts) > 2 or parts[0].casefold() == STATE or not all(_is_plain(p) for p in parts):
        raise ExportError("output_name", name=name)
    return name


def _is_plain(part: str) -> bool:
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in part)
    return not (
        hidden
        or part in ("", ".", "..")
        or _FORBIDDEN.search(part)
        or _RESERVED.fullmatch(part)
        or part[-1] in ". "
        or part[0] == " "
        or len(part.encode()) > _LONGEST_NAME
    )


def write_whole(path: Path, words: str, *, encoding: str = "utf-8") -> None:
    """One text file, whole or not at all: written beside its place, then moved there.

    Raises: PlaceError; UnicodeEncodeError where the encoding does not hold the words.
    """
    write_bytes_whole(path, words.encode(encoding))


def write_bytes_whole(path: Path, data: bytes) -> None:
    """The same of bytes.   Raises: PlaceError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(error, path) from error


def outbox(to: str | Path) -> Outbox:
    """The outbox of a folder: `with outbox(folder) as box: box.write_text("map.html", html)`."""
    return Outbox(Path(to))


class Outbox:
    """A set of files on its way into a folder: leaving the with-block publishes, an exception throws away.

    Raises: PlaceError where the machine says no (old outputs then stand as they were), ExportError for a
    bad name.
    """

    def __init__(self, to: Path) -> None:
        """An outbox for a folder; nothing happens yet."""
        self.to = Path(os.path.abspath(to))  # noqa: PTH100  resolve() would follow links
        self._state = self.to / STATE
        self._names: list[str] = []
        self._lock: filelock.BaseFileLock | None = None
        self._made_folder = False

    def __enter__(self) -> Self:
        """Take the folder for this run, and finish what an earlier one left undone."""
        try:
            self._made_folder = not self.to.exists()
            self.to.mkdir(parents=True, exist_ok=True)
            if self._state.is_symlink():
                raise PlaceError("output_is_link", path=str(self._state))
            self._state.mkdir(exist_ok=True)
            self._acquire()
        except OSError as error:
            raise refusal(error, self.to) from error
        try:
            _recover(self.to)
            (self._state / "new").mkdir()
        except BaseException as error:
            self._release()
            if isinstance(error, OSError):
                raise refusal(error, self.to) from error
            raise
        return self

    def path(self, name: str) -> Path:
        """Where to write the file that will be published as `name`; its folder exists."""
        if check_name(name).casefold() in (n.casefold() for n in self._names):
            raise ExportError("output_twice", name=name)
        self._names.append(name)
        staged = self._state / "new" / name
        staged.parent.mkdir(exist_ok=True)
        return staged

    def write_bytes(self, name: str, data: bytes) -> Path:
        """Stage a file with these bytes."""
        staged = self.path(name)
        staged.write_bytes(data)
        return staged

    def write_text(self, name: str, words: str, *, encoding: str = "utf-8") -> Path:
        """Stage a text file; line ends stay as they are on every system."""
        return self.write_bytes(name, words.encode(encoding))

    def give_up(self, name: str) -> None:
        """A file that is not published after all."""
        self._names.remove(name)
        (self._state / "new" / name).unlink(missing_ok=True)

    def staged(self) -> dict[str, Path]:
        """What has been staged so far, by name."""
        return {name: self._state / "new" / name for name in self._names}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Publish what was staged, or throw it away."""
        try:
            if error is None:
                self._publish()
            elif isinstance(error, OSError) and error.errno in FULL:
                raise refusal(error, self.to) from error
        finally:
            if not (self._state / "journal.json").exists():
                _clear(self._state)
            self._release()

    def _acquire(self) -> None:
        lock = filelock.FileLock(str(self._state / "lock"), timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise PlaceError("output_busy", path=str(self.to)) from error
        self._lock = lock

    def _release(self) -> None:
        """Let go of the folder.  The lock is held to the last where a file that is open can be removed."""
        steps = (self._take_back_folder, self._unlock)
        for step in steps if _REMOVES_OPEN_FILES else reversed(steps):
            step()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _take_back_folder(self) -> None:
        """Remove a folder that this run made and then had nothing to put into."""
        if not self._made_folder:
            return
        with contextlib.suppress(OSError):
            left = {p.name for p in self._state.iterdir()}
            if {p.name for p in self.to.iterdir()} == {STATE} and left <= {"lock"}:
                (self._state / "lock").unlink(missing_ok=True)
                self._state.rmdir()
                self.to.rmdir()

    def _publish(self) -> None:
        names = sorted(self._names, key=lambda n: (n == LAST, n))
        missing = [n for n in names if not (self._state / "new" / n).is_file()]
        if missing:
            raise ExportError("output_missing", name=missing[0])
        try:
            for name in names:
                _check_target(self.to, name)
                _flush(self._state / "new" / name)
            _flush_folders(self._state / "new", names)
            _write_journal(self._state, names)
        except OSError as error:
            raise refusal(error, self.to) from error
        _commit(self.to, names)


def recover(to: str | Path) -> None:
    """Finish or roll back what a killed run left half published in a folder; nothing to do is fine.

    Raises: PlaceError where a file is still held by another program, or another run is at work there.
    """
    if (Path(to) / STATE).is_dir():
        with outbox(to):
            pass


def _recover(to: Path) -> None:
    state = to / STATE
    journal = state / "journal.json"
    if journal.is_file():
        try:
            names = [check_name(str(n)) for n in json.loads(journal.read_text(encoding="utf-8"))["names"]]
        except (ValueError, KeyError, TypeError) as error:
            raise PlaceError("output_half_done", path=str(to), detail=journal.name) from error
        _commit(to, names)
    _clear(state)


def _commit(to: Path, names: list[str]) -> None:
    """Move the old away and the new in.  May be begun again: where `new/` has a name, its target is old."""
    state = to / STATE
    name = ""
    try:
        for name in reversed(names):
            if (state / "new" / name).exists() and os.path.lexists(to / name):
                (state / "old" / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(to / name, state / "old" / name)  # noqa: PTH105
        for name in names:
            if (state / "new" / name).exists():
                (to / name).parent.mkdir(exist_ok=True)
                os.replace(state / "new" / name, to / name)  # noqa: PTH105
        _flush_folders(to, names)
    except BaseException as error:
        _roll_back(to, names)
        if isinstance(error, OSError):
            raise refusal(error, to / name) from error
        raise
    (state / "journal.json").unlink()
    _flush_folder(state)


def _roll_back(to: Path, names: Iterable[str]) -> None:
    """Put the old back.  What cannot be put back keeps its journal, and the next run goes on from there."""
    state = to / STATE
    try:
        for name in names:
            if not (state / "new" / name).exists() and os.path.lexists(to / name):
                os.replace(to / name, state / "new" / name)  # noqa: PTH105
        for name in names:
            if os.path.lexists(state / "old" / name):
                os.replace(state / "old" / name, to / name)  # noqa: PTH105
        _flush_folders(to, names)
    except OSError as error:
        raise PlaceError("output_half_done", path=str(to), detail=words_of(error)) from error
    (state / "journal.json").unlink()
    _flush_folder(state)


def _clear(state: Path) -> None:
    """Remove staging and backup; what another program still holds is left for the next run."""
    for part in ("new", "old"):
        shutil.rmtree(state / part, ignore_errors=True)
    with contextlib.suppress(OSError):
        (state / "journal.part").unlink(missing_ok=True)


def _check_target(to: Path, name: str) -> None:
    target = to / name
    if target.parent != to and target.parent.is_symlink():
        raise PlaceError("output_is_link", path=str(target.parent))
    if target.is_dir() and not target.is_symlink():
        raise PlaceError("output_is_folder", path=str(target))


def _write_journal(state: Path, names: list[str]) -> None:
    part = state / "journal.part"
    part.write_text(json.dumps({"names": names}, ensure_ascii=False), encoding="utf-8")
    _flush(part)
    os.replace(part, state / "journal.json")  # noqa: PTH105
    _flush_folder(state)


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folders(root: Path, names: Iterable[str]) -> None:
    for folder in sorted({(root / n).parent for n in names} | {root}):
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:  # some network file systems cannot
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)
