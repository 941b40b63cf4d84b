"""Arrow tables with a column of shapes: which one it is, its CRS, and the same as a frame."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import CRSError, LayerError
from landkit.geometry.geoparquet import GEOMETRY, geo_metadata
from landkit.geometry.plane import advised

__all__ = [
    "GEOMETRY",
    "frame_of",
    "geo_metadata",
    "metric_crs",
    "require_same",
    "shape_column",
    "table_of",
    "wkb_column",
    "written_crs",
]


def shape_column(schema: pa.Schema, layer: str) -> str:
    """The column that holds the shapes: GeoParquet's primary column, else the one of a GeoArrow type, else `geometry` (图形列).

    Raises: LayerError where none of these is there once, it holds neither WKB nor GeoArrow's coordinates, or the
    metadata make no sense.
    """
    names = schema.names
    typed = [name for name in dict.fromkeys(names) if _extension(schema, name) is not None]
    told = [_geo(schema, layer).get("primary_column"), *(typed if len(typed) == 1 else []), GEOMETRY]
    name = next((name for name in told if names.count(name) == 1), None)
    if name is None or not (_holds_bytes(schema, name) or _extension(schema, name)):
        raise LayerError("arrow_without_shapes", layer=layer, names="/".join(names[:20]))
    return str(name)


def _geo(schema: pa.Schema, layer: str) -> dict[str, Any]:
    """GeoParquet's metadata of the table; empty where there is none."""
    geo = _said((schema.metadata or {}).get(b"geo", b"{}"), layer)
    columns = geo.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(column, dict) for column in columns.values()):
        raise LayerError("arrow_metadata", layer=layer)
    return geo


def _said(metadata: bytes, layer: str) -> dict[str, Any]:
    """What metadata say in JSON.   Raises: LayerError where they make no sense."""
    try:
        said = json.loads(metadata or b"{}")
    except ValueError as error:
        raise LayerError("arrow_metadata", layer=layer) from error
    if not isinstance(said, dict):
        raise LayerError("arrow_metadata", layer=layer)
    return said


def _extension(schema: pa.Schema, name: str) -> str | None:
    """Of which GeoArrow type a column is, whether or not that type is registered; None where of none."""
    if schema.names.count(name) != 1:
        return None
    field = schema.field(name)
    if isinstance(field.type, pa.BaseExtensionType):
        said = getattr(field.type, "extension_name", "")
    else:
        said = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode()
    return said if said.startswith(("geoarrow.", "ogc.")) else None


def _holds_bytes(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return kind in (pa.binary(), pa.large_binary(), pa.binary_view())


def wkb_column(table: pa.Table | pa.RecordBatch, layer: str) -> pa.Array | pa.ChunkedArray:
    """The shapes of a table as WKB; GeoArrow's own coordinates are turned into it.   Raises: LayerError."""
    name = shape_column(table.schema, layer)
    if _holds_bytes(table.schema, name):
        return table[name]
    try:
        frame = gpd.GeoDataFrame.from_arrow(table.select([name]))
    except (ValueError, TypeError, NotImplementedError) as error:
        kind = _extension(table.schema, name)  # one of GeoArrow's types that geopandas does not read
        raise LayerError("arrow_encoding", layer=layer, column=name, kind=kind) from error
    return pa.array(shapely.to_wkb(np.asarray(frame.geometry.array, dtype=object)), type=pa.large_binary())


def table_of(stream: Any, layer: str) -> pa.Table:
    """All rows of what gives Arrow as a stream: DuckDB's relation, a reader (Arrow 数据流).

    Raises: LayerError where a reader gives no rows: it may have been read before, and nothing would read as no overlap.
    """
    table = pa.table(stream)
    if isinstance(stream, pa.RecordBatchReader) and not table.num_rows:
        raise LayerError("arrow_reader_empty", layer=layer)
    return table


def written_crs(schema: pa.Schema, layer: str) -> object:
    """What GeoParquet or GeoArrow metadata say of the CRS of the column of shapes; None where nothing.

    GeoParquet's silence means longitude and latitude on WGS 84; its null means unknown.

    Raises: LayerError where there are no shapes, or the metadata make no sense.
    """
    name = shape_column(schema, layer)
    column = _geo(schema, layer).get("columns", {}).get(name)
    if column is not None:
        return column.get("crs", "OGC:CRS84")
    field = schema.field(name)
    if isinstance(field.type, pa.BaseExtensionType):
        crs = getattr(field.type, "crs", None)
        return crs if crs is None else pyproj.CRS.from_user_input(crs)
    return _said((field.metadata or {}).get(b"ARROW:extension:metadata", b"{}"), layer).get("crs")


def frame_of(table: pa.Table | pa.RecordBatch, layer: str) -> gpd.GeoDataFrame:
    """The geometry of an Arrow table as a frame with its CRS, if one is stated; the index is the position.

    Bytes that are no shape become None.   Raises: LayerError, CRSError where what is stated is no CRS.
    """
    column = wkb_column(table, layer)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    read = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    shapes = np.asarray(read, dtype=object)
    said = written_crs(table.schema, layer)
    crs = None if said is None else _known_crs(said, layer)
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapely.force_2d(shapes), crs=crs))


def require_same(left: str, right: str) -> None:
    """Two systems, as WKT, are the same.   Raises: CRSError."""
    if left == right:
        return
    one, other = pyproj.CRS.from_wkt(left), pyproj.CRS.from_wkt(right)
    if one != other and one.to_string() != other.to_string():
        raise CRSError("crs_mismatch", left=one.to_string(), right=other.to_string())


def metric_crs(table: pa.Table | pa.RecordBatch, layer: str, stated: str | None = None) -> str:
    """The CRS of the geometry column as WKT, from the metadata or as stated; it must be in metres (坐标系).

    Raises: LayerError where there are no shapes; CRSError where there is no CRS, where the metadata and what is stated differ, or
    it is not in metres.
    """
    written = written_crs(table.schema, layer)
    if written is None and stated is None:
        raise CRSError("crs_missing", layer=layer)
    found = _known_crs(written if written is not None else stated, layer)
    if stated is not None:
        require_same(found.to_wkt(), pyproj.CRS.from_user_input(stated).to_wkt())
    if not found.is_projected or found.axis_info[0].unit_conversion_factor != 1:
        plane = advised(np.asarray(frame_of(table, layer).total_bounds), found)
        raise CRSError("layer_not_projected", layer=layer, crs=found.to_string(), plane=plane)
    return str(found.to_wkt())


def _known_crs(said: object, layer: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", layer=layer, crs=str(said)) from error
