"""Hand-over: the hostile frame through every format; nothing is lost in silence."""

from __future__ import annotations

import csv
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pandas as pd
import pytest
from exported import square
from hostile import LONG, hostile_frame
from refusals import refused

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import ExportError, PlaceError
from landkit.io.handover import FORMATS, Handed, Order, hand_over
from landkit.text import data_toml, has_text

GDB = "results.gdb.zip"
TEXTS = {"parcel_id", "stock_class", "地块编号", "企业全称", "再开发潜力等级", "再开发潜力等级说明"}
REMARK = "再开发潜力等级说明备注"
DAYS, MOMENTS, FLAGS = {"supply_date", "交地日期"}, {"登记时刻", "上传时刻"}, {"是否闲置", "verified"}
WIDE = {"企业唯一标识", "plain_id"}
ALWAYS = {
    "time_as_text": MOMENTS,
    "list_joined": {"rules"},
    "empty_shape_to_null": {"geometry"},
    "height_zero": {"geometry"},
}
DRAWN = {"attributes_left_out": {""}, "rows_left_out": {"geometry"}, "height_left_out": {"geometry"}}
# what each format does to the hostile frame, worked out from what the formats can hold
CHANGES: dict[str, dict[str, set[str]]] = {
    "gpkg": ALWAYS,
    "parquet": ALWAYS,
    "fgb": ALWAYS,
    "gdb": ALWAYS
    | {
        "flag_as_number": FLAGS,
        "integer_as_number": {"middle_id"},
        "wide_integer": WIDE,
        "grid": {"geometry"},
    },
    "geojson": ALWAYS | {"integer_as_text": WIDE, "day_as_text": DAYS, "crs": {"geometry"}},
    "shp": ALWAYS
    | {
        "flag_as_number": FLAGS,
        "integer_as_text": WIDE,
        "split": {REMARK},
        "empty_to_null": {"stock_class", "地块编号"},
        "edge_blanks": {"地块编号", REMARK},
        "decimals": {"floor_area_ratio"},
    },
    "dxf": DRAWN | {"crs_left_out": {"geometry"}},
    "txt": DRAWN | {"grid": {"geometry"}, "null_to_empty": {"parcel_id"}},
    "csv": {
        "time_as_text": MOMENTS,
        "list_joined": {"rules"},
        "flag_as_number": FLAGS,
        "day_as_text": DAYS,
        "defused": {"企业全称", "再开发潜力等级", "再开发潜力等级说明"},
        "shape_left_out": {"geometry"},
        "null_to_empty": TEXTS | DAYS | MOMENTS | {REMARK, "是否闲置", "rules", "全空"},
    },
}


