"""A GeoPackage that another program has open: its changes stand beside it, and GDAL would merge them into the source."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from landkit.errors import PlaceError
from landkit.io.source import Asked
from landkit.model import Finding, finding, why

_WAL_AT: Final = 18  # byte of a SQLite header: 2 says that changes are written beside the file


@contextlib.contextmanager
def settled(asked: Asked) -> Iterator[tuple[Asked, list[Finding]]]:
    """The source, or a copy of a GeoPackage whose changes are not merged yet: the original is never written to.

    Raises: PlaceError where there is no room for the copy.
    """
    if not is_unsettled(asked.path):
        yield asked, []
        return
    beside = changes_beside(asked.path)
    size = sum(p.stat().st_size for p in beside)
    found = [finding("", "file.open_elsewhere", why("wal_included", path=asked.path.name, size=size))]
    try:
        folder = tempfile.TemporaryDirectory(prefix="landkit-", ignore_cleanup_errors=True)
    except OSError as error:
        raise PlaceError("no_place_to_unpack", path=asked.name) from error
    with folder:
        for path in (asked.path, *beside):
            shutil.copyfile(path, Path(folder.name) / path.name)
        copy = Path(folder.name) / asked.path.name
        yield dataclasses.replace(asked, path=copy, said=asked.name), found if beside else []


def is_unsettled(path: Path) -> bool:
    """Whether a file is a GeoPackage that GDAL would write to when it reads it."""
    return path.suffix.lower() == ".gpkg" and path.is_file() and (bool(changes_beside(path)) or _is_wal(path))


def changes_beside(path: Path) -> list[Path]:
    """The files beside a GeoPackage that hold changes which are not merged yet."""
    return [p for p in (path.with_name(path.name + end) for end in ("-wal", "-journal")) if _has_bytes(p)]


def _has_bytes(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _is_wal(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(_WAL_AT + 1)[_WAL_AT:] == b"\x02"
