"""Results in lonboard, the map of large layers in notebooks: `lonboard.viz(result.table)` shows every shape with its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geopandas as gpd

import landkit
from landkit.workflow.ask import Answers
from landkit.workflow.reading.study import read_ground

lonboard: Any = pytest.importorskip("lonboard", reason="landkit[notebook] is not installed")


@pytest.fixture(scope="module")
def answers(study_folder: Path) -> Answers:
    return Answers(read_ground(landkit.load_study(study_folder)))


def corner(shapes: Any) -> list[float]:
    """The least of all coordinates of nested lists of points."""
    flat = np.array(shapes, dtype=object)
    while not isinstance(flat[0], float):
        flat = np.array([x for part in flat for x in part], dtype=object)
    return [float(flat[0::2].min()), float(flat[1::2].min())]


@pytest.mark.filterwarnings("ignore:Input being reprojected")  # lonboard draws in degrees and says so
@pytest.mark.parametrize("name", ["stock", "conflicts", "layout", "intensity", "parks", "capacity"])
def test_a_result_is_a_layer_of_lonboard(answers: Answers, name: str) -> None:
    """As many shapes as the table has, where they lie, with their codes and Chinese reasons."""
    table = getattr(answers, name).table
    shown = gpd.GeoDataFrame(table[table.geometry.notna() & ~table.geometry.is_empty])
    held = lonboard.viz(table).layers[0].table

    assert held.num_rows == len(shown) > 0
    for column in {"parcel_id", "park_id", "reason"} & set(shown.columns):
        assert held[column].to_pylist() == shown[column].astype(str).tolist()
    assert corner(held["geometry"].to_pylist()) == pytest.approx(
        shown.to_crs(4326).total_bounds[:2], abs=1e-6
    )


def test_a_result_without_a_map_shows_its_table_and_no_coordinates(answers: Answers) -> None:
    """In a notebook: rows and columns, not a column of polygons written out."""
    html = answers.capacity.replace(drawn=None)._repr_html_()

    assert "<table" in html
    assert "POLYGON" not in html
