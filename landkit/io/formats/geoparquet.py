"""GeoParquet in: whole, by its header, or one group of rows after another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import LayerError
from landkit.geometry.geoparquet import GEOARROW
from landkit.io.opener import first_line
from landkit.io.source import Asked, choose_layer, slices
from landkit.model import Reading

# what pyarrow and geopandas say of a file that is damaged, or whose description of itself is
_BROKEN: Final = (ValueError, OSError, LookupError, TypeError, AttributeError, pyproj.exceptions.CRSError)


def headers(asked: Asked) -> list[dict[str, Any]]:
    """The one layer of the file, without its rows.   Raises: LayerError."""
    file, geo = _opened(asked)
    main = geo["columns"][geo["primary_column"]]
    names = [n for n in file.schema_arrow.names if n != geo["primary_column"] and n != "__index_level_0__"]
    return [
        {
            "layer": asked.path.stem,
            "rows": file.metadata.num_rows,
            "crs": _crs_of(main),
            "extent": list(main["bbox"]) if "bbox" in main else None,
            "fields": names,
            "types": [str(file.schema_arrow.field(n).type) for n in names],
            "geometry": "/".join(main.get("geometry_types") or []) or "Unknown",
            "encoding": "UTF-8",
            "encoding_by": "format",
            "format": "GeoParquet",
        }
    ]


def read(asked: Asked) -> Reading:
    """All rows of the file.   Raises: LayerError."""
    choose_layer(asked, [asked.path.stem])
    try:
        frame = gpd.read_parquet(asked.path)
        _require_text(frame)
    except _BROKEN as error:
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error
    return Reading(frame, (), {"layer": asked.path.stem, "format": "GeoParquet"})


def _require_text(frame: gpd.GeoDataFrame) -> None:
    """Text is decoded only when it is looked at: bytes that are no UTF-8 must show now.   Raises: ValueError."""
    import pyarrow as pa

    for column in frame.columns[frame.dtypes == "str"]:
        pa.array(frame[column]).validate(full=True)


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The rows of the file, so many at a time; memory holds one batch and one group of rows.   Raises: LayerError."""
    file, geo = _opened(asked)
    name = geo["primary_column"]
    main = geo["columns"][name]
    if main.get("encoding") not in ("WKB", *GEOARROW) or "__index_level_0__" in file.schema_arrow.names:
        yield from slices(read(asked), rows)
        return
    facts = {"layer": asked.path.stem, "format": "GeoParquet", "rows": file.metadata.num_rows}
    try:
        empty = True
        for batch in file.iter_batches(batch_size=rows):
            empty = False
            batch.validate(full=True)
            yield Reading(_frame_of(batch, name, main), (), facts)
        if empty:
            yield read(asked)
    except _BROKEN as error:
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error


def _frame_of(batch: Any, geometry: str, main: dict[str, Any]) -> gpd.GeoDataFrame:
    shapes = _shapes_of(batch.column(geometry), main["encoding"])
    frame = batch.drop_columns([geometry]).to_pandas()
    made = gpd.GeoDataFrame(frame, geometry=shapes, crs=_crs_of(main))
    return made.rename_geometry(geometry) if geometry != "geometry" else made


def _shapes_of(column: Any, encoding: str) -> Any:
    import pyarrow as pa

    if encoding == "WKB":
        return shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    said = {"ARROW:extension:name": f"geoarrow.{encoding}"}  # which GeoParquet says in its own metadata only
    field = pa.field("geometry", column.type, metadata=said)
    return gpd.GeoDataFrame.from_arrow(pa.table([column], schema=pa.schema([field]))).geometry.to_numpy()


def _crs_of(main: dict[str, Any]) -> str | None:
    """The CRS of the geometry column: the specification says OGC:CRS84 where the file is silent, null is unknown."""
    said = main.get("crs", "OGC:CRS84")
    return None if said is None else pyproj.CRS.from_user_input(said).to_string()


def _opened(asked: Asked) -> tuple[Any, dict[str, Any]]:
    from pyarrow import ArrowException, parquet

    try:
        file = parquet.ParquetFile(asked.path)
        geo = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    except (ArrowException, *_BROKEN) as error:
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error
    asked.limits.check("columns", len(file.schema_arrow.names), path=asked.name)
    return file, geo
