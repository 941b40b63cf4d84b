"""The dirt that is in the demo on purpose, measured on the finished layers and listed case by case."""

from __future__ import annotations

import pandas as pd

import geopandas as gpd
import shapely

from . import places
from .limits import NO_HOLE_FOR
from .measure import ellipsoidal_area

WHAT = {
    "park_across_counties": "park across a county line 跨县(市、区)园区",
    "parcel_across_parks": "parcel across two parks 跨园区地块",
    "red_line_sliver": "edge follows the red line and lies over it by 0.05-0.6 m (digitising noise) 贴线碎屑",
    "red_line_encroached": "truly over the red line by 5-60 m 压占红线",
    "red_line_near": "clear of the red line by 0.3-3 m 临线未压",
    "boundary_crossed": "across the urban development boundary 跨城镇开发边界",
    "in_farmland": "on permanent basic farmland 占用永久基本农田",
    "boundary_red_line_conflict": "red-line zone inside the urban development boundary, no hole 两线打架",
    "red_line_zones_overlap": "two red-line zones overlap (do not add their areas) 红线要素重叠",
    "registered_area_off": "registered area more than 5 % from the measured one 登记面积不符",
    "idle_no_agreed_start": "not started, no agreed start, hand-over known 无约定动工日期",
    "idle_no_dates": "not started, neither agreed start nor hand-over: cannot be decided 日期缺失",
    "idle_one_year_today": "agreed start exactly one year before the date of the study",
    "idle_one_day_short": "agreed start one day less than a year before",
    "idle_two_years_today": "agreed start exactly two years before",
    "idle_government_cause": "idle for a cause of the government 政府原因闲置",
    "suspended_above_limits": "suspended over a year, but above both limits (not idle)",
    "no_tax_record": "enterprise without tax record in 2020, and its parcel 无税收记录",
    "zero_tax": "enterprise with zero tax in 2020, and its parcel 零税收",
    "negative_tax": "enterprise with negative tax in 2020 (rebate), and its parcel 税收为负",
    "occupied_over_100_percent": "occupied area 120 % of the parcel 占用超面积",
    "enterprise_without_land": "enterprise without any land record 无用地记录企业",
}


def find(
    layers: dict[str, gpd.GeoDataFrame], parcels: pd.DataFrame, counties: dict, cases: dict[str, list]
) -> pd.DataFrame:
    """All planted cases: case, id, other id, and what was measured."""
    rows = (
        _of_parks(layers, counties)
        + _of_parcels_in_parks(layers, parcels)
        + _at_red_line(layers["red"], parcels)
    )
    rows += _at_limits(layers, parcels) + _between_lines(layers) + _in_the_records(parcels)
    rows += [
        (case, found[0], found[1], "") if case.endswith(("_tax", "_record")) else (case, one, "", "")
        for case, found in cases.items()
        for one in (found[:1] if case.endswith(("_tax", "_record")) else found)
    ]
    order = list(WHAT)
    rows.sort(key=lambda r: (order.index(r[0]), r[1]))
    return pd.DataFrame(rows, columns=["case", "id", "other", "measured"])


def _of_parks(layers, counties) -> list:
    rows = []
    for park in layers["administered"].itertuples():
        shares = {c: park.geometry.intersection(counties[c]).area / 1e6 for c in counties}
        shares = {c: a for c, a in shares.items() if a > 0.5}
        if len(shares) > 1:
            rows.append(
                (
                    "park_across_counties",
                    park.park_id,
                    " ".join(shares),
                    ", ".join(f"{places.COUNTIES[c]} {a:.1f} km2" for c, a in shares.items()),
                )
            )
    return rows


def _of_parcels_in_parks(layers, parcels) -> list:
    built = layers["planned"]
    rows = []
    for p in parcels[parcels.drawn.eq("across_parks")].itertuples():
        parts = {k.park_id: p.geometry.intersection(k.geometry).area for k in built.itertuples()}
        parts = {k: a for k, a in parts.items() if a > 1}
        rows.append(
            (
                "parcel_across_parks",
                p.parcel_id,
                " ".join(parts),
                ", ".join(f"{k} {a:.0f} m2" for k, a in parts.items()),
            )
        )
    return rows


