"""GIS files: nothing lost on the way out, and proof of it."""

from __future__ import annotations

import csv
import hashlib
import io
import sqlite3
import tomllib
import warnings
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import ExportError
from landkit.io import export
from landkit.io.export import (
    check_geopackage,
    check_shapefile_zip,
    layer_style,
    plain_frame,
    short_names,
    split_text,
    write_geopackage,
    write_shapefile_zip,
)
from landkit.text import data_toml, known_columns


def square(x: float = 0, size: float = 100) -> shapely.Polygon:
    return shapely.box(500_000 + x, 3_580_000, 500_000 + x + size, 3_580_000 + size)


def layer(**columns: Any) -> gpd.GeoDataFrame:
    """Three rows: a polygon with a hole, a null geometry, a multi-polygon."""
    holed = square().difference(shapely.box(500_020, 3_580_020, 500_040, 3_580_040))
    shapes = [holed, None, shapely.MultiPolygon([square(200), square(400)])]
    return gpd.GeoDataFrame({"parcel_id": ["0012", "0013", None], **columns}, geometry=shapes, crs=4549)


RICH = {
    "stock_class": ["idle", None, "underused"],
    "area_m2": [9600.0, np.nan, 20000.123456789],
    "逾期未动工的说明": ["㙍与𠮷", "", "a\nb"],
    "企业唯一标识": pd.array([2**62 + 1, None, -5], dtype="Int64"),
    "synthetic": [True, None, False],
    "verified": [True, False, True],
    "supply_date": pd.to_datetime(["2020-02-29", None, "1999-12-31"]),
    "rules": [("idle.years", "idle.fee"), (), None],
}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- GeoPackage


def test_a_geopackage_holds_every_layer_and_value(tmp_path: Path) -> None:
    table = pd.DataFrame({"park_id": ["01"], "stock_mu": [1.5]})
    made = write_geopackage(tmp_path / "r.gpkg", {"stock": layer(**RICH), "parks": table})
    back = pyogrio.read_dataframe(tmp_path / "r.gpkg", layer="stock")

    assert made["stock"] | {"sum": None} == {
        "rows": 3,
        "bounds": [500_000.0, 3_580_000.0, 500_500.0, 3_580_100.0],
        "area": 29_600.0,
        "sum": None,
        "ok": True,
    }
    assert made["parks"]["sum"] == {"stock_mu": 1.5}
    assert back["parcel_id"].tolist()[:2] == ["0012", "0013"]
    assert back["逾期未动工的说明"].tolist() == ["㙍与𠮷", "", "a\nb"]
    assert back["supply_date"].tolist()[::2] == ["2020-02-29", "1999-12-31"]
    assert back["rules"].tolist()[:2] == ["idle.years;idle.fee", ""]
    assert back.geometry.isna().tolist() == [False, True, False]
    with sqlite3.connect(tmp_path / "r.gpkg") as base:
        assert base.execute('SELECT "企业唯一标识" FROM stock').fetchall() == [(2**62 + 1,), (None,), (-5,)]
    base.close()


def test_the_same_layers_give_the_same_bytes(tmp_path: Path) -> None:
    styles = {"stock": layer_style("stock", ["stock_class"])}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_geopackage(tmp_path / name / "r.gpkg", {"stock": layer(**RICH)}, styles=styles)
        write_shapefile_zip(tmp_path / name / "s.zip", "stock", layer(**RICH))

    assert sha256(tmp_path / "one" / "r.gpkg") == sha256(tmp_path / "two" / "r.gpkg")
    assert sha256(tmp_path / "one" / "s.zip") == sha256(tmp_path / "two" / "s.zip")


def test_no_day_of_today_stands_in_the_geopackage_and_gdal_is_left_as_it_was(tmp_path: Path) -> None:
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer()}, styles={"stock": "<qgis/>"})
    with sqlite3.connect(tmp_path / "r.gpkg") as base:
        days = base.execute(
            "SELECT last_change FROM gpkg_contents UNION SELECT update_time FROM layer_styles"
        )

        assert {d for (d,) in days} == {"2000-01-01T00:00:00.000Z"}
    base.close()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_qgis_finds_the_default_style_of_a_layer(tmp_path: Path) -> None:
    qml = layer_style("stock", ["stock_class"])
    write_geopackage(
        tmp_path / "r.gpkg", {"stock": layer(), "layout": layer()}, styles={"stock": qml, "other": "x"}
    )
    with sqlite3.connect(tmp_path / "r.gpkg") as base:
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
    base.close()

    assert rows == [("stock", "geom", qml, 1)]


