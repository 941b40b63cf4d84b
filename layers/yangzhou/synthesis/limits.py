"""The urban development boundary with its holes, and the permanent basic farmland."""

from __future__ import annotations

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely
from shapely import affinity

from . import places
from .measure import CRS, ellipsoidal_area, on_grid
from .shapes import BANK, FIELD, Noise, rng, warp

FARMLAND_SHARE = 0.27
_POND = Noise("pond", [(320, 28), (150, 9)])
# red-line zones wrongly taken in (planted): the hole for the first is too small, the second has none
NO_HOLE_FOR = ("蜀冈", "槐泗河")
# strips of green belt left out, across built blocks: park part -> heading in degrees
GREEN_BELTS = {"YZ08-1": 62.0, "YZ05-1": 118.0, "YZ03-1": 75.0}


def development_boundary(
    grown: dict,
    zones: gpd.GeoDataFrame,
    cores: list,
    red: gpd.GeoDataFrame,
    parcels: pd.DataFrame,
    counties: dict,
):
    """CZKFBJ: parks, zones and town cores less edges, green belts, river holes and small 天窗."""
    random = rng("udb")
    blocks, elastic = _blocks_inside(grown, zones, random)
    land = (
        shapely.union_all([*blocks, *cores, *elastic])
        .buffer(45, join_style="mitre", mitre_limit=2)
        .buffer(-40, join_style="mitre", mitre_limit=2)
    )
    holes = [_hole(g, name) for g, name in zip(red.geometry, red.HXMC, strict=True)]
    windows = _windows(blocks, parcels, random)
    land = land.difference(shapely.union_all([*holes, *windows, *_green_belts(grown)]))
    parts = [p for p in shapely.get_parts(on_grid(land)) if p.area > 60_000]
    return _boundary_table(parts, shapely.union_all(elastic), counties)


def _hole(zone, name: str):
    if name.startswith(NO_HOLE_FOR[0]):
        return zone.buffer(-140)
    return shapely.Polygon() if name.startswith(NO_HOLE_FOR[1]) else zone


def _blocks_inside(grown: dict, zones: gpd.GeoDataFrame, random) -> tuple[list, list]:
    """Park blocks inside the boundary, and those of its 弹性发展区; some blocks at the edge are left out."""
    inside, elastic = [], []
    for seed in places.PARKS:
        blocks, sets = grown[seed.mesh]
        built, planned = sets[seed.part_id][0], sets[seed.part_id][1]
        outside = shapely.boundary(shapely.unary_union([blocks.shapes[i] for i in sorted(planned)]))
        shapely.prepare(outside)
        for i in sorted(planned):
            at_edge = outside.intersects(blocks.shapes[i])
            chance = random.random()
            if at_edge and chance < (0.06 if i in built else 0.32):
                continue
            (elastic if at_edge and i not in built and chance > 0.86 else inside).append(blocks.shapes[i])
    inside += [shape for shape in zones.geometry if random.random() > 0.1]
    return inside, elastic


def _windows(blocks: list, parcels: pd.DataFrame, random) -> list:
    """天窗: villages and ponds inside the boundary that stay outside of it; not where parcels are."""
    tree = shapely.STRtree(list(parcels.geometry))
    found = []
    for i in random.choice(len(blocks), 160, replace=False):
        spot = blocks[int(i)].representative_point()
        oval = affinity.scale(
            spot.buffer(float(random.uniform(60, 130)), quad_segs=4),
            float(random.uniform(1.0, 2.4)),
            float(random.uniform(0.7, 1.2)),
        )
        shape = warp(warp(affinity.rotate(oval, float(random.uniform(0, 180))), BANK, 30.0), _POND, 30.0)
        if not len(tree.query(shape, predicate="intersects")):
            found.append(shape)
    return found


def _green_belts(grown: dict) -> list:
    belts = []
    for part, heading in GREEN_BELTS.items():
        seed = next(s for s in places.PARKS if s.part_id == part)
        blocks, sets = grown[seed.mesh]
        middle = shapely.union_all([blocks.shapes[i] for i in sorted(sets[part][0])]).centroid
        along = np.array([np.cos(np.radians(heading)), np.sin(np.radians(heading))]) * 1300
        line = shapely.LineString([np.array(middle.coords[0]) - along, np.array(middle.coords[0]) + along])
        belts.append(warp(line.buffer(28, cap_style="flat"), BANK, 40.0))
    return belts


def _boundary_table(parts: list, elastic, counties: dict) -> gpd.GeoDataFrame:
    rows = []
    for part in parts:
        for code, name, shape in (
            ("410", "集中建设区", part.difference(elastic)),
            ("420", "弹性发展区", part.intersection(elastic)),
        ):
            for county in counties:
                piece = on_grid(shape.intersection(counties[county]))
                rows += [(county, code, name, p) for p in shapely.get_parts(piece) if p.area > 2_000]
    rows.sort(key=lambda r: (r[0], r[1], round(r[3].centroid.x), round(r[3].centroid.y)))
    table = [
        {
            "BSM": f"{county}2090{n:08d}",
            "YSDM": "2090020200",
            "XZQDM": county,
            "XZQMC": places.COUNTIES[county],
            "GHFQDM": code,
            "GHFQMC": name,
            "MJ": round(float(ellipsoidal_area([shape])[0]), 2),
            "数据性质": "示例",
            "geometry": shape,
        }
        for n, (county, code, name, shape) in enumerate(rows, start=1)
    ]
    return gpd.GeoDataFrame(table, crs=CRS)


