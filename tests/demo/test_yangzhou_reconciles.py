"""The demo study of Yangzhou adds up to the published plan, and what was planted in it is there."""

from __future__ import annotations

import filecmp
import itertools
import subprocess
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geopandas as gpd
import shapely
from pyproj import Geod

HERE = Path(__file__).resolve().parents[2] / "layers" / "yangzhou"
PLAN_KM2 = {"parks_built": 158.5, "parks": 460.06, "parks_administered": 694.15}
LAYERS = [
    ("parks.gpkg", "parks"),
    ("parks.gpkg", "parks_built"),
    ("parks.gpkg", "parks_administered"),
    ("industrial_zones.gpkg", "industrial_zones"),
    ("layout.gpkg", "axes"),
    ("layout.gpkg", "clusters"),
    ("STBHHX.shp", None),
    ("CZKFBJ.gpkg", "CZKFBJ"),
    ("YJJBNT.gpkg", "YJJBNTTB"),
    ("STKJGKQ.gpkg", "STKJGKQ"),
    ("parcels.gpkg", "parcels"),
]
A_HANDFUL = 10  # rows of a layer
DATES = ["批准日期", "签订日期", "交地日期", "实际开工时间", "竣工日期", "中止开发时间", "恢复开发时间"]

pytestmark = pytest.mark.skipif(
    not (HERE / "parcels.gpkg").exists(), reason="the demo study is not part of this copy"
)


@cache
def read(name: str, layer: str | None = None) -> gpd.GeoDataFrame:
    return gpd.read_file(HERE / name, layer=layer) if layer else gpd.read_file(HERE / name)


@cache
def city() -> shapely.Geometry:
    return read("boundary.geojson").set_index("adcode").to_crs(4549).geometry["321000"]


@cache
def table(name: str) -> pd.DataFrame:
    if name.endswith(".xlsx"):
        return pd.read_excel(HERE / name, dtype=str, engine="openpyxl")
    return pd.read_csv(HERE / name, dtype=str, encoding="utf-8-sig", keep_default_na=False)


@cache
def planted() -> dict[str, list[str]]:
    return table("planted.csv").groupby("case").id.apply(list).to_dict()


def geodesic_km2(shapes) -> float:
    """Area by another method than the demo was built with: geodesics between points 100 m apart."""
    frame = gpd.GeoSeries(shapely.segmentize(np.asarray(shapes, dtype=object), 100.0), crs=4549).to_crs(4490)
    geod = Geod(a=6378137.0, rf=298.257222101)
    return (
        sum(
            abs(geod.geometry_area_perimeter(p)[0])
            for g in shapely.orient_polygons(frame.values)
            for p in shapely.get_parts(g)
        )
        / 1e6
    )


def union(frame: gpd.GeoDataFrame):
    return shapely.union_all(frame.geometry.values)


def parcels() -> gpd.GeoDataFrame:
    return read("parcels.gpkg", "parcels").set_index("宗地代码", drop=False)


@pytest.mark.parametrize(("layer", "km2"), PLAN_KM2.items())
def test_park_areas_add_up_to_the_plan(layer, km2):
    assert geodesic_km2(read("parks.gpkg", layer).geometry) == pytest.approx(km2, abs=0.004)


def test_there_are_eleven_parks_and_one_has_a_second_part():
    parks = read("parks.gpkg", "parks")
    assert sorted(parks.park_id.unique()) == [f"YZ{n:02d}" for n in range(1, 12)]
    assert parks.loc[parks.part_id.eq("YZ08-2"), "part_name"].tolist() == ["仪征化工园"]


def test_each_park_is_built_within_planned_within_administered():
    built, planned, administered = (
        read("parks.gpkg", n).set_index("part_id").geometry
        for n in ("parks_built", "parks", "parks_administered")
    )
    assert planned.covers(built).all()
    assert administered.covers(planned).all()


@pytest.mark.parametrize("layer", PLAN_KM2)
def test_parks_do_not_overlap(layer):
    shapes = read("parks.gpkg", layer).geometry
    assert shapes.area.sum() - union(read("parks.gpkg", layer)).area < 0.01


def test_parks_and_zones_lie_in_the_city():
    assert union(read("parks.gpkg", "parks_administered")).difference(city().buffer(1)).area == 0
    assert union(read("industrial_zones.gpkg")).difference(city().buffer(1)).area == 0


def test_there_are_38_industrial_zones_clear_of_the_parks():
    zones = read("industrial_zones.gpkg")
    assert len(zones) == 38
    assert zones.zone_name.is_unique
    assert union(zones).intersection(union(read("parks.gpkg", "parks_administered"))).area == 0


