"""Files that GDAL reads: shapefile, GeoPackage, file geodatabase, GeoJSON, FlatGeobuf, KML."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import LayerError, nearest
from landkit.io.opener import driver_for, first_line, gdal_path, info_of, layer_names
from landkit.io.shapefile_parts import parts_of, refuse_a_cut_shapefile
from landkit.io.shapefile_text import refuse_unknown_text, told_encoding


def read_by_gdal(path: Path, layer: str | None, encoding: str | None) -> gpd.GeoDataFrame:
    """All rows of a layer, as GDAL gives them.   Raises: LayerError."""
    driver = driver_for(path)
    if path.suffix.lower() == ".shp":
        refuse_a_cut_shapefile(path, parts_of(path, path.stem))
    names = layer_names(path)
    if not names:
        raise LayerError("file_unreadable", path=str(path), detail="0 layers")
    if layer is None and len(names) > 1:
        raise LayerError("layer_not_named", path=str(path), names="/".join(names))
    chosen = layer if layer is not None else names[0]
    if chosen not in names:
        raise LayerError(
            "layer_missing", path=str(path), layer=chosen, guess=nearest(chosen, names) or "/".join(names)
        )
    told = encoding
    if driver == "ESRI Shapefile":
        parts = parts_of(path, chosen)
        refuse_a_cut_shapefile(path, parts)
        told = encoding or told_encoding(parts)
    code = told or "ISO-8859-1" if driver == "ESRI Shapefile" else None
    info_of(path, layer=chosen, encoding=code)
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers become findings
            frame = pyogrio.read_dataframe(gdal_path(path), layer=chosen, encoding=code, force_2d=True)
    except (UnicodeDecodeError, LookupError) as error:  # LookupError: there is no such encoding
        raise LayerError("encoding_wrong", path=str(path), encoding=told or "UTF-8") from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    except shapely.errors.GEOSException as error:  # a ring of too few points
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError("no_geometry", path=str(path), layer=chosen)
    if driver == "ESRI Shapefile" and told is None:
        refuse_unknown_text(frame, path)
    return frame
