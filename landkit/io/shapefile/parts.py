"""The files of a shapefile: which there are, and whether they are whole; GDAL would take the rest in silence."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final, NamedTuple

from landkit.errors import LayerError

READ_PARTS: Final = frozenset((".shp", ".shx", ".dbf", ".prj", ".cpg"))
_COMPANIONS: Final = frozenset(
    (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qml", ".sld", ".xml")
)


class Part(NamedTuple):
    """One file of a shapefile: its size and its first bytes."""

    size: int
    head: bytes


def shapefile_of(path: Path) -> Path | None:
    """The shapefile beside which a file stands as its part (`a.dbf`, `a.shp.xml` of `a.shp`); None for other files."""
    if path.suffix.lower() not in _COMPANIONS:
        return None
    stem = path.with_suffix("")
    names = [stem, *(Path(f"{stem}{end}") for end in (".shp", ".SHP"))]
    return next((p for p in names if p.suffix.lower() == ".shp" and p.is_file()), None)


def parts_of(path: Path, stem: str) -> dict[str, Part]:
    """The files of a shapefile by suffix."""
    beside = [p for p in path.parent.iterdir() if p.stem == stem and p.is_file()]
    return {p.suffix.lower(): Part(p.stat().st_size, _head_of(p)) for p in beside}


def _head_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(100)


def refuse_a_cut_shapefile(path: Path, parts: dict[str, Part]) -> None:
    """Nothing lacks and nothing is cut: GDAL gives rows without geometry or attributes in silence."""
    for part in (".shp", ".shx", ".dbf"):
        if part not in parts:
            raise LayerError("shapefile_part_missing", path=str(path), part=part)
    records = {}
    for part in (".shp", ".shx"):
        size, head = parts[part]
        said = 2 * struct.unpack(">i", head[24:28])[0] if len(head) == 100 else 100
        if size < said:
            raise LayerError("shapefile_part_cut", path=str(path), part=part, size=size, said=said)
        records[part] = (said - 100) // 8
    size, head = parts[".dbf"]
    rows, before, each = struct.unpack("<IHH", head[4:12]) if len(head) >= 32 else (0, 33, 0)
    if size < before + rows * each:
        raise LayerError(
            "shapefile_part_cut", path=str(path), part=".dbf", size=size, said=before + rows * each
        )
    if rows != records[".shx"]:
        raise LayerError("shapefile_rows_differ", path=str(path), shapes=records[".shx"], rows=rows)
