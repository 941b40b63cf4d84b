"""What stands in a written file, read again as tables of cells (回读成果): workbook, GeoPackage, shapefile, raster, text."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyogrio
import rasterio

from landkit.errors import LayerError
from landkit.io.printed.raster import printed_raster
from landkit.io.printed.texts import printed_json, printed_lines
from landkit.io.printed.vectors import printed_geopackage, printed_shapefile
from landkit.io.printed.workbook import printed_workbook
from landkit.printed import Printed

READERS: Final[dict[str, Callable[[Path], list[Printed]]]] = {
    ".xlsx": printed_workbook,
    ".gpkg": printed_geopackage,
    ".zip": printed_shapefile,
    ".tif": printed_raster,
    ".json": printed_json,
    ".toml": printed_lines,
    ".csv": printed_lines,
    ".txt": printed_lines,
}
_UNREADABLE: Final = (
    OSError, ValueError, KeyError, IndexError, SyntaxError, zipfile.BadZipFile,
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, rasterio.errors.RasterioError,
)  # fmt: skip  # SyntaxError: XML that is cut


def read_printed(path: Path) -> list[Printed]:
    """The tables of a file that landkit wrote; none where it is of a kind without cells.

    Raises: LayerError where it cannot be read any more.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        return []
    try:
        return reader(path)
    except _UNREADABLE as error:
        raise LayerError("file_unreadable", path=path.name, detail=str(error).split("\n")[0][:160]) from error
