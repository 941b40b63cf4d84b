"""Zips: looked into before GDAL does; what they hold, where it stands, and whether it may be opened."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from landkit.errors import LayerError

SHP_MAGIC: Final = b"\x00\x00\x27\x0a"
ZIP_MAX_RATIO: Final = 200
ZIP_MAX_BYTES: Final = 4 * 2**30


def kind_in_zip(path: Path) -> str:
    """What a zip holds, as the suffix of that kind.   Raises: LayerError for damaged, hostile and empty ones."""
    try:
        return _look_into_zip(path)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # damaged, or with a password
        raise LayerError("content_not_as_named", path=str(path), kind=".zip") from error


def _look_into_zip(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        size = sum(e.file_size for e in entries)
        packed = max(1, sum(e.compress_size for e in entries))
        if size > ZIP_MAX_BYTES or size / packed > ZIP_MAX_RATIO:
            raise LayerError("zip_too_big", path=str(path), size_mb=size // 2**20)
        names = [e.filename for e in entries]
        if any(n.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", n) or ":" in n for n in names):
            raise LayerError("zip_names", path=str(path))
        shapefiles = [e for e in entries if e.filename.lower().endswith(".shp")]
        for entry in shapefiles:
            with archive.open(entry) as stream:
                if stream.read(4) != SHP_MAGIC:
                    raise LayerError("content_not_as_named", path=f"{path}:{entry.filename}", kind=".shp")
    if shapefiles:
        return ".shp"
    if _geodatabases(names):
        return ".gdb"
    raise LayerError("zip_without_layer", path=str(path))


def _geodatabases(names: list[str]) -> set[str]:
    """Folders of file geodatabases among the names of a zip."""
    tables = [PurePosixPath(n) for n in names if n.lower().endswith(".gdbtable")]
    return {p.parent.as_posix() for p in tables if p.parent.suffix.lower() == ".gdb"} | {
        "" for p in tables if p.parent == PurePosixPath(".")
    }


def place_in_zip(path: Path) -> str:
    """Where in a zip its layers stand: one shapefile, a folder of them, or one geodatabase; "" for the zip itself."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    found = [n for n in names if n.lower().endswith(".shp")]
    places = {n.rpartition("/")[0] for n in found} if len(found) > 1 else set(found) or _geodatabases(names)
    if len(places) > 1:
        raise LayerError("layer_not_named", path=str(path), names="/".join(sorted(places)))
    place = next(iter(places), "")
    return f"/{place}" if place and place.isascii() else _place_by_gdal(path, place)


def _place_by_gdal(path: Path, place: str) -> str:
    """A place whose name is not ASCII, if GDAL spells it as zipfile does; "" otherwise (GBK names in old zips)."""
    if not place:
        return ""
    with zipfile.ZipFile(path) as archive:
        marked = any(e.flag_bits & 0x800 for e in archive.infolist() if e.filename.startswith(place))
    return f"/{place}" if marked else ""
