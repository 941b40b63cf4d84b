"""What of a large study's documents stays readable: long tables are listed from the gravest on, and where the rest stands."""

from types import SimpleNamespace

import openpyxl
import pytest

import geopandas as gpd
import shapely

import landkit
from landkit.io.gdal import read_ogr
from landkit.io.shapefile import dbf
from landkit.workflow import listing
from landkit.workflow.questions import conflicts


@pytest.fixture(scope="module")
def large(study_folder, tmp_path_factory):
    """A run of the small study as if it were too large for a spreadsheet program and for a shapefile of conflicts."""
    out = tmp_path_factory.mktemp("large") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "data_toml", lambda _: {"cells": {"value": 100}, "rows": {"value": 2}})
        patch.setattr(dbf, "LARGEST_BYTES", 12_000)
        return landkit.run(study_folder, to=out, lang="en")


def sheets(run):
    return openpyxl.load_workbook(run.to / "ledger.xlsx")


def test_long_sheets_list_the_gravest_rows_and_say_where_all_of_them_are(large):
    book = sheets(large)
    stock, verdicts = large.results["stock"].table, large.results["conflicts"].table
    assert len(stock) > 2
    assert book["Stock"].max_row == 3  # the head and two rows, no total
    open_rows = verdicts[verdicts["verdict"] != "clear"]
    assert len(open_rows) > 2
    page = book["Conflicts"]
    assert page.max_row == 3
    said = "\n".join(str(c.value) for row in book.worksheets[0].iter_rows() for c in row if c.value)
    assert f"It has {len(stock):,} rows" in said
    assert f"It has {len(open_rows):,} rows" in said
    assert "all are in results.gpkg" in said
    assert "all are in coverage.csv" in said


def test_nothing_is_left_out_of_the_other_files(large):
    verdicts = large.results["conflicts"].table
    assert len(read_ogr(large.to / "results.gpkg", layer="conflicts")) == len(verdicts)
    lines = (large.to / "coverage.csv").read_text(encoding="utf-8-sig").strip().split("\n")
    assert len(lines) == len(verdicts) + 1


def test_what_is_shortened_is_verified_like_everything_else(large):
    assert landkit.verify(large.to).differences == ()


def test_a_layer_too_large_for_a_shapefile_is_left_out_and_said(large):
    """Conflicts have a row for each parcel and line; the parks still fit."""
    assert "shp/conflicts.zip" not in large.outputs
    assert not (large.to / "shp" / "conflicts.zip").exists()
    assert (large.to / "shp" / "parks.zip").is_file()
    said = "\n".join(str(c.value) for row in sheets(large).worksheets[0].iter_rows() for c in row if c.value)
    for words in (said, large.describe("en", seconds=1.0)):
        assert "Layer conflicts takes about" in words
    assert "shp/conflicts.zip" in large.summary()["left_out"]
    assert "shp/parks.zip" not in large.summary()["left_out"]


def test_lines_of_very_many_zones_share_the_same_ground(monkeypatch):
    """Two zones of 300 m x 100 m, each over three squares of 100 m of which it covers the half: 6 x 5,000 m2 of plane."""
    few = [shapely.box(500_000, 3_500_050 + y, 500_300, 3_500_150 + y) for y in (0, 1000)]
    many = [
        shapely.box(500_000 + x, 3_500_000 + y, 500_100 + x, 3_500_100 + y)
        for x in (0, 100, 200)
        for y in (0, 1000)
    ]
    areas = {name: gpd.GeoSeries(zones, crs="EPSG:4549") for name, zones in (("few", few), ("many", many))}
    line = SimpleNamespace(severity=1)
    study = SimpleNamespace(
        lines=dict.fromkeys(areas, line),
        ground=SimpleNamespace(line=areas.get),
        line_area=areas.__getitem__,
    )
    plain = conflicts._lines_against_lines(study)
    assert plain["shared_m2"].tolist() == pytest.approx([30_000], rel=1e-3)
    monkeypatch.setattr(conflicts, "MANY", 4)
    turned = conflicts._lines_against_lines(study)
    assert turned["shared_m2"].tolist() == pytest.approx(plain["shared_m2"].tolist(), rel=1e-9)


def test_a_very_long_outline_cuts_the_shorter_ones_and_is_not_cut(monkeypatch):
    """Memory is the reason: which of two lines is named first does not say which of them is long."""
    long, short = (gpd.GeoSeries([shapely.Point(0, 0).buffer(100, n)], crs="EPSG:4549") for n in (20, 2))
    assert conflicts._cut_by(long, short)[0] is long
    monkeypatch.setattr(conflicts, "LONG", 50)
    for given in ((long, short), (short, long)):
        cut, by = conflicts._cut_by(*given)
        assert cut is short
        assert by is long
