"""Lots: street blocks of parks and zones split into parcels, some drawn against a border or the red line."""

from __future__ import annotations

import numpy as np
import pandas as pd

import shapely

from . import places
from .measure import on_grid, polygons_of
from .shapes import Noise, coverage, lots, rng

# what a block is for: chance, size of its lots (m2), use codes of 用地用海分类 2023
THEMES = {
    "heavy": (0.17, 70_000, ("100102",)),
    "medium": (0.36, 33_000, ("100101", "100102")),
    "small": (0.13, 15_000, ("100101",)),
    "logistics": (0.06, 45_000, ("110101", "110102")),
    "living": (0.09, 36_000, ("070102",)),
    "service": (0.05, 16_000, ("0901", "0902")),
    "research": (0.04, 26_000, ("0802",)),
    "public": (0.03, 28_000, ("080402", "1302", "0803")),
    "open": (0.07, 0, ()),  # 绿地与水面: no parcels
}
_HAND = Noise("hand", [(160, 0.7), (45, 0.5)])  # how a digitised line wanders off
INDUSTRY = ("heavy", "medium", "small", "logistics")


def park_lots(grown: dict, red: shapely.STRtree) -> pd.DataFrame:
    """Lots of all parks: the built blocks, and some of the planned blocks next to them."""
    rows = []
    for seed in places.PARKS:
        blocks, sets = grown[seed.mesh]
        built, planned = sets[seed.part_id][0], sets[seed.part_id][1]
        built_land = shapely.unary_union([blocks.shapes[i] for i in sorted(built)])
        shapely.prepare(built_land)
        for serial, i in enumerate(sorted(planned), start=1):
            inside, random = i in built, rng("lots", seed.part_id, i)
            if not inside and (blocks.shapes[i].distance(built_land) > 1800 or random.random() > 0.11):
                continue
            where = "built" if inside else "planned"
            rows += _block_lots(
                blocks.shapes[i], random, red, seed.part_id, serial, where, chemical=seed.part_id == "YZ08-2"
            )
    return pd.DataFrame(rows)


def zone_lots(blocks_of: dict[str, list], red: shapely.STRtree) -> pd.DataFrame:
    """Lots of the industrial zones: a few in some of the blocks."""
    rows = []
    for zone, blocks in blocks_of.items():
        for serial, block in enumerate(blocks, start=1):
            random = rng("lots", zone, serial)
            if random.random() < 0.42:
                rows += _block_lots(block, random, red, zone, serial, "zone", chemical=False)
    return pd.DataFrame(rows)


def _block_lots(
    block, random, red: shapely.STRtree, area_id: str, serial: int, where: str, *, chemical: bool
) -> list[dict]:
    names = list(THEMES)
    chance = np.array([THEMES[n][0] for n in names])
    theme = str(random.choice(names, p=chance / chance.sum()))
    if (where != "built" and theme in ("open", "public", "research")) or (chemical and theme not in INDUSTRY):
        theme = "medium"
    size = THEMES[theme][1]
    if not size:
        return []
    leaves = lots(block, random, size * random.uniform(0.8, 1.3), road_m=random.uniform(24, 44))
    kept = 0.93 if where == "built" else 0.6
    leaves = [leaf for leaf in leaves if random.random() < kept]
    drawn = [meet_red_line(leaf, red, random) for leaf in leaves]
    pairs = [(shape, how) for shape, how in drawn if shape is not None]
    faces = coverage([shape for shape, _ in pairs])
    rows = []
    for face in faces:
        point = face.representative_point()
        how = next(h for s, h in pairs if s.buffer(0.02).contains(point))
        code = "100103" if chemical and random.random() < 0.8 else str(random.choice(THEMES[theme][2]))
        rows.append(
            {
                "geometry": face,
                "area_id": area_id,
                "block": serial,
                "where": where,
                "theme": theme,
                "use_code": code,
                "drawn": how,
            }
        )
    return rows