def test_six_clusters_tile_the_city():
    clusters = read("layout.gpkg", "clusters")
    assert len(clusters) == 6
    assert clusters.area.sum() == pytest.approx(union(clusters).area, abs=0.01)
    assert union(clusters).symmetric_difference(city()).area < 5000  # centimetres along 580 km of border


def test_parks_lie_mainly_in_the_cluster_the_plan_gives_them():
    clusters = read("layout.gpkg", "clusters").set_index("cluster_id").geometry
    home = dict.fromkeys(("YZ01", "YZ02", "YZ06", "YZ07", "YZ09"), "C2") | {
        "YZ08": "C3",
        "YZ03": "C4",
        "YZ11": "C4",
        "YZ04": "C5",
        "YZ10": "C5",
        "YZ05": "C6",
    }
    for park in read("parks.gpkg", "parks").itertuples():
        assert park.geometry.intersection(clusters[home[park.park_id]]).area > 0.9 * park.geometry.area, (
            park.park_id
        )


def test_two_axes_follow_four_roads():
    axes = read("layout.gpkg", "axes")
    assert axes.groupby("axis_id").road_name.apply(set).to_dict() == {
        "A1": {"京沪高速", "启扬高速"},
        "A2": {"沪陕高速", "328国道"},
    }


def test_enterprises_and_high_tech_enterprises_are_as_many_as_published():
    firms = table("enterprises.csv")
    assert (len(firms), firms["是否高企"].eq("是").sum()) == (1547, 534)
    assert firms["统一社会信用代码"].is_unique
    assert set(firms["所属园区"]) == {f"YZ{n:02d}" for n in range(1, 12)}
    assert firms["统一社会信用代码"].str.fullmatch(r"91\d{6}DEMX\d{4}[0-9X][0-9A-HJ-NPQRTUWXY]").all()


def test_sales_of_2020_are_exact_to_the_cent():
    years = table("enterprise_years.csv")
    assert sum(map(Decimal, years.loc[years["年度"].eq("2020"), "开票销售"])) == Decimal("39210000.00")


def test_control_lines_take_believable_shares_of_the_city():
    whole = geodesic_km2([city()])
    assert 0.095 < geodesic_km2([union(read("STBHHX.shp"))]) / whole < 0.105
    assert 0.20 < geodesic_km2(read("YJJBNT.gpkg").geometry) / whole < 0.35
    assert geodesic_km2(read("STKJGKQ.gpkg").geometry) / whole == pytest.approx(0.079, abs=0.001)
    assert union(read("STKJGKQ.gpkg")).intersection(union(read("STBHHX.shp"))).area < 100
    vertices = sum(
        shapely.get_num_coordinates(read(n).geometry.values).sum()
        for n in ("STBHHX.shp", "CZKFBJ.gpkg", "YJJBNT.gpkg", "STKJGKQ.gpkg")
    )
    assert 60_000 < vertices < 150_000


def test_the_development_boundary_has_holes_and_leaves_out_some_park_land():
    boundary = read("CZKFBJ.gpkg")
    assert sum(len(p.interiors) for g in boundary.geometry for p in shapely.get_parts(g)) > 50
    parks = union(read("parks.gpkg", "parks"))
    assert 0.75 < parks.intersection(union(boundary)).area / parks.area < 0.98


def test_the_red_line_shapefile_is_gbk():
    assert (HERE / "STBHHX.cpg").read_text().strip() == "CP936"
    assert "重要湿地".encode("gbk") in (HERE / "STBHHX.dbf").read_bytes()
    assert read("STBHHX.shp").HXLX.eq("重要湿地").any()


@pytest.mark.parametrize(("name", "layer"), LAYERS)
def test_layers_are_valid_in_the_study_crs_and_say_that_they_are_examples(name, layer):
    frame = read(name, layer)
    assert frame.crs.to_epsg() == 4549
    assert frame.geometry.notna().all()
    assert not frame.geometry.is_empty.any()
    assert frame.geometry.is_valid.all()
    assert frame["SJXZ" if name.endswith(".shp") else "数据性质"].eq("示例").all()


def test_tables_say_that_they_are_examples():
    assert all(
        table(n)["数据性质"].eq("示例").all()
        for n in ("enterprises.csv", "enterprise_years.csv", "occupancy.xlsx")
    )


