"""Files of very many rows are read again part by part, with the fingerprints of the whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from exported import RICH, layer

from landkit.io.geopackage import write_geopackage
from landkit.io.printed import delimited, read_in_parts, read_printed, vectors
from landkit.ledger.registry import fingerprints, fingerprints_of


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
