"""Vector layers in: one file, one layer, as it is.  Nothing is guessed; what the file does not say must be given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd

from landkit.io.boundary_crs import Told
from landkit.io.boundary_layer import describe_boundary_file, read_boundary_file
from landkit.io.crs import with_crs
from landkit.io.formats.by_gdal import read_by_gdal
from landkit.io.formats.geoparquet import read_geoparquet
from landkit.io.opener import check_path, driver_for, info_of, layer_names, make_gdal_safe
from landkit.model import Reading


def read_layer(
    path: str | Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """Any supported vector file as a GeoDataFrame (矢量图层): its own columns, 2D geometry, a CRS that is stated.

    Shapefile, GeoPackage, File Geodatabase (also zipped), GeoJSON, FlatGeobuf, KML, GeoParquet,
    coordinate text of land surveys (.txt).  `crs` and `encoding`
    are given only where the file does not say.

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
) -> Reading:
    """What `read_layer` gives, with what was decided on the way (encoding, CRS) as facts and findings (读取结果).

    `told` is what a study says of a coordinate text (.txt): its axes, its zone, where the study lies.

    Raises: as `read_layer`.
    """
    make_gdal_safe()
    found = check_path(path)
    if found.suffix.lower() == ".txt":
        return read_boundary_file(found, crs=crs, encoding=encoding, told=told)
    frame = (
        read_geoparquet(found) if found.suffix.lower() == ".parquet" else read_by_gdal(found, layer, encoding)
    )
    frame = with_crs(frame, crs, layer=found.name if layer is None else f"{found.name}:{layer}")
    return Reading(frame.set_geometry(frame.geometry.force_2d()))


def describe_layers(path: str | Path) -> list[dict[str, Any]]:
    """Header of every layer of a file, without its rows: name, count, CRS, fields, geometry kind, encoding."""
    make_gdal_safe()
    found = check_path(path)
    if found.suffix.lower() == ".txt":
        return [describe_boundary_file(found)]
    driver_for(found)
    headers = []
    for name in layer_names(found):
        info = info_of(found, layer=name)
        headers.append(
            {
                "layer": name,
                "rows": int(info["features"]),
                "crs": info["crs"],
                "fields": [str(f) for f in info["fields"]],
                "geometry": info["geometry_type"],
                "encoding": info["encoding"],
            }
        )
    return headers
