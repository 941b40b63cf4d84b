"""Formats beyond the plain ones: drawings, tables with places, zips as Windows packs them; and reading in batches."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import CRS, X, Y, layer, square
from drawings import hatch, note, polyline, ring, straight, write_dxf
from refusals import refused

import geopandas as gpd
import pyogrio
import shapely
from geopandas.testing import assert_geodataframe_equal

from landkit.errors import CRSError, LayerError
from landkit.io.limits import Limits
from landkit.io.vector import describe_layers, read_batches, read_layer, read_source

GK = f"EPSG:{CRS}"


# --- drawings


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """Two areas (one closed polyline with its own hatch, one hatch alone), one polyline 0.25 m short of closing, a road."""
    return write_dxf(
        tmp_path / "宗地.dxf",
        polyline("地块", ring(0, 0), closed=True),
        polyline("地块", [*ring(200, 0), (200, 0.25)], closed=False),
        note("注记", (50, 50), "工业用地"),
        straight("地块", (0, 0), (1, 1)),
        hatch("地块", ring(0, 0)),
        hatch("地块", ring(400, 0)),
        polyline("道路", [(0, 0), (9, 0), (9, 9)], closed=False),
    )


def test_closed_polylines_and_hatches_of_a_drawing_are_areas(drawing: Path) -> None:
    """A hatch that fills an outline is not a second area; the text goes to the area it stands in; GBK by the header."""
    found = read_source(drawing, crs=GK)

    assert [
        g.equals(s) for g, s in zip(found.frame.geometry, [square(0, 0), square(400, 0)], strict=True)
    ] == [True] * 2
    assert list(found.frame["text"]) == ["工业用地", None]
    assert list(found.frame["layer"]) == ["地块", "地块"]
    assert found.facts["hatches_like_outline"] == 1
    assert (found.facts["encoding"], found.facts["encoding_by"]) == ("GBK", "header")


def test_a_polyline_that_does_not_close_is_named_with_its_gap_and_place(drawing: Path) -> None:
    """闭合缺口: the ends lie at (200, 0) and (200, 0.25); it is no area, and single lines are counted."""
    found = {f.check: f for f in read_source(drawing, crs=GK).findings}
    gap = found["drawing.not_closed"]

    assert (gap.row, gap.value, gap.x, gap.y) == ("66", "0.250", X + 200, Y)
    assert "0.250 米" in gap.reason.say("zh")
    assert "1 single straight" in found["drawing.straight_lines"].reason.say("en")


def test_a_layer_of_lines_comes_as_lines(drawing: Path) -> None:
    """Axes are drawn as lines: that they do not close is only a note."""
    found = read_source(drawing, crs=GK, layer="道路")

    assert list(found.frame.geom_type) == ["LineString"]
    assert [f.check for f in found.findings] == ["drawing.line"]


def test_a_text_goes_to_the_smallest_area_around_it(tmp_path: Path) -> None:
    """A park's outline around its parcels does not take their names."""
    path = write_dxf(
        tmp_path / "x.dxf",
        polyline("0", ring(-500, -500, 2000), closed=True),
        polyline("0", ring(0, 0), closed=True),
        note("t", (50, 50), "甲"),
        note("t", (900, 900), "园区"),
    )

    assert list(read_layer(path, crs=GK)["text"]) == ["园区", "甲"]


def test_of_several_drawing_layers_with_areas_one_must_be_named(tmp_path: Path) -> None:
    """As of any source of several layers; a name that is not there is answered with the nearest."""
    path = write_dxf(
        tmp_path / "x.dxf",
        polyline("红线", ring(0, 0), closed=True),
        polyline("宗地", ring(200, 0), closed=True),
    )

    with refused(LayerError, "layer_not_named", zh="宗地/红线", en="宗地/红线"):
        read_layer(path, crs=GK)
    with refused(LayerError, "layer_missing", zh="是否应为 宗地", en="did you mean 宗地"):
        read_layer(path, crs=GK, layer="宗地线")
    assert len(read_layer(path, crs=GK, layer="红线")) == 1


@pytest.mark.parametrize(
    ("version", "code_page", "encoding", "by"),
    [("AC1015", "ANSI_936", "gbk", "header"), ("AC1021", "ANSI_936", "utf-8", "format")],
)
def test_the_text_of_a_drawing_is_read_as_its_header_says(
    tmp_path: Path, version: str, code_page: str, encoding: str, by: str
) -> None:
    """From AutoCAD 2007 on it is UTF-8 whatever the code page says."""
    path = write_dxf(
        tmp_path / "x.dxf", polyline("地块", ring(0, 0), closed=True), version=version, code_page=code_page,
        encoding=encoding,
    )  # fmt: skip
    (header,) = describe_layers(path)

    assert (header["layer"], header["encoding_by"], header["rows"]) == ("地块", by, 1)


