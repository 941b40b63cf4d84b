"""The tree of the edges of polygons: every edge once, the polygon on its left, each in the boxes above it."""

import numpy as np
import pytest

import shapely

from landkit.overlay.edge_tree import FAN, moved, some, tree_of
from landkit.overlay.kernel.reading import read_layer, wkb_from
from landkit.overlay.walk.profile import near_line

HOLED = shapely.Polygon(
    [(0, 0), (0, 9), (9, 9), (9, 0)], [[(2, 2), (4, 2), (4, 4), (2, 4)]]
)  # both rings the wrong way
TWICE = shapely.Polygon([(20, 0), (20, 0), (29, 0), (29, 9), (29, 9), (29, 9), (20, 0), (20, 0)])
BOTH = shapely.multipolygons([shapely.box(40, 0, 49, 9), shapely.box(60, 0, 69, 9)])
SHAPES = np.array([BOTH, HOLED, TWICE], dtype=object)


def tree(shapes=SHAPES, origin=(-10.0, -5.0), **how):
    return tree_of(read_layer(wkb_from(np.asarray(shapes, dtype=object)), "test"), np.array(origin), **how)


def rings_by_geos(shapes):
    """The rings of oriented polygons without repeated points, as GEOS makes them."""
    clean = shapely.orient_polygons(shapely.remove_repeated_points(shapely.get_parts(shapes)))
    return [shapely.get_coordinates(ring) for ring in shapely.get_rings(clean)]


def test_edges_run_around_each_ring_with_the_polygon_on_their_left_and_none_is_without_length():
    found, origin = tree(), np.array([-10.0, -5.0])
    rings = rings_by_geos(SHAPES)
    assert (
        found.seg.tolist()
        == np.concatenate([np.hstack([r[:-1], r[1:]]) - np.tile(origin, 2) for r in rings]).tolist()
    )
    assert found.first.tolist() == [0, 8, 16, 19]
    assert (found.seg[found.after, :2] == found.seg[:, 2:]).all()
    assert (found.before[found.after] == np.arange(len(found.seg))).all()
    x0, y0, x1, y1 = found.seg[:8].T
    assert (x0 * y1 - x1 * y0).sum() / 2 == pytest.approx(2 * 81)


@pytest.mark.parametrize("count", [1, 3, 16, 17, 200])
def test_each_box_holds_just_the_boxes_below_it_up_to_eight_at_the_top(count):
    corners = np.random.default_rng(count).uniform(0, 1e5, (count, 2))
    found = tree(shapely.box(*corners.T, *(corners.T + 50)))
    low, high = np.minimum(found.seg[:, :2], found.seg[:, 2:]), np.maximum(found.seg[:, :2], found.seg[:, 2:])
    for level in range(len(found.offset) - 1):
        boxes = found.box[found.offset[level] : found.offset[level + 1]]
        span = FAN ** (level + 1)
        runs = [slice(at, at + span) for at in range(0, len(low), span)]
        assert boxes.tolist() == [[*low[run].min(axis=0), *high[run].max(axis=0)] for run in runs]
    assert found.offset[-1] == len(found.box)
    assert np.diff(found.offset)[-1] <= FAN


def test_some_polygons_of_a_tree_and_moved_ones_are_what_they_would_be_read_alone():
    rows, by = np.array([2, 0]), np.array([[3.0, 4.0], [-1.0, 0.5]])
    part, alone = some(tree(), rows), tree(SHAPES[rows])
    for mine, other in zip(part, alone, strict=True):
        assert mine.tolist() == other.tolist()
    gone = [
        shapely.transform(shape, lambda xy, way=way: xy + way)
        for shape, way in zip(SHAPES[rows], by, strict=True)
    ]
    for mine, other in zip(moved(part, by), tree(gone), strict=True):
        assert mine.tolist() == other.tolist()


def test_polygons_by_place_lie_beside_their_neighbours():
    apart = np.array([shapely.box(x, 0, x + 1, 1) for x in (900, 0, 901.5, 1.5)])
    x = tree(apart, (0.0, 0.0), by_place=True).seg[::4, 0]
    assert sorted(x[:2].tolist()) < sorted(x[2:].tolist())


def test_a_box_is_near_a_line_wherever_the_line_passes_it():
    """Seen: only the lower left corner was asked, and parcels south of a line were far from it."""
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 2000, (300, 2))
    boxes = np.hstack([corners, corners + rng.uniform(1, 120, (300, 2))])
    line = tree([shapely.Point(1000, 1000).buffer(600, quad_segs=60)])
    blocks = line.box[: line.offset[1]] + np.tile(line.origin, 2)
    for room in (0.0, 7.0, 40.0):
        wider = boxes + np.array([-room, -room, room, room])
        met = shapely.STRtree(shapely.box(*blocks.T)).query(shapely.box(*wider.T), predicate="intersects")[0]
        assert np.flatnonzero(near_line(boxes, line, room)).tolist() == np.unique(met).tolist()