def handed(folder: Path, kind: str, frame: pd.DataFrame, **wanted: Any) -> Handed:
    def place(name: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    order = Order({"stock": frame}, titles={"stock": "存量"}, keys={"stock": "parcel_id"}, **wanted)
    return hand_over(order, [kind], place, done=lambda *_: None)[0]


@pytest.mark.parametrize("kind", CHANGES)
def test_what_a_format_cannot_hold_of_the_hostile_frame_is_said(tmp_path: Path, kind: str) -> None:
    """Each change by kind and column, no more and no less; everything else is equal when read again."""
    done = handed(tmp_path, kind, hostile_frame())
    found = defaultdict(set)
    for change in done.changes:
        found[change.kind].add(change.column)

    assert dict(found) == CHANGES[kind]
    assert done.certificate["ok"]


def test_every_format_is_tried_and_has_its_words() -> None:
    assert set(FORMATS) - {"styles"} == set(CHANGES)
    assert list(data_toml("messages_export.toml")["format"]) == list(FORMATS)
    assert all(has_text(f"change.{kind}") for kinds in CHANGES.values() for kind in kinds)


@pytest.mark.parametrize(
    ("kind", "file"),
    [("gpkg", "results.gpkg"), ("parquet", "parquet/stock.parquet"), ("fgb", "fgb/stock.fgb")],
)
def test_a_stranger_reads_the_hostile_frame_whole(tmp_path: Path, kind: str, file: str) -> None:
    """Values written down here, not those of the writer."""
    handed(tmp_path, kind, hostile_frame())
    path = tmp_path / file
    back = gpd.read_parquet(path) if kind == "parquet" else pyogrio.read_dataframe(path, layer="stock")

    assert [c for c in back.columns if c != "geometry"] == [
        c for c in hostile_frame().columns if c != "geometry"
    ]
    assert back["parcel_id"].tolist()[:4] == ["0012", "0013", "00000", "a'b"]
    assert back["地块编号"].tolist()[1:5:3] == ["㙍𠮷", " 前后空格 "]
    assert back[REMARK].tolist()[:4] == ["长" * 85, LONG * 15, "长" * 1000, "x"]
    assert back["plain_id"].tolist()[0] == 9007199254740993
    assert back["登记时刻"].tolist()[0] == "2026-03-01T09:30:15.123456"
    assert back["上传时刻"].tolist()[0] == "2026-03-01T09:30:15+08:00"
    assert [str(d)[:10] for d in back["交地日期"].tolist()[2:4]] == ["1582-10-15", "9999-12-31"]
    assert back.geometry.isna().tolist() == [False, True, True, False, False]
    assert back.geometry.iloc[4].has_z
    assert back.geometry.area.tolist()[::3] == [9_600.0, 20_000.0]


def test_ids_of_62_bits_beside_nulls_keep_their_last_digit_in_the_geodatabase(tmp_path: Path) -> None:
    """Known rows alone, because readers turn whole numbers with nulls into floats."""
    done = handed(tmp_path, "gdb", hostile_frame())
    known = pyogrio.read_dataframe(tmp_path / GDB, layer="存量", where='"企业唯一标识" IS NOT NULL')

    assert known["企业唯一标识"].tolist() == [2**62 + 1, -(2**62) - 1, 0, 1]
    assert {f[1]: f[0] for f in done.fields}["parcel_id"] == "宗地代码"
    assert set(pyogrio.list_layers(tmp_path / GDB)[:, 0]) == {"存量", "字段说明"}


def test_a_geodatabase_without_large_ids_is_one_for_arcmap(tmp_path: Path) -> None:
    """Its item definition says which version of ArcGIS it is for: 64-bit fields need Pro 3.2."""
    frame = hostile_frame().drop(columns=[*WIDE])
    done = handed(tmp_path, "gdb", frame)
    info = pyogrio.read_info(tmp_path / GDB, layer="存量")

    assert "wide_integer" not in {c.kind for c in done.changes}
    assert "OFTInteger64" not in info["ogr_types"]


def test_fields_of_the_geodatabase_that_share_a_word_have_their_unit(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"stock_m2": [1.0], "stock_mu": [2.0], "select": ["x"], "1层": ["y"], "a-b": [1], "A_B": [2]},
        geometry=[hostile_frame().geometry.iloc[0]],
        crs=4549,
    )
    done = handed(tmp_path, "gdb", frame)

    assert [f[0] for f in done.fields] == [
        "存量面积_平方米",
        "存量面积_亩",
        "select_1",
        "F1层",
        "a_b",
        "A_B_1",
    ]


def test_a_drawing_holds_outlines_by_class_and_codes_as_labels(tmp_path: Path) -> None:
    """Read by ezdxf: 5 rings of 3 shapes, in layers by class, with the code of each shape."""
    handed(tmp_path, "dxf", hostile_frame())
    space = ezdxf.readfile(tmp_path / "dxf" / "stock.dxf").modelspace()
    outlines = [(e.dxf.layer, e.closed) for e in space.query("LWPOLYLINE")]

    assert outlines == [("stock_idle", True)] * 4 + [("stock", True)]
    assert [e.dxf.text for e in space.query("TEXT")] == ["0012", "a'b"]


def test_a_table_for_excel_runs_nothing_and_keeps_zeros(tmp_path: Path) -> None:
    handed(tmp_path, "csv", hostile_frame())
    data = (tmp_path / "csv" / "stock.csv").read_bytes()
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True)))

    assert data.startswith(b"\xef\xbb\xbf")
    assert [r["企业全称"][:1] for r in rows[3:]] == ["'", "'"]
    assert (rows[0]["parcel_id"], rows[0]["企业唯一标识"]) == ("0012", "4611686018427387905")
    assert not any(v.startswith(("=", "+", "@", "\t")) for r in rows for v in r.values())


def test_what_is_thinner_than_the_last_digit_of_a_coordinate_text_is_left_out_by_name(tmp_path: Path) -> None:
    """A sliver 0.3 mm wide falls together at 0.001 m; a part of another shape too: both are said, the rest is there."""
    sliver, land = shapely.box(500_000, 3_580_000, 500_000.0003, 3_580_050), square(200)
    frame = gpd.GeoDataFrame(
        {"parcel_id": ["thin", "whole", "part"]},
        geometry=[sliver, land, shapely.MultiPolygon([sliver, land])],
        crs=4549,
    )
    done = handed(tmp_path, "txt", frame)
    said = {c.kind: (c.rows, c.example) for c in done.changes}

    assert done.certificate["rows"] == 2
    assert said["thin_rows_left_out"] == (1, "thin")
    assert said["thin_rings_left_out"] == (1, "part")
    assert done.certificate["area"] == 20_000.0