def test_an_empty_layer_is_written_with_its_columns(tmp_path: Path) -> None:
    """69."""
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer(**RICH).iloc[:0]})
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(**RICH).iloc[:0])

    assert "parcel_id" in pyogrio.read_dataframe(tmp_path / "r.gpkg", layer="stock").columns


def test_an_old_geopackage_in_the_place_is_replaced_not_added_to(tmp_path: Path) -> None:
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer(), "layout": layer()})
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer()})

    assert pyogrio.list_layers(tmp_path / "r.gpkg")[:, 0].tolist() == ["stock"]


def test_a_column_called_fid_or_geom_keeps_its_values(tmp_path: Path) -> None:
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer(fid=[7, 7, 7], geom=["a", "b", "c"])})


def test_the_callers_frame_is_not_changed(tmp_path: Path) -> None:
    frame = layer(**RICH)
    before = frame.copy(deep=True)
    write_geopackage(tmp_path / "r.gpkg", {"stock": frame})
    write_shapefile_zip(tmp_path / "s.zip", "stock", frame)

    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


# ---- negative controls: what is damaged between writing and checking is found


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM stock WHERE fid = 1",
        "UPDATE stock SET parcel_id = '12' WHERE fid = 1",
        "UPDATE stock SET area_m2 = area_m2 + 0.01 WHERE fid = 1",
        "UPDATE stock SET stock_class = NULL WHERE fid = 1",
        "ALTER TABLE stock DROP COLUMN area_m2",
        "UPDATE stock SET geom = (SELECT geom FROM stock WHERE fid = 3) WHERE fid = 1",
        "UPDATE stock SET geom = NULL WHERE fid = 1",
        "UPDATE gpkg_geometry_columns SET srs_id = 4326",
    ],
)
def test_a_damaged_geopackage_is_not_certified(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "r.gpkg"
    write_geopackage(path, {"stock": layer(**RICH)})
    with sqlite3.connect(path) as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')
        base.execute(damage)
    base.close()
    with pytest.raises(ExportError) as caught:
        check_geopackage(path, {"stock": layer(**RICH)})

    assert caught.value.key == "export_roundtrip"


def test_a_truncated_geopackage_is_not_certified(tmp_path: Path) -> None:
    path = tmp_path / "r.gpkg"
    write_geopackage(path, {"stock": layer()})
    path.write_bytes(path.read_bytes()[:20_000])
    with warnings.catch_warnings(action="ignore"), pytest.raises(ExportError):  # GDAL complains as well
        check_geopackage(path, {"stock": layer()})


def repack(path: Path, change: dict[str, bytes | None]) -> None:
    with zipfile.ZipFile(path) as packed:
        files = {n: packed.read(n) for n in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in {**files, **change}.items():
            if data is not None:
                packed.writestr(name, data)


@pytest.mark.parametrize("member", ["stock.dbf", "stock.shp", "stock.prj", "stock.cpg"])
def test_a_shapefile_that_lost_a_part_is_not_certified(tmp_path: Path, member: str) -> None:
    """44, 46, 47."""
    path = tmp_path / "s.zip"
    write_shapefile_zip(path, "stock", layer(**RICH))
    repack(path, {member: None})
    with warnings.catch_warnings(action="ignore"), pytest.raises(ExportError):  # GDAL complains as well
        check_shapefile_zip(path, "stock", layer(**RICH))


def test_a_changed_byte_in_the_dbf_is_found(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    write_shapefile_zip(path, "stock", layer(**RICH))
    with zipfile.ZipFile(path) as packed:
        repack(path, {"stock.dbf": packed.read("stock.dbf").replace(b"0012", b"0112")})
    with pytest.raises(ExportError, match="PARCEL_ID, row 1"):
        check_shapefile_zip(path, "stock", layer(**RICH))


# ---- shapefile


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {n: packed.read(n) for n in packed.namelist()}


def test_a_zipped_shapefile_has_all_its_parts_with_fixed_times(tmp_path: Path) -> None:
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(**RICH))
    with zipfile.ZipFile(tmp_path / "s.zip") as packed:
        entries = {e.filename: e.date_time for e in packed.infolist()}

    parts = {f"stock.{p}" for p in ("shp", "shx", "dbf", "prj", "cpg", "fields.csv")}
    assert entries == dict.fromkeys(parts, (1980, 1, 1, 0, 0, 0))
    assert unpacked(tmp_path / "s.zip")["stock.cpg"] == b"UTF-8"
    assert unpacked(tmp_path / "s.zip")["stock.prj"].startswith(b'PROJCS["CGCS2000_3_Degree_GK_CM_120E"')


def test_a_stranger_reads_the_values_of_the_shapefile(tmp_path: Path) -> None:
    """GDAL, told nothing but the file: codes with zeros, rare characters, null numbers, null geometry."""
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(**RICH))
    back = pyogrio.read_dataframe(f"/vsizip/{tmp_path / 's.zip'}/stock.shp")
    names = short_names(RICH)

    assert back["PARCEL_ID"].tolist()[:2] == ["0012", "0013"]
    assert back[names["逾期未动工的说明"]].tolist()[0] == "㙍与𠮷"
    assert back[names["企业唯一标识"]].tolist()[::2] == [str(2**62 + 1), "-5"]
    assert back["SYNTHETIC"].tolist()[::2] == [1, 0]
    assert back["VERIFIED"].tolist() == [1, 0, 1]
    assert back["SUPPL_DATE"].tolist()[::2] == ["2020-02-29", "1999-12-31"]
    assert np.isnan(back["AREA_M2"][1])
    assert back["AREA_M2"][2] == pytest.approx(20000.123456789, abs=1e-9)
    assert back.geometry.isna().tolist() == [False, True, False]
    assert back.crs.to_epsg() == 4549


def test_the_field_list_says_what_each_short_name_means(tmp_path: Path) -> None:
    frame = layer(**RICH, **{"=1+1": ["a", "b", "c"]})
    write_shapefile_zip(tmp_path / "s.zip", "stock", frame, labels={"parcel_id": {"zh": "宗地统一编码"}})
    data = unpacked(tmp_path / "s.zip")["stock.fields.csv"]
    rows = {r["name"]: r for r in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}

    assert data.startswith(b"\xef\xbb\xbf")
    assert rows["parcel_id"]["zh"] == "宗地统一编码"
    assert (rows["area_m2"]["short"], rows["area_m2"]["zh"], rows["area_m2"]["unit"]) == (
        "AREA_M2",
        "椭球面积",
        "平方米",
    )
    assert rows["'=1+1"]["short"] == "F1_1"


def test_long_text_is_spread_over_columns_and_nothing_is_lost(tmp_path: Path) -> None:
    """84 Chinese characters fill a DBF column; GDAL cuts the rest with a warning."""
    words = "地块约定动工日期已过，𠮷㙍 " * 15
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(reason=[words, "short", None]))
    back = pyogrio.read_dataframe(f"/vsizip/{tmp_path / 's.zip'}/stock.shp")
    parts = [c for c in back.columns if c.startswith("REASON")]
    fields = unpacked(tmp_path / "s.zip")["stock.fields.csv"].decode("utf-8-sig")

    assert parts == ["REASON1", "REASON2", "REASON3"]
    assert "".join(back.loc[0, parts]) == words.strip()
    assert "REASON2,reason,理由,reason,,2/3" in fields


