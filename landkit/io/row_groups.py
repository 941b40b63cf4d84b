"""A big layer, one group of rows after another, as Arrow tables: GeoParquet by its row groups, GeoPackage by
ranges of its row ids.

Each group can be read by itself and again, in any order: what a run that was killed has done need not be read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyogrio

from landkit.arrays import Bounds
from landkit.errors import LayerError
from landkit.geometry.geoparquet import GEOMETRY, geo_metadata
from landkit.io.crs import agree_on_crs, read_crs
from landkit.io.opener import (
    check_path,
    driver_for,
    first_line,
    gdal_path,
    info_of,
    layer_names,
    make_gdal_safe,
)
from landkit.io.source import Asked, about_link, choose_layer
from landkit.model import Finding, LayerFile, as_layer_file

if TYPE_CHECKING:
    import pyarrow as pa

SPLIT_LIST = "_split.json"
SOURCE_ROW = "source_row"
AHEAD = False  # Arrow's own thread holds the whole file in memory and is waited for; who reads ahead does it by group


class RowGroups(Protocol):
    """Groups of rows of one layer: how many, the position of each one's first row, and the rows themselves."""

    @property
    def first_row(self) -> tuple[int, ...]:
        """Position in the file of the first row of each group."""

    @property
    def row_column(self) -> str | None:
        """The column that says which row of the source each row was; None where the order is the source's own."""

    @property
    def boxes(self) -> tuple[Bounds, ...]:
        """The box around the shapes of each group, as the source states it; none where it states none."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What people should look at in the layer as a whole."""

    def __len__(self) -> int:
        """How many groups."""

    def read(self, group: int) -> pa.Table:
        """One group: the WKB column `geometry`, with GeoParquet metadata, and the columns asked for."""


def row_groups(
    source: str | Path | LayerFile, *, columns: tuple[str, ...] = (), rows: int = 250_000
) -> RowGroups:
    """The groups of a GeoParquet or GeoPackage file, of about `rows` rows each (分组读取).

    A row group of GeoParquet is never split, small ones are read together; the folder that `split_parcels` wrote
    has its parts for groups.

    Raises: LayerError where the file is missing, damaged, of another kind, or lacks a layer or column; CRSError where no CRS
    is stated, or two.
    """
    make_gdal_safe()
    file = as_layer_file(source)
    checked = check_path(file.path)
    if (checked / SPLIT_LIST).is_file():
        return _split_groups(checked, file, columns)
    if checked.suffix.lower() == ".parquet":
        return _parquet_groups(checked, file, columns, rows)
    if checked.suffix.lower() == ".gpkg" and driver_for(checked) == "GPKG":
        return _geopackage_groups(checked, file, columns, rows)
    raise LayerError("stream_kind", path=str(file.path))


def _layer_of(path: Path, file: LayerFile, names: list[str]) -> str:
    """The layer that was asked for.   Raises: LayerError."""
    return choose_layer(Asked(path, layer=file.layer), names)


def _crs_of(said: object, path: Path, file: LayerFile) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """What a file says of its CRS, or else what was given by hand, as PROJJSON; and what to look at.   Raises: CRSError."""
    stated = None if said is None else read_crs(said, layer=path.name)
    agreed = agree_on_crs(stated, file.crs, layer=path.name)
    return dict(agreed.crs.to_json_dict()), (*about_link(path), *agreed.findings)


@dataclass(frozen=True)
class _ParquetGroups:
    path: Path
    columns: tuple[str, ...]
    primary: str
    crs: dict[str, Any]
    members: tuple[tuple[int, ...], ...]
    first_row: tuple[int, ...]
    findings: tuple[Finding, ...] = ()
    row_column: str | None = None
    boxes: tuple[Bounds, ...] = ()

    def __len__(self) -> int:
        return len(self.members)

    def read(self, group: int) -> pa.Table:
        from pyarrow import ArrowException, parquet

        try:
            with parquet.ParquetFile(self.path, pre_buffer=AHEAD) as file:
                wanted = [self.primary, *self.columns]
                table = file.read_row_groups(list(self.members[group]), wanted, use_threads=False)
        except (ArrowException, OSError) as error:
            raise LayerError("file_unreadable", path=str(self.path), detail=first_line(error)) from error
        return _with_crs(table, self.primary, self.crs)


