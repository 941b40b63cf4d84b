"""Who shares ground with whom: layers in memory or in files, whatever small or large job it is."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import geopandas as gpd

from landkit import overlay
from landkit.overlay.overlaps import Layer

Source: TypeAlias = Layer | str | Path


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

    Each layer is a frame or series with any index, an Arrow table with a WKB column `geometry`, or the path of
    a GeoParquet, GeoPackage or other file that `read_layer` reads; both in one CRS.  Out: one row per pair in
    the order of the inputs, with `parcel` and `zone` (their index labels; positions for files and Arrow),
    `area_m2` (m2, ellipsoidal, or planar with `area="planar"`) and `geometry` (Polygon or MultiPolygon); with
    `geometry=False` a plain DataFrame.  Touching is no overlap.  Zones may overlap one another: their rows must
    not be summed over zones.

    `by` names the column of `zones` that says which line each belongs to: a row is then a pair of parcel and
    line, `zone` is the line, and land under two zones of a line counts once.  `how="difference"` gives what of
    each parcel lies outside a line (of all zones together without `by`, `zone` is then None).

    Large layers in metres are done by the kernel, others by GEOS, with the same result.

    Raises: CRSError (missing, mismatched), GeometryError (null, empty, invalid, not areal, or across the
    antimeridian), LayerError (a file that cannot be read).
    """
    return overlay.overlaps(
        layer_of(parcels), layer_of(zones), geometry=geometry, workers=workers, area=area, how=how, by=by
    )


def layer_of(source: Source) -> Layer:
    """The layer itself, read where it is a file.   Raises: LayerError."""
    if not isinstance(source, str | Path):
        return source
    from landkit.io.vector import read_layer  # loads what reads files

    return read_layer(source)
