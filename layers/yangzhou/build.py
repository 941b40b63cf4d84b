"""Builds the synthetic layers of the Yangzhou demo study:  python layers/yangzhou/build.py [--to DIR]

Reads boundary.geojson (real), writes everything else (synthetic 示例数据).
The seed is fixed: two runs give the same content.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from synthesis import files, firms, layout, lifecycle, limits, lots, measure, nature, parks, places, planted

import geopandas as gpd
import shapely

HERE = Path(__file__).resolve().parent
PARCEL_COLUMNS = [
    "宗地代码",
    "地块名称",
    "坐落",
    "用途代码",
    "用途",
    "登记面积",
    "土地使用权人",
    "批文号",
    "批准日期",
    "合同编号",
    "供应方式",
    "签订日期",
    "交地日期",
    "约定动工时间",
    "实际开工时间",
    "竣工日期",
    "中止开发时间",
    "恢复开发时间",
    "应动工面积",
    "已动工面积",
    "总投资",
    "已投资",
    "成交价款",
    "原因",
    "约定容积率",
    "总建筑面积",
    "建筑基底面积",
    "数据性质",
]


def read_boundary() -> tuple[shapely.Geometry, dict]:
    """The city and its counties in the working CRS."""
    real = gpd.read_file(HERE / "boundary.geojson").to_crs(measure.CRS).set_index("adcode")
    return real.geometry["321000"], {code: real.geometry[code] for code in places.COUNTIES}


def draw_parcels(grown: dict, zone_blocks: dict, red: gpd.GeoDataFrame, counties: dict) -> pd.DataFrame:
    """All parcels with their shapes, numbers and states."""
    tree = shapely.STRtree(list(red.geometry))
    parcels = pd.concat([lots.park_lots(grown, tree), lots.zone_lots(zone_blocks, tree)], ignore_index=True)
    parcels = lots.join_across_parks(parcels, "YZ01-1", "YZ02-1", 6)
    parcels = lots.number(parcels, counties)
    parcels["park_id"] = parcels.area_id.where(parcels.area_id.str.startswith("YZ"), "").str[:4]
    parcels["area_m2"] = measure.ellipsoidal_area(list(parcels.geometry))
    parcels = lifecycle.add_states(parcels)
    return parcels.join(lifecycle.attributes(parcels))


def draw_limits(
    grown: dict, zones, red, features: dict, parcels: pd.DataFrame, city, counties: dict, administered
) -> dict:
    """Urban development boundary, farmland and eco-control area, drawn around what stands there."""
    protected = shapely.union_all(list(red.geometry))
    cores = parks.grow_cores(
        counties, shapely.union_all([*administered.geometry, *zones.geometry, nature.water_of(features)])
    )
    udb = limits.development_boundary(grown, zones, cores, red, parcels, counties)
    inside = shapely.union_all(list(udb.geometry))
    keep_off = [
        *shapely.get_parts(inside.buffer(25, quad_segs=1).simplify(5)),
        *red.buffer(20, quad_segs=1).simplify(3),
        features["yangtze"],
        *parcels.geometry,
        *parks.park_layer(grown, 0).geometry,
        *zones.geometry,
    ]
    planted_fields = limits.fields_over(_parcels_for_farmland(parcels, inside), list(parcels.geometry))
    return {
        "udb": udb,
        "farmland": limits.farmland(city, counties, keep_off, planted_fields),
        "eco": nature.eco_control(features, protected, inside, city, counties),
    }


def _parcels_for_farmland(parcels: pd.DataFrame, inside) -> list:
    """Six parcels, far apart, outside the urban development boundary: farmland is laid over them."""
    shapely.prepare(inside)
    outside = parcels[
        ~shapely.intersects(inside, np.array(list(parcels.geometry), dtype=object)) & parcels.drawn.eq("")
    ]
    found: list = []
    for shape in outside.drop_duplicates(["area_id", "block"]).geometry:
        if len(found) < 6 and all(shape.distance(other) > 3000 for other in found):
            found.append(shape)
    return found


def describe_parcels(parcels: pd.DataFrame, holders: dict) -> gpd.GeoDataFrame:
    """The parcel layer in the columns of an office."""
    names = {s.part_id: s.park_name if s.part_name == "主区" else s.part_name for s in places.PARKS}
    names |= {f"JZ{n:02d}": f"{town}工业集中区" for n, (town, _, _) in enumerate(places.ZONES, start=1)}
    table = parcels.copy()
    table["宗地代码"] = table.parcel_id
    table["地块名称"] = [
        f"{_short(names[a])}{b:03d}街坊{p[-4:]}号地块"
        for a, b, p in zip(table.area_id, table.block, table.parcel_id, strict=True)
    ]
    table["坐落"] = [
        f"扬州市{places.COUNTIES[c]}{names[a]}第{b}街坊"
        for c, a, b in zip(table.county_id, table.area_id, table.block, strict=True)
    ]
    supplied = table["签订日期"].notna()
    table["土地使用权人"] = [
        holders.get(i) or (f"示例项目{p[-5:]}有限公司" if s else None)
        for i, p, s in zip(table.index, table.parcel_id, supplied, strict=True)
    ]
    table["数据性质"] = "示例"
    return gpd.GeoDataFrame(table[[*PARCEL_COLUMNS, "geometry"]], crs=measure.CRS)


def _short(name: str) -> str:
    for long, short in (
        ("经济技术开发区", "经开区"),
        ("经济开发区", "经开区"),
        ("高新技术产业开发区", "高新区"),
        ("工业集中区", "集中区"),
        ("(筹)", ""),
    ):
        name = name.replace(long, short)
    return name


def draw_economy(parcels: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], dict, dict]:
    """Enterprises, their years and their land; the planted cases in them; the holder of each parcel."""
    parcels["completion"] = parcels["竣工日期"].where(parcels["竣工日期"].notna(), parcels["实际开工时间"])
    table = firms.enterprises(parcels)
    land, cases = firms.occupancy(table, parcels)
    odd = {cases[c][0]: c for c in ("no_tax_record", "zero_tax", "negative_tax")}
    table.loc[table["统一社会信用代码"].isin(odd), "投产日期"] = "2010-06-18"
    years = firms.years(table, odd)
    occupancy = pd.DataFrame(
        {
            "统一社会信用代码": land.code,
            "宗地代码": land.parcel.map(parcels.parcel_id),
            "占用面积": land.area,
            "起始日期": land.since,
            "数据性质": "示例",
        }
    )
    names = dict(zip(table["统一社会信用代码"], table["企业名称"], strict=True))
    holders = {i: names[c] for i, c in zip(land.parcel[::-1], land.code[::-1], strict=True)}
    columns = [
        "统一社会信用代码",
        "企业名称",
        "行业代码",
        "行业名称",
        "是否高企",
        "投产日期",
        "所属园区",
        "所属区县",
    ]
    return (
        {"enterprises": table[columns].assign(数据性质="示例"), "years": years, "occupancy": occupancy},
        cases,
        holders,
    )


def build(to: Path) -> None:
    """Everything, in the order in which one thing stands on another."""
    city, counties = read_boundary()
    features = nature.natural_features(city)
    red = nature.red_line(features, city, counties)
    grown = parks.grow_parks(counties, nature.water_of(features))
    built, planned, administered = (parks.park_layer(grown, level) for level in range(3))
    zones, zone_blocks = parks.grow_zones(
        counties, shapely.union_all([*administered.geometry, *red.geometry])
    )
    parcels = draw_parcels(grown, zone_blocks, red, counties)
    lines = draw_limits(grown, zones, red, features, parcels, city, counties, administered)
    economy, cases, holders = draw_economy(parcels)
    to.mkdir(parents=True, exist_ok=True)
    files.geopackage(
        to / "parks.gpkg", {"parks": planned, "parks_built": built, "parks_administered": administered}
    )
    files.geopackage(to / "industrial_zones.gpkg", {"industrial_zones": zones})
    files.geopackage(
        to / "layout.gpkg",
        {"axes": layout.axes(city), "clusters": layout.clusters(city, counties, administered)},
    )
    files.shapefile_gbk(to / "STBHHX.shp", red)
    files.geopackage(to / "CZKFBJ.gpkg", {"CZKFBJ": lines["udb"]})
    files.geopackage(to / "YJJBNT.gpkg", {"YJJBNTTB": lines["farmland"]})
    files.geopackage(to / "STKJGKQ.gpkg", {"STKJGKQ": lines["eco"]})
    files.geopackage(to / "parcels.gpkg", {"parcels": describe_parcels(parcels, holders)})
    files.csv(to / "enterprises.csv", economy["enterprises"])
    files.csv(to / "enterprise_years.csv", economy["years"])
    files.workbook(
        to / "occupancy.xlsx", "占用关系", economy["occupancy"], texts=("统一社会信用代码", "宗地代码")
    )
    found = planted.find(
        {"red": red, "planned": planned, "administered": administered, **lines}, parcels, counties, cases
    )
    files.csv(to / "planted.csv", found)
    _into_readme(to / "README.md", planted.readme_table(found))


def _into_readme(readme: Path, table: str) -> None:
    if readme.exists():
        text = readme.read_text(encoding="utf-8")
        text = re.sub(
            r"(<!-- planted -->\n).*?(<!-- /planted -->)",
            lambda m: f"{m[1]}{table}\n{m[2]}",
            text,
            flags=re.S,
        )
        readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write to (default: this one)")
    build(parser.parse_args().to)