def test_parcels_are_many_unique_and_do_not_overlap():
    frame = parcels()
    assert 3000 <= len(frame) <= 6000
    assert frame.index.is_unique
    assert frame.index.str.fullmatch(r"\d{12}GB\d{5}").all()
    shapes = frame.geometry.values
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one = a < b
    assert shapely.area(shapely.intersection(shapes[a[one]], shapes[b[one]])).sum() < 1.0


def test_parcel_dates_are_in_order_and_not_in_the_future():
    frame = parcels()
    assert all(frame[c].dropna().max() <= "2020-12-31" for c in DATES)
    for first, second in itertools.pairwise(DATES[:5]):
        both = frame[[first, second]].dropna()
        assert (both[first] <= both[second]).all(), (first, second)


def test_states_of_land_are_spread_as_in_a_real_city():
    frame = parcels()
    due = pd.to_datetime(frame["约定动工时间"])
    shares = {
        "completed": frame["竣工日期"].notna().mean(),
        "unsupplied": frame["签订日期"].isna().mean(),
        "a year late": (due.le("2019-12-31") & frame["实际开工时间"].isna()).mean(),
        "stopped": (frame["中止开发时间"].notna() & frame["恢复开发时间"].isna()).mean(),
    }
    assert 0.78 < shares["completed"] < 0.90
    assert 0.04 < shares["unsupplied"] < 0.05
    assert 0.02 < shares["a year late"] < 0.045
    assert 0.01 < shares["stopped"] < 0.025


def test_occupied_parcels_are_built_and_in_the_park_of_the_enterprise():
    land = table("occupancy.xlsx").merge(table("enterprises.csv")[["统一社会信用代码", "所属园区"]])
    frame = parcels().loc[land["宗地代码"]]
    assert frame["实际开工时间"].notna().all()
    parks = read("parks.gpkg", "parks").dissolve("park_id").geometry
    inside = [
        parks[p].intersection(g).area > 0 for p, g in zip(land["所属园区"], frame.geometry, strict=True)
    ]
    assert all(inside)
    landless = set(table("enterprises.csv")["统一社会信用代码"]) - set(land["统一社会信用代码"])
    assert landless == set(planted()["enterprise_without_land"])


def test_only_the_planted_parcel_is_occupied_by_more_than_its_area():
    land = table("occupancy.xlsx")
    share = land["占用面积"].astype(float).groupby(land["宗地代码"]).sum() / parcels().geometry.area
    assert share[share > 1.001].index.tolist() == planted()["occupied_over_100_percent"]
    assert share.max() == pytest.approx(1.2, abs=0.001)


def test_planted_red_line_cases_are_there():
    line, cases, frame = union(read("STBHHX.shp")), planted(), parcels().geometry
    assert len(cases["red_line_sliver"]) >= 60
    assert len(cases["red_line_encroached"]) >= 15
    assert len(cases["red_line_near"]) >= 10
    for case, low, high in (("red_line_sliver", 0.05, 0.75), ("red_line_encroached", 5, 65)):
        for parcel in cases[case]:
            shared = frame[parcel].intersection(line)
            depth = shapely.distance(
                shapely.points(shapely.get_coordinates(shapely.segmentize(shared, 5.0))), line.boundary
            ).max()
            assert low <= depth <= high, (case, parcel)
    gaps = frame[cases["red_line_near"]].distance(line)
    assert gaps.between(0.3, 3.0).all()


def test_planted_boundary_and_farmland_cases_are_there():
    cases, frame = planted(), parcels().geometry
    inside, farms = union(read("CZKFBJ.gpkg")), union(read("YJJBNT.gpkg"))
    across = frame[cases["boundary_crossed"]]
    assert len(across) >= 10
    assert (across.intersection(inside).area > 100).all()
    assert (across.difference(inside).area > 100).all()
    on_farms = frame[frame.intersects(farms)]
    assert set(on_farms[on_farms.intersection(farms).area > 1].index) == set(cases["in_farmland"])
    assert 4 <= len(cases["in_farmland"]) <= 12


def test_planted_conflicts_between_lines_are_there():
    red, inside = read("STBHHX.shp").set_index("HXBM").geometry, union(read("CZKFBJ.gpkg"))
    assert all(red[z].intersection(inside).area > 1e5 for z in planted()["boundary_red_line_conflict"])
    pairs = table("planted.csv").query("case == 'red_line_zones_overlap'")
    assert len(pairs) == 2
    assert all(red[a].intersection(red[b]).area > 1e6 for a, b in zip(pairs.id, pairs.other, strict=True))


