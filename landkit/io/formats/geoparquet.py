"""GeoParquet in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from landkit.errors import LayerError
from landkit.io.opener import first_line


def read_geoparquet(path: Path) -> gpd.GeoDataFrame:
    """All rows of a GeoParquet file.   Raises: LayerError."""
    try:
        return gpd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
