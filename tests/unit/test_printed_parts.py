"""Files of very many rows are read again part by part, with the fingerprints of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exported import RICH, layer

import geopandas as gpd
import shapely

from landkit.io.geopackage import write_geopackage
from landkit.io.printed import delimited, read_in_parts, read_printed, vectors
from landkit.io.shapefile.write import write_shapefile_zip
from landkit.ledger.registry import fingerprints, fingerprints_of
from landkit.present.webmap import WORD_KEYS, MapContent, Parcels, draw_map, reread


def whole(path: Path) -> dict[str, object]:
    return {t.name: fingerprints(t) for t in read_printed(path)}


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_geopackage_has_the_same_fingerprints_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Numbers, flags and days with gaps that come in one part and not in the other."""
    frame = layer(**RICH).assign(
        gaps=pd.array([None, 2, 3], dtype="Int64"),
        flags=pd.Series([None, True, False], dtype=object),
        days=pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
        none=None,
    )
    path = tmp_path / "r.gpkg"
    write_geopackage(
        path, {"stock": frame, "parks": frame.drop(columns="geometry")}, styles={"stock": "<qgis/>"}
    )
    expected = whole(path)
    monkeypatch.setattr(vectors, "AT_ONCE", rows)
    assert fingerprints_of(read_in_parts(path)) == expected
    assert list(expected) == ["stock", "parks", "layer_styles"]


@pytest.mark.parametrize(
    "words",
    ["a,b,a\n1,,x\n2,y,\n3,z,w\n", "a,b\n1,2\n3\n", "a,b\n", "", 'a\n"x\ny"\n"z"\n'],
    ids=["plain", "ragged", "without rows", "empty", "line breaks in cells"],
)
def test_a_csv_has_the_same_fingerprints_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    path = tmp_path / "coverage.csv"
    path.write_text(words, encoding="utf-8-sig")
    expected = whole(path)
    monkeypatch.setattr(delimited, "AT_ONCE", 2)
    assert fingerprints_of(read_in_parts(path)) == expected


def test_very_many_rows_share_fingerprints_in_parts_as_in_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landkit.ledger.registry.MOST_ROW_DIGESTS", 2)
    path = tmp_path / "coverage.csv"
    path.write_text("a\n1\n2\n3\n4\n5\n", encoding="utf-8-sig")
    expected = whole(path)
    monkeypatch.setattr(delimited, "AT_ONCE", 2)
    assert fingerprints_of(read_in_parts(path)) == expected
    assert expected["coverage"]["together"] == 3  # type: ignore[index]


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_a_shapefile_has_the_same_fingerprints_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    frame = layer(**RICH).assign(
        gaps=pd.array([None, 2, 3], dtype="Int64"), days=pd.to_datetime(["2020-01-01", None, "2020-01-03"])
    )
    path = tmp_path / "stock.zip"
    write_shapefile_zip(path, "stock", frame)
    expected = whole(path)
    monkeypatch.setattr(vectors, "AT_ONCE", rows)
    assert fingerprints_of(read_in_parts(path)) == expected
    assert expected["stock"]["rows"] == 3  # type: ignore[index]


@pytest.mark.parametrize("rows", [1, 2, 4, 5, 9])
def test_a_map_has_the_same_fingerprints_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Texts that all differ, one of them missing; texts of few kinds; numbers with decimals, and with very many."""
    at = np.arange(5)
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [f"地块{i}" for i in at],
            "said": ["α", None, "b", "", "cc"],
            "kind": ["x", "y", "x", None, "x"],
            "mu": [1.5, None, 2.25, 0, -3],
            "exact": at / 7,
        },
        geometry=shapely.box(119 + at / 100, 32, 119.005 + at / 100, 32.005),
        crs=4326,
    )
    popup = tuple((c, c.upper()) for c in frame.columns if c != "geometry")
    words = {key: f"w-{key}" for key in WORD_KEYS}
    parcels = Parcels(frame=frame, name="地块", id_column="parcel_id", popup=popup)
    path = tmp_path / "map.html"
    path.write_text(draw_map(MapContent(title="t", words=words, parcels=parcels)), encoding="utf-8")
    expected = {t.name: fingerprints(t) for t in reread.printed_map(path)}
    monkeypatch.setattr(reread, "AT_ONCE", rows)
    assert fingerprints_of(reread.map_parts(path)) == expected
    assert expected["地块"]["rows"] == 5