def test_a_drawing_whose_code_page_is_not_chinese_is_read_by_its_text(tmp_path: Path) -> None:
    """ANSI_1252 around Chinese layer names is what CAD programs write on other machines; what was told goes before."""
    path = write_dxf(tmp_path / "x.dxf", polyline("地块", ring(0, 0), closed=True), code_page="ANSI_1252")
    found = read_source(path, crs=GK)

    assert list(found.frame["layer"]) == ["地块"]
    assert found.facts["encoding_by"] == "text"
    assert list(read_layer(path, crs=GK, encoding="GBK")["layer"]) == ["地块"]


def test_a_binary_drawing_says_what_to_do(tmp_path: Path) -> None:
    """GDAL reads ASCII only."""
    (tmp_path / "x.dxf").write_bytes(b"AutoCAD Binary DXF\r\n\x1a\x00" + b"\x00" * 100)

    with refused(LayerError, "dxf_binary", zh="ASCII DXF", en="ASCII DXF"):
        read_layer(tmp_path / "x.dxf", crs=GK)


def test_a_drawing_states_no_crs(drawing: Path) -> None:
    """Nothing is assumed."""
    with refused(CRSError, "crs_missing", zh="没有坐标系", en="no coordinate system"):
        read_layer(drawing)


# --- tables with places


def csv(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("head", "first", "east_is"),
    [
        ("id,X,Y", f"001,{Y},{X}", "Y"),  # as survey tables have it: X is the northing
        ("id,X,Y", f"001,{X},{Y}", "X"),
        ("id,X坐标,Y坐标", f"001,{Y},{X}", "Y坐标"),
    ],
)
def test_x_and_y_are_told_apart_by_their_size_and_it_is_said(
    tmp_path: Path, head: str, first: str, east_is: str
) -> None:
    """The names mean different things to surveyors and programs; in a Gauss-Kruger zone only one order is in China."""
    found = read_source(csv(tmp_path / "x.csv", head, first), crs=GK)

    assert found.frame.geometry[0].equals(shapely.Point(X, Y))
    assert list(found.frame["id"]) == ["001"]
    assert [(f.check, east_is in f.reason.say("zh").split("为")[0]) for f in found.findings] == [
        ("axes.by_size", True)
    ]


def test_x_and_y_that_fit_both_ways_or_neither_are_refused(tmp_path: Path) -> None:
    """Never a guess: naming the columns east and north settles it."""
    path = csv(tmp_path / "x.csv", "id,x,y", "1,12,13")

    with refused(CRSError, "axes_unclear", zh="east、north", en="east and north"):
        read_layer(path, crs=GK)
    assert read_layer(csv(tmp_path / "y.csv", "id,east,north", "1,12,13"), crs=GK).geometry[0].x == 12


def test_degrees_and_wkt_of_a_table_are_shapes(tmp_path: Path) -> None:
    """Cells that are none are null with a finding; empty cells are simply null."""
    points = read_source(
        csv(tmp_path / "a.csv", "id,经度,纬度", "1,119.4,32.4", "2,,", "3,x,32"), crs="EPSG:4490"
    )
    areas = read_source(csv(tmp_path / "b.csv", "id,WKT", '1,"POLYGON((0 0,9 0,9 9,0 0))"', "2,bad"), crs=GK)

    assert list(points.frame.geometry.isna()) == [False, True, True]
    assert [(f.check, f.row, f.value) for f in points.findings] == [("geometry.unreadable", "3", "x")]
    assert areas.frame.area.tolist() == [40.5, 0.0] or areas.frame.geometry[0].area == 40.5
    assert [(f.check, f.row) for f in areas.findings] == [("geometry.unreadable", "2")]


def test_columns_called_degrees_must_hold_degrees(tmp_path: Path) -> None:
    """Bad input 35 of a table: swapped, or metres."""
    with refused(CRSError, "no_degrees", zh="lon/lat", en="no degrees"):
        read_layer(csv(tmp_path / "x.csv", "id,lon,lat", "1,32.4,119.4"), crs="EPSG:4490")


def test_a_table_without_places_is_no_layer(tmp_path: Path) -> None:
    """Its columns are named, so that the right one can be renamed."""
    with refused(LayerError, "table_without_place", zh="id/名称", en="id/名称"):
        read_layer(csv(tmp_path / "x.csv", "id,名称", "1,甲"), crs=GK)


