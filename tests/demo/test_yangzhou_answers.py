"""The answers for the demo city: what was planted is found, what must add up adds up, and everything says it is made up."""

import json
import sqlite3
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import rasterio

pytestmark = pytest.mark.slow

STUDY = Path(__file__).parents[2] / "layers" / "yangzhou"


@pytest.fixture(scope="module")
def planted():
    return pd.read_csv(STUDY / "planted.csv", dtype=str, encoding="utf-8-sig")


def ids(planted, case):
    found = planted.loc[planted["case"] == case, "id"].tolist()
    assert found, f"nothing of {case} is planted"
    return found


def of_line(run, line):
    table = run.results["conflicts"].table
    return table[table["line"] == line].set_index("parcel_id")


def test_the_run_writes_every_file_of_the_contract_and_a_map_under_20_mb(demo_run):
    """design.md 6; the map must travel by e-mail."""
    wanted = {"map.html", "results.gpkg", "ledger.xlsx", "intensity.tif", "manifest.json"}
    wanted |= {"figures.json", "breaks.toml", "coverage.csv", "stock_density.tif"}
    wanted |= {f"shp/{name}.zip" for name in ("stock", "conflicts", "layout", "intensity", "parks")}
    assert wanted == set(demo_run.outputs)
    assert all(path.stat().st_size > 0 for path in demo_run.outputs.values())
    assert demo_run.outputs["map.html"].stat().st_size < 20e6


def test_every_planted_encroachment_on_the_red_line_is_a_certain_conflict(demo_run, planted):
    """5 m and more, with lines known to 0.4 m."""
    red = of_line(demo_run, "ecological_redline")
    assert set(red.loc[ids(planted, "red_line_encroached"), "verdict"]) == {"conflict"}


def test_no_planted_sliver_is_certain_and_none_is_called_clear(demo_run, planted):
    """0.05-0.75 m of digitising noise along the red line: for people, not for a verdict."""
    red = of_line(demo_run, "ecological_redline")
    assert set(red.loc[ids(planted, "red_line_sliver"), "verdict"]) == {"within_accuracy"}


def test_no_parcel_that_keeps_clear_of_the_red_line_is_in_conflict(demo_run, planted):
    """Gaps of 0.3-3 m: within accuracy or clear, never a conflict."""
    red = of_line(demo_run, "ecological_redline")
    assert set(red.loc[ids(planted, "red_line_near"), "verdict"]) <= {"within_accuracy", "clear"}


def test_parcels_on_farmland_are_certain_conflicts(demo_run, planted):
    """Whole parcels on basic farmland."""
    farmland = of_line(demo_run, "permanent_basic_farmland")
    assert set(farmland.loc[ids(planted, "in_farmland"), "verdict"]) == {"conflict"}


def test_zones_that_overlap_each_other_count_once(demo_run, planted):
    """The planted pair of red-line zones lies on each other: no parcel is encroached by more than its area."""
    assert ids(planted, "red_line_zones_overlap")
    stock = demo_run.results["stock"].table.set_index("parcel_id")["area_m2"]
    for _, rows in demo_run.results["conflicts"].table.groupby("line"):
        area = rows.set_index("parcel_id")["encroached_m2"]
        assert (area <= stock.reindex(area.index) + 0.01).all()


def test_the_conflict_of_boundary_and_red_line_is_a_finding(demo_run):
    """三条控制线不交叉不重叠不冲突."""
    lines = demo_run.results["conflicts"].tables["lines"].set_index(["line", "other_line"])
    assert lines.loc[("ecological_redline", "urban_development_boundary"), "shared_m2"] > 1e6
    assert (demo_run.findings.table["check"] == "lines.overlap").any()


def test_idle_land_is_judged_by_the_planted_life_of_each_parcel(demo_run, planted):
    """Order 53: to the day, with government causes excused and missing dates undecided."""
    stock = demo_run.results["stock"].table.set_index("parcel_id")
    assert set(stock.loc[ids(planted, "idle_government_cause"), "idle_outcome"]) == {"article_12"}
    assert set(stock.loc[ids(planted, "idle_one_year_today"), "stock_class"]) == {"idle"}
    assert set(stock.loc[ids(planted, "idle_one_day_short"), "stock_class"]) == {"supplied_unbuilt"}
    two = stock.loc[ids(planted, "idle_two_years_today"), "idle_outcome"]
    assert not two.isin(["fee", ""]).any()
    assert set(stock.loc[ids(planted, "idle_no_dates"), "stock_status"]) == {"undecided"}
    assert set(stock.loc[ids(planted, "idle_no_agreed_start"), "stock_class"]) == {"idle"}
    assert not (stock.loc[ids(planted, "suspended_above_limits"), "stock_class"] == "idle").any()


