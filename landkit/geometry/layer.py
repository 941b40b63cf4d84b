"""What counts as a layer in memory: something with shapes, of which one column is the active one."""

from __future__ import annotations

import geopandas as gpd

from landkit.errors import LayerError


def series_of(layer: object, name: str) -> gpd.GeoSeries:
    """The shapes of a GeoDataFrame (its active geometry column) or GeoSeries (图层的图形列).

    `name` is what the layer is called in the error.   Raises: LayerError where it is neither, or no column is active.
    """
    if isinstance(layer, gpd.GeoSeries):
        return layer
    if not isinstance(layer, gpd.GeoDataFrame):
        raise LayerError("not_a_layer", layer=name, kind=type(layer).__name__)
    if layer.active_geometry_name is None:
        raise LayerError("no_active_geometry", layer=name, names="/".join(map(str, layer.columns)) or "-")
    return layer.geometry
