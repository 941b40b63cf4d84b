"""The eleven parks and the industrial zones: street blocks, grown to the sizes the plan publishes."""

from __future__ import annotations

import geopandas as gpd
import shapely

from . import places
from .measure import CRS, GRID_M, ellipsoidal_area, to_plane, without_specks
from .shapes import Blocks, Noise, faces, leaning_score, rng, street_lines

LEVELS = ("built_km2", "planned_km2", "administered_km2")
_CHANCE = Noise("growth", [(4200, 0.8), (1500, 0.5)])


def grow_parks(counties: dict, water) -> dict[str, tuple[Blocks, dict[str, list[set[int]]]]]:
    """For each street mesh: its blocks, and for each part of a park the blocks of its three areas."""
    taken = shapely.Polygon()
    grown = {}
    for mesh, (middle, angle, half_x, half_y) in places.MESHES.items():
        seeds = [s for s in places.PARKS if s.mesh == mesh]
        land = shapely.unary_union([counties[c] for s in seeds for c in s.counties])
        allowed = land.difference(water).difference(taken.buffer(70, join_style="mitre"))
        edges = [shapely.boundary(counties[c]) for c in counties]
        lines = street_lines(mesh, middle, angle, half_x * 1000, half_y * 1000) + edges
        extent = shapely.Point(to_plane(middle)[0]).buffer(1000 * (half_x**2 + half_y**2) ** 0.5 + 2000)
        blocks = Blocks(faces(lines, allowed.intersection(extent), 30_000), angle)
        sets = _grow_group(blocks, seeds, counties)
        grown[mesh] = blocks, sets
        taken = shapely.unary_union([taken, *(blocks.shapes[i] for s in sets.values() for i in s[2])])
    return grown


def _grow_group(blocks: Blocks, seeds: list, counties: dict) -> dict[str, list[set[int]]]:
    """Grow parks of one mesh level by level, the smallest first, so that none walls another in."""
    sets: dict[str, list[set[int]]] = {s.part_id: [] for s in seeds}
    for level in LEVELS:
        for seed in sorted(seeds, key=lambda s: s.administered_km2):
            own = sets[seed.part_id][-1] if sets[seed.part_id] else set()
            others = {i for part, s in sets.items() if part != seed.part_id and s for i in s[-1]}
            home = shapely.unary_union([counties[c] for c in seed.counties])
            shapely.prepare(home)
            free = {
                i
                for i, b in enumerate(blocks.shapes)
                if i not in own and i not in others and home.contains(b.representative_point())
            }
            centre, pull = to_plane([seed.centre, seed.pull])
            aim = centre if level == "built_km2" else pull
            score = leaning_score(aim, blocks.angle, seed.stretch, _CHANCE)
            chosen = blocks.grow(own, free, shapely.Point(centre), getattr(seed, level) * 1e6, score)
            sets[seed.part_id].append(chosen)
    return sets


def park_layer(grown: dict, level: int) -> gpd.GeoDataFrame:
    """One row per part of a park: 0 built, 1 planned, 2 administered."""
    rows = []
    for seed in places.PARKS:
        blocks, sets = grown[seed.mesh]
        shape = without_specks(
            shapely.unary_union([blocks.shapes[i] for i in sorted(sets[seed.part_id][level])])
        )
        rows.append(
            {
                "park_id": seed.park_id,
                "park_name": seed.park_name,
                "part_id": seed.part_id,
                "part_name": seed.part_name,
                "level": seed.level,
                "county_id": seed.county_id,
                "数据性质": "示例",
                "geometry": shape,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def grow_zones(counties: dict, avoid) -> tuple[gpd.GeoDataFrame, dict[str, list]]:
    """The 38 工业集中区, each a few street blocks beside its town; and their blocks by zone."""
    rows, blocks_of, taken = [], {}, avoid
    for n, (town, county, middle) in enumerate(places.ZONES, start=1):
        random = rng("zone", town)
        angle = float(random.uniform(-30, 30))
        centre = shapely.Point(to_plane(middle)[0])
        around = centre.buffer(3200)
        allowed = (
            counties[county]
            .buffer(-80)
            .intersection(around)
            .difference(taken.intersection(centre.buffer(4500)).buffer(60))
        )
        allowed = max(shapely.get_parts(allowed), key=lambda p: p.area)
        lines = street_lines(f"zone {town}", middle, angle, 3200, 3200, spacing=(240, 460))
        blocks = Blocks(faces(lines, allowed, 15_000), angle)
        pull = to_plane(middle)[0]
        score = leaning_score(pull, angle, 1.5, _CHANCE)
        chosen = blocks.grow(
            set(), set(range(len(blocks.shapes))), centre, float(random.uniform(0.8, 2.4)) * 1e6, score
        )
        shape = shapely.unary_union([blocks.shapes[i] for i in sorted(chosen)], grid_size=GRID_M)
        zone = f"JZ{n:02d}"
        rows.append(
            {
                "zone_id": zone,
                "zone_name": f"{town}工业集中区",
                "county_id": county,
                "area_m2": round(float(ellipsoidal_area([shape])[0]), 2),
                "数据性质": "示例",
                "geometry": shape,
            }
        )
        blocks_of[zone] = [blocks.shapes[i] for i in sorted(chosen)]
        taken = shapely.unary_union([taken, shape])
    return gpd.GeoDataFrame(rows, crs=CRS), blocks_of


def grow_cores(counties: dict, avoid) -> list:
    """Blocks of the town cores (not parks): they only shape the urban development boundary."""
    found = []
    for name, where, middle, km2, angle in places.CORES:
        centre = shapely.Point(to_plane(middle)[0])
        reach = 1000 * (km2 * 1.6) ** 0.5
        land = (
            shapely.unary_union([counties[c] for c in where])
            .intersection(centre.buffer(reach))
            .difference(avoid.buffer(40))
        )
        blocks = Blocks(faces(street_lines(name, middle, angle, reach, reach), land, 40_000), angle)
        score = leaning_score(to_plane(middle)[0], angle, 1.15, _CHANCE)
        free = set(range(len(blocks.shapes)))
        room = sum(blocks.area)
        found += [
            blocks.shapes[i]
            for i in sorted(blocks.grow(set(), free, centre, min(km2 * 1e6, room * 0.6), score))
        ]
    return found
