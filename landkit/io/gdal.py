"""GDAL as a writer of ours: a fixed day instead of today's, warnings as errors, one geometry type for a layer."""

from __future__ import annotations

import contextlib
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from landkit.errors import ExportError

ANY_DAY: Final = "2000-01-01T00:00:00.000Z"  # files carry no day of their own: the manifest does
_GDAL_FAILED: Final = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    OSError,
    RuntimeWarning,
    UserWarning,
)
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
    """What GDAL warns of (cut text, renamed fields, lost digits) is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            yield
        except (*_GDAL_FAILED, sqlite3.Error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ExportError("export_failed", path=path.name, detail=str(error)) from error


def geometry_type(frame: gpd.GeoDataFrame) -> str:
    """The one type that holds all rows; MultiPolygon where nothing says otherwise."""
    kinds = {_MULTI.get(k, k) for k in frame.geometry.geom_type.dropna().unique()}
    if kinds == {"MultiPoint"} and set(frame.geometry.geom_type.dropna()) == {"Point"}:
        kinds = {"Point"}
    if len(kinds) > 1 or "GeometryCollection" in kinds:
        return "Unknown"
    return f"{next(iter(kinds), 'MultiPolygon')}{' Z' if bool(frame.geometry.has_z.any()) else ''}"
