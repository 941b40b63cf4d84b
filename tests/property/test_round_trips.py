"""Read > write > read: what landkit reads, hands over and reads again is the same layer, in every format.

Layers are drawn at random: shapes with holes and parts, gaps, Chinese and rare characters, days, whole numbers of any
size, in any order of fields.  A format's stated limits (README) are said here and nowhere widened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geopandas as gpd
import shapely

import landkit
from landkit.io.handover import Order, hand_over

FILES = {
    "gpkg": ("results.gpkg", "stock"),
    "gdb": ("results.gdb.zip", "stock"),
    "shp": ("shp/stock.zip", None),
    "parquet": ("parquet/stock.parquet", None),
    "fgb": ("fgb/stock.fgb", None),
    "geojson": ("geojson/stock.geojson", None),
    "txt": ("txt/stock.txt", None),
}
WORDS = st.text(st.sampled_from("园区地块甲乙㙍𠮷é'\"; -_09azAZ\n"), max_size=30)
NAMES = st.lists(
    st.sampled_from(["甲", "再开发潜力", "land_use", "备注说明文字", "Q1", "owner"]), unique=True, min_size=1
)


def shape(x: int, y: int, size: int, kind: str) -> Any:
    """A square of whole centimetres near Yangzhou, with a hole, or twice."""
    west, south = 500_000 + x / 100, 3_580_000 + y / 100
    square = shapely.box(west, south, west + size, south + size)
    if kind == "holed":
        return square.difference(shapely.box(west + 1, south + 1, west + size / 2, south + size / 2))
    if kind == "twice":
        return shapely.MultiPolygon(
            [square, shapely.transform(square, lambda p: p + np.array([3 * size, 0]))]
        )
    return square


SHAPES = st.builds(
    shape,
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.integers(4, 500),
    st.sampled_from(["plain", "holed", "twice"]),
)


@st.composite
def layers(draw: Any) -> gpd.GeoDataFrame:
    """One to six rows of the kinds of column that land data has, in any order."""
    rows = draw(st.integers(1, 6))

    def column(values: Any) -> list[Any]:
        return draw(st.lists(values | st.none(), min_size=rows, max_size=rows))

    made: dict[str, Callable[[], Any]] = {
        "甲": lambda: pd.array(column(st.integers(-(2**63) + 1, 2**63 - 1)), dtype="Int64"),
        "再开发潜力": lambda: column(WORDS),
        "land_use": lambda: column(st.sampled_from(["0601", "001", "00"])),
        "备注说明文字": lambda: column(WORDS.map(lambda w: w * 12)),
        "Q1": lambda: np.array(column(st.floats(-1e12, 1e12).map(lambda v: round(v, 4))), dtype=float),
        "owner": lambda: np.array(column(st.dates(dt.date(1800, 1, 1))), dtype="datetime64[D]").astype(
            "datetime64[ms]"
        ),
    }
    names = draw(NAMES)
    shapes = draw(st.lists(SHAPES | st.none(), min_size=rows, max_size=rows).filter(any))
    return gpd.GeoDataFrame(
        {"parcel_id": [f"{i:04d}" for i in range(rows)], **{n: made[n]() for n in names}},
        geometry=shapes,
        crs=4549,
    )


def there_and_back(
    frame: gpd.GeoDataFrame, kind: str, folder: Path
) -> tuple[gpd.GeoDataFrame, dict[str, list[str]]]:
    """The layer handed over and read by landkit's own reader, and which of its fields hold each column."""

    def place(name: str) -> Path:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return folder / name

    order = Order({"stock": frame}, keys={"stock": "parcel_id"})
    done = hand_over(order, [kind], place, done=lambda *_: None)[0]
    names: dict[str, list[str]] = {}
    for row in done.fields:
        names.setdefault(row[1], []).append(row[0])
    file, layer = FILES[kind]
    return landkit.read_layer(folder / file, layer=layer), names