def test_text_beyond_four_columns_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "s.zip", "stock", layer(reason=["", "长" * 400, ""]))

    assert (caught.value.key, caught.value.row, caught.value.size) == ("export_text_too_long", 2, 1200)


def test_gbk_is_written_where_asked_and_refuses_what_it_cannot_hold(tmp_path: Path) -> None:
    """63: GDAL alone drops rare characters with a warning only."""
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(holder=["扬州某公司", "", None]), encoding="GBK")
    back = pyogrio.read_dataframe(f"/vsizip/{tmp_path / 's.zip'}/stock.shp")
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "t.zip", "stock", layer(holder=["", "㙍𠮷公司", None]), encoding="GBK")

    assert back["HOLDER"][0] == "扬州某公司"
    assert unpacked(tmp_path / "s.zip")["stock.cpg"] == b"936"
    assert unpacked(tmp_path / "s.zip")["stock.dbf"][29] == 0x4D
    assert (caught.value.row, set(str(caught.value.characters))) == (2, {"㙍", "𠮷"})


def test_a_table_without_geometry_becomes_a_dbf_alone(tmp_path: Path) -> None:
    certificate = write_shapefile_zip(
        tmp_path / "p.zip", "parks", pd.DataFrame({"park_id": ["01"], "stock_mu": [1.5]})
    )

    assert sorted(unpacked(tmp_path / "p.zip")) == ["parks.cpg", "parks.dbf", "parks.fields.csv"]
    assert certificate == {"rows": 1, "sum": {"STOCK_MU": 1.5}, "bounds": None, "area": None, "ok": True}


