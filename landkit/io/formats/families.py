"""Which family reads a file, by its name; its content is looked at by the family."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from landkit.io.formats import by_gdal, coordinate_text, dxf, geoparquet, geotiff, point_table, zipped
from landkit.io.source import Family

_FAMILIES: Final[dict[str, Family]] = {
    ".zip": zipped,
    ".kmz": zipped,
    ".parquet": geoparquet,
    ".dxf": dxf,
    ".csv": point_table,
    ".tsv": point_table,
    ".xlsx": point_table,
    ".txt": coordinate_text,
    ".tif": geotiff,
    ".tiff": geotiff,
}


def family_of(path: Path) -> Family:
    """The family of a file; GDAL's where no other claims it."""
    return _FAMILIES.get(path.suffix.lower(), by_gdal)
