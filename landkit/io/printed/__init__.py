"""What stands in a written file, read again as tables of cells (回读成果): workbook, GeoPackage, shapefile, raster, text."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import pyogrio
import rasterio

from landkit.errors import LayerError
from landkit.io.printed.delimited import csv_parts, printed_coordinates, printed_csv
from landkit.io.printed.document import printed_document
from landkit.io.printed.exchange import (
    printed_drawing,
    printed_flatgeobuf,
    printed_geodatabase,
    printed_geojson,
    printed_parquet,
)
from landkit.io.printed.pages import printed_pdf
from landkit.io.printed.raster import printed_picture, printed_raster
from landkit.io.printed.texts import printed_json, printed_lines
from landkit.io.printed.vectors import (
    geopackage_parts,
    printed_geopackage,
    printed_shapefile,
    shapefile_parts,
)
from landkit.io.printed.workbook import printed_workbook, sheets_one_by_one
from landkit.printed import Printed

READERS: Final[dict[str, Callable[[Path], list[Printed]]]] = {
    ".xlsx": printed_workbook,
    ".docx": printed_document,
    ".gpkg": printed_geopackage,
    ".gdb.zip": printed_geodatabase,
    ".zip": printed_shapefile,
    ".parquet": printed_parquet,
    ".geojson": printed_geojson,
    ".fgb": printed_flatgeobuf,
    ".dxf": printed_drawing,
    ".tif": printed_raster,
    ".png": printed_picture,
    ".pdf": printed_pdf,
    ".json": printed_json,
    ".csv": printed_csv,
    ".txt": printed_coordinates,
    ".toml": printed_lines,
    ".qml": printed_lines,
    ".sld": printed_lines,
}
"""by the end of a file's name; the first that fits"""
_IN_PARTS: Final[dict[str, Callable[[Path], Iterable[Printed]]]] = {
    ".gpkg": geopackage_parts,
    ".gdb.zip": printed_geodatabase,
    ".zip": shapefile_parts,
    ".csv": csv_parts,
    ".xlsx": sheets_one_by_one,
}
"""those whose tables may be too long to be held as texts at once"""
_UNREADABLE: Final = (
    OSError, ValueError, KeyError, IndexError, SyntaxError, zipfile.BadZipFile,
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, rasterio.errors.RasterioError,
)  # fmt: skip  # SyntaxError: XML that is cut


def read_printed(path: Path) -> list[Printed]:
    """The tables of a file that landkit wrote; none where it is of a kind without cells.

    Raises: LayerError where it cannot be read any more.
    """
    reader = next((r for end, r in READERS.items() if path.name.lower().endswith(end)), None)
    if reader is None:
        return []
    with _named(path):
        return reader(path)


def read_in_parts(path: Path) -> Iterator[Printed]:
    """The same, long tables in parts that come one after the other under one name.

    Raises: LayerError where it cannot be read any more.
    """
    parts = next((r for end, r in _IN_PARTS.items() if path.name.lower().endswith(end)), None)
    if parts is None:
        yield from read_printed(path)
        return
    with _named(path):
        yield from parts(path)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """What goes wrong in reading, with the file's name."""
    try:
        yield
    except _UNREADABLE as error:
        raise LayerError("file_unreadable", path=path.name, detail=str(error).split("\n")[0][:160]) from error
