"""Which family reads a file, by its name; its content is looked at by the family."""

from __future__ import annotations

from typing import Final

from landkit.io.formats import (
    by_gdal,
    coordinate_text,
    dxf,
    geoparquet,
    geotiff,
    point_table,
    postgis,
    zipped,
)
from landkit.io.source import Asked, Family

_FAMILIES: Final[dict[str, Family]] = {
    ".zip": zipped,
    ".kmz": zipped,
    ".parquet": geoparquet,
    ".dxf": dxf,
    ".csv": point_table,
    ".tsv": point_table,
    ".xlsx": point_table,
    ".xlsm": point_table,
    ".xls": point_table,
    ".txt": coordinate_text,
    ".tif": geotiff,
    ".tiff": geotiff,
}


def family_of(asked: Asked) -> Family:
    """The family of a source; GDAL's where no other claims it."""
    return postgis if asked.address else _FAMILIES.get(asked.path.suffix.lower(), by_gdal)