def plain(value: Any) -> Any:
    """A value as Python has it: no pandas null, whole floats as they are, days as days."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.date() if isinstance(value, dt.datetime) else value


def values(frame: pd.DataFrame, parts: list[str]) -> list[Any]:
    columns = [[plain(v) for v in frame[p].tolist()] for p in parts]
    if len(columns) == 1:
        return columns[0]
    return ["".join(p for p in row if p) or None for row in zip(*columns, strict=True)]


def held_in(kind: str, value: Any) -> Any:
    """What a format holds of a value, after its stated limits."""
    if kind == "shp" and isinstance(value, str):  # no blanks at the edge, no empty text
        return value.strip(" ") or None
    if kind in ("shp", "geojson") and isinstance(value, dt.date):
        return value if kind == "shp" else value.isoformat()
    return value


def same(kind: str, meant: Any, found: Any) -> bool:
    meant = held_in(kind, meant)
    if isinstance(meant, int) and isinstance(found, str):  # large ids are text where numbers end at 2^53
        return found == str(meant)
    if isinstance(meant, float) and isinstance(found, float):
        return abs(meant - found) <= 1e-9 * max(1.0, abs(meant))
    if isinstance(meant, dt.date) or isinstance(found, dt.date):
        return str(meant)[:10] == str(found)[:10]
    if kind == "shp" and isinstance(meant, str) and isinstance(found, str):
        return meant.strip() == found.strip()
    return bool(meant == found)


@pytest.mark.parametrize("kind", [k for k in FILES if k != "txt"])
@settings(max_examples=12)
@given(frame=layers())
def test_what_is_read_again_is_what_was_handed_over(
    kind: str, frame: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Geometry, Chinese, nulls, days, whole numbers to the last digit, and the order of the fields."""
    found, names = there_and_back(frame, kind, tmp_path_factory.mktemp(kind))
    columns = [c for c in frame.columns if c != "geometry"]

    assert [c for c in found.columns if c != "geometry"] == [n for c in columns for n in names[c]]
    for column in columns:
        meant, back = values(frame, [column]), values(found, names[column])
        assert all(same(kind, a, b) for a, b in zip(meant, back, strict=True)), (column, meant, back)
    found = found.to_crs(frame.crs) if kind == "geojson" else found
    assert (found.geometry.isna() == frame.geometry.isna()).all()
    known = frame.geometry.notna().to_numpy()
    # a geodatabase keeps tenths of a millimetre, JSON thousandths
    apart = frame.geometry[known].hausdorff_distance(found.geometry[known].set_axis(frame.index[known]))
    assert apart.max() <= {"gdb": 3e-4, "geojson": 1e-5}.get(kind, 0.0)
    assert np.allclose(frame.area[known], found.area[known], rtol=1e-6)


@settings(max_examples=12)
@given(frame=layers())
def test_coordinate_text_keeps_shapes_and_codes(
    frame: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its limits: three decimals of a metre, codes alone, rows with a shape."""
    found, _ = there_and_back(frame, "txt", tmp_path_factory.mktemp("txt"))
    known = frame[frame.geometry.notna()].reset_index(drop=True)

    assert found["地块编号"].tolist() == known["parcel_id"].tolist()
    assert found.crs.to_epsg() == 4549
    assert known.geometry.hausdorff_distance(found.geometry).max() <= 1e-3


def test_a_format_that_forgot_a_digit_would_be_noticed(tmp_path: Path) -> None:
    """Negative control: an id that is one off, a day that is one off, a moved point."""
    frame = gpd.GeoDataFrame({"parcel_id": ["0001"]}, geometry=[shape(0, 0, 100, "plain")], crs=4549)

    assert not same("gpkg", 2**62, 2**62 + 1)
    assert not same("gdb", dt.date(2020, 1, 1), dt.date(2020, 1, 2))
    assert frame.geometry.hausdorff_distance(frame.translate(0.001)).max() > 5e-4
