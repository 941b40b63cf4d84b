"""The files that a source is made of, and what tells one state of them from another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from landkit.io.formats.geopackage_state import changes_beside
from landkit.io.shapefile.parts import READ_PARTS

END_BYTES: Final = 65_536


def files_of(path: Path) -> list[Path]:
    """The files that a change of a source shows in (数据源的全部文件), in order.

    All of a folder (a geodatabase, split parts) but locks and hidden ones; of a shapefile what is read beside it, of a
    GeoPackage also changes that are not merged yet; else the file itself.
    """
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file() and p.suffix != ".lock" and p.name[0] != ".")
    if path.suffix.lower() == ".shp":
        beside = (p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file())
        return sorted(p for p in beside if p.suffix.lower() in READ_PARTS)
    return [path, *(changes_beside(path) if path.suffix.lower() == ".gpkg" else ())]


def state_of(path: Path) -> list[Any]:
    """What tells one state of a source from another (数据源状态): name, size, time, and what stands at its two ends.

    Of what is several files (a split folder, a geodatabase, a shapefile) that of all of them.  Parquet keeps where
    everything is and what lies between which bounds at its end, GeoPackage a count of changes at its head.
    """
    files = files_of(path)
    if files != [path]:
        states = [_state_of_file(file) for file in files]
        return [path.name, hashlib.sha256(json.dumps(states).encode()).hexdigest()]
    return _state_of_file(path)


def _state_of_file(file: Path) -> list[Any]:
    state = file.stat()
    with file.open("rb") as stream:
        ends = stream.read(END_BYTES)
        stream.seek(max(0, state.st_size - END_BYTES))
        ends += stream.read()
    return [file.name, state.st_size, state.st_mtime_ns, hashlib.sha256(ends).hexdigest()]