def test_an_invalid_shape_that_a_format_cannot_hold_is_said_to_be_invalid(tmp_path: Path) -> None:
    """Seen: "differs from the result (area, row 720)", and nothing of what to do about it."""
    shell = [(0, 0), (100, 0), (100, 100), (0, 100)]
    outside = [(90, 40), (140, 40), (140, 60), (90, 60)]
    shapes = [
        square(500),
        shapely.Polygon(
            [(x + 500_000, y + 3_580_000) for x, y in shell],
            [[(x + 500_000, y + 3_580_000) for x, y in outside]],
        ),
    ]
    frame = gpd.GeoDataFrame({"parcel_id": ["a", "b"]}, geometry=shapes, crs=4549)

    with refused(
        ExportError,
        "export_invalid_shape",
        zh="第 2 行的图形不合法.*landkit repair",
        en=r"row 2 in txt/stock\.txt is invalid \(Self-intersection.*landkit repair",
    ):
        handed(tmp_path, "txt", frame)


def test_json_is_in_degrees_of_the_same_datum(tmp_path: Path) -> None:
    """CGCS2000 without a shift: 500,000 m east of the central meridian 120 is 120 degrees."""
    handed(tmp_path, "geojson", hostile_frame())
    back = gpd.read_file(tmp_path / "geojson" / "stock.geojson")

    assert back.crs.to_epsg() == 4490
    assert back.geometry.iloc[0].bounds[0] == pytest.approx(120.0, abs=1e-9)


@pytest.mark.parametrize("kind", [k for k in FORMATS if k not in ("styles", "dxf", "txt")])
def test_an_empty_layer_is_handed_over_too(tmp_path: Path, kind: str) -> None:
    """69: no rows; a GeoJSON has no place for fields then."""
    assert handed(tmp_path, kind, hostile_frame().iloc[:0]).certificate["rows"] == 0


@pytest.mark.parametrize("kind", ["gpkg", "shp", "parquet", "geojson", "fgb", "dxf", "txt", "csv"])
def test_two_hand_overs_are_the_same_bytes(tmp_path: Path, kind: str) -> None:
    first, second = (handed(tmp_path / n, kind, hostile_frame()).file for n in ("one", "two"))

    assert (tmp_path / "one" / first).read_bytes() == (tmp_path / "two" / second).read_bytes()


@pytest.mark.parametrize("kind", ["shp", "geojson"])
def test_what_is_infinite_is_refused_where_it_would_become_nothing(tmp_path: Path, kind: str) -> None:
    frame = hostile_frame().assign(score=[1.0, np.inf, 0, 0, 0])
    with refused(ExportError, "export_infinite", zh="第 2 行", en="row 2"):
        handed(tmp_path, kind, frame)


def test_a_number_wider_than_a_dbf_field_is_refused(tmp_path: Path) -> None:
    """GDAL writes 1e+23 for 1e300 and warns."""
    with refused(ExportError, "export_number", zh="第 5 行", en="1e\\+300"):
        handed(tmp_path, "shp", hostile_frame().assign(score=[1, 2, 3, 4, 1e300]))


def test_a_drawing_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ezdxf", None)
    with refused(PlaceError, "export_needs_package", en=r"pip install \"landkit\[dxf\]\""):
        handed(tmp_path, "dxf", hostile_frame())


def test_styles_speak_of_the_names_in_the_file(tmp_path: Path) -> None:
    """In a shapefile the class stands in STOCK_CLS."""
    handed(tmp_path, "shp", hostile_frame())
    handed(tmp_path, "styles", hostile_frame())
    with zipfile.ZipFile(tmp_path / "shp" / "stock.zip") as packed:
        inside = {s: packed.read(f"stock.{s}").decode() for s in ("qml", "sld")}
    alone = {s: (tmp_path / "styles" / f"stock.{s}").read_text(encoding="utf-8") for s in ("qml", "sld")}

    assert all("STOCK_CLS" in words and "stock_class" not in words for words in inside.values())
    assert all("stock_class" in words for words in alone.values())
