"""The plan's spatial layout: two axes along four roads, and six clusters that tile the city (示意)."""

from __future__ import annotations

import geopandas as gpd
import shapely

from . import places
from .measure import CRS, GRID_M, on_grid, to_plane
from .shapes import smooth_line

# which county is which cluster; 邗江 and 广陵 are divided between C1 and C2
COUNTY_CLUSTER = {"321081": "C3", "321012": "C4", "321084": "C5", "321023": "C6"}
C2_PARKS = ("YZ01", "YZ02", "YZ06", "YZ07", "YZ09")


def axes(city) -> gpd.GeoDataFrame:
    """One row per road of an axis, smoothed and cut to the city with a little over."""
    rows = []
    for axis, name, road, line in places.AXES:
        shape = shapely.set_precision(smooth_line(line, rounds=5).intersection(city.buffer(1500)), GRID_M)
        rows.append(
            {
                "axis_id": axis,
                "axis_name": name,
                "road_name": road,
                "备注": "示意",
                "数据性质": "示例",
                "geometry": shape,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def clusters(city, counties: dict, administered: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Six clusters without gap or overlap: counties, with the urban south and its parks as C2."""
    edge = shapely.LineString(to_plane(places.C2_NORTH_EDGE))
    south = shapely.Polygon([*edge.coords, *to_plane([(119.62, 32.1), (119.20, 32.1)])])
    parks = (
        administered[administered.park_id.isin(C2_PARKS)]
        .buffer(250, join_style="mitre")
        .buffer(-150, join_style="mitre")
    )
    urban = shapely.union_all([counties["321003"], counties["321002"]])
    c2 = shapely.union_all([south, *parks]).intersection(urban)
    lines = shapely.unary_union(
        [shapely.boundary(g) for g in (city, c2, *counties.values())], grid_size=GRID_M
    )
    pieces: dict[str, list] = {c: [] for c in places.CLUSTERS}
    home = on_grid(city).buffer(0.05)
    for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))):
        point = face.representative_point()
        if home.contains(point):
            county = min(counties, key=lambda c: counties[c].distance(point))
            pieces[COUNTY_CLUSTER.get(county) or ("C2" if c2.distance(point) < 0.05 else "C1")].append(face)
    return gpd.GeoDataFrame(
        [
            {
                "cluster_id": c,
                "cluster_name": name,
                "备注": "示意",
                "数据性质": "示例",
                "geometry": shapely.unary_union(pieces[c]),
            }
            for c, name in places.CLUSTERS.items()
        ],
        crs=CRS,
    )
