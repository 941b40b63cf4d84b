"""One file per layer for other programs: GeoParquet, GeoJSON, FlatGeobuf."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError
from landkit.io.certificate import compare
from landkit.io.changes import changes
from landkit.io.gdal import gdal_faults, read_ogr, write_ogr
from landkit.io.handover.order import Handed, Order, Place, field_rows
from landkit.io.plain import days_as_text, plain_frame

_DEGREE_DIGITS: Final = 11  # a thousandth of a millimetre
_JSON_SLACK: Final = 1e-12  # GDAL writes 953.1300000000048 as 953.13
_EXACT_NUMBER: Final = 2**53


def write_geoparquet(order: Order, place: Place) -> list[Handed]:
    """Each layer as `parquet/<layer>.parquet` (GeoParquet 1.1; a table without shapes as Parquet).   Raises: ExportError."""
    return [_each(order, name, place, _PARQUET) for name in order.layers]


def write_geojson(order: Order, place: Place) -> list[Handed]:
    """Each layer as `geojson/<layer>.geojson` in degrees of the layer's own datum.   Raises: ExportError."""
    return [_each(order, name, place, _GEOJSON) for name in order.layers]


def write_flatgeobuf(order: Order, place: Place) -> list[Handed]:
    """Each layer as `fgb/<layer>.fgb`, rows in their order.   Raises: ExportError."""
    return [_each(order, name, place, _FLATGEOBUF) for name in order.layers]


@dataclasses.dataclass(frozen=True)
class _Kind:
    """A format with one file per layer: the frame as it holds it, how it is written, how a stranger reads it."""

    name: str
    suffix: str
    hold: Callable[[pd.DataFrame, str], pd.DataFrame]
    write: Callable[[Path, pd.DataFrame], None]
    read: Callable[[Path], pd.DataFrame]
    grid: float = 0.0
    slack: float = 0.0


def _each(order: Order, layer: str, place: Place, kind: _Kind) -> Handed:
    meant = order.layers[layer]
    held = kind.hold(plain_frame(meant, layer=layer, lang=order.lang), layer)
    file = f"{kind.name}/{layer}{kind.suffix}"
    path = place(file)
    with gdal_faults(path):
        kind.write(path, held)
    try:
        found = kind.read(path)
    except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
        raise ExportError("export_roundtrip", path=file, detail=str(error)) from error
    certificate = compare(held, found, what=file, exact=True, grid_m=kind.grid, slack=kind.slack)
    geometry = held.geometry.name if isinstance(held, gpd.GeoDataFrame) else None
    fields = field_rows({str(c): str(c) for c in held.columns if c != geometry}, order.lang)
    return Handed(file, kind.name, layer, certificate, changes(meant, held), fields)


def _same(plain: pd.DataFrame, layer: str) -> pd.DataFrame:
    del layer
    return plain


def _in_degrees(plain: pd.DataFrame, layer: str) -> pd.DataFrame:
    """As JSON holds it: days as text, whole numbers beyond 2^53 as text, degrees; nothing infinite.  No rows, no fields."""
    out = days_as_text(plain)
    geometry = out.geometry.name if isinstance(out, gpd.GeoDataFrame) else None
    for column in (c for c in out.columns if c != geometry):
        if out[column].dtype.kind == "f":
            infinite = np.flatnonzero(np.isinf(out[column].to_numpy(dtype=float)))
            if len(infinite):
                raise ExportError("export_infinite", layer=layer, row=int(infinite[0]) + 1, column=column)
        elif out[column].dtype.kind == "i" and any(abs(int(v)) > _EXACT_NUMBER for v in out[column].dropna()):
            digits = [None if pd.isna(v) else str(v) for v in out[column]]
            out[column] = pd.Series(digits, index=out.index, dtype=object)
    if out.empty:  # fields stand in the rows
        out = out[[geometry]] if geometry else out.iloc[:, :0]
    if not isinstance(out, gpd.GeoDataFrame):
        return out
    turned = out.to_crs(out.crs.geodetic_crs)
    shapes = shapely.transform(
        np.asarray(turned.geometry.array, dtype=object),
        lambda points: np.round(points, _DEGREE_DIGITS),
        include_z=bool(turned.geometry.has_z.any()),
    )
    degrees: pd.DataFrame = turned.set_geometry(gpd.array.from_shapely(shapes, crs=turned.crs))
    return degrees


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    options: dict[str, Any] = {"index": False, "compression": "zstd"}
    if isinstance(frame, gpd.GeoDataFrame):
        frame.to_parquet(path, schema_version="1.1.0", **options)
    else:
        frame.to_parquet(path, **options)


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow.parquet

    spatial = b"geo" in (pyarrow.parquet.read_schema(path).metadata or {})
    found: pd.DataFrame = gpd.read_parquet(path) if spatial else pd.read_parquet(path)
    return found


def _write_geojson(path: Path, frame: pd.DataFrame) -> None:
    options = {"COORDINATE_PRECISION": str(_DEGREE_DIGITS), "AUTODETECT_JSON_STRINGS": "NO"}
    write_ogr(path, frame, driver="GeoJSON", layer=path.stem, options=options)


def _read_geojson(path: Path) -> pd.DataFrame:
    return read_ogr(path, DATE_AS_STRING="YES")  # else text that looks like a day comes back as one


def _write_flatgeobuf(path: Path, frame: pd.DataFrame) -> None:
    write_ogr(path, frame, driver="FlatGeobuf", layer=path.stem, options={"SPATIAL_INDEX": "NO"})


_PARQUET: Final = _Kind("parquet", ".parquet", _same, _write_parquet, _read_parquet)
_GEOJSON: Final = _Kind("geojson", ".geojson", _in_degrees, _write_geojson, _read_geojson, 1e-11, _JSON_SLACK)
_FLATGEOBUF: Final = _Kind("fgb", ".fgb", _same, _write_flatgeobuf, read_ogr)
