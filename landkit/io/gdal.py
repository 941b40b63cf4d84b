"""GDAL as a writer of ours: days as days, a fixed day instead of today's, warnings as errors, one geometry type.

And as the stranger who reads again what was written, with every digit of whole numbers.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from landkit.errors import ExportError

ANY_DAY: Final = "2000-01-01T00:00:00.000Z"  # files carry no day of their own: the manifest does
_GDAL_FAILED: Final = (DataSourceError, DataLayerError, FeatureError, FieldError, OSError)
_LEAST_ROOM: Final = 262_144  # bytes; with less than this left, what failed failed for want of room
_UTC: Final = 100  # as GDAL counts time zones
_MULTI: Final = {"Polygon": "MultiPolygon", "LineString": "MultiLineString", "Point": "MultiPoint"}


def gdal_version() -> str:
    """The GDAL that writes vector files, for the manifest."""
    return str(pyogrio.__gdal_version_string__)


@contextlib.contextmanager
def fixed_day() -> Iterator[None]:
    """GDAL writes this day instead of today's, and today's again afterwards."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": ANY_DAY})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


@contextlib.contextmanager
def gdal_faults(path: Path) -> Iterator[None]:
    """What GDAL warns of (cut text, renamed fields, lost digits) is an error here.

    A warning raised as an exception would be lost inside GDAL's own callback, so that they are looked at after.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            yield
        except (*_GDAL_FAILED, sqlite3.Error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            if shutil.disk_usage(path.parent).free < _LEAST_ROOM:  # GDAL says it in many ways
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise ExportError("export_failed", path=path.name, detail=str(error)) from error
    if said:
        raise ExportError("export_failed", path=path.name, detail=str(said[0].message))


def geometry_type(frame: gpd.GeoDataFrame) -> str:
    """The one type that holds all rows; MultiPolygon where nothing says otherwise."""
    kinds = {_MULTI.get(k, k) for k in frame.geometry.geom_type.dropna().unique()}
    if kinds == {"MultiPoint"} and set(frame.geometry.geom_type.dropna()) == {"Point"}:
        kinds = {"Point"}
    if len(kinds) > 1 or "GeometryCollection" in kinds:
        return "Unknown"
    return f"{next(iter(kinds), 'MultiPolygon')}{' Z' if bool(frame.geometry.has_z.any()) else ''}"


def write_ogr(
    path: Path,
    frame: pd.DataFrame,
    *,
    driver: str,
    layer: str,
    options: Mapping[str, str],
    encoding: str | None = None,
    geometry: str | None = None,
) -> None:
    """Write a plain frame as a layer of a file, new or already there, or behind its rows; days as days, nulls as nulls.

    `geometry` is the type of the layer where that of this frame does not tell.

    Raises: what GDAL says; call it inside `gdal_faults`.
    """
    spatial = isinstance(frame, gpd.GeoDataFrame)
    columns = [c for c in frame.columns if not (spatial and c == frame.geometry.name)]
    kind = (geometry or geometry_type(frame)) if isinstance(frame, gpd.GeoDataFrame) else None
    day = "datetime64[ms]" if driver == "OpenFileGDB" else "datetime64[D]"  # ArcMap's date has a time of day
    values, nulls = zip(*(_field(frame[c], day) for c in columns), strict=True) if columns else ((), ())
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.asarray(frame.geometry.array, dtype=object)) if spatial else None,
        list(values),
        [str(c) for c in columns],
        field_mask=list(nulls),
        layer=layer,
        driver=driver,
        geometry_type=kind,
        crs=_crs_words(frame.crs) if spatial else None,
        encoding=encoding,
        promote_to_multi=bool(kind and kind.startswith("Multi")),
        append=path.exists(),
        layer_options=dict(options),
        gdal_tz_offsets={  # a geodatabase wants to be told that its dates are of UTC
            c: np.full(len(frame), _UTC)
            for c in columns
            if driver == "OpenFileGDB" and frame[c].dtype.kind == "M"
        },
    )


def _field(values: pd.Series[Any], day: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None]:
    """A column as GDAL takes it: values, and which of them are null where the values cannot say it."""
    if values.dtype.kind == "M":
        return values.to_numpy(day), None
    if pd.api.types.is_extension_array_dtype(values.dtype) and values.dtype.kind in "iub":
        filled = values.fillna(False if values.dtype.kind == "b" else 0)
        return filled.to_numpy(values.dtype.type), values.isna().to_numpy()
    return values.to_numpy(), None


def _crs_words(crs: Any) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt("WKT1_GDAL"))


def read_ogr(
    path: Path, *, layer: str | None = None, where: str | None = None, **options: str
) -> pd.DataFrame:
    """A layer, or the rows `where` something holds, as anybody's GDAL reads it; whole numbers keep all their digits, also
    beside nulls.

    A column of whole numbers with nulls comes as floats, 53 bits wide; its known rows are read once more without
    the nulls.  (GDAL's arrow stream would do both at once, but ends the process on a FlatGeobuf with null shapes.)
    """
    frame = pyogrio.read_dataframe(path, layer=layer, where=where, **options)
    info = pyogrio.read_info(path, layer=layer, **options)
    for name, kind in zip(info["fields"], info["ogr_types"], strict=True):
        if kind in ("OFTInteger", "OFTInteger64") and frame[name].dtype.kind == "f":
            known = frame[name].notna().to_numpy()
            exact = pd.array([0] * len(frame), dtype="Int64")
            exact[~known] = pd.NA
            if known.any():
                test = '"{}" IS NOT NULL'.format(name.replace('"', '""'))
                test = f"({where}) AND {test}" if where else test
                again = pyogrio.read_dataframe(
                    path, layer=layer, columns=[name], where=test, read_geometry=False, **options
                )
                exact[known] = again[name].to_numpy("int64")
            frame = frame.assign(**{name: exact})
    return frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame)
