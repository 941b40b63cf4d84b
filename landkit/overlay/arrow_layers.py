"""Arrow tables with a column of WKB: their CRS, and the same as a frame."""

from __future__ import annotations

import json
from typing import Final

import numpy as np
import pyarrow as pa

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import CRSError, LayerError

GEOMETRY: Final = "geometry"


def require_wkb(schema: pa.Schema, layer: str) -> None:
    """The column `geometry` is there and holds bytes.   Raises: LayerError."""
    names = schema.names
    kind = schema.field(GEOMETRY).type if names.count(GEOMETRY) == 1 else pa.null()
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if kind not in (pa.binary(), pa.large_binary(), pa.binary_view()):
        raise LayerError("arrow_without_wkb", layer=layer, names="/".join(names[:20]))


def written_crs(schema: pa.Schema) -> object:
    """What GeoParquet or GeoArrow metadata say of the CRS of the column `geometry`; None where nothing.

    GeoParquet's silence means longitude and latitude on WGS 84; its null means unknown.
    """
    column = json.loads((schema.metadata or {}).get(b"geo", b"{}")).get("columns", {}).get(GEOMETRY)
    if column is not None:
        return column.get("crs", "OGC:CRS84")
    field = schema.field(GEOMETRY)
    if isinstance(field.type, pa.BaseExtensionType):
        crs = getattr(field.type, "crs", None)
        return crs if crs is None else pyproj.CRS.from_user_input(crs)
    return json.loads((field.metadata or {}).get(b"ARROW:extension:metadata", b"{}") or b"{}").get("crs")


def frame_of(table: pa.Table | pa.RecordBatch, layer: str) -> gpd.GeoDataFrame:
    """The geometry of an Arrow table as a frame with its CRS, if one is stated; the index is the position.

    Bytes that are no shape become None.   Raises: LayerError, CRSError where what is stated is no CRS.
    """
    require_wkb(table.schema, layer)
    column = table[GEOMETRY]
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    read = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    shapes = np.asarray(read, dtype=object)
    said = written_crs(table.schema)
    crs = None if said is None else _known_crs(said, layer)
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapely.force_2d(shapes), crs=crs))


def require_same(left: str, right: str) -> None:
    """Two systems, as WKT, are the same.   Raises: CRSError."""
    if left == right:
        return
    one, other = pyproj.CRS.from_wkt(left), pyproj.CRS.from_wkt(right)
    if one != other and one.to_string() != other.to_string():
        raise CRSError("crs_mismatch", left=one.to_string(), right=other.to_string())


def metric_crs(schema: pa.Schema, layer: str, stated: str | None = None) -> str:
    """The CRS of the geometry column as WKT, from the metadata or as stated; it must be in metres (坐标系).

    Raises: LayerError where there is no WKB; CRSError where there is no CRS, where the metadata and what is stated differ, or
    it is not in metres.
    """
    require_wkb(schema, layer)
    written = written_crs(schema)
    if written is None and stated is None:
        raise CRSError("crs_missing", layer=layer)
    found = _known_crs(written if written is not None else stated, layer)
    if stated is not None:
        require_same(found.to_wkt(), pyproj.CRS.from_user_input(stated).to_wkt())
    if not found.is_projected or found.axis_info[0].unit_conversion_factor != 1:
        raise CRSError("crs_not_projected", crs=found.to_string())
    return str(found.to_wkt())


def _known_crs(said: object, layer: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError as error:
        raise CRSError("crs_unknown", layer=layer, crs=str(said)) from error


def geo_metadata(crs: str) -> dict[str, str]:
    """Table metadata by which GeoParquet readers know the column `geometry` as polygons in a CRS."""
    column = {
        "encoding": "WKB",
        "geometry_types": ["Polygon", "MultiPolygon"],
        "crs": json.loads(pyproj.CRS.from_user_input(crs).to_json()),
    }
    geo = {"version": "1.0.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return {"geo": json.dumps(geo)}
