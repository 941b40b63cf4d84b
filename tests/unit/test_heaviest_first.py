"""Which groups of parcels workers begin with."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

import geopandas as gpd
import shapely

from landkit.cluster.group import heaviest_first
from landkit.io.row_groups import SPLIT_LIST, row_groups
from landkit.io.split import split_parcels

BOXES = [(0.0, 0.0, 10.0, 10.0), (10.0, 0.0, 20.0, 10.0), (20.0, 0.0, 30.0, 10.0)]


def among(*counts: int) -> np.ndarray:
    """So many vertices in the middle of each box."""
    return np.concatenate([np.full((n, 2), (10.0 * k + 5, 5.0)) for k, n in enumerate(counts)])


def test_groups_among_the_most_vertices_are_begun_first() -> None:
    assert heaviest_first([0, 1, 2], BOXES, among(5, 0, 9)) == [2, 0, 1]


def test_groups_that_weigh_the_same_are_begun_as_they_come() -> None:
    assert heaviest_first([2, 0, 1], BOXES, among(7, 7, 7)) == [2, 0, 1]


def test_only_groups_that_are_left_to_do_are_begun() -> None:
    assert heaviest_first([0, 1], BOXES, among(1, 2, 3)) == [1, 0]


def test_of_a_million_vertices_some_tell_the_order() -> None:
    assert heaviest_first([0, 1, 2], BOXES, among(300_000, 600_000, 100_000)) == [1, 0, 2]


def test_without_boxes_groups_are_begun_as_they_come() -> None:
    assert heaviest_first([0, 1, 2], (), among(0, 1, 2)) == [0, 1, 2]


def test_a_box_that_is_no_number_holds_nothing() -> None:
    assert heaviest_first([0, 1], [(math.nan,) * 4, BOXES[1]], among(9, 1)) == [1, 0]


def test_parts_of_a_split_layer_state_the_box_that_their_shapes_stand_in(tmp_path: Path) -> None:
    shapes = [shapely.box(500_000 + x, 3_600_000, 500_001 + x, 3_600_001) for x in range(40)]
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4549").to_parquet(tmp_path / "parcels.parquet")
    split = split_parcels(tmp_path / "parcels.parquet", to=tmp_path / "split", rows=10)
    groups = row_groups(split.to)
    assert len(groups.boxes) == 4
    for box, part in zip(groups.boxes, split.parts, strict=True):
        inside = shapely.from_wkb(parquet.read_table(part)["geometry"].to_numpy())
        assert box == pytest.approx(shapely.total_bounds(inside))
    assert row_groups(tmp_path / "parcels.parquet").boxes == ()


@pytest.mark.parametrize("bounds", [None, [1, 2, 3], ["west", 0, 1, 1], "gone"])
def test_a_split_layer_whose_list_lacks_bounds_is_read_all_the_same(tmp_path: Path, bounds: object) -> None:
    """Only the order rests on them."""
    shapes = [shapely.box(500_000 + x, 3_600_000, 500_001 + x, 3_600_001) for x in range(4)]
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4549").to_parquet(tmp_path / "parcels.parquet")
    split = split_parcels(tmp_path / "parcels.parquet", to=tmp_path / "split", rows=2)
    said = json.loads((split.to / SPLIT_LIST).read_text(encoding="utf-8"))
    said["parts"][0]["bounds"] = bounds
    if bounds == "gone":
        del said["parts"][0]["bounds"]
    (split.to / SPLIT_LIST).write_text(json.dumps(said), encoding="utf-8")
    groups = row_groups(split.to)
    assert groups.boxes == ()
    assert [groups.read(k).num_rows for k in range(len(groups))] == [2, 2]
