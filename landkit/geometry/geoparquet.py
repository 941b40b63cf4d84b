"""How GeoParquet says what stands in a column of shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import pyproj

GEOMETRY: Final = "geometry"
GEOARROW: Final = ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")
AREAL: Final = ("Polygon", "MultiPolygon")


def geo_metadata(crs: object, kinds: Sequence[str] = AREAL) -> dict[str, str]:
    """Table metadata by which readers of GeoParquet know the WKB column `geometry` for shapes in a CRS (图形列元数据).

    `crs` is PROJJSON, None where it is unknown, or whatever pyproj takes; `kinds` may be empty: shapes of any kind.
    """
    said = crs if crs is None or isinstance(crs, dict) else pyproj.CRS.from_user_input(crs).to_json_dict()
    column = {"encoding": "WKB", "geometry_types": list(kinds), "crs": said}
    geo = {"version": "1.0.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return {"geo": json.dumps(geo)}
