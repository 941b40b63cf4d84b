"""Folders that are made for a result, and go again where none comes; what the machine says of them in our words."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from landkit.errors import PlaceError

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_IN_THE_WAY: Final = (FileExistsError, NotADirectoryError, FileNotFoundError)  # Windows says the last one


@contextlib.contextmanager
def made(folder: Path) -> Iterator[None]:
    """A folder and those above it, made where there are none (新建文件夹); where what follows fails they go again, if empty."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for one in missing:
            with contextlib.suppress(OSError):  # something was written there, which stays
                one.rmdir()
        raise


def refusal(error: OSError, path: Path) -> PlaceError:
    """What the machine said of a file or folder that is written, as our error with what stands in the way (写入失败)."""
    if error.errno in FULL:
        return PlaceError("disk_full", path=str(path))
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return PlaceError("output_in_use" if path.is_file() else "output_not_writable", path=str(path))
    if error.errno == errno.ENAMETOOLONG:
        return PlaceError("output_long", path=str(path))
    if isinstance(error, IsADirectoryError):
        return PlaceError("output_is_folder", path=str(error.filename2 or error.filename or path))
    above = next((one for one in (path, *path.parents) if one.is_file()), None)
    if above is not None and isinstance(error, _IN_THE_WAY):
        return PlaceError("output_is_file", path=str(above))
    return PlaceError("output_failed", path=str(path), detail=words_of(error))


def words_of(error: OSError) -> str:
    """What the machine said."""
    return error.strerror or str(error)