def test_an_excel_table_with_places_is_a_layer(tmp_path: Path) -> None:
    """Codes keep their zeros."""
    pd.DataFrame({"id": ["007"], "经度": [119.4], "纬度": [32.4]}).to_excel(tmp_path / "x.xlsx", index=False)
    found = read_layer(tmp_path / "x.xlsx", crs="EPSG:4490")

    assert list(found["id"]) == ["007"]
    assert found.geometry[0].equals(shapely.Point(119.4, 32.4))


# --- zips


def shapefile(path: Path, word: str = "甲") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(layer({"1": square(0, 0)}, "id", label=[word]), path, encoding="UTF-8")
    return path


def gbk_zip(target: Path, folder: Path) -> Path:
    """A zip as Windows in Chinese writes it: names in GBK, without the mark for UTF-8."""
    names: dict[bytes, bytes] = {}
    with zipfile.ZipFile(target, "w") as archive:
        for number, file in enumerate(sorted(p for p in folder.rglob("*") if p.is_file())):
            name = file.relative_to(folder).as_posix().encode("gbk")
            plain = f"{number:0{len(name)}d}"
            names[plain.encode()] = name
            archive.write(file, plain)
    raw = target.read_bytes()
    for plain, name in names.items():
        raw = raw.replace(plain, name)
    target.write_bytes(raw)
    return target


@pytest.mark.bad_input(76)
def test_layers_in_folders_of_a_gbk_zip_are_called_by_their_chinese_names(tmp_path: Path) -> None:
    """Bad inputs 76: as Windows packs them, in sub-folders; a name that two share is told apart by its folder."""
    for folder, word in (("广陵区", "甲"), ("邗江区", "乙")):
        shapefile(tmp_path / "数据" / folder / "地块.shp", word)
    shapefile(tmp_path / "数据" / "红线.shp", "丙")
    packed = gbk_zip(tmp_path / "x.zip", tmp_path / "数据")

    assert {h["layer"] for h in describe_layers(packed)} == {"广陵区/地块/地块", "邗江区/地块/地块", "红线"}
    assert list(read_layer(packed, layer="红线")["label"]) == ["丙"]
    assert list(read_layer(packed, layer="邗江区/地块/地块")["label"]) == ["乙"]


@pytest.mark.parametrize("name", ["x.gpkg", "x.geojson", "x.fgb", "x.parquet"])
def test_other_formats_are_read_from_a_zip_too(tmp_path: Path, name: str) -> None:
    """What people send is zipped."""
    frame = layer({"1": square(0, 0)}, "id", label=["甲"])
    frame.to_parquet(tmp_path / name) if name.endswith("parquet") else pyogrio.write_dataframe(
        frame, tmp_path / name
    )
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(tmp_path / name, f"数据/{name}")
    found = read_layer(tmp_path / "x.zip")

    assert list(found["label"]) == ["甲"]
    assert found.geometry[0].equals(square(0, 0))


def test_a_kmz_is_read_though_its_contents_page_links_to_its_layers(tmp_path: Path) -> None:
    """doc.kml of a KMZ names layers/x.kml: inside the same KMZ, so it leads nowhere else."""
    degrees = layer({"1": square(0, 0)}, "Name").to_crs(4326)
    pyogrio.write_dataframe(degrees, tmp_path / "x.kmz", driver="LIBKML")

    assert list(read_layer(tmp_path / "x.kmz")["Name"]) == ["1"]


# --- batches


