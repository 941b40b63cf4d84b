"""Work on shapes in blocks: dealt out by vertices, so that one large shape does not hold up the others."""

import time

import numpy as np
import pytest

import shapely

from landkit.geometry import usable_polygons
from landkit.overlay.shapes import equal_runs, in_blocks, in_even_blocks


@pytest.mark.parametrize(
    ("weights", "runs"),
    [([], []), ([3], [(0, 1)]), ([4, 4, 4, 4], [(0, 2), (2, 4)]), ([1, 28, 1, 1], [(0, 2), (2, 4)])],
)
def test_rows_are_dealt_out_in_runs_of_about_equal_weight_none_left_out(weights, runs):
    found = equal_runs(np.cumsum([0, *weights]), 8)
    assert [(run.start, run.stop) for run in found] == runs


def circles(*corners):
    return np.array([shapely.Point(0, 0).buffer(1, quad_segs=n) for n in corners], dtype=object)


@pytest.mark.parametrize("workers", [1, 2, None])
def test_every_shape_is_worked_on_once_and_results_stand_in_the_order_of_the_shapes(workers):
    some = circles(2, 3, 100, 2, 2, 50, 2)
    rows = np.arange(len(some))
    assert (
        np.concatenate(in_even_blocks(lambda block: rows[block], some, workers, vertices=100)).tolist()
        == rows.tolist()
    )


def test_the_largest_shapes_are_begun_first_and_each_fills_a_block_of_its_own():
    some, begun = circles(2, 3, 100, 200, 2, 2), []
    in_even_blocks(lambda block: begun.append((block.start, block.stop)), some, 2, vertices=100)
    assert (3, 4) in begun[:2]


def test_shapes_that_cost_more_than_their_vertices_share_a_block_with_fewer():
    some = circles(*[1] * 40)  # five vertices each

    def rows_in_a_block(each):
        return [block.stop - block.start for block in in_even_blocks(lambda block: block, some, 2, each, 100)]

    assert rows_in_a_block(0) == [20, 20]
    assert rows_in_a_block(5) == [10, 10, 10, 10]


def test_shapes_without_a_vertex_are_looked_at_like_others():
    nothing = np.array([None, shapely.Polygon()], dtype=object)
    assert (
        np.concatenate(in_even_blocks(lambda block: usable_polygons(nothing[block]), nothing, 2)).tolist()
        == [False] * 2
    )
    assert in_even_blocks(lambda block: block, nothing[:0], 2) == []


@pytest.mark.parametrize("count", [4, 5000])
@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e12])
def test_a_coordinate_that_is_no_place_on_the_earth_makes_an_outline_unusable_however_long(count, odd):
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = 1000 * (2 + np.sin(40 * turn)[:, None]) * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    moved = ring.copy()
    moved[count // 2, 1] = odd
    with np.errstate(invalid="ignore"):
        pair = np.array([shapely.Polygon(ring), shapely.Polygon(moved)], dtype=object)
    assert usable_polygons(pair).tolist() == [True, False]


def test_after_an_error_no_other_block_is_begun():
    begun = []

    def work(rows):
        begun.append(rows.start)
        if rows.start == 0:
            raise ValueError("no such row")
        time.sleep(0.01)

    with pytest.raises(ValueError, match="no such row"):
        in_blocks(work, 500, 2, 1)
    assert len(begun) < 400
