"""Zipped shapefile: all its parts, every value, and proof of it."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exported import RICH, layer, square, unpacked

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import ExportError
from landkit.io.shapefile import dbf, write
from landkit.io.shapefile.dbf import short_names
from landkit.io.shapefile.write import check_shapefile_zip, write_shapefile_zip


def test_a_zipped_shapefile_has_all_its_parts_with_fixed_times(tmp_path: Path) -> None:
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(**RICH))
    with zipfile.ZipFile(tmp_path / "s.zip") as packed:
        entries = {e.filename: e.date_time for e in packed.infolist()}

    parts = {f"stock.{p}" for p in ("shp", "shx", "dbf", "prj", "cpg", "fields.csv", "qml", "sld")}
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
    assert back["SUPPL_DATE"].tolist()[::2] == [pd.Timestamp("2020-02-29"), pd.Timestamp("1999-12-31")]
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


def test_a_thousand_characters_fit_and_their_columns_keep_short_names(tmp_path: Path) -> None:
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(ten_letters=["长" * 1000, None, "x"]))
    back = pyogrio.read_dataframe(f"/vsizip/{tmp_path / 's.zip'}/stock.shp")
    parts = [c for c in back.columns if c.startswith("TEN_")]

    assert len(parts) == 12
    assert max(map(len, parts)) == 10
    assert "".join(back.loc[0, parts]) == "长" * 1000


def test_text_beyond_twelve_columns_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "s.zip", "stock", layer(reason=["", "长" * 1100, ""]))

    assert (caught.value.key, caught.value.row, caught.value.size) == ("export_text_too_long", 2, 3300)


def test_every_character_that_gbk_lacks_is_named_at_once(tmp_path: Path) -> None:
    frame = layer(holder=["㙍公司", "扬州", None], address=["甲", "𠮷里", "㙍巷"])
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "t.zip", "stock", frame, encoding="GBK")

    assert (set(str(caught.value.characters)), caught.value.cells) == ({"㙍", "𠮷"}, 3)
    assert (caught.value.row, caught.value.column) == (1, "holder")


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
        tmp_path / "p.zip", "holders", pd.DataFrame({"park_id": ["01"], "stock_mu": [1.5]})
    )

    assert sorted(unpacked(tmp_path / "p.zip")) == ["holders.cpg", "holders.dbf", "holders.fields.csv"]
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
    monkeypatch.setattr(dbf, "LARGEST_BYTES", 400)
    with pytest.raises(ExportError) as caught:
        write_shapefile_zip(tmp_path / "s.zip", "stock", layer())

    assert caught.value.key == "export_too_large"


# ---- negative controls: what is damaged between writing and checking is found


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


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_shapefile_is_certified_part_by_part_as_in_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Nulls in one part and not in the other; a value changed in the last part is found, and a row too many."""
    frame = layer(**RICH).assign(
        gaps=pd.array([None, 2, 3], dtype="Int64"),
        days=pd.to_datetime([None, None, "2020-01-03"]),
        late=[None, None, "x9"],
    )
    path = tmp_path / "s.zip"
    whole = write_shapefile_zip(path, "stock", frame)
    monkeypatch.setattr(write, "AT_ONCE", rows)
    assert check_shapefile_zip(path, "stock", frame) == whole
    with pytest.raises(ExportError, match="rows 2 != 3"):
        check_shapefile_zip(path, "stock", frame[:2])
    with pytest.raises(ExportError, match="row"):
        check_shapefile_zip(path, "stock", frame.assign(late=[None, None, "x8"]))


def test_a_changed_byte_in_the_dbf_is_found(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    write_shapefile_zip(path, "stock", layer(**RICH))
    with zipfile.ZipFile(path) as packed:
        repack(path, {"stock.dbf": packed.read("stock.dbf").replace(b"0012", b"0112")})
    with pytest.raises(ExportError, match="PARCEL_ID, row 1"):
        check_shapefile_zip(path, "stock", layer(**RICH))
