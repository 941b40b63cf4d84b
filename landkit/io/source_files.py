"""The files that a source is made of."""

from __future__ import annotations

from pathlib import Path

from landkit.io.shapefile.parts import READ_PARTS


def files_of(path: Path) -> list[Path]:
    """The files that a change of a source shows in (数据源的全部文件), in order.

    All of a folder (a geodatabase, split parts) but locks and hidden ones; of a shapefile what is read beside it; else
    the file itself.
    """
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file() and p.suffix != ".lock" and p.name[0] != ".")
    if path.suffix.lower() == ".shp":
        beside = (p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file())
        return sorted(p for p in beside if p.suffix.lower() in READ_PARTS)
    return [path]