def many(rows: int = 1000) -> gpd.GeoDataFrame:
    """Rows with text, big numbers with gaps, days, times, flags and Chinese."""
    days = pd.to_datetime(["2020-01-01", "2021-02-03"] * (rows // 2))
    columns: dict[str, Any] = {
        "id": [f"{i:05d}" for i in range(rows)],
        "v": np.arange(rows) * 1.5,
        "k": pd.array([None if i % 7 == 0 else 2**53 + i for i in range(rows)], dtype="Int64"),
        "t": days + pd.Timedelta(hours=10),
        "b": [i % 2 == 0 for i in range(rows)],
        "名称": ["甲", None] * (rows // 2),
    }
    return gpd.GeoDataFrame(columns, geometry=[square(i, 0, 1) for i in range(rows)], crs=CRS)


def written(path: Path, frame: gpd.GeoDataFrame) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".gdb":
        pyogrio.write_dataframe(
            frame, path, driver="OpenFileGDB", layer="x", geometry_type="MultiPolygon", promote_to_multi=True,
            TARGET_ARCGIS_VERSION="ARCGIS_PRO_3_2_OR_LATER",
        )  # fmt: skip
    elif path.suffix == ".shp":
        pyogrio.write_dataframe(frame.drop(columns="t"), path, encoding="UTF-8")
    else:
        pyogrio.write_dataframe(frame, path)
    return path


@pytest.mark.parametrize("name", ["x.gpkg", "x.shp", "x.fgb", "x.geojson", "x.parquet", "x.gdb"])
def test_batches_hold_the_rows_of_the_whole_file(tmp_path: Path, name: str) -> None:
    """Same rows, same order, same values; no batch is larger than asked; the index goes on."""
    path = written(tmp_path / name, many())
    whole = read_source(path).frame
    parts = [r.frame for r in read_batches(path, rows=300)]
    joined = pd.concat(parts)

    assert [len(p) for p in parts] == [300, 300, 300, 100]
    assert list(joined.index) == list(range(1000))
    assert joined.crs.equals(whole.crs)
    wide = {c: "Int64" for c in ("k",) if c in whole}
    assert_geodataframe_equal(joined.astype(wide), whole.astype(wide), check_dtype=False)


@pytest.mark.parametrize("name", ["x.gpkg", "x.shp", "x.fgb", "x.parquet"])
def test_an_empty_layer_is_one_empty_batch_with_its_columns(tmp_path: Path, name: str) -> None:
    """So that a caller sees columns and CRS in any case."""
    frame = layer({"1": square(0, 0)}, "id", label=["甲"]).head(0)
    path = tmp_path / name
    frame.to_parquet(path) if name.endswith("parquet") else pyogrio.write_dataframe(
        frame, path, geometry_type="Polygon", **({"encoding": "UTF-8"} if name.endswith("shp") else {})
    )
    (only,) = read_batches(path, rows=10)

    assert len(only.frame) == 0
    assert {"id", "label"} <= set(only.frame.columns)


def test_batches_of_a_zip_are_those_of_what_it_holds(tmp_path: Path) -> None:
    """It is unpacked for as long as they are read, and gone afterwards."""
    shapefile(tmp_path / "a" / "x.shp")
    packed = Path(shutil.make_archive(str(tmp_path / "x"), "zip", tmp_path / "a"))

    assert [list(r.frame["label"]) for r in read_batches(packed, rows=1)] == [["甲"]]


def test_batches_of_a_gbk_shapefile_are_read_as_gbk(tmp_path: Path) -> None:
    """By its .cpg, or as told against it."""
    pyogrio.write_dataframe(
        layer({"1": square(0, 0)}, "id", label=["地块"]), tmp_path / "x.shp", encoding="GBK"
    )
    by_cpg = [list(r.frame["label"]) for r in read_batches(tmp_path / "x.shp")]
    (tmp_path / "x.cpg").write_text("UTF-8")
    told = [list(r.frame["label"]) for r in read_batches(tmp_path / "x.shp", encoding="GBK")]

    assert by_cpg == told == [["地块"]]


def test_big_whole_numbers_with_gaps_keep_their_digits(tmp_path: Path) -> None:
    """As floats, 2^53 + 1 would be 2^53: another parcel's number."""
    frame = many(14)
    found = read_layer(written(tmp_path / "x.gpkg", frame))

    assert found["k"].dropna().tolist() == [2**53 + i for i in range(14) if i % 7]


# --- limits


def test_a_limit_says_what_it_is_and_how_to_raise_it(tmp_path: Path) -> None:
    """Both languages; raised, the same file is read."""
    path = written(tmp_path / "x.gpkg", many(2))

    with refused(
        LayerError,
        "over_limit",
        zh=r"字段数为 6.*上限 3.*\[limits\] 中写 columns",
        en="columns.*over the limit of 3",
    ):
        read_source(path, limits=Limits({"columns": 3.0}))
    assert len(read_source(path, limits=Limits({"columns": 6.0})).frame) == 2


def test_a_workbook_lists_its_sheets(tmp_path: Path) -> None:
    """Each is a table, or a layer where its rows have places; one is asked for by its name."""
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        pd.DataFrame({"id": ["1"], "经度": [119.4], "纬度": [32.4]}).to_excel(
            book, sheet_name="企业", index=False
        )
        pd.DataFrame({"id": ["1"], "备注": ["无"]}).to_excel(book, sheet_name="说明", index=False)
    headers = describe_layers(tmp_path / "x.xlsx")

    assert [(h["layer"], h["rows"], h["geometry"]) for h in headers] == [
        ("企业", 1, "Point"),
        ("说明", 1, None),
    ]
    assert len(read_layer(tmp_path / "x.xlsx", layer="企业", crs="EPSG:4490")) == 1
