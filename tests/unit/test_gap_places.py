"""Where gaps between zones are looked for: few places, counted here, however wildly zones overlap."""

from __future__ import annotations

import numpy as np
import pytest

import shapely
import shapely.affinity

from landkit.overlay.union.contacts import runs_of
from landkit.overlay.union.places import gap_places

X, Y = 410_000, 3_550_000
SEAM_M = 0.001


def places(*zones):
    polygons = np.array(zones, dtype=object)
    runs = runs_of(polygons)
    return gap_places(polygons, runs, runs.lines(), SEAM_M, 10 * SEAM_M)


def long_places(*zones):
    """Without those at the ends of edges, where corners of two zones meet."""
    found = places(*zones)
    return found[np.hypot(*(found[:, 2:] - found[:, :2]).T) > 10 * SEAM_M]


def side_by_side(gap_m):
    return [shapely.box(X, Y, X + 50, Y + 100), shapely.box(X + 50 + gap_m, Y, X + 100, Y + 100)]


def test_borders_that_cross_at_a_wide_angle_leave_no_place():
    lying, standing = shapely.box(X, Y + 40, X + 100, Y + 60), shapely.box(X + 40, Y, X + 60, Y + 100)
    assert len(places(lying, standing)) == 0
    assert len(places(lying, shapely.affinity.rotate(standing, 50))) == 0


def test_of_borders_that_cross_at_a_sharp_angle_the_place_is_where_they_are_within_two_seams():
    lying = shapely.box(X, Y, X + 100, Y + 50)
    steep = shapely.Polygon([(X - 10, Y + 49.4), (X + 110, Y + 50.6), (X + 50, Y - 30)])  # one in a hundred
    found = places(lying, steep)
    at_crossing = np.abs(found[:, [1, 3]] - (Y + 50)).max(axis=1) < 0.01
    wide_m = (found[:, 2] - found[:, 0])[at_crossing]
    assert wide_m == pytest.approx([2 * 2 * SEAM_M * 100], rel=0.01)


def test_a_seam_is_a_place_unless_another_zone_lies_over_it():
    [place] = long_places(*side_by_side(0.0005))
    assert place == pytest.approx([X + 50, Y, X + 50.0005, Y + 100])
    over = shapely.box(X + 30, Y - 10, X + 70, Y + 110)
    assert len(places(*side_by_side(0.0005), over)) == 0
    assert len(places(*side_by_side(0.002))) == 0


def test_a_vertex_that_stands_twice_does_not_change_where_a_seam_is():
    left, right = side_by_side(0.0005)
    twice = shapely.Polygon(np.repeat(shapely.get_coordinates(left), 2, axis=0))
    assert long_places(twice, right).tolist() == long_places(left, right).tolist()


def test_neighbours_that_share_a_border_leave_no_place_but_the_ends_of_it():
    ends = places(*side_by_side(0.0))
    assert ends.tolist() == [[X + 50, y, X + 50, y] for y in (Y, Y + 100)]


def test_circles_that_overlap_wildly_leave_fewer_places_than_there_are_circles_and_a_seam_among_them_is_found():
    rng = np.random.default_rng(0)
    middles = shapely.points(X + rng.uniform(0, 800, 48), Y + rng.uniform(0, 800, 48))
    circles = list(shapely.buffer(middles, rng.uniform(30, 400, 48), quad_segs=4))
    crossings = shapely.STRtree(circles).query(circles, predicate="overlaps")[0]
    found = places(*circles)
    assert len(crossings) > 500
    assert len(found) < 48
    east = shapely.union_all(circles).bounds[2]
    seam = [shapely.box(east + 9, Y, east + 20, Y + 90), shapely.box(east + 20.0005, Y, east + 30, Y + 90)]
    assert len(long_places(*circles, *seam)) == len(long_places(*circles)) + 1
