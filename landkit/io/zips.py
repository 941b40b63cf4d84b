"""Zips: looked into before anything is unpacked, then unpacked into a folder that is gone afterwards.

Unpacking (instead of GDAL's own reading inside a zip) makes names in GBK readable, counts the bytes that really come
out, and gives a zipped layer the same checks as any other.
"""

from __future__ import annotations

import contextlib
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from landkit.errors import LayerError, PlaceError
from landkit.io.limits import Limits

_DAMAGED: Final = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError)
_CHUNK: Final = 1 << 20
_DECODES: Final = ("utf-8", "gb18030")
_OUTSIDE: Final = re.compile(r"^[/\\]|:|\0|(^|[/\\])\.\.([/\\]|$)")
_GDB_PARTS: Final = frozenset(
    {".gdbtable", ".gdbtablx", ".gdbindexes", ".atx", ".spx", ".freelist", ".horizon"}
)
PACKED: Final = frozenset({".zip", ".kmz", ".7z", ".rar", ".gz", ".tar"})


@contextlib.contextmanager
def unpacked(path: Path, wanted: frozenset[str], limits: Limits) -> Iterator[Path]:
    """A folder with what a zip holds of the wanted suffixes, for as long as the with-block runs.

    Raises: LayerError for damaged and hostile zips, PlaceError where there is nowhere to unpack.
    """
    with _opened(path) as archive:
        entries = _entries(archive, path, limits)
        try:
            folder = tempfile.TemporaryDirectory(prefix="landkit-", ignore_cleanup_errors=True)
        except OSError as error:
            raise PlaceError("no_place_to_unpack", path=str(path)) from error
        with folder:
            _unpack(archive, _kept(entries, wanted), Path(folder.name), path, limits)
            yield Path(folder.name)


def names_in_zip(path: Path, limits: Limits) -> list[str]:
    """The names of the files in a zip, as they were meant.   Raises: LayerError for damaged and hostile zips."""
    with _opened(path) as archive:
        return list(_entries(archive, path, limits))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _DAMAGED as error:
        raise LayerError("content_not_as_named", path=str(path), kind=path.suffix.lower()) from error


def _entries(archive: zipfile.ZipFile, path: Path, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip by name, if it may be unpacked at all."""
    entries = [e for e in archive.infolist() if not e.is_dir()]
    limits.check("zip_entries", len(entries), path=path)
    size = sum(e.file_size for e in entries)
    packed = max(1, sum(e.compress_size for e in entries))
    if size > limits["zip_bytes"] or size / packed > limits["zip_ratio"]:
        raise LayerError("zip_too_big", path=str(path), size_mb=size // 2**20)
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = _name_of(entry)
        if _OUTSIDE.search(entry.filename) or _OUTSIDE.search(name):
            raise LayerError("zip_names", path=str(path))
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise LayerError("zip_link", path=str(path), name=name)
        if entry.flag_bits & 1:
            raise LayerError("zip_password", path=str(path))
        if name in found:
            raise LayerError("zip_twice", path=str(path), name=name)
        found[name] = entry
    return found


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: zips of Chinese Windows hold GBK and do not say so."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename.replace("\\", "/")
    raw = entry.filename.encode("cp437", "replace")
    for encoding in _DECODES:
        with contextlib.suppress(UnicodeDecodeError):
            return raw.decode(encoding).replace("\\", "/")
    return entry.filename


def _kept(entries: dict[str, zipfile.ZipInfo], wanted: frozenset[str]) -> dict[str, zipfile.ZipInfo]:
    """The files to unpack by the place they get; the tables of a geodatabase without its folder get one."""
    kept = {}
    for name, entry in entries.items():
        place = PurePosixPath(name)
        if any(p.suffix.lower() == ".gdb" for p in place.parents) or place.suffix.lower() in wanted:
            kept[name] = entry
        elif place.suffix.lower() in _GDB_PARTS or place.name in ("gdb", "timestamps"):
            kept[(place.parent / "unpacked.gdb" / place.name).as_posix()] = entry
    return kept


def _unpack(
    archive: zipfile.ZipFile, kept: dict[str, zipfile.ZipInfo], folder: Path, path: Path, limits: Limits
) -> None:
    left = limits["zip_bytes"]
    for name, entry in kept.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, target.open("wb") as plain:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise LayerError("zip_too_big", path=str(path), size_mb=int(limits["zip_bytes"]) // 2**20)
                plain.write(chunk)