def _parquet_groups(path: Path, file: LayerFile, columns: tuple[str, ...], rows: int) -> _ParquetGroups:
    from pyarrow import ArrowException, parquet

    _layer_of(path, file, [path.stem])
    try:
        with parquet.ParquetFile(path) as opened:
            said = (opened.schema_arrow.metadata or {}).get(b"geo", b"null")
            sizes = [opened.metadata.row_group(k).num_rows for k in range(opened.metadata.num_row_groups)]
            names = opened.schema_arrow.names
    except (ArrowException, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    primary, main = _primary_column(said, path, names)
    require_columns(path, columns, names)
    crs, found = _crs_of(main.get("crs", "OGC:CRS84"), path, file)
    members: list[tuple[int, ...]] = []
    first, done, held = [], 0, 0
    for group, size in enumerate(sizes):
        if not members or held + size > rows:
            members.append(())
            first.append(done)
            held = 0
        members[-1] += (group,)
        held += size
        done += size
    return _ParquetGroups(path, columns, primary, crs, tuple(members), tuple(first), found)


def _primary_column(said: bytes, path: Path, names: list[str]) -> tuple[str, dict[str, Any]]:
    """The column of shapes and what GeoParquet's metadata say of it.

    Raises: LayerError where they do not say that one of the columns is WKB, or another column stands where shapes go.
    """
    try:
        geo = json.loads(said)
        primary = geo["primary_column"]
        main = geo["columns"][primary]
        plain = (
            main["encoding"] == "WKB" and primary in names and (primary == GEOMETRY or GEOMETRY not in names)
        )
    except (ValueError, TypeError, KeyError) as error:
        raise LayerError("stream_kind", path=str(path)) from error
    if not plain:
        raise LayerError("stream_kind", path=str(path))
    return primary, main


@dataclass(frozen=True)
class _SplitGroups:
    folder: Path
    names: tuple[str, ...]
    columns: tuple[str, ...]
    crs: dict[str, Any]
    first_row: tuple[int, ...]
    boxes: tuple[Bounds, ...]
    findings: tuple[Finding, ...] = ()
    row_column: str | None = SOURCE_ROW

    def __len__(self) -> int:
        return len(self.names)

    def read(self, group: int) -> pa.Table:
        from pyarrow import ArrowException, parquet

        path = self.folder / self.names[group]
        wanted = list(dict.fromkeys([GEOMETRY, SOURCE_ROW, *self.columns]))
        try:
            # read_table loads Arrow's datasets first, which costs more
            with parquet.ParquetFile(path, pre_buffer=AHEAD) as file:
                return _with_crs(file.read(wanted, use_threads=False), GEOMETRY, self.crs)
        except (ArrowException, OSError) as error:
            raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error


def _split_groups(folder: Path, file: LayerFile, columns: tuple[str, ...]) -> _SplitGroups:
    """The parts of a split layer; file names are taken from the list only as names beside it."""
    _layer_of(folder, file, [folder.name])
    try:
        said = json.loads((folder / SPLIT_LIST).read_text(encoding="utf-8"))
        parts = [(Path(str(part["name"])).name, int(part["rows"])) for part in said["parts"]]
        said_crs, names = said["crs"], [str(name) for name in said["columns"]]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise LayerError("file_unreadable", path=str(folder), detail=first_line(error)) from error
    require_columns(folder, columns, names)
    starts = [0]
    for _, rows in parts:
        starts.append(starts[-1] + rows)
    crs, found = _crs_of(said_crs, folder, file)
    named = tuple(name for name, _ in parts)
    return _SplitGroups(folder, named, columns, crs, tuple(starts[:-1]), _boxes(said["parts"]), found)


def _boxes(parts: list[dict[str, Any]]) -> tuple[Bounds, ...]:
    """The bounds that each part states; none where one does not: only the order rests on them in which parts are begun."""
    try:
        stated = [tuple(map(float, part["bounds"])) for part in parts]
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple((w, s, e, n) for w, s, e, n in stated) if all(len(one) == 4 for one in stated) else ()


@dataclass(frozen=True)
class _GeopackageGroups:
    path: Path
    columns: tuple[str, ...]
    layer: str
    crs: dict[str, Any]
    row_id: str
    ranges: tuple[tuple[int, int], ...]
    first_row: tuple[int, ...]
    findings: tuple[Finding, ...] = ()
    row_column: str | None = None
    boxes: tuple[Bounds, ...] = ()

    def __len__(self) -> int:
        return len(self.ranges)

    def read(self, group: int) -> pa.Table:
        low, high = self.ranges[group]
        named = '"' + self.row_id.replace('"', '""') + '"'
        meta, table = pyogrio.read_arrow(
            gdal_path(self.path),
            layer=self.layer,
            columns=list(self.columns),
            where=f"{named} >= {low} AND {named} <= {high}",
        )
        shapes = meta["geometry_name"] or "wkb_geometry"
        return _with_crs(table.select([shapes, *self.columns]), shapes, self.crs)


def _geopackage_groups(path: Path, file: LayerFile, columns: tuple[str, ...], rows: int) -> _GeopackageGroups:
    layer = _layer_of(path, file, layer_names(path))
    info = info_of(path, layer=layer, force_feature_count=True)
    require_columns(path, columns, [str(name) for name in info["fields"]])
    crs, found = _crs_of(info["crs"], path, file)
    row_id = info["fid_column"] or "fid"
    _, table = pyogrio.read_arrow(
        gdal_path(path), layer=layer, columns=[], read_geometry=False, return_fids=True
    )
    ids = table.column(0).to_pylist()
    starts = range(0, len(ids), rows)
    ranges = tuple((ids[at], ids[min(at + rows, len(ids)) - 1]) for at in starts)
    return _GeopackageGroups(path, columns, layer, crs, row_id, ranges, tuple(starts), found)


def require_columns(path: Path, columns: tuple[str, ...], there: list[str]) -> None:
    """Raises: LayerError where a column is not there, with the names of those that are."""
    lost = [name for name in columns if name not in there]
    if lost:
        raise LayerError("stream_column", path=str(path), column=lost[0], names="/".join(there[:20]))


def _with_crs(table: pa.Table, shapes: str, crs: dict[str, Any]) -> pa.Table:
    """The table with its shapes under one name and its CRS in the metadata."""
    names = [GEOMETRY if name == shapes else name for name in table.column_names]
    plain = table.rename_columns(names).replace_schema_metadata(None)
    return plain.replace_schema_metadata(geo_metadata(crs, kinds=()))