def _at_red_line(red, parcels) -> list:
    rows = []
    tree = shapely.STRtree(list(red.geometry))
    for p in parcels[parcels.drawn.isin(["along", "over", "gap"])].itertuples():
        near = [red.geometry.iloc[int(i)] for i in tree.query(p.geometry, predicate="dwithin", distance=4)]
        if not near:
            continue
        line = shapely.union_all(near)
        shared = p.geometry.intersection(line)
        deep = _depth(shared, line)
        if shared.is_empty and 0.3 <= p.geometry.distance(line) <= 3.0:
            rows.append(("red_line_near", p.parcel_id, "", f"{p.geometry.distance(line):.2f} m clear"))
        elif 0.05 <= deep <= 0.75:
            rows.append(("red_line_sliver", p.parcel_id, "", f"{deep:.2f} m deep, {shared.area:.1f} m2"))
        elif 5 <= deep <= 65:
            rows.append(("red_line_encroached", p.parcel_id, "", f"{deep:.1f} m deep, {shared.area:.0f} m2"))
    return rows


def _depth(shared, line) -> float:
    """How far the shared land reaches in from the edge of the line."""
    if shared.is_empty or shared.area == 0:
        return 0.0
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(shared, 5.0)))
    return float(shapely.distance(points, shapely.boundary(line)).max())


def _at_limits(layers, parcels) -> list:
    rows = []
    inside, farms = (
        shapely.union_all(list(layers["udb"].geometry)),
        shapely.STRtree(list(layers["farmland"].geometry)),
    )
    shapely.prepare(inside)
    for p in parcels.itertuples():
        if inside.intersects(p.geometry) and not inside.covers(p.geometry):
            out = p.geometry.difference(inside).area
            if out > 100 and p.geometry.area - out > 100:
                rows.append(("boundary_crossed", p.parcel_id, "", f"{out:.0f} m2 outside"))
        for i in farms.query(p.geometry, predicate="intersects"):
            patch = layers["farmland"].iloc[int(i)]
            area = p.geometry.intersection(patch.geometry).area
            if area > 1:
                rows.append(("in_farmland", p.parcel_id, patch.YJJBNTTBBH, f"{area:.0f} m2"))
    return rows


def _between_lines(layers) -> list:
    red, rows = layers["red"], []
    inside = shapely.union_all(list(layers["udb"].geometry))
    for zone in red.itertuples():
        area = zone.geometry.intersection(inside).area
        if area > 1000 and zone.HXMC.startswith(NO_HOLE_FOR):
            rows.append(("boundary_red_line_conflict", zone.HXBM, "", f"{zone.HXMC} {area / 1e4:.1f} ha"))
    a, b = shapely.STRtree(list(red.geometry)).query(list(red.geometry), predicate="intersects")
    for i, j in sorted((int(i), int(j)) for i, j in zip(a, b, strict=True) if i < j):
        area = float(ellipsoidal_area([red.geometry.iloc[i].intersection(red.geometry.iloc[j])])[0])
        if area > 1000:
            rows.append(
                ("red_line_zones_overlap", red.HXBM.iloc[i], red.HXBM.iloc[j], f"{area / 1e4:.1f} ha")
            )
    return rows


def _in_the_records(parcels) -> list:
    kinds = {
        "handover_only": "idle_no_agreed_start",
        "no_dates": "idle_no_dates",
        "edge_one_year": "idle_one_year_today",
        "edge_day_short": "idle_one_day_short",
        "edge_two_years": "idle_two_years_today",
        "government": "idle_government_cause",
        "above_limits": "suspended_above_limits",
    }
    rows = [(kinds[p.kind], p.parcel_id, "", "") for p in parcels.itertuples() if p.kind in kinds]
    off = parcels["登记面积"] / parcels.area_m2 - 1
    return rows + [
        ("registered_area_off", p, "", f"{o:+.1%}")
        for p, o in zip(parcels.parcel_id, off, strict=True)
        if abs(o) > 0.05
    ]


def readme_table(planted: pd.DataFrame) -> str:
    """The cases as a Markdown table: how many, and their ids (long lists are cut)."""
    lines = ["| case | what | n | ids |", "|---|---|---|---|"]
    for case, what in WHAT.items():
        found = planted[planted.case.eq(case)]
        ids = [f"`{i}`" + (f" ({o})" if o else "") for i, o in zip(found.id, found.other, strict=True)]
        more = f" ... (+{len(ids) - 8}, planted.csv)" if len(ids) > 8 else ""
        lines.append(f"| `{case}` | {what} | {len(ids)} | {', '.join(ids[:8])}{more} |")
    return "\n".join(lines)
