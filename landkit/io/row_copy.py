"""A layer that cannot be read in groups of rows (shapefile, GeoJSON, file geodatabase ...) as GeoParquet, which can.

Read by the reader of layers, so many rows at a time: memory holds one batch.  The copy is gone when it was used.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import shapely

from landkit.errors import LayerError, PlaceError
from landkit.geometry.geoparquet import GEOMETRY, geo_metadata
from landkit.io.opener import first_line
from landkit.io.row_groups import SOURCE_ROW, SPLIT_LIST, require_columns
from landkit.io.source import BATCH_ROWS
from landkit.io.vector import describe_layers, read_batches
from landkit.model import Reading

if TYPE_CHECKING:
    import pyarrow as pa

COPY: Final = ".parcels.parquet"
_IN_GROUPS: Final = (".parquet", ".gpkg")
Told = Callable[[int, int], object]


def is_in_groups(path: Path) -> bool:
    """Whether `row_groups` reads a source as it is: GeoParquet, GeoPackage, a folder of parts."""
    return path.suffix.lower() in _IN_GROUPS or (path / SPLIT_LIST).is_file()


@contextlib.contextmanager
def copied(
    path: Path,
    folder: Path,
    *,
    columns: tuple[str, ...] | None = None,
    rows: int = BATCH_ROWS,
    told: Told = lambda _done, _of: None,
) -> Iterator[Path]:
    """A layer of any kind that `read_layer` reads as GeoParquet in `folder` (分组副本): its rows in order, `columns` or all.

    A group has at most `rows` rows.  What a killed run left there is written over.  `told` hears of rows done, of how many.

    Raises: LayerError, CRSError as `read_batches`; LayerError where a column is lacking or is called like one of ours;
    PlaceError where the copy cannot be written.
    """
    copy = folder / COPY
    try:
        _write(copy, path, columns, min(rows, BATCH_ROWS), told)
        yield copy
    finally:
        with contextlib.suppress(OSError):  # a worker that was given up may still hold it
            copy.unlink(missing_ok=True)


def _write(copy: Path, path: Path, columns: tuple[str, ...] | None, rows: int, told: Told) -> None:
    from pyarrow import ArrowException, parquet

    readings = read_batches(path, rows=rows)
    first = next(readings)
    done = 0
    try:
        schema = _schema(first, path, columns)
        with parquet.ParquetWriter(copy, schema) as file:
            for reading in itertools.chain([first], readings):
                file.write_table(_table(reading, schema))
                done += len(reading.frame)
                told(done, int(reading.facts.get("rows", done)))
    except ArrowException as error:  # a later row holds what the first ones did not promise
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    except OSError as error:
        raise PlaceError("output_failed", path=str(copy), detail=error.strerror or str(error)) from error


def _schema(reading: Reading, path: Path, columns: tuple[str, ...] | None) -> pa.Schema:
    """Types as the header of the layer says: in one batch a column may be empty, or whole numbers floats for a gap."""
    import pyarrow as pa

    frame = reading.frame
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if columns is not None:
        require_columns(path, columns, names)
    taken = {GEOMETRY, SOURCE_ROW} & set(names if columns is None else columns)
    if taken:
        raise LayerError("split_column", path=str(path), column=sorted(taken)[0])
    kinds = _kinds(path, reading)
    fields = [
        pa.field(name, _type(kinds.get(name, ""), pa.array(frame[name], from_pandas=True).type))
        for name in (names if columns is None else columns)
    ]
    said = geo_metadata(frame.crs.to_json_dict(), kinds=())
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary())], said)


def _kinds(path: Path, reading: Reading) -> Mapping[str, str]:
    headers = describe_layers(path)
    mine = [h for h in headers if h["layer"] == reading.facts.get("layer")] or headers
    return dict(zip(mine[0]["fields"], mine[0]["types"], strict=True))


def _type(kind: str, seen: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    known = {"integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_(), "date": pa.timestamp("ms")}
    if kind in known and not pa.types.is_timestamp(seen):
        return known[kind]
    return pa.string() if pa.types.is_null(seen) or pa.types.is_large_string(seen) else seen


def _table(reading: Reading, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    frame = reading.frame
    values: list[Any] = [
        pa.array(frame[name], type=schema.field(name).type, from_pandas=True)
        for name in schema.names
        if name != GEOMETRY
    ]
    shapes = pa.array(shapely.to_wkb(frame.geometry.to_numpy()), type=pa.binary())
    return pa.table([*values, shapes], schema=schema)
