"""Who shares ground with whom: layers in memory or in files, whatever small or large job it is."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import numpy as np
import pandas as pd
import pyarrow as pa

import geopandas as gpd

from landkit import overlay
from landkit.errors import LandkitError, LandkitWarning
from landkit.model import LayerFile, as_layer_file, why
from landkit.overlay.apart import Box, box_around, what_cannot_meet
from landkit.overlay.arrow_layers import frame_of, table_of
from landkit.overlay.labels import odd_labels
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
    Warns: LandkitWarning where nothing could be compared: a layer is empty, or their extents do not meet; where
    labels of a frame's index are empty or repeated, so that rows cannot be told apart.
    """
    left, right = layer_of(parcels, "parcels"), layer_of(zones, "zones")
    with called_by_files(file_names(parcels, zones)):
        found = overlay.overlaps(left, right, geometry=geometry, workers=workers, area=area, how=how, by=by)
    _warn_of_labels(left, "parcels")
    _warn_of_labels(right, "zones")
    if not len(found) or (how == "difference" and len(found) >= len(left)):
        _warn_of_apart(left, right)
    return found


def _warn_of_apart(parcels: Layer, zones: Layer) -> None:
    left, crs = _box_and_crs(parcels, "parcels")
    found = what_cannot_meet(left, _box_and_crs(zones, "zones")[0], crs)
    if found is not None:
        warnings.warn(LandkitWarning(found.reason), stacklevel=3)


def _tells_apart(index: pd.Index[Any]) -> bool:
    several = isinstance(index, pd.MultiIndex)  # for which pandas does not know what is missing
    return index.is_unique and (several or not index.hasnans)


def _warn_of_labels(layer: Layer, name: str) -> None:
    """Of a frame whose index does not tell its rows apart, as after `concat`; files and Arrow have positions."""
    if not isinstance(layer, pd.DataFrame | pd.Series) or _tells_apart(layer.index):
        return
    odd = odd_labels(pd.Series(layer.index.to_flat_index()))
    said = []
    if odd.empty:
        said.append(why("index_empty", layer=name, count=odd.empty, row=odd.first_empty))
    if odd.repeated:
        said.append(why("index_repeated", layer=name, count=odd.repeated, first=odd.first_repeated))
    for reason in said:
        warnings.warn(LandkitWarning(reason), stacklevel=3)


def _box_and_crs(layer: Layer, name: str) -> tuple[Box, object]:
    shapes = frame_of(layer, name) if isinstance(layer, pa.Table | pa.RecordBatch) else layer
    return box_around(np.asarray(shapes.total_bounds)), shapes.crs


def file_names(parcels: Source, zones: Source) -> dict[str, str]:
    """What messages call the two layers where they are files: the name, or where both have one name what else tells them."""
    given = {"parcels": parcels, "zones": zones}
    files = {
        side: as_layer_file(source)
        for side, source in given.items()
        if isinstance(source, str | Path | LayerFile)
    }
    names = {side: Path(file.path).name for side, file in files.items()}
    if len(set(names.values())) < len(names):
        names = {
            side: f"{file.path}({file.layer})" if file.layer else str(file.path)
            for side, file in files.items()
        }
    return names


@contextlib.contextmanager
def called_by_files(names: Mapping[str, str]) -> Iterator[None]:
    """An error that is raised in it calls a layer by the name of its file, which its user knows."""
    try:
        yield
    except LandkitError as error:
        layer = error.facts.get("layer")
        if isinstance(layer, str):
            error.facts["layer"] = names.get(layer, layer)
        raise


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
