"""What is called valid without asking GEOS is valid, by numpy in runs and by the kernel: long outlines, holes, parts, faults
planted in them.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shapely

from landkit.arrays import starts
from landkit.geometry import long_outlines, runs, shape, usable_polygons, valid_polygons
from landkit.geometry.long_outlines import certainly_valid, rough
from landkit.overlay.kernel.polygons import NOT_PLAIN
from landkit.overlay.kernel.reading import Room, laid_out, rings_and_vertices, wkb_from
from landkit.overlay.shapes import collected

ORIGINS = [(0.0, 0.0), (450_000.0, 3_580_000.0), (40_450_000.0, 3_580_000.0)]
NOISES_M = [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-4, 1e-2, 0.1, 1.0]
doubtful = settings(max_examples=100, deadline=None)


def by_kernel(shapes):
    """What the kernel is sure of while it reads, GEOS asked nothing."""
    parts = np.array([collected(shapely.get_parts([one])) for one in shapes], dtype=object)
    wkb = wkb_from(parts)
    rings, vertices = rings_and_vertices(wkb)
    assert (rings != NOT_PLAIN).all()
    return laid_out(wkb, starts(rings), starts(vertices), 1, Room())[1]


by_each = pytest.mark.parametrize("judge", [certainly_valid, by_kernel])
corner = st.tuples(st.integers(0, 6), st.integers(0, 6))
corners = st.lists(corner, min_size=3, max_size=9)


def closed(ring):
    return np.concatenate([ring, ring[:1]])


def drawn(corner_list, pieces, noise_m, origin, rng):
    """A ring of these corners, each side in so many pieces, its vertices moved by a noise."""
    ring = closed(np.array(corner_list, dtype=float))
    share = np.arange(pieces)[:, None] / pieces
    ring = np.concatenate([a + (b - a) * share for a, b in itertools.pairwise(ring)])
    return closed(ring + rng.normal(0, noise_m, ring.shape) + np.array(origin))


def wild_rings(rng, count):
    """Stars and grid rings of up to a hundred vertices, some with a vertex laid on another one or on an edge, or nearly."""
    for _ in range(count):
        size = int(rng.choice([3, 5, 9, 15, 16, 17, 18, 31, 33, 60, 100]))
        turn = (np.arange(size) + rng.uniform(0, 0.9, size)) * 2 * np.pi / size
        ring = rng.uniform(0.3, 1, size)[:, None] * 50 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        if rng.random() < 0.3:
            ring = np.round(ring / 10) * 10
        if rng.random() < 0.6:
            moved, at = rng.integers(0, size, 2)
            ring[moved] = (ring[at] + ring[(at + 1) % size]) / 2 if rng.random() < 0.5 else ring[at]
            ring[moved] += rng.choice(NOISES_M) * rng.normal(size=2)
        if rng.random() < 0.2:
            ring = np.insert(ring, rng.integers(0, size), ring[rng.integers(0, size)], axis=0)
        yield closed(ring + ORIGINS[rng.integers(0, 3)])


def rough_ring(rng, vertices, radius_m=1000.0, middle=(450_000.0, 3_580_000.0)):
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    far = radius_m + radius_m * 2 * np.pi / vertices * rng.normal(0, 1.2, vertices)
    return closed(far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1) + np.array(middle))


@by_each
@doubtful
@given(
    corners,
    st.integers(1, 12),
    st.sampled_from(NOISES_M),
    st.sampled_from(ORIGINS),
    st.integers(0, 2**32 - 1),
)
def test_a_ring_called_valid_is_valid(judge, corner_list, pieces, noise_m, origin, seed):
    """On a coarse grid with a noise: spikes, bow-ties, repeated and collinear corners, and all of these very nearly."""
    ring = drawn(corner_list, pieces, noise_m, origin, np.random.default_rng(seed))
    shapes = np.array([shapely.Polygon(ring), shapely.Polygon(ring[::-1])], dtype=object)
    assert (~judge(shapes) | shapely.is_valid(shapes)).all()


@by_each
@doubtful
@given(st.lists(corners, min_size=2, max_size=5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_polygons_called_valid_are_valid_with_holes_and_parts_anywhere(judge, corner_lists, pieces, seed):
    rng = np.random.default_rng(seed)
    small = [
        drawn(c, pieces, 0.01, (x, y), rng) / 4
        for c, (x, y) in zip(corner_lists, rng.integers(0, 20, (9, 2)), strict=False)
    ]
    around = closed(np.array([(-1, -1), (8, -1), (8, 8), (-1, 8.0)]))
    shapes = [
        shapely.Polygon(around, small),
        shapely.Polygon(small[0], small[1:]),
        shapely.MultiPolygon([shapely.Polygon(ring) for ring in small]),
        shapely.MultiPolygon([shapely.Polygon(around, small[:1]), shapely.Polygon(small[-1])]),
    ]
    shapes = np.array(shapes, dtype=object)
    assert (~judge(shapes) | shapely.is_valid(shapes)).all()


@by_each
@pytest.mark.slow
def test_fifteen_thousand_wild_rings_are_judged_as_geos_judges_them(judge):
    shapes = shapely.polygons(
        [shapely.LinearRing(ring) for ring in wild_rings(np.random.default_rng(5), 15_000)]
    )
    called, valid = judge(shapes), shapely.is_valid(shapes)
    assert (~called | valid).all(), shapes[called & ~valid][0].wkt
    assert called.sum() > 0.8 * valid.sum()
    assert (~valid).sum() > 5000


@by_each
@pytest.mark.parametrize("at", [0, 1, 15, 16, 17, 4000, 19_998, 19_999])
def test_a_long_outline_is_called_valid_and_one_with_a_fault_anywhere_is_not(judge, at):
    """Faults: a vertex on the far side, a spike, a vertex on another one, a loop of three edges."""
    ring = rough_ring(np.random.default_rng(1), 20_000)
    assert judge(np.array([shapely.Polygon(ring)], dtype=object)).all()
    opened, far = ring[:-1], ring[(at + 10_000) % 20_000]
    spike = np.insert(opened, at, [opened[at - 1], opened[at - 2]], axis=0)
    across, touching, loop = opened.copy(), opened.copy(), opened.copy()
    across[at] = far + (far - ring.mean(axis=0)) * 0.01
    touching[at] = far
    loop[[at, at - 1]] = loop[[at - 1, at]]
    shapes = [shapely.Polygon(closed(one)) for one in (spike, across, touching)]
    assert not judge(np.array(shapes, dtype=object)).any()
    looped = np.array([shapely.Polygon(closed(loop))], dtype=object)
    assert (~judge(looped) | shapely.is_valid(looped)).all()


@by_each
def test_holes_are_called_valid_in_their_shell_and_in_no_other_place(judge):
    rng, x, y = np.random.default_rng(2), 450_000.0, 3_580_000.0
    shell = rough_ring(rng, 5000)
    lakes = [rough_ring(rng, 700, 100.0, (x + dx, y)) for dx in (-500, 0, 500)]
    island, outside = rough_ring(rng, 700, 20.0, (x, y)), rough_ring(rng, 700, 100.0, (x + 2000, y))
    over_the_shore = rough_ring(rng, 700, 100.0, (x + 1000, y))
    part = shapely.Polygon(outside)
    cases = {
        "holes": (shapely.Polygon(shell, lakes), True),
        "parts": (shapely.MultiPolygon([shapely.Polygon(shell, lakes), part, shapely.Polygon()]), True),
        "hole in a hole": (shapely.Polygon(shell, [*lakes, island]), False),
        "hole outside": (shapely.Polygon(shell, [*lakes, outside]), False),
        "hole over the shore": (shapely.Polygon(shell, [over_the_shore]), False),
        "the same part twice": (shapely.MultiPolygon([part, part]), False),
        "part in a part": (shapely.MultiPolygon([shapely.Polygon(shell), shapely.Polygon(lakes[0])]), False),
    }
    shapes = np.array([one for one, _ in cases.values()], dtype=object)
    expected = [valid for _, valid in cases.values()]
    assert shapely.is_valid(shapes).tolist() == expected
    assert judge(shapes).tolist() == expected


def test_an_island_in_a_lake_is_left_to_geos_who_calls_it_valid():
    rng, x, y = np.random.default_rng(2), 450_000.0, 3_580_000.0
    land = shapely.Polygon(rough_ring(rng, 5000), [rough_ring(rng, 700, 100.0, (x, y))])
    both = np.array(
        [shapely.MultiPolygon([land, shapely.Polygon(rough_ring(rng, 700, 20.0, (x, y)))])], dtype=object
    )
    assert not certainly_valid(both).any()
    assert valid_polygons(both).all()


@by_each
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e12])
def test_a_coordinate_that_is_no_place_spoils_its_own_polygon_only(judge, odd):
    ring = rough_ring(np.random.default_rng(3), 2000)
    spoilt = ring.copy()
    spoilt[1000, 0] = odd
    with np.errstate(invalid="ignore"):
        shapes = np.array([shapely.Polygon(r) for r in (ring, spoilt, ring)], dtype=object)
    assert judge(shapes).tolist() == [True, False, True]


def test_outlines_without_ground_are_not_called_valid():
    point, line = [(5.0, 5.0)] * 40, [(k, 2.0 * k) for k in range(40)]
    shapes = [
        shapely.Polygon(point),
        shapely.Polygon([*line, *line[::-1]]),
        shapely.Polygon([(k, 1.0) for k in range(40)]),
    ]
    assert not certainly_valid(np.array(shapes, dtype=object)).any()


def test_rough_outlines_are_looked_at_in_runs_and_smooth_ones_by_geos(monkeypatch):
    """GEOS goes fast along edges that keep their direction, and slowly where they turn back at every third."""
    turn, asked = np.linspace(0, 2 * np.pi, 40_000), []
    smooth = shapely.Polygon(1000 * np.stack([np.cos(turn), np.sin(turn)], axis=1))
    ragged = shapely.Polygon(rough_ring(np.random.default_rng(4), 40_000))
    shapes = np.array([smooth, ragged, None, shapely.box(0, 0, 1, 1)], dtype=object)
    assert rough(shapes[:2], 500).tolist() == [False, True]
    monkeypatch.setattr(shape, "certainly_valid", lambda some: asked.extend(some) or certainly_valid(some))
    assert usable_polygons(shapes).tolist() == [True, True, False, True]
    assert asked == [ragged]


def test_a_shape_of_which_every_edge_is_near_every_other_is_left_to_geos():
    """A comb of thin teeth as high as it is wide, whose runs all begin before the others end: quadratic here, not for GEOS."""
    teeth = np.arange(3000.0)
    x = np.stack([teeth, teeth + 0.1, teeth + 0.2, teeth + 0.9], axis=1).ravel() / 100
    y = np.tile([0.0, 2900.0, 2900.0, 0.0], 3000)
    comb = shapely.Polygon([*zip(x, y, strict=True), (x[-1], -1), (0, -1)])
    shapes = np.array([comb], dtype=object)
    assert not certainly_valid(shapes).any()
    assert valid_polygons(shapes).all()


def test_a_shape_of_long_spikes_is_left_to_geos_before_its_edges_are_paired(monkeypatch):
    """A star of 2,000 spikes: each run of edges comes near many others, and 256 pairs of edges for each would be looked at."""
    rng, turn = np.random.default_rng(8), np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    star = rng.uniform(20, 60, 2000)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    shapes, looked_at = np.array([shapely.Polygon(closed(star))], dtype=object), []
    paired = long_outlines.quartered
    monkeypatch.setattr(
        long_outlines, "quartered", lambda i, *others: looked_at.append(len(i)) or paired(i, *others)
    )
    assert not certainly_valid(shapes).any()
    assert looked_at == [0, 0]
    assert valid_polygons(shapes).all()


@pytest.mark.parametrize("broken", ["_apart", "_bends", "directions"])
def test_negative_control_a_look_that_is_too_sure_passes_what_is_invalid(monkeypatch, broken):
    rings = list(wild_rings(np.random.default_rng(6), 4000))
    shapes = shapely.polygons([shapely.LinearRing(ring) for ring in rings])
    invalid = ~shapely.is_valid(shapes)
    assert not certainly_valid(shapes)[invalid].any()
    if broken == "directions":
        monkeypatch.setattr(runs, "SECTORS", np.full_like(runs.SECTORS, 1))
    else:
        monkeypatch.setattr(long_outlines, broken, lambda _, i, *__: np.ones(len(i), np.bool_))
    assert certainly_valid(shapes)[invalid].any()
