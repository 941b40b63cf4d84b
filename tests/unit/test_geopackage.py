"""GeoPackage: nothing lost on the way out, and proof of it."""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path

import pandas as pd
import pytest
from exported import RICH, layer

import pyogrio

from landkit.errors import ExportError
from landkit.io import geopackage
from landkit.io.geopackage import check_geopackage, write_geopackage
from landkit.io.styles.qml import layer_style


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
    assert back["supply_date"].tolist()[::2] == [pd.Timestamp("2020-02-29"), pd.Timestamp("1999-12-31")]
    assert back["rules"].tolist()[:2] == ["idle.years;idle.fee", ""]
    assert back.geometry.isna().tolist() == [False, True, False]
    with sqlite3.connect(tmp_path / "r.gpkg") as base:
        assert base.execute('SELECT "企业唯一标识" FROM stock').fetchall() == [(2**62 + 1,), (None,), (-5,)]
    base.close()


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


def test_an_old_geopackage_in_the_place_is_replaced_not_added_to(tmp_path: Path) -> None:
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer(), "layout": layer()})
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer()})

    assert pyogrio.list_layers(tmp_path / "r.gpkg")[:, 0].tolist() == ["stock"]


def test_a_column_called_fid_or_geom_keeps_its_values(tmp_path: Path) -> None:
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer(fid=[7, 7, 7], geom=["a", "b", "c"])})


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


@pytest.mark.parametrize("rows", [1, 2])
def test_very_many_rows_are_written_and_certified_part_by_part_as_the_whole_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Nulls, a column without any value in the first part, days beside a moment, whole numbers with gaps."""
    frame = layer(**RICH).assign(
        late=[None, None, "text"],
        gaps=pd.array([None, 2, 3], dtype="Int64"),
        flags=pd.Series([None, True, False], dtype=object),
        moment=[pd.Timestamp(t) for t in ("2020-01-01", "2020-01-02 03:04:05", "2020-01-03")],
        numbers=pd.Series([None, 1.5, 2], dtype=object),
    )
    whole = write_geopackage(
        tmp_path / "whole.gpkg", {"stock": frame, "parks": frame.drop(columns="geometry")}
    )
    monkeypatch.setattr(geopackage, "AT_ONCE", rows)
    parts = write_geopackage(
        tmp_path / "parts.gpkg", {"stock": frame, "parks": frame.drop(columns="geometry")}
    )
    assert parts == whole
    for name in whole:
        one, other = (pyogrio.read_dataframe(tmp_path / f"{n}.gpkg", layer=name) for n in ("whole", "parts"))
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_a_value_that_was_changed_in_a_later_part_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geopackage, "AT_ONCE", 2)
    frame = layer()
    write_geopackage(tmp_path / "r.gpkg", {"stock": frame})
    with sqlite3.connect(tmp_path / "r.gpkg") as base:
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')
        base.execute("UPDATE stock SET parcel_id = 'other' WHERE fid = 3")
    base.close()
    with pytest.raises(ExportError) as caught:
        check_geopackage(tmp_path / "r.gpkg", {"stock": frame})
    assert caught.value.key == "export_roundtrip"