def meet_red_line(lot, red: shapely.STRtree, random: np.random.Generator):
    """A lot beside the red line is drawn a little over it, little clear of it, well over it, or well away."""
    near = [int(i) for i in red.query(lot.buffer(6), predicate="intersects")]
    if not near:
        return lot, ""
    line = shapely.union_all([red.geometries[i] for i in sorted(near)]).intersection(lot.buffer(250))
    if line.intersection(lot).area > 0.8 * lot.area:
        return None, ""
    how = str(random.choice(["along", "gap", "over", "away"], p=[0.52, 0.14, 0.14, 0.20]))
    depth = {
        "along": random.uniform(0.05, 0.6),
        "gap": -random.uniform(0.3, 3.0),
        "over": random.uniform(5, 60),
        "away": -random.uniform(9, 20),
    }[how]
    edge = line.buffer(-depth, join_style="mitre", mitre_limit=2)
    if how == "along":  # digitising noise
        edge = shapely.transform(edge, lambda xy: xy + 0.2 * depth * _HAND(xy))
    parts = [p for p in shapely.get_parts(lot.difference(edge)) if p.geom_type == "Polygon"]
    best = max(parts, key=lambda p: p.area, default=None)
    if best is None or best.area < 2500 or best.area / best.length < 12:
        return None, ""
    return best, how


def join_across_parks(parcels: pd.DataFrame, first: str, second: str, wanted: int) -> pd.DataFrame:
    """Parcels across two parks: facing lots on both sides of the border become one, with the street."""
    a = parcels[
        (parcels.area_id == first)
        & parcels.theme.isin(INDUSTRY)
        & (parcels["where"] == "built")
        & (parcels.drawn == "")
    ]
    b = parcels[
        (parcels.area_id == second)
        & parcels.theme.isin(INDUSTRY)
        & (parcels["where"] == "built")
        & (parcels.drawn == "")
    ]
    tree, everything = shapely.STRtree(list(b.geometry)), shapely.STRtree(list(parcels.geometry))
    used: set = set()
    joined = []
    for i, shape in a.geometry.items():
        for k in sorted(int(k) for k in tree.query(shape, predicate="dwithin", distance=50)):
            j, other = b.index[k], b.geometry.iloc[k]
            hull = shapely.union_all([shape, other]).convex_hull
            in_the_way = {parcels.index[int(n)] for n in everything.query(hull, predicate="intersects")} - {
                i,
                j,
            }
            if in_the_way:
                hull = hull.difference(
                    shapely.union_all([parcels.geometry[n].buffer(3) for n in sorted(in_the_way)])
                )
            whole = polygons_of(on_grid(shapely.union_all([hull, shape, other])))
            if any(whole.intersects(done) for _, _, done in joined):
                continue
            bridge = hull.difference(shapely.union_all([shape, other])).area
            if (
                not used & {i, j}
                and whole.geom_type == "Polygon"
                and bridge > 2500
                and whole.area < 1.6 * (shape.area + other.area)
            ):
                used |= {i, j}
                joined.append((i, j, whole))
                break
        if len(joined) == wanted:
            break
    for i, j, whole in joined:
        parcels.at[i, "geometry"] = whole
        parcels.at[i, "drawn"] = "across_parks"
        parcels = parcels.drop(index=j)
    return parcels.reset_index(drop=True)


def number(parcels: pd.DataFrame, counties: dict) -> pd.DataFrame:
    """宗地代码 (19 characters: county, 地籍区, 地籍子区, GB, serial), in a stable order."""
    tree = shapely.STRtree(list(counties.values()))
    points = shapely.point_on_surface(np.array(list(parcels.geometry), dtype=object))
    parcel, county = tree.query(points, predicate="intersects")
    home = pd.Series(county, index=parcel).groupby(level=0).first()
    parcels["county_id"] = [list(counties)[home[i]] for i in range(len(parcels))]
    parcels = parcels.sort_values(["county_id", "area_id", "block"], kind="stable").reset_index(drop=True)
    district = {a: n for n, a in enumerate(sorted(parcels.area_id.unique()), start=1)}
    serial = parcels.groupby("county_id").cumcount() + 1
    parcels["parcel_id"] = [
        f"{c}{district[a]:03d}{b % 1000:03d}GB{n:05d}"
        for c, a, b, n in zip(parcels.county_id, parcels.area_id, parcels.block, serial, strict=True)
    ]
    return parcels
