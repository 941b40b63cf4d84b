"""What holds for both formats of GIS files: plain values, the same bytes, names, nothing lost."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exported import RICH, layer
from hypothesis import given, settings
from hypothesis import strategies as st

import pyogrio

from landkit.errors import ExportError
from landkit.io.geopackage import write_geopackage
from landkit.io.plain import plain_frame
from landkit.io.shapefile.write import write_shapefile_zip
from landkit.io.styles.qml import layer_style
from landkit.text import data_text


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_layers_give_the_same_bytes(tmp_path: Path) -> None:
    styles = {"stock": layer_style("stock", ["stock_class"])}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_geopackage(tmp_path / name / "r.gpkg", {"stock": layer(**RICH)}, styles=styles)
        write_shapefile_zip(tmp_path / name / "s.zip", "stock", layer(**RICH))

    assert sha256(tmp_path / "one" / "r.gpkg") == sha256(tmp_path / "two" / "r.gpkg")
    assert sha256(tmp_path / "one" / "s.zip") == sha256(tmp_path / "two" / "s.zip")


def test_an_empty_layer_is_written_with_its_columns(tmp_path: Path) -> None:
    """69."""
    write_geopackage(tmp_path / "r.gpkg", {"stock": layer(**RICH).iloc[:0]})
    write_shapefile_zip(tmp_path / "s.zip", "stock", layer(**RICH).iloc[:0])

    assert "parcel_id" in pyogrio.read_dataframe(tmp_path / "r.gpkg", layer="stock").columns


def test_the_callers_frame_is_not_changed(tmp_path: Path) -> None:
    frame = layer(**RICH)
    before = frame.copy(deep=True)
    write_geopackage(tmp_path / "r.gpkg", {"stock": frame})
    write_shapefile_zip(tmp_path / "s.zip", "stock", frame)

    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


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


def test_the_words_of_export_are_pairs() -> None:
    words = tomllib.loads(data_text("messages_export.toml"))

    assert all(
        set(pair) == {"zh", "en"} and all(pair.values())
        for group in words.values()
        for pair in group.values()
    )


def test_our_own_chinese_words_can_be_written_in_gbk() -> None:
    """Else a shapefile in GBK would be refused for a sentence of ours (m² is not in GBK; the English words have it)."""
    files = resources.files("landkit").joinpath("data").iterdir()
    words = [
        f.read_text(encoding="utf-8") for f in files if f.name.startswith(("messages", "terms", "columns"))
    ]
    chinese = re.findall(r'zh = "([^"]*)"', "".join(words))

    assert len(chinese) > 500
    assert [w for w in chinese if w != w.encode("gbk", "replace").decode("gbk")] == []