def test_empty_geometry_becomes_null_and_its_row_stays(tmp_path: Path) -> None:
    """16, 17."""
    frame = layer().set_geometry([square(), shapely.Polygon(), None], crs=4549)

    assert write_shapefile_zip(tmp_path / "s.zip", "stock", frame)["rows"] == 3


@pytest.mark.parametrize("crs", [4490, 4513, 4549, 4528])
def test_the_coordinate_system_comes_back(tmp_path: Path, crs: int) -> None:
    frame = layer().set_crs(crs, allow_override=True)
    if crs == 4490:
        frame = frame.set_geometry([shapely.box(119, 32, 119.1, 32.1), None, None], crs=4490)
    write_shapefile_zip(tmp_path / "s.zip", "stock", frame)

    assert pyogrio.read_info(f"/vsizip/{tmp_path / 's.zip'}/stock.shp")["crs"] == f"EPSG:{crs}"


@pytest.mark.parametrize(
    ("frame", "key"),
    [
        (layer().set_crs(None, allow_override=True), "export_no_crs"),
        (layer().set_geometry([square(), shapely.Point(1, 1), None], crs=4549), "export_mixed_geometry"),
        (layer(score=[1.0, np.inf, 0.0]), "export_infinite"),
        (layer(score=[1, 2, 3], SCORE=[1, 2, 3]), "export_same_column"),
        (layer(**{f"c{i}": [1, 2, 3] for i in range(300)}), "export_too_many_fields"),
    ],
)
def test_what_a_shapefile_cannot_hold_is_refused(tmp_path: Path, frame: gpd.GeoDataFrame, key: str) -> None:
    """19, 32, 62, 70."""
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "s.zip", "stock", frame)

    assert caught.value.key == key
    assert list(tmp_path.iterdir()) == []


def test_a_layer_too_large_for_a_shapefile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "LARGEST_BYTES", 400)
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "s.zip", "stock", layer())

    assert caught.value.key == "export_too_large"


@pytest.mark.parametrize(
    "name", ["", "a b", "存量", "../x", "x'; DROP TABLE y", "gpkg_contents", "1a", "a" * 51]
)
def test_a_layer_name_that_could_do_harm_is_refused(tmp_path: Path, name: str) -> None:
    """78, 79."""
    for write in (
        lambda: write_geopackage(tmp_path / "r.gpkg", {name: layer()}),
        lambda: write_shapefile_zip(tmp_path / "s.zip", name, layer()),
    ):
        with pytest.raises(ExportError) as caught:
            write()
        assert caught.value.key == "export_layer_name"


# ---- names and text


@given(st.lists(st.text(max_size=24), unique=True, max_size=40))
def test_short_names_are_short_ascii_unique_and_the_same_every_time(columns: list[str]) -> None:
    names = short_names(columns)

    assert list(names) == columns
    assert all(
        n.isascii() and 1 <= len(n) <= 10 and n.replace("_", "a").isalnum() and n[0].isalpha()
        for n in names.values()
    )
    assert len({n.casefold() for n in names.values()}) == len(columns)
    assert short_names(columns) == names


def test_names_that_collide_after_cutting_are_numbered() -> None:
    names = short_names(["redevelopment_potential_a", "redevelopment_potential_b", "REDEVELOPM"])

    assert names == {
        "redevelopment_potential_a": "REDEVELOPM",
        "redevelopment_potential_b": "REDEVELO_1",
        "REDEVELOPM": "REDEVELO_2",
    }


def test_a_known_column_keeps_its_name_whatever_stands_before_it() -> None:
    assert short_names(["Area M2", "area_m2"]) == {"Area M2": "AREA_M2_1", "area_m2": "AREA_M2"}


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=300)


@settings(deadline=None)
@given(words, st.integers(4, 40))
def test_splitting_text_loses_nothing_and_keeps_the_limit(value: str, limit: int) -> None:
    pieces = split_text(value, limit=limit)

    assert "".join(pieces) == value
    assert all(0 < len(p.encode()) <= limit for p in pieces)


