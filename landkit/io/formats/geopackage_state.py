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
    beside = [
        p for p in (asked.path.with_name(asked.path.name + s) for s in ("-wal", "-journal")) if _has_bytes(p)
    ]
    if asked.path.suffix.lower() != ".gpkg" or not (beside or _is_wal(asked.path)):
        yield asked, []
        return
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


def _has_bytes(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _is_wal(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(_WAL_AT + 1)[_WAL_AT:] == b"\x02"