def farmland(city, counties: dict, keep_off: list, planted: list) -> gpd.GeoDataFrame:
    """YJJBNTTB: fields where land is not built up or protected; some laid over chosen parcels on purpose."""
    patches = _fields(city, keep_off)
    fertile = Noise("fertile", [(16000, 1.0), (5000, 0.6), (1500, 0.35)])
    middles = shapely.get_coordinates(shapely.centroid(np.array(patches, dtype=object)))
    rank = np.argsort(-fertile(middles)[:, 0] - fertile(middles)[:, 1] * 0.3, kind="stable")
    area = ellipsoidal_area(patches)
    enough = (
        int(np.searchsorted(np.cumsum(area[rank]), FARMLAND_SHARE * float(ellipsoidal_area([city])[0]))) + 1
    )
    chosen = [patches[i] for i in sorted(rank[:enough])]
    obstacle = shapely.STRtree(planted)
    chosen = [p for p in chosen if not len(obstacle.query(p, predicate="dwithin", distance=5))] + planted
    return _farmland_table(chosen, counties)


def _fields(city, keep_off: list) -> list:
    """A warped, turned pattern of fields over the city, shrunk by canals, less the land kept off."""
    random = rng("fields")
    x0, y0, x1, y1 = city.bounds
    turn = np.radians(8)
    tree = shapely.STRtree(keep_off)
    shapely.prepare(city)
    fields = []
    y = y0 - 12000
    while y < y1 + 12000:
        height, x = random.uniform(520, 900), x0 - 12000
        while x < x1 + 12000:
            width = random.uniform(560, 1150)
            cell = shapely.box(x, y, x + width, y + height)
            gap = random.uniform(14, 60)
            x += width
            xy = shapely.get_coordinates(cell) - (x0, y0)
            xy = xy @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + (x0, y0)
            field = shapely.Polygon(xy)
            if not city.intersects(field):
                continue
            field = warp(field.buffer(-gap, join_style="mitre"), FIELD, 160.0)
            near = [keep_off[i] for i in sorted(int(i) for i in tree.query(field, predicate="intersects"))]
            field = field.intersection(city)
            if near and not field.is_empty:
                field = field.difference(
                    shapely.union_all([g.intersection(shapely.box(*field.bounds).buffer(50)) for g in near])
                )
            fields += [
                p for p in shapely.get_parts(on_grid(field)) if p.area > 40_000 and p.area / p.length > 35
            ]
        y += height
    return fields


def _farmland_table(patches: list, counties: dict) -> gpd.GeoDataFrame:
    random = rng("farmland table")
    tree = shapely.STRtree(list(counties.values()))
    points = shapely.point_on_surface(np.array(patches, dtype=object))
    parcel, county = tree.query(points, predicate="dwithin", distance=500)
    home = pd.Series(county, index=parcel).groupby(level=0).first()
    area = ellipsoidal_area(patches)
    rows = []
    for i, shape in enumerate(patches):
        code = list(counties)[home[i]]
        wet = random.random() < 0.82
        rows.append(
            {
                "BSM": f"{code}2030{i + 1:08d}",
                "XZQDM": code,
                "XZQMC": places.COUNTIES[code],
                "YJJBNTTBBH": f"{code}{i + 1:06d}",
                "DLBM": "0101" if wet else "0103",
                "DLMC": "水田" if wet else "旱地",
                "YJJBNTTBMJ": round(float(area[i]), 2),
                "YJJBNTMJ": round(float(area[i]) * 0.93, 2),
                "SJNF": 2020,
                "数据性质": "示例",
                "geometry": shape,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def fields_over(parcels: list, everything: list) -> list:
    """Farmland patches laid over chosen parcels: whole or half; other parcels stay out of them."""
    random = rng("fields over")
    tree = shapely.STRtree(everything)
    found = []
    for n, lot in enumerate(parcels):
        shape = warp(lot.minimum_rotated_rectangle.buffer(90, join_style="mitre"), BANK, 60.0)
        if n % 2:
            x0, y0, x1, y1 = shape.bounds
            shape = shape.intersection(
                shapely.box(x0, y0, (x0 + x1) / 2 + float(random.uniform(-20, 20)), y1)
            )
        others = [
            everything[int(i)].buffer(4)
            for i in tree.query(shape, predicate="intersects")
            if not everything[int(i)].equals(lot)
        ]
        shape = max(
            shapely.get_parts(on_grid(shape.difference(shapely.union_all(others)))), key=lambda p: p.area
        )
        found.append(shape)
    return found