def test_planted_park_and_parcel_borders_are_there():
    counties = read("boundary.geojson").to_crs(4549).query("adcode != '321000'").geometry
    parks = read("parks.gpkg", "parks_administered").set_index("part_id").geometry
    crossing = {p[:4] for p, g in parks.items() if (counties.intersection(g).area > 5e5).sum() > 1}
    assert crossing == set(planted()["park_across_counties"])
    planned = read("parks.gpkg", "parks").geometry
    across = parcels().geometry[planted()["parcel_across_parks"]]
    assert len(across) >= 3
    assert all((planned.intersection(g).area > 1000).sum() == 2 for g in across)


def test_planted_tax_records_are_there():
    years, cases = table("enterprise_years.csv"), table("planted.csv").set_index("case")
    tax = years[years["年度"].eq("2020")].set_index("统一社会信用代码")["实缴税收"]
    land = table("occupancy.xlsx").set_index("统一社会信用代码")["宗地代码"]
    for case, value in (("no_tax_record", ""), ("zero_tax", "0.00"), ("negative_tax", "-86.40")):
        firm, parcel = cases.loc[case, ["id", "other"]]
        assert tax[firm] == value
        assert land[firm] == parcel
        assert land.eq(parcel).sum() == 1  # nobody else on it
    assert (pd.to_numeric(tax) <= 0).sum() == 2
    assert tax.eq("").sum() == 1


def test_planted_idle_cases_are_there():
    frame, cases = parcels(), planted()
    assert frame.loc[cases["idle_one_year_today"], "约定动工时间"].eq("2019-12-31").all()
    assert frame.loc[cases["idle_one_day_short"], "约定动工时间"].eq("2020-01-01").all()
    assert frame.loc[cases["idle_two_years_today"], "约定动工时间"].eq("2018-12-31").all()
    assert frame.loc[cases["idle_no_agreed_start"], "约定动工时间"].isna().all()
    assert frame.loc[cases["idle_no_agreed_start"], "交地日期"].notna().all()
    assert (
        frame.loc[cases["idle_no_dates"], ["约定动工时间", "交地日期", "实际开工时间"]].isna().all(axis=None)
    )
    assert frame.loc[cases["idle_government_cause"], "原因"].str.startswith("gov_").all()


def test_every_planted_case_is_told_in_the_readme():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for case, ids in planted().items():
        assert f"`{case}`" in text
        assert ids[0] in text


def test_the_folder_is_small_enough_to_carry():
    assert (
        sum(f.stat().st_size for f in HERE.rglob("*") if f.is_file() and "__pycache__" not in f.parts) < 15e6
    )


@pytest.mark.slow
def test_building_again_gives_the_same_files(tmp_path):
    """But for a handful of rows on another kind of processor: numpy's sines and exponentials differ there in the last digit.

    By that an area may be rounded to the other hundredth, and a choice among equals fall otherwise.
    """
    subprocess.run([sys.executable, HERE / "build.py", "--to", tmp_path], check=True, timeout=180)
    made = sorted(f.name for f in tmp_path.iterdir())
    assert len(made) == 16
    books = [
        name for name in made if name.endswith(".xlsx")
    ]  # their bytes hang on which XML writer is installed
    _same, different, missing = filecmp.cmpfiles(
        tmp_path, HERE, [n for n in made if n not in books], shallow=False
    )
    assert missing == []
    for name in different:
        assert name.endswith(".gpkg"), name
        assert rows_apart(tmp_path / name, HERE / name) <= A_HANDFUL, name
    for name in books:
        pd.testing.assert_frame_equal(
            pd.read_excel(tmp_path / name, dtype=str, engine="openpyxl"),
            pd.read_excel(HERE / name, dtype=str, engine="openpyxl"),
        )


def test_negative_control_every_row_that_differs_is_counted(tmp_path):
    layer = gpd.read_file(HERE / "parcels.gpkg")
    layer.loc[3, "geometry"] = layer.geometry[3].buffer(0.01)
    layer.loc[[5, 7], layer.columns[0]] = "other"
    layer.to_file(tmp_path / "parcels.gpkg")
    assert rows_apart(tmp_path / "parcels.gpkg", HERE / "parcels.gpkg") == 3


def rows_apart(one, other):
    """How many rows of two GeoPackages differ, which have the same columns and as many rows."""
    left, right = (gpd.read_file(file) for file in (one, other))
    assert list(left.columns) == list(right.columns)
    assert (len(left), left.crs) == (len(right), right.crs)
    shapes = ~shapely.equals_exact(left.geometry.array, right.geometry.array, 0)
    values = [frame.drop(columns="geometry").astype("string").fillna("") for frame in (left, right)]
    return int((shapes | values[0].ne(values[1]).any(axis=1)).sum())