def test_text_is_not_cut_beside_a_blank_nor_between_a_letter_and_its_mark() -> None:
    assert split_text("abcd efgh", limit=5) == ["abc", "d efg", "h"]
    assert split_text("aaae\u0301bb", limit=4) == ["aaa", "e\u0301b", "b"]


short_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            short_text | st.none(), st.floats(-1e12, 1e12) | st.none(), st.integers(-(2**63), 2**63 - 1)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_table_survives_both_formats(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    frame = pd.DataFrame(rows, columns=["文字说明内容", "数值", "编号"])

    assert write_geopackage(folder / "r.gpkg", {"any": frame})["any"]["ok"]
    assert write_shapefile_zip(folder / "s.zip", "any", frame)["ok"]


# ---- words and styles


def test_every_short_name_is_legal_and_its_own() -> None:
    columns = data_toml("columns.toml")
    shorts = [about["short"] for about in columns.values()]

    assert all(export._is_short(s) for s in shorts)
    assert len({s.casefold() for s in shorts}) == len(shorts)


def test_every_column_has_a_label_in_both_languages_here_or_in_its_role() -> None:
    known = known_columns()

    assert [c for c in data_toml("columns.toml") if not {"zh", "en"} <= set(known[c])] == []


def test_every_column_of_the_contract_is_described() -> None:
    contract = """
        parcel_id park_id area_m2 area_mu stock_class stock_status rules reason net_area_m2
        conflict_id line zone_id encroached_m2 encroached_mu parcel_share width_m margin_m verdict severity
        layer_version cluster_id cluster_share axis_id axis_distance_m layout_verdict
        tax_wan_yuan_per_mu sales_wan_yuan_per_mu output_wan_yuan_per_mu investment_wan_yuan_per_mu
        floor_area_ratio rating park_name stock_mu conflict_mu
    """

    assert [c for c in contract.split() if c not in data_toml("columns.toml")] == []


LAYERS = {
    "stock": "stock_class",
    "conflicts": "verdict",
    "layout": "layout_verdict",
    "intensity": "tax_wan_yuan_per_mu",
    "parks": "stock_mu",
}


@pytest.mark.parametrize(("name", "column"), LAYERS.items())
def test_each_style_is_wellformed_and_every_class_has_its_symbol(name: str, column: str) -> None:
    qml = layer_style(name, [column, "reason"], words={"idle": "闲置<b>&\"'"})
    root = ET.fromstring(qml)
    symbols = [s.get("name") for s in root.findall("./renderer-v2/symbols/symbol")]
    classes = [c.get("symbol") for c in root.iter() if c.tag in ("category", "rule")]
    aliases = {a.get("field"): a.get("name") for a in root.iter("alias")}

    assert classes == symbols
    assert aliases["reason"] == "理由"
    assert any("LinePatternFill" in (x.get("class") or "") for x in root.iter("layer")) == (name != "stock")


def test_codes_that_are_drawn_are_codes_of_the_vocabulary() -> None:
    palette = data_toml("palettes.toml")

    assert list(palette["verdict"]) == ["conflict", "within_accuracy", "clear", "not_checked"]
    assert (
        len(palette["ramp"]["tax_wan_yuan_per_mu"]["colours"])
        == len(palette["ramp"]["tax_wan_yuan_per_mu"]["breaks"]) + 1
    )


def test_a_layer_without_its_column_has_no_style() -> None:
    assert layer_style("stock", ["reason"]) == ""
    assert layer_style("other", ["stock_class"]) == ""


def test_the_words_of_export_are_pairs() -> None:
    words = tomllib.loads(export.data_text("messages_export.toml"))

    assert all(
        set(pair) == {"zh", "en"} and all(pair.values())
        for group in words.values()
        for pair in group.values()
    )


def test_plain_values_turn_reasons_and_days_into_text() -> None:
    frame = pd.DataFrame(
        {
            "d": pd.to_datetime(["2026-01-01T08:30", None]),
            "n": [np.nan, 1.0],
            "o": [1, None],
            "z": pd.Series(["a\x00b\ud800", None], dtype=object),
        }
    )
    plain = plain_frame(frame, layer="x")

    assert plain["d"].tolist() == ["2026-01-01T08:30:00", None]
    assert plain["z"].tolist() == ["ab", None]
