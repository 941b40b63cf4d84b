"""Water, woods and the lines that protect them: the ecological red line and the wider eco-control area."""

from __future__ import annotations

import geopandas as gpd
import shapely

from . import places
from .measure import CRS, ellipsoidal_area, on_grid, to_plane
from .shapes import BANK, SHORE, blob, river, smooth_line, warp

# the trap: these lie partly over other zones of the red line, so zone areas must not be added up
OVERLAPPING = {
    "高邮湖大银鱼湖鲚国家级水产种质资源保护区": (
        "水产种质资源保护区",
        [(119.36, 32.80), (119.415, 32.80), (119.41, 32.87), (119.37, 32.875)],
    ),
    "邵伯湖国家级水产种质资源保护区": (
        "水产种质资源保护区",
        [(119.405, 32.60), (119.445, 32.59), (119.44, 32.635), (119.41, 32.64)],
    ),
}
ECO_SHARE = 0.079
KIND_CODES = {
    kind: f"{n:02d}"
    for n, kind in enumerate(
        (
            "重要湿地",
            "地质公园",
            "森林公园",
            "生态园",
            "水源涵养区",
            "风景名胜区",
            "饮用水水源保护区",
            "水产种质资源保护区",
            "清水通道维护区",
            "洪水调蓄区",
        ),
        start=1,
    )
}


def natural_features(city) -> dict:
    """Lakes, woods, rivers and the Yangtze with its north bank, cut to the city, by name."""
    yangtze = warp(smooth_line(places.YANGTZE).buffer(950), SHORE, 90.0)
    yangtze = warp(yangtze, BANK, 80.0)
    return {
        "yangtze": yangtze.intersection(city),
        "lakes": {name: blob(outline).intersection(city) for name, outline in places.LAKES.items()},
        "woods": {name: blob(outline, 70.0).intersection(city) for name, outline in places.WOODS.items()},
        "rivers": {
            name: river(line, width).intersection(city) for name, (width, line) in places.RIVERS.items()
        },
    }


def water_of(features: dict):
    """Open water where no park can stand."""
    return shapely.union_all([features["yangtze"], *features["lakes"].values()]).buffer(60)


def red_line(features: dict, city, counties: dict) -> gpd.GeoDataFrame:
    """The ecological red line: wetlands, woods, water sources, rivers; only planted zones overlap."""
    zones = [(name, "重要湿地", shape) for name, shape in features["lakes"].items()]
    zones += [(name, _kind_of_wood(name), shape) for name, shape in features["woods"].items()]
    for name, (west, east) in places.YANGTZE_WATER_SOURCES.items():
        (x0, _), (x1, _) = to_plane([(west, 32.25), (east, 32.25)])
        kind = "水产种质资源保护区" if "种质" in name else "饮用水水源保护区"
        zones.append(
            (name, kind, features["yangtze"].intersection(shapely.box(x0, 3_500_000, x1, 3_700_000)))
        )
    zones += [
        (name, next((k for k in ("洪水调蓄区", "水源涵养区") if name.endswith(k)), "清水通道维护区"), shape)
        for name, shape in features["rivers"].items()
    ]
    done, rows = shapely.Polygon(), []
    for name, kind, shape in zones:
        shape = _tidy(shape.difference(done))
        done = done.union(shape)
        rows.append((name, kind, shape))
    rows += [
        (name, kind, _tidy(blob(outline).intersection(city))) for name, (kind, outline) in OVERLAPPING.items()
    ]
    return _red_line_table(rows, counties)


def _kind_of_wood(name: str) -> str:
    return next(
        kind for kind in ("地质公园", "森林公园", "生态园", "水源涵养区", "风景名胜区") if name.endswith(kind)
    )


def _tidy(shape):
    """On the centimetre grid, without scraps under half a hectare."""
    parts = [p for p in shapely.get_parts(on_grid(shape)) if p.area > 5000]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _county(shape, counties: dict) -> str:
    return max(counties, key=lambda c: shape.intersection(counties[c]).area)


def _red_line_table(rows: list, counties: dict) -> gpd.GeoDataFrame:
    table = []
    for n, (name, kind, shape) in enumerate(rows, start=1):
        county = _county(shape, counties)
        core = kind == "水产种质资源保护区"
        table.append(
            {
                "BSM": f"{county}2020{n:08d}",
                "XZQDM": county,
                "XZQMC": places.COUNTIES[county],
                "HXBM": f"{county}-STHX-{n:03d}",
                "HXMC": f"{name}(示例)",
                "HXLX": kind,
                "LXBM": KIND_CODES[kind],
                "MJ": round(float(ellipsoidal_area([shape])[0]), 2),
                "ZRBHDMC": f"{name}(示例)" if core else None,
                "ZRBHDJB": "国家级" if core else None,
                "ZRBHDFQ": "核心保护区" if core else "一般控制区",
                "SJXZ": "示例",
                "geometry": shape,
            }
        )
    return gpd.GeoDataFrame(table, crs=CRS)


def eco_control(features: dict, red, keep_off, city, counties: dict) -> gpd.GeoDataFrame:
    """生态空间管控区域: belts around nature outside the red line, widened until they make up the share."""
    wanted = ECO_SHARE * float(ellipsoidal_area([city])[0])
    done = shapely.union_all([red, keep_off])
    low, high = 100.0, 4000.0
    for _ in range(11):
        width = (low + high) / 2
        total = shapely.union_all([shape for _, _, shape in _belts(features, width, city)]).difference(done)
        low, high = (width, high) if float(ellipsoidal_area([total])[0]) < wanted else (low, width)
    belts = []
    for name, kind, shape in _belts(features, (low + high) / 2, city):
        belt = _tidy(shape.difference(shapely.clip_by_rect(done, *shape.buffer(100).bounds)))
        if not belt.is_empty:
            belt = _tidy(belt.difference(done))  # what the grid moved over its neighbour
            belts.append((name, kind, belt))
            done = done.union(belt)
    rows = []
    for n, (name, kind, shape) in enumerate(belts, start=1):
        county = _county(shape, counties)
        rows.append(
            {
                "BSM": f"{county}2120{n:08d}",
                "XZQDM": county,
                "XZQMC": places.COUNTIES[county],
                "GKQBM": f"{county}-GKQ-{n:03d}",
                "GKQMC": f"{name}(示例)",
                "GKQLX": kind,
                "MJ": round(float(ellipsoidal_area([shape])[0]), 2),
                "数据性质": "示例",
                "geometry": shape,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def _belts(features: dict, width: float, city) -> list:
    """A ragged belt around each natural feature, cut to the city."""
    groups = {
        "lakes": (1.0, "重要湿地外围"),
        "woods": (0.9, "生态公益林"),
        "rivers": (0.36, "清水通道维护区"),
    }
    belts = []
    for group, (factor, kind) in groups.items():
        for name, shape in features[group].items():
            belt = shape.simplify(25).buffer(width * factor, quad_segs=3).simplify(40)
            belts.append((f"{name}外围管控区", kind, warp(belt, SHORE, 240.0).intersection(city)))
    return belts
