"""Area, validity and repair: the only place that knows how area is measured."""

from landkit.geometry.area import area_m2, ellipsoidal_m2, geod_m2, official_area_m2, planar_area_m2
from landkit.geometry.shape import (
    has_place,
    mean_width_m,
    polygons_of,
    repair_structure,
    usable_polygons,
    valid_polygons,
)
from landkit.geometry.sheets import sheet_area_m2, sheet_bounds, sheet_polygon

__all__ = [
    "area_m2",
    "ellipsoidal_m2",
    "geod_m2",
    "has_place",
    "mean_width_m",
    "official_area_m2",
    "planar_area_m2",
    "polygons_of",
    "repair_structure",
    "sheet_area_m2",
    "sheet_bounds",
    "sheet_polygon",
    "usable_polygons",
    "valid_polygons",
]
