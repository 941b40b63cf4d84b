"""A layer that cannot be read in groups of rows (shapefile, GeoJSON, file geodatabase ...) as GeoParquet, which can.

Read by the reader of layers, so many rows at a time: memory holds one batch.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import shapely

from landkit.errors import LayerError
from landkit.geometry.geoparquet import GEOARROW, GEOMETRY, geo_metadata
from landkit.io.folders import refusal
from landkit.io.formats.geopackage_state import is_unsettled
from landkit.io.opener import first_line
from landkit.io.row_groups import SOURCE_ROW, SPLIT_LIST, require_columns
from landkit.io.source import BATCH_ROWS
from landkit.io.vector import describe_layers, read_batches
from landkit.model import Finding, LayerFile, Reading, plain_reason, reason_from

if TYPE_CHECKING:
    import pyarrow as pa

COPY: Final = ".parcels.parquet"
COPY_OF: Final = "landkit_copy_of"
FOUND: Final = "landkit_findings"
_IN_GROUPS: Final = (".parquet", ".gpkg")
Told = Callable[[int, int], object]


@dataclass(frozen=True)
class CopyJob:
    """What is copied (副本要求): which layer, which of its columns (None: all), at most how many rows in a group.

    `mark` says what it is a copy of, for a later run to know one that was left; without one it is made anew.
    """

    file: LayerFile
    columns: tuple[str, ...] | None = None
    rows: int = BATCH_ROWS
    mark: str = ""


@dataclass(frozen=True)
class Copy:
    """A layer that was copied (副本): where, and what people should look at in what was read."""

    path: Path
    findings: tuple[Finding, ...]


def is_in_groups(path: Path) -> bool:
    """Whether `row_groups` reads a source as it is: GeoParquet (WKB), a GeoPackage that nobody has open, a folder of parts."""
    kind = path.suffix.lower()
    if kind == ".parquet" and _is_geoarrow(path):
        return False
    return (kind in _IN_GROUPS and not is_unsettled(path)) or (path / SPLIT_LIST).is_file()


def _is_geoarrow(path: Path) -> bool:
    """Whether shapes of GeoParquet are lists of coordinates, not WKB; what is wrong with a file is told by who reads it."""
    from pyarrow import ArrowException, parquet

    try:
        geo = json.loads((parquet.read_schema(path).metadata or {})[b"geo"])
        return geo["columns"][geo["primary_column"]]["encoding"] in GEOARROW
    except (ArrowException, OSError, ValueError, TypeError, KeyError):
        return False


@contextlib.contextmanager
def copied(job: CopyJob, folder: Path, told: Told = lambda _done, _of: None) -> Iterator[Copy]:
    """A layer of any kind that `read_layer` reads as GeoParquet in `folder` (分组副本), its rows in order; gone when used.

    A run that is stopped or killed on the way leaves its copy to the next one, which takes it where it is whole and has
    the same mark.  `told` hears of rows done, of how many.

    Raises: LayerError, CRSError as `read_batches`; LayerError where a column is lacking or is called like one of ours;
    PlaceError where the copy cannot be written.
    """
    copy = folder / COPY
    if not (job.mark and _is_copy(copy, job.mark)):
        with _or_none(copy):
            _write(copy, job, told)
    with _or_none(copy, LayerError):  # of no use to a run with other parcels
        yield Copy(copy, _found_in(copy))
    _remove(copy)


@contextlib.contextmanager
def _or_none(copy: Path, failure: type[BaseException] = BaseException) -> Iterator[None]:
    """A copy is removed where what is done with it fails so."""
    try:
        yield
    except failure:
        _remove(copy)
        raise


def _remove(copy: Path) -> None:
    with contextlib.suppress(OSError):  # a worker that was given up may still hold it
        copy.unlink(missing_ok=True)


def _is_copy(copy: Path, mark: str) -> bool:
    """Whether a file is a whole copy with that mark: GeoParquet says it at its end, which is written last."""
    from pyarrow import ArrowException, parquet

    try:
        return bool((parquet.read_schema(copy).metadata or {}).get(COPY_OF.encode()) == mark.encode())
    except (ArrowException, OSError):
        return False


def _found_in(copy: Path) -> tuple[Finding, ...]:
    """What was found when the copy was written, which may have been in a run before this one."""
    from pyarrow import parquet

    said = json.loads((parquet.read_metadata(copy).metadata or {})[FOUND.encode()])
    return tuple(Finding(**{**one, "reason": reason_from(one["reason"])}) for one in said)


def _kept(found: list[Finding]) -> str:
    plain = [{**vars(one), "reason": plain_reason(one.reason)} for one in found]
    return json.dumps(plain, ensure_ascii=False)


def _write(copy: Path, job: CopyJob, told: Told) -> None:
    from pyarrow import ArrowException, parquet

    file = job.file
    readings = read_batches(
        file.path, layer=file.layer, crs=file.crs, encoding=file.encoding, rows=min(job.rows, BATCH_ROWS)
    )
    first = next(readings)
    done = 0
    found: list[Finding] = []
    try:
        schema = _schema(first, job)
        with parquet.ParquetWriter(copy, schema) as written:
            for reading in itertools.chain([first], readings):
                written.write_table(_table(reading, schema))
                found += reading.findings
                done += len(reading.frame)
                told(done, int(reading.facts.get("rows", done)))
            written.add_key_value_metadata({FOUND: _kept(found)})
    except ArrowException as error:  # a later row holds what the first ones did not promise
        raise LayerError("file_unreadable", path=str(file.path), detail=first_line(error)) from error
    except OSError as error:
        raise refusal(error, copy) from error


def _schema(reading: Reading, job: CopyJob) -> pa.Schema:
    """Types as the header of the layer says: in one batch a column may be empty, or whole numbers floats for a gap."""
    import pyarrow as pa

    frame, path = reading.frame, Path(job.file.path)
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    if job.columns is not None:
        require_columns(path, job.columns, names)
        names = list(job.columns)
    taken = {GEOMETRY, SOURCE_ROW} & set(names)
    if taken:
        raise LayerError("split_column", path=str(path), column=sorted(taken)[0])
    kinds = _kinds(job.file, reading)
    fields = [
        pa.field(name, _type(kinds.get(name, ""), pa.array(frame[name], from_pandas=True).type))
        for name in names
    ]
    said = {**geo_metadata(frame.crs.to_json_dict(), kinds=()), COPY_OF: job.mark}
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary())], said)


def _kinds(file: LayerFile, reading: Reading) -> Mapping[str, str]:
    headers = describe_layers(file.path, encoding=file.encoding)
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
