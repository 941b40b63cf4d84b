"""Vector layers in: one file, one layer, as it is.  Nothing is guessed; what the file does not say must be given."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

import geopandas as gpd
import shapely

from landkit.errors import LayerError
from landkit.io.boundary.crs import Told
from landkit.io.crs import settle_crs
from landkit.io.encoding.mojibake import about_spoilt
from landkit.io.formats.families import family_of
from landkit.io.formats.postgis import is_database
from landkit.io.limits import Limits
from landkit.io.opener import check_path, first_line, make_gdal_safe
from landkit.io.source import BATCH_ROWS, Asked, about_link
from landkit.io.source_files import files_of
from landkit.model import Finding, Reading


def read_layer(
    path: str | Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """Any supported vector file as a GeoDataFrame (矢量图层): its own columns, 2D geometry, a CRS that is stated.

    Shapefile, GeoPackage, File Geodatabase, GeoJSON, FlatGeobuf, KML, DXF, GeoParquet, each also zipped; tables (CSV,
    Excel) with WKT or coordinates; coordinate text of land surveys (.txt); PostGIS
    (`postgis:service=...`, layer = table).  `crs` and `encoding` are given only where the file does not say.

    Raises: LayerError where the file, the layer or its text cannot be read; CRSError where no CRS is stated, or two.
    """
    return read_source(path, layer=layer, crs=crs, encoding=encoding).frame


def read_source(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    told: Told | None = None,
    limits: Limits | None = None,
) -> Reading:
    """What `read_layer` gives, with what was decided on the way (encoding, CRS) as facts and findings (读取结果).

    `told` is what a study says of a coordinate text (.txt): its axes, its zone, where the study lies.

    Raises: as `read_layer`; also where a limit is passed, or the file changes while it is read.
    """
    make_gdal_safe()
    asked = _ask(path, Asked(Path(), layer, encoding, crs, limits or Limits(), told))
    before = _state(asked)
    with _damaged(asked):
        reading = family_of(asked).read(asked)
    if _state(asked) != before:
        raise LayerError("file_changed", path=asked.name)
    spoilt = about_spoilt(reading.frame.drop(columns=reading.frame.geometry.name))
    reading = dataclasses.replace(reading, findings=(*about_link(asked.path), *reading.findings, *spoilt))
    return _settled(reading, asked)


def read_batches(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    limits: Limits | None = None,
    rows: int = BATCH_ROWS,
) -> Iterator[Reading]:
    """The rows that `read_source` gives, so many at a time (分批读取): memory holds one batch, whatever the file's size.

    The index of a batch goes on where the one before ended; findings of the file as a whole come with the first batch.

    Raises: as `read_source`.
    """
    make_gdal_safe()
    asked = _ask(path, Asked(Path(), layer, encoding, crs, limits or Limits()))
    before, done = _state(asked), 0
    spoilt: set[str] = set()  # columns that have been told of
    for reading in _each(family_of(asked).batches(asked, rows), asked):
        settled = _settled(reading, asked)
        of_file = () if done else (*about_link(asked.path), *settled.findings[len(reading.findings) :])
        odd = about_spoilt(reading.frame.drop(columns=reading.frame.geometry.name))
        new = [f for f in odd if _column_of(f) not in spoilt]
        spoilt.update(map(_column_of, new))
        settled = dataclasses.replace(settled, findings=(*of_file, *reading.findings, *new))
        settled.frame.index = np.arange(done, done + len(settled.frame))
        done += len(settled.frame)
        yield settled
        if _state(asked) != before:
            raise LayerError("file_changed", path=asked.name)


def _column_of(found: Finding) -> str:
    """The column that a finding about spoilt text names."""
    return str(dict(found.reason.facts)["column"])


def describe_layers(
    path: str | Path, *, encoding: str | None = None, limits: Limits | None = None
) -> list[dict[str, Any]]:
    """Header of every layer of a file, without its rows (图层概况).

    Each has: layer, rows, crs, extent, fields, types, geometry, encoding, encoding_by, format, size_bytes.

    Raises: LayerError where the file cannot be read.
    """
    make_gdal_safe()
    asked = _ask(path, Asked(Path(), None, encoding, None, limits or Limits()))
    size = None if asked.address else _size(asked.path)
    with _damaged(asked):
        headers = family_of(asked).headers(asked)
    return [
        {**header, "types": [_kind(t) for t in header["types"]], "size_bytes": size} for header in headers
    ]


def _kind(said: str) -> str:
    """The kind of a column by the name that numpy or Arrow gives it: text, integer, number, date, flag, other."""
    return next((kind for start, kind in _KINDS.items() if said.startswith(start)), "other")


_KINDS: Final = {
    "object": "text", "str": "text", "large_string": "text", "dict": "text",
    "int": "integer", "uint": "integer", "Int": "integer",
    "float": "number", "double": "number", "decimal": "number",
    "datetime": "date", "timestamp": "date", "date": "date", "bool": "flag",
}  # fmt: skip


# what libraries say of bytes that make no sense, wherever in a file they stand
_DAMAGED: Final = (
    ValueError,
    OverflowError,
    LookupError,
    struct.error,
    zlib.error,
    shapely.errors.GEOSException,
)


@contextlib.contextmanager
def _damaged(asked: Asked) -> Iterator[None]:
    """A damaged file ends in one sentence.   Raises: LayerError; what the machine says (no space, no right) as it is."""
    try:
        yield
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):
            raise
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error
    except _DAMAGED as error:
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error


def _each(readings: Iterator[Reading], asked: Asked) -> Iterator[Reading]:
    """The readings one by one, as `_damaged`; what their reader does with them is not looked at."""
    while True:
        with _damaged(asked):
            reading = next(readings, None)
        if reading is None:
            return
        yield reading


def _ask(path: str | Path, asked: Asked) -> Asked:
    """What was asked, of a file that is there or of a database.   Raises: LayerError for any other address."""
    if is_database(path):
        return dataclasses.replace(asked, address=str(path), said=str(path))
    return dataclasses.replace(asked, path=check_path(path))


def _settled(reading: Reading, asked: Asked) -> Reading:
    """The reading with its CRS stated and in the plane, each shape within the limit."""
    name = asked.said if asked.address else asked.path.name
    name = name if asked.layer is None else f"{name}:{asked.layer}"
    frame, findings, facts = settle_crs(reading.frame, asked.crs, layer=name)
    most = int(shapely.get_num_coordinates(frame.geometry.array).max(initial=0))
    asked.limits.check("vertices_per_shape", most, path=asked.name)
    return Reading(
        frame.set_geometry(frame.geometry.force_2d()),
        (*reading.findings, *findings),
        {**reading.facts, **facts},
    )


def _state(asked: Asked) -> list[tuple[str, int, int]]:
    """Size and time of a file, or of all files of a geodatabase or shapefile: what changes when someone writes."""
    if asked.address:
        return []
    return [(f.name, s.st_size, s.st_mtime_ns) for f in files_of(asked.path) for s in [f.stat()]]


def _size(path: Path) -> int:
    beside = [path]
    if path.is_dir():
        beside = [p for p in path.iterdir() if p.is_file()]
    elif path.suffix.lower() == ".shp":
        beside = [p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file()]
    return sum(p.stat().st_size for p in beside)
