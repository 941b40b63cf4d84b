"""Who shares ground with whom: layers in memory or in files, whatever small or large job it is."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import numpy as np
import pandas as pd
import pyarrow as pa

import geopandas as gpd

from landkit import overlay
from landkit.errors import LandkitWarning
from landkit.model import LayerFile, as_layer_file
from landkit.overlay.apart import Box, box_around, what_cannot_meet
from landkit.overlay.arrow_layers import frame_of, table_of
from landkit.overlay.overlaps import Layer


class ArrowStream(Protocol):
    """What gives Arrow as a stream: a relation of DuckDB, a reader."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any: ...


Source: TypeAlias = Layer | str | Path | LayerFile | ArrowStream


def overlaps(
    parcels: Source,
    zones: Source,
    *,
    geometry: bool = True,
    workers: int | None = None,
    area: str = "ellipsoid",
    how: str = "intersection",
    by: str | None = None,
) -> gpd.GeoDataFrame:
    """Every pair of parcel and zone that shares area, and how much (重叠).

    Each layer is a frame or series with any index, an Arrow table or stream (a relation of DuckDB, a reader) whose
    column of shapes is named by GeoParquet or GeoArrow metadata or is WKB called `geometry`, or the path of a
    GeoParquet, GeoPackage or other file that `read_layer` reads (a `LayerFile` where it holds several layers or does not
    say its CRS or encoding); both in one CRS.  Out: one row per pair in the order of the inputs, with `parcel` and `zone`
    (their index labels; positions for files and Arrow),
    `area_m2` (m2, ellipsoidal, or planar with `area="planar"`) and `geometry` (Polygon or MultiPolygon); with
    `geometry=False` a plain DataFrame.  Touching is no overlap.  Zones may overlap one another: their rows must
    not be summed over zones.

    `by` names the column of `zones` that says which line each belongs to: a row is then a pair of parcel and
    line, `zone` is the line, and land under two zones of a line counts once.  `how="difference"` gives what of
    each parcel lies outside a line (of all zones together without `by`, `zone` is then None).

    Large layers in metres are done by the kernel, others by GEOS, with the same result.  `workers` is the number of
    threads, all cores by default.

    Raises: CRSError (missing, mismatched), GeometryError (null, empty, invalid, not areal, or across the
    antimeridian), LayerError (a file that cannot be read); ValueError (no such `area`, `how` or number of workers).
    Warns: LandkitWarning where nothing could be compared: a layer is empty, or their extents do not meet.
    """
    left, right = layer_of(parcels, "parcels"), layer_of(zones, "zones")
    found = overlay.overlaps(left, right, geometry=geometry, workers=workers, area=area, how=how, by=by)
    if not len(found) or (how == "difference" and len(found) >= len(left)):
        _warn_of_apart(left, right)
    return found


def _warn_of_apart(parcels: Layer, zones: Layer) -> None:
    left, crs = _box_and_crs(parcels, "parcels")
    found = what_cannot_meet(left, _box_and_crs(zones, "zones")[0], crs)
    if found is not None:
        warnings.warn(LandkitWarning(found.reason), stacklevel=3)


def _box_and_crs(layer: Layer, name: str) -> tuple[Box, object]:
    shapes = frame_of(layer, name) if isinstance(layer, pa.Table | pa.RecordBatch) else layer
    return box_around(np.asarray(shapes.total_bounds)), shapes.crs


def layer_of(source: Source, name: str) -> Layer:
    """The layer itself, read where it is a file or a stream; `name` is what errors call it.   Raises: LayerError."""
    if isinstance(source, str | Path | LayerFile):
        from landkit.io.vector import read_layer  # loads what reads files

        file = as_layer_file(source)
        return read_layer(file.path, **file.asked())
    if isinstance(source, pd.DataFrame | pd.Series | pa.Table | pa.RecordBatch):
        return source
    if hasattr(source, "__arrow_c_stream__"):
        return table_of(source, name)
    return cast("Layer", source)  # what it is not will be said by name
