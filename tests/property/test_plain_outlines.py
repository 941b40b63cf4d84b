"""What is called valid without asking GEOS is valid, and what GEOS calls invalid has no area: on rings made to be doubtful."""

import numpy as np
import pytest
from builders import polygons
from hypothesis import given, settings
from hypothesis import strategies as st

import pyproj
import shapely

from landkit.geometry import area_m2, ellipsoidal_m2, outlines, valid_polygons
from landkit.geometry.outlines import has_one_ring, outlines_of, seen_whole, width_and_height

ORIGINS = {
    "at the origin": (0.0, 0.0),
    "plain": (450_000.0, 3_580_000.0),
    "zone": (40_450_000.0, 3_580_000.0),
}
NOISES_M = [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0]
doubtful = settings(max_examples=200, deadline=None)


def called_valid(shapes):
    box = shapely.bounds(shapes)
    return seen_whole(outlines_of(shapes, box), width_and_height(box))


def closed(rings, origin=(0.0, 0.0)):
    """Polygons of open rings (n, corners, 2), moved to an origin: repeated corners and all."""
    return shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1) + np.array(origin))


def random_rings(rng, count, corners):
    """A third on a grid of 7 by 7 (spikes, touches, repeated and collinear corners), a third stars, a third of these
    with a corner laid on another one or on the middle of an edge and moved off it by a noise.
    """
    grid = rng.integers(0, 7, (count // 3, corners, 2)).astype(float)
    turn = (np.arange(corners) + rng.uniform(0, 0.9, (2 * (count // 3), corners))) * 2 * np.pi / corners
    stars = rng.uniform(0.02, 1, turn.shape)[..., None] * 50 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    laid = stars[: count // 3]
    rows, (moved, at) = np.arange(len(laid)), rng.integers(0, corners, (2, len(laid)))
    share = rng.choice([0.0, 0.5], len(laid))[:, None]
    place = (1 - share) * laid[rows, at] + share * laid[rows, (at + 1) % corners]
    noise_m = rng.choice(NOISES_M, len(laid))[:, None] * rng.normal(size=(len(laid), 2))
    laid[rows, moved] = place + noise_m
    return np.concatenate([grid, stars])


corner = st.tuples(st.integers(0, 6), st.integers(0, 6))


@doubtful
@given(
    st.lists(corner, min_size=3, max_size=9),
    st.sampled_from(NOISES_M),
    st.sampled_from(list(ORIGINS.values())),
    st.integers(0, 2**32 - 1),
)
def test_what_is_called_valid_without_geos_is_valid(corners, noise_m, origin, seed):
    """On a coarse grid with a noise: spikes, bow-ties, repeated and collinear corners, and all of these very nearly."""
    ring = np.array(corners, dtype=float) + np.random.default_rng(seed).normal(0, noise_m, (len(corners), 2))
    shapes = closed(np.stack([ring, ring[::-1]]), origin)
    assert (~called_valid(shapes) | shapely.is_valid(shapes)).all()


@doubtful
@given(st.integers(0, 2**32 - 1), st.integers(3, 12), st.sampled_from([("plain", 4549), ("zone", 4528)]))
def test_areas_are_missing_just_where_geos_calls_a_shape_invalid(seed, corners, where):
    """Rings alone, with holes, in parts, and nested badly, all in one layer."""
    rng, (place, code) = np.random.default_rng(seed), where
    alone = closed(random_rings(rng, 12, corners), ORIGINS[place])
    holes = [shapely.Polygon(a.exterior, [b.exterior]) for a, b in zip(alone, alone[::-1], strict=True)]
    parts = [shapely.MultiPolygon([a, b]) for a, b in zip(alone, alone[3:], strict=False)]
    shapes = np.array([*alone, *holes, *parts], dtype=object)
    valid, area = shapely.is_valid(shapes), area_m2(polygons(*shapes, crs=code)).to_numpy()
    assert (np.isnan(area) == ~valid).all()
    assert (valid_polygons(shapes) == valid).all()
    assert (area[valid] == ellipsoidal_m2(shapes[valid], pyproj.CRS(code))).all()


@pytest.mark.slow
def test_a_quarter_of_a_million_rings_are_judged_as_geos_judges_them():
    rng, called, invalid = np.random.default_rng(17), 0, 0
    for corners in (3, 4, 5, 7, 12):
        for origin in ORIGINS.values():
            shapes = closed(random_rings(rng, 17_000, corners), origin)
            mine, valid = called_valid(shapes), shapely.is_valid(shapes)
            assert (~mine | valid).all(), shapes[mine & ~valid][0].wkt
            called, invalid = called + mine.sum(), invalid + (~valid).sum()
    assert called > 75_000
    assert invalid > 50_000


def test_convex_and_star_shaped_rings_need_no_geos_and_doubtful_ones_do():
    turn = np.linspace(0, 2 * np.pi, 13)[:-1]
    round_once, round_twice = (np.stack([np.cos(k * turn), np.sin(k * turn)], axis=1) for k in (1, 2))
    star = round_once * np.tile([1.0, 0.4], 6)[:, None]
    repeated = np.insert(round_once, 3, round_once[3], axis=0)
    spike = np.insert(round_once, 3, [[0.0, 0.0], round_once[2]], axis=0)
    bowtie = np.array([[0, 0], [4, 3], [4, 0], [0, 3.0]])
    rings = [round_once, round_once[::-1], star, round_twice[:6], round_twice, repeated, spike, bowtie]
    seen = [bool(called_valid(closed(ring[None]))[0]) for ring in rings]
    assert seen == [True, True, True, True, False, False, False, False]


def test_an_outline_measures_the_same_alone_and_beside_others():
    """To the last digit, whatever stands before and after it."""
    rng = np.random.default_rng(11)
    shapes = np.concatenate(
        [closed(random_rings(rng, 9, corners)[6:], ORIGINS["plain"]) for corners in range(3, 40)]
    )
    shapes = shapes[shapely.is_valid(shapes)]
    together = area_m2(polygons(*shapes)).to_numpy()
    assert together.tolist() == [area_m2(polygons(shape))[0] for shape in shapes]
    assert len(shapes) > 70


def test_coordinates_that_are_no_number_have_no_area_and_spoil_no_neighbour():
    ring = np.array([[0, 0], [100, 0], [100, 100], [0, 100.0]]) + ORIGINS["plain"]
    rings = np.stack([ring] * 5)
    rings[1, 1, 0], rings[3, 2, 1] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        shapes = shapely.polygons(rings)
    area = area_m2(polygons(*shapes)).to_numpy()
    assert np.isnan(area).tolist() == [False, True, False, True, False]
    assert (area[::2] == area_m2(polygons(shapely.Polygon(ring)))[0]).all()


def test_only_polygons_of_one_ring_are_laid_out_as_one():
    square = shapely.box(0, 0, 9, 9)
    holed = shapely.Polygon(square.exterior, [shapely.box(2, 2, 3, 3).exterior])
    shapes = [square, holed, shapely.MultiPolygon([square]), shapely.Polygon(), None, square.exterior]
    assert has_one_ring(np.array(shapes, dtype=object)).tolist() == [True, *[False] * 5]


@doubtful
@given(st.integers(0, 2**32 - 1), st.integers(3, 9), st.integers(1, 3))
def test_no_polygon_with_holes_is_seen_whole(seed, corners, holes):
    """Holes round the middle and beside it, either way round, without extent, and the shell once more."""
    rng = np.random.default_rng(seed)
    turn = (np.arange(corners) + rng.uniform(0, 0.9, (9, corners))) * 2 * np.pi / corners
    rings = np.stack([np.cos(turn), np.sin(turn)], axis=-1) * rng.uniform(0.5, 1, (9, corners, 1))
    shrunk = rings * rng.choice([0, 1e-9, 0.1, 0.9, 1], 9)[:, None, None] + rng.choice([0, 0.3], (9, 1, 1))
    rounds = [shape.exterior for shape in closed(shrunk[:, :: rng.choice([1, -1])])]
    shells = closed(rings)
    holed = [shapely.Polygon(shell.exterior, rng.choice(rounds, holes).tolist()) for shell in shells]
    assert called_valid(shells).any()
    assert not called_valid(np.array(holed, dtype=object)).any()


def test_negative_control_a_look_that_is_too_sure_passes_what_is_invalid(monkeypatch):
    """Long thin rings with a zone number, whose corners lie on one another's edges up to the rounding of the place."""
    rng = np.random.default_rng(3)
    along = np.sort(rng.uniform(0, 1000, (30_000, 5)), axis=1)
    order = np.array([0, 2, 4, 3, 1])
    rings = np.stack([along, along * 0.37 + rng.normal(0, 1e-8, along.shape)], axis=-1)[:, order]
    shapes = closed(rings, ORIGINS["zone"])
    invalid = ~shapely.is_valid(shapes)
    assert invalid.sum() > 300
    assert not called_valid(shapes)[invalid].any()
    monkeypatch.setattr(outlines, "ROUNDING", -1e-10)
    assert called_valid(shapes)[invalid].any()
