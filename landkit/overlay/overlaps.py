"""Who shares how much with whom: every pair of parcel and zone, or of parcel and control line."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

import geopandas as gpd
import shapely
from geopandas.array import GeometryArray

from landkit.arrays import Floats, Ints, Shapes
from landkit.errors import LayerError
from landkit.geometry.layer import series_of
from landkit.overlay.arrow_layers import frame_of
from landkit.overlay.shapes import require_no_wrap, require_same_crs, require_usable
from landkit.overlay.shared import (
    SIDE_OF,
    measured_m2,
    pairs_of,
    require_measure,
    require_side,
    require_workers,
)
from landkit.overlay.union.dissolve import pieces_of_lines, union_of

__all__ = ["SIDE_OF", "Layer", "measured_m2", "overlaps"]

Layer: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | pa.Table | pa.RecordBatch


def overlaps(
    parcels: Layer,
    zones: Layer,
    *,
    geometry: bool = True,
    workers: int | None = None,
    area: str = "ellipsoid",
    how: str = "intersection",
    by: str | None = None,
) -> gpd.GeoDataFrame:
    """Every pair of parcel and zone that shares area, and how much (重叠).

    Both layers in one CRS: frames or series with any index, or Arrow tables (see `shape_column`).
    Out: one row per pair in the order of the inputs, with `parcel` and `zone` (their index labels; positions
    for Arrow), `area_m2` (ellipsoidal, or planar with `area="planar"`) and `geometry` (Polygon or
    MultiPolygon, without heights); with `geometry=False` a plain DataFrame.  Touching is no overlap.  Zones may overlap one
    another: their rows must not be summed over zones.  What is on the mean no wider than four steps of the coordinates (2e-9 m
    at a northing of 4,000 km, 3e-8 m where eastings carry the zone number: 39,500,000) is rounding and no row.

    `by` names the column of `zones` that says which line each belongs to: a row is then a pair of parcel and
    line, `zone` is the line, and land under two zones of a line counts once.  `how="difference"` gives what of
    each parcel lies outside a line (of all zones together without `by`, `zone` is then None).

    Large layers in metres are done by the kernel, others by GEOS, with the same result.

    Raises: CRSError (missing, mismatched), GeometryError (null, empty, invalid, not areal, or across the
    antimeridian), LayerError (no such layer, zones without the column `by`).
    """
    require_measure(area)
    require_side(how)
    require_workers(workers)
    left, right = _series(parcels, "parcels"), _series(zones, "zones")
    require_same_crs(left, right)
    require_no_wrap(left, "parcels")
    require_no_wrap(right, "zones")
    if how == "intersection" and by is None:
        at_parcel, at_zone, measured, pieces = pairs_of(
            left, right, area=area, geometry=geometry, workers=workers
        )
        zone = right.index[at_zone]
    else:
        lines = _lines(zones, right, by)
        at_parcel, at_zone, measured, pieces = _by_line(
            left, list(lines.values()), SIDE_OF[how], area, workers
        )
        zone = pd.Index(list(lines), dtype=object)[at_zone]
    rows: dict[str, object] = {"parcel": left.index[at_parcel], "zone": zone, "area_m2": measured}
    if not geometry:
        return pd.DataFrame(rows)
    flat = shapely.force_2d(pieces) if (shapely.get_coordinate_dimension(pieces) > 2).any() else pieces
    rows["geometry"] = GeometryArray(flat, left.crs)
    return gpd.GeoDataFrame(rows, geometry="geometry")


def _series(layer: Layer, name: str) -> gpd.GeoSeries:
    if isinstance(layer, pa.Table | pa.RecordBatch):
        layer = frame_of(layer, name)
    return series_of(layer, name)


def _lines(zones: Layer, series: gpd.GeoSeries, by: str | None) -> dict[Hashable, gpd.GeoSeries]:
    """The zones of each line, in the order in which the lines first appear."""
    if by is None:
        return {None: series}
    is_arrow = isinstance(zones, pa.Table | pa.RecordBatch)
    columns = list(zones.column_names if is_arrow else getattr(zones, "columns", ()))
    if by not in columns:
        raise LayerError("zones_column", column=by, names="/".join(map(str, columns)) or "-")
    names = zones[by].to_pandas() if is_arrow else zones[by]
    code, found = pd.factorize(names, use_na_sentinel=False)
    return {name: series[code == k] for k, name in enumerate(found)}


def _by_line(
    parcels: gpd.GeoSeries, lines: list[gpd.GeoSeries], side: str, area: str, workers: int | None
) -> tuple[Ints, Ints, Floats, Shapes]:
    """Parcels and lines instead of parcels and zones, on one side of the line."""
    shapes = require_usable(parcels, "parcels")
    pieces = pieces_of_lines(shapes, [union_of(zones) for zones in lines], side, workers, parcels.crs)
    there = [np.flatnonzero(~shapely.is_missing(of_line)) for of_line in pieces]
    at_parcel = np.concatenate([np.zeros(0, np.int64), *there])
    at_line = np.repeat(np.arange(len(lines)), [len(rows) for rows in there])
    found = np.concatenate([np.zeros(0, object), *[p[rows] for p, rows in zip(pieces, there, strict=True)]])
    order = np.lexsort((at_line, at_parcel))
    found = found[order]
    return at_parcel[order], at_line[order], measured_m2(found, parcels.crs, area), found