def test_a_parcel_in_two_parks_is_split_and_the_parks_add_up(demo_run, planted):
    """By park the pieces sum to the whole, to 0.01 m2."""
    stock = demo_run.results["stock"]
    split = stock.table.set_index("parcel_id").loc[ids(planted, "parcel_across_parks"), "parks"]
    assert set(split) == {2}
    for name in ("by_park", "by_county", "by_cluster", "by_class"):
        assert stock.tables[name]["area_m2"].sum() == pytest.approx(stock.table["area_m2"].sum(), abs=0.01)


def test_the_money_of_the_parcels_and_of_those_without_land_is_that_of_the_plan(demo_run):
    """3,921 yi yuan of invoiced sales in 2020, to the cent."""
    money = demo_run.results["intensity"].tables["conservation"].set_index("figure")
    sales = money.loc["sales_wan_yuan"]
    assert sales["enterprise_total"] == 39_210_000.00
    assert (money["difference"] == 0).all()
    assert sales["parcel_total"] + sales["without_land"] + sales["unknown_parcels"] == pytest.approx(
        39_210_000.00, abs=1e-5
    )
    assert sales["parcel_total"] == pytest.approx(
        demo_run.results["intensity"].table["sales_wan_yuan"].sum(), abs=1e-3
    )


def test_no_tax_is_missing_and_zero_tax_is_zero(demo_run, planted):
    """Missing is not zero: the one has no figure and a reason, the other has 0.00."""
    figures = demo_run.results["intensity"].tables["enterprises"].set_index("enterprise_id")
    [without], [zero], [rebate] = (ids(planted, c) for c in ("no_tax_record", "zero_tax", "negative_tax"))
    assert pd.isna(figures.at[without, "tax_wan_yuan"])
    assert figures.at[without, "rating"] is None or pd.isna(figures.at[without, "rating"])
    assert figures.at[zero, "tax_wan_yuan"] == 0.0
    assert figures.at[rebate, "tax_wan_yuan"] < 0


def test_the_parks_are_those_of_the_plan(demo_run):
    """11 parks, 460.06 km2 planned, 158.5 built, 694.15 administered."""
    parks = demo_run.results["parks"].table
    assert len(parks) == 11
    for column, km2 in (("area_m2", 460.06), ("built_m2", 158.5), ("administered_m2", 694.15)):
        assert parks[column].sum() / 1e6 == pytest.approx(km2, abs=0.005)
    assert (parks["built_m2"] <= parks["area_m2"]).all()
    assert (parks["area_m2"] <= parks["administered_m2"]).all()
    assert parks["enterprises"].sum() == 1547
    assert parks["high_tech_enterprises"].sum() == 534


def test_every_file_says_that_the_data_are_made_up(demo_run):
    """示例: nobody may take a demo figure for a real one, whichever file he was sent."""
    out = demo_run.outputs
    assert "示例" in out["map.html"].read_text(encoding="utf-8")
    assert json.loads(out["manifest.json"].read_text(encoding="utf-8"))["study"]["synthetic"] is True
    first = openpyxl.load_workbook(out["ledger.xlsx"], read_only=True).worksheets[0]
    assert any("合成数据" in str(v) for row in first.iter_rows(max_row=6, values_only=True) for v in row)
    with rasterio.open(out["intensity.tif"]) as raster:
        assert raster.tags()["SYNTHETIC"] == "yes"
    base = sqlite3.connect(out["results.gpkg"])
    for layer in ("stock", "conflicts", "layout", "intensity", "parks"):
        assert base.execute(f"SELECT DISTINCT synthetic FROM {layer}").fetchall() == [("是",)]
        with zipfile.ZipFile(out[f"shp/{layer}.zip"]) as packed:
            assert "synthetic" in packed.read(f"{layer}.fields.csv").decode("utf-8-sig")
    base.close()
