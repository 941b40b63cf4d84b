"""The union of zones is what the whole laid on a fine grid, and drawn out and in by half a seam, would be: the same area."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geopandas as gpd
import shapely

from landkit.overlay import union_of
from landkit.overlay.shapes import areal
from landkit.overlay.union import seams
from landkit.overlay.union.dissolve import SEAM_M

X, Y = 410_000, 3_550_000
FINE = SEAM_M / 1000
MOST = 12  # scenes of each property: every one is united in two ways


def in_one_go(zones):
    """The way without windows: every vertex on the grid, everything buffered."""
    union = shapely.union_all(zones, grid_size=FINE)
    grown = shapely.buffer(union, SEAM_M / 2, join_style="mitre")
    gaps = shapely.difference(shapely.buffer(grown, -SEAM_M / 2, join_style="mitre"), union, grid_size=FINE)
    return shapely.get_parts(
        shapely.union_all([union, *shapely.get_parts(areal(np.array([gaps])))], grid_size=FINE)
    )


def united(zones):
    return union_of(gpd.GeoSeries(list(zones)))


def star(seed, corners):
    rng = np.random.default_rng(seed)
    turn, far = np.sort(rng.uniform(0, 2 * np.pi, corners)), rng.uniform(15, 50, corners)
    middle = rng.uniform([X, Y], [X + 100, Y + 100])
    shape = shapely.Polygon(middle + far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1))
    return shape if shape.is_valid else shape.convex_hull


def polygons_of(shapes):
    parts = shapely.get_parts(np.array(shapes, dtype=object))
    return [p for p in parts if p.geom_type == "Polygon" and p.area > 0]


blocks = st.builds(
    lambda x, y, wide, high: shapely.box(X + 10 * x, Y + 10 * y, X + 10 * (x + wide), Y + 10 * (y + high)),
    *[st.integers(0, 10), st.integers(0, 10), st.integers(1, 6), st.integers(1, 6)],
)
stars = st.builds(star, st.integers(0, 10_000), st.integers(4, 50))
ringed = st.builds(lambda outer, inner: outer.difference(inner), stars, stars)
some = st.lists(st.one_of(blocks, stars, ringed), min_size=1, max_size=9).map(polygons_of)


def assert_same_area(got, zones):
    """Equal but for what rounding to the grid may move along the borders, and the narrow ends of notches of a single zone."""
    expected = in_one_go(zones)
    notches = sum(shapely.area(in_one_go([zone])).sum() - zone.area for zone in zones)
    moved = FINE * shapely.length(zones).sum() + abs(notches)
    assert shapely.is_valid(got).all()
    assert shapely.area(got).sum() == pytest.approx(
        shapely.area(expected).sum(), rel=1e-9, abs=1e-6 + 0.2 * moved
    )
    both = [shapely.union_all(parts, grid_size=FINE / 10) for parts in (got, expected)]
    assert shapely.symmetric_difference(*both, grid_size=FINE / 10).area <= 1e-6 + 4 * moved


@settings(max_examples=MOST, deadline=None)
@given(some)
def test_zones_that_meet_anyhow_cover_what_they_cover_united_in_one_go(zones):
    assert_same_area(united(zones), zones)


@settings(max_examples=MOST, deadline=None)
@given(some, st.sampled_from([1e-9, 1e-7, 3e-4, 9e-4]), st.integers(1, 99))
def test_zones_cut_in_two_and_drawn_apart_by_less_than_a_seam_cover_as_much(zones, apart, at):
    half = shapely.box(X - 999, Y - 999, X + at, Y + 999)
    drawn_apart = shapely.transform(
        polygons_of(shapely.difference(zones, half)), lambda xy: xy + np.array([apart, 0])
    )
    cut = [*polygons_of(shapely.intersection(zones, half)), *drawn_apart]
    assert_same_area(united(cut), cut)


@settings(max_examples=MOST, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_a_tiling_rounded_to_half_a_millimetre_with_vertices_on_one_side_only_becomes_one_without_holes(
    seed, count
):
    rng = np.random.default_rng(seed)
    places = shapely.multipoints(rng.uniform([X, Y], [X + 300, Y + 300], (count, 2)))
    tiles = shapely.get_parts(shapely.voronoi_polygons(places))
    tiles[::2] = shapely.segmentize(tiles[::2], 7)
    tiles = shapely.set_precision(tiles, 0.0005)
    parts = united(tiles)
    assert len(parts) == 1
    assert shapely.get_num_interior_rings(parts[0]) == 0
    assert_same_area(parts, shapely.from_wkb(shapely.to_wkb(tiles)))


@settings(max_examples=MOST, deadline=None)
@given(some, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_rows_given_twice_change_a_vertex(zones, chance):
    mixed = zones + zones[: len(zones) // 2]
    chance.shuffle(mixed)
    assert shapely.to_wkb(united(mixed)).tolist() == shapely.to_wkb(united(zones)).tolist()


@pytest.mark.parametrize(
    ("gap_m", "parts", "area_m2"), [(0.0005, 1, 10_000), (0.001, 1, 10_000), (0.002, 2, 9999.8)]
)
def test_a_seam_of_a_millimetre_is_closed_and_one_of_two_stays_open(gap_m, parts, area_m2):
    got = united([shapely.box(X, Y, X + 50, Y + 100), shapely.box(X + 50 + gap_m, Y, X + 100, Y + 100)])
    assert len(got) == parts
    assert shapely.area(got).sum() == pytest.approx(area_m2, abs=1e-4)


def test_of_a_wedge_only_the_part_narrower_than_a_seam_is_closed():
    left = shapely.box(X, Y, X + 50, Y + 100)
    right = shapely.Polygon([(X + 50, Y), (X + 100, Y), (X + 100, Y + 100), (X + 50.002, Y + 100)])
    [part] = united([left, right])
    half_of_its_height = 0.5 * 50 * 0.001  # m2: the gap is a millimetre wide at 50 m
    assert part.area == pytest.approx(left.area + right.area + half_of_its_height, abs=1e-4)


def test_nested_equal_and_filling_zones_add_nothing_and_zones_that_touch_at_a_point_stay_two():
    field, pond = shapely.box(X, Y, X + 90, Y + 90), shapely.box(X + 20, Y + 20, X + 40, Y + 40)
    for zones in ([field, pond], [field, field], [field.difference(pond), pond]):
        [part] = united(zones)
        assert part.equals(field)
    corner = shapely.box(X + 90, Y + 90, X + 99, Y + 99)
    assert [part.area for part in united([field, corner])] == [8100, 81]
    apart = united([field.difference(pond), pond.buffer(-0.5, join_style="mitre")])
    assert sorted(shapely.area(apart)) == pytest.approx([361, 7700])


@pytest.mark.parametrize("at_once", [1, 7])
def test_windows_looked_at_side_by_side_give_what_all_in_one_give(monkeypatch, at_once):
    """Cells rounded to half a millimetre: hundreds of gaps, each in windows of its own."""
    side = 18.3334
    cells = [
        shapely.box(*np.round([X + i * side, Y + j * side, X + (i + 1) * side, Y + (j + 1) * side], 3))
        for i in range(6)
        for j in range(6)
    ]
    shifted = [shapely.transform(cell, lambda xy: xy + 0.0005) for cell in cells[::2]]
    zones = [*cells[1::2], *shifted]
    whole = shapely.to_wkb(united(zones))
    places = seams.in_blocks
    looked_at = []

    def in_blocks(work, count, workers, block):
        looked_at.append(count)
        return places(work, count, workers, block)

    monkeypatch.setattr(seams, "AT_ONCE", at_once)
    monkeypatch.setattr(seams, "in_blocks", in_blocks)
    assert (shapely.to_wkb(united(zones)) == whole).all()
    assert min(looked_at) > 7 * at_once


def test_a_zone_put_on_a_coarse_grid_before_does_not_put_the_union_there():
    coarse = shapely.set_precision(shapely.box(X, Y, X + 50, Y + 100), 1.0)
    neighbour = shapely.box(X + 50.0005, Y + 0.25, X + 100.25, Y + 100.25)
    assert shapely.area(united([coarse, neighbour])).sum() == pytest.approx(
        5000 + 50.2495 * 100 + 0.0005 * 99.75, abs=1e-5
    )


def test_faces_that_do_not_make_up_the_zones_are_found_and_the_zones_united_by_geos(monkeypatch):
    from landkit.overlay.union import uniting

    zones = [shapely.box(X, Y, X + 50, Y + 100), shapely.box(X + 10, Y + 10, X + 60, Y + 90)]
    monkeypatch.setattr(
        uniting, "_to_be_cut", lambda _, count: np.zeros(count, dtype=bool)
    )  # not even where zones meet
    [part] = united(zones)
    assert part.area == pytest.approx(50 * 100 + 10 * 80)
