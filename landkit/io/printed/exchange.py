"""Files of a hand-over as tables of cells, read as a stranger reads them: geodatabase, GeoParquet, GeoJSON, drawing ..."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import geopandas as gpd
import pyogrio

from landkit.io.gdal import read_ogr
from landkit.io.printed.vectors import layer_table
from landkit.printed import Printed


def printed_geodatabase(path: Path) -> list[Printed]:
    """Each layer and table of a zipped File Geodatabase under its own name."""
    names = [str(row[0]) for row in pyogrio.list_layers(path)]
    return [layer_table(read_ogr(path, layer=n), n) for n in names]


def printed_parquet(path: Path) -> list[Printed]:
    """The one layer of a GeoParquet file, or the table of a Parquet file."""
    import pyarrow.parquet

    spatial = b"geo" in (pyarrow.parquet.read_schema(path).metadata or {})
    return [layer_table(gpd.read_parquet(path) if spatial else pd.read_parquet(path), path.stem)]


def printed_geojson(path: Path) -> list[Printed]:
    """The one layer of a GeoJSON file; text that looks like a day stays text."""
    return [layer_table(read_ogr(path, DATE_AS_STRING="YES"), path.stem)]


def printed_flatgeobuf(path: Path) -> list[Printed]:
    """The one layer of a FlatGeobuf file."""
    return [layer_table(read_ogr(path), path.stem)]


def printed_drawing(path: Path) -> list[Printed]:
    """The entities of a DXF drawing with layer, label and shape; rows are called by the handle that CAD programs show."""
    frame = pyogrio.read_dataframe(path, encoding="UTF-8", columns=["EntityHandle", "Layer", "Text"])
    return [
        layer_table(
            frame[["EntityHandle", "Layer", *(c for c in ("Text",) if c in frame), "geometry"]], path.stem
        )
    ]
