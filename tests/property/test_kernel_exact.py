"""The kernel against GEOS, pair by pair, on polygons made to be hard."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import rings
from exact import layer, require_exact
from hypothesis import given, settings

import shapely

from landkit.overlay.kernel import pairs as pairs_module
from landkit.overlay.kernel.clip import clip, room_for_piece
from landkit.overlay.kernel.crossings import UNCLEAR, room_for_crossings
from landkit.overlay.kernel.pairs import Wanted, find_pairs
from landkit.overlay.kernel.simple import edges_apart, seen_whole
from landkit.overlay.shapes import areal

NOISES_M = [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0]
few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("origin", rings.ORIGINS.values(), ids=rings.ORIGINS.keys())
def test_stars_rims_combs_and_boxes_share_what_geos_says(origin):
    rng = np.random.default_rng(7)
    parcels, zones = rings.everything(rng, 36, origin), rings.everything(rng, 36, origin)
    assert require_exact(parcels, zones) > 1500


@pytest.mark.parametrize("origin", rings.ORIGINS.values(), ids=rings.ORIGINS.keys())
@pytest.mark.parametrize("noise_m", NOISES_M)
def test_borders_that_are_shared_exactly_or_up_to_a_noise(noise_m, origin):
    rng = np.random.default_rng(11)
    parcels = rings.everything(rng, 16, origin)
    require_exact(parcels, rings.nudged(rng, parcels, noise_m))


@few
@given(seeds, st.sampled_from(NOISES_M), st.sampled_from(list(rings.ORIGINS.values())))
def test_whatever_the_draw_every_pair_is_exact(seed, noise_m, origin):
    rng = np.random.default_rng(seed)
    parcels = rings.everything(rng, 9, origin)
    zones = np.concatenate([rings.nudged(rng, parcels, noise_m), rings.everything(rng, 9, origin)])
    require_exact(parcels, zones)


def test_one_huge_ring_with_islands_against_many():
    turn = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    rng = np.random.default_rng(3)
    far = 600 * (1 + 0.2 * np.sin(11 * turn) + 0.02 * np.sin(997 * turn)) + rng.uniform(0, 0.05, len(turn))
    rim = np.column_stack([np.cos(turn), np.sin(turn)]) * far[:, None] + 700
    holes = [hole.exterior for hole in shapely.buffer(shapely.points([[650, 700], [800, 760]]), 70)]
    lake = rings.placed(np.array([shapely.Polygon(rim, holes)]), rings.ORIGINS["plain"])
    assert require_exact(rings.everything(rng, 150), lake) > 300


@pytest.mark.slow
def test_two_hundred_thousand_pairs_are_exact():
    rng, compared = np.random.default_rng(5), 0
    for origin in rings.ORIGINS.values():
        parcels = rings.everything(rng, 900, origin)
        compared += require_exact(parcels, rings.everything(rng, 900, origin))
        for noise_m in NOISES_M[::3]:
            some = parcels[:: len(parcels) // 600]
            compared += require_exact(some, rings.nudged(rng, parcels, noise_m))
    assert compared >= 200_000


# properties -----------------------------------------------------------------------------------------------------------


def areas(parcels, zones):
    found = find_pairs(layer(parcels), layer(zones))
    return {(int(p), int(z)): a for p, z, a in zip(found.parcel, found.zone, found.area, strict=True)}


def drawn(seed, count=9):
    rng = np.random.default_rng(seed)
    return rng, rings.everything(rng, count), rings.everything(rng, count)


@few
@given(seeds)
def test_inside_and_outside_are_the_whole(seed):
    _, parcels, zones = drawn(seed)
    sides = [find_pairs(layer(parcels), layer(zones), Wanted(side=side)) for side in ("inside", "outside")]
    inside = {(p, z): a for p, z, a in zip(sides[0].parcel, sides[0].zone, sides[0].area, strict=True)}
    for k, (p, z) in enumerate(zip(sides[1].parcel, sides[1].zone, strict=True)):
        whole = shapely.area(parcels[p])
        assert sides[1].area[k] + inside.get((p, z), 0.0) == pytest.approx(whole, abs=1e-6)
    some = np.flatnonzero(~sides[1].whole & (sides[1].area > 0))
    pieces = sides[1].pieces.rows(some)
    assert shapely.is_valid(pieces).all()
    assert shapely.area(pieces) == pytest.approx(sides[1].area[some], abs=2e-6)


@few
@given(seeds)
def test_who_is_parcel_and_who_is_zone_makes_no_difference(seed):
    _, parcels, zones = drawn(seed)
    there, back = areas(parcels, zones), areas(zones, parcels)
    assert {(p, z) for z, p in back} == set(there)
    assert [back[z, p] for p, z in there] == pytest.approx(list(there.values()), abs=1e-6)


@few
@given(seeds, st.integers(100, 250))
def test_zones_cut_in_two_share_as_much_together(seed, at):
    _, parcels, zones = drawn(seed)
    low = shapely.box(*rings.ORIGINS["plain"], rings.ORIGINS["plain"][0] + at + 0.5, 4e6)
    cuts = [areal(shapely.intersection(zones, low)), areal(shapely.difference(zones, low))]
    halves = sum(sum(areas(parcels, cut[~shapely.is_missing(cut)]).values()) for cut in cuts)
    assert halves == pytest.approx(sum(areas(parcels, zones).values()), rel=1e-9)


@few
@given(seeds)
def test_order_of_rows_and_vertices_and_where_a_ring_starts_change_nothing(seed):
    rng, parcels, zones = drawn(seed)
    plain, order = areas(parcels, zones), rng.permutation(len(parcels))
    mixed = areas(parcels[order], shapely.reverse(shapely.normalize(zones)))
    assert {(int(order[p]), z) for p, z in mixed} == set(plain)
    assert [mixed[k] for k in mixed] == pytest.approx([plain[int(order[p]), z] for p, z in mixed], abs=1e-6)


@few
@given(seeds)
def test_moving_everything_by_whole_kilometres_changes_nothing(seed):
    _, parcels, zones = drawn(seed)
    moved = [shapely.transform(s, lambda xy: xy + np.array([3000.0, -17_000.0])) for s in (parcels, zones)]
    plain, there = areas(parcels, zones), areas(*moved)
    shared = plain.keys() & there.keys()
    assert all(plain[k] == pytest.approx(there[k], abs=1e-6) for k in shared)
    assert all({**plain, **there}[k] < 1e-6 for k in plain.keys() ^ there.keys())


# negative controls ----------------------------------------------------------------------------------------------------

SQUARE, SHIFTED = shapely.box(0, 0, 10, 10), shapely.box(4, 5, 14, 15)


def clipped(exact, zone=SHIFTED):
    parcel, other = layer([SQUARE]).polygons, layer([zone]).polygons
    found, piece = room_for_crossings(), room_for_piece()
    return clip(parcel, 0, other.xy, other.ring_start, 1, exact, found, piece)


def test_a_piece_of_the_right_area_is_made():
    assert clipped(30.0) == 1


@pytest.mark.parametrize("wrong", [0.0, 29.99, 30.000_01, 70.0, 100.0])
def test_negative_control_a_piece_of_another_area_is_never_handed_out(wrong):
    assert clipped(wrong) == UNCLEAR


def test_negative_control_a_piece_that_crosses_itself_is_never_handed_out():
    bowtie = np.array([[0, 0], [4, 4], [4, 0], [0, 5], [0, 0]], dtype=float)
    assert not edges_apart(bowtie, np.array([0, 5]), 1)


@given(seeds)
@few
def test_a_ring_that_its_middle_sees_whole_is_valid(seed):
    rng = np.random.default_rng(seed)
    ring = rng.integers(0, 12, (rng.integers(3, 9), 2)).astype(float)
    rings_found = [np.concatenate([r, r[:1]]) for r in (ring, ring[::-1])]
    for closed in rings_found:
        if seen_whole(closed, 0, len(closed)):
            assert shapely.Polygon(closed).is_valid


def test_a_convex_ring_is_seen_whole_and_what_winds_twice_or_stands_still_is_not():
    turn = np.linspace(0, 2 * np.pi, 6)
    round_once, round_twice = (np.stack([np.cos(k * turn), np.sin(k * turn)], axis=1) for k in (1, 2))
    still = np.concatenate([round_once[:2], round_once[1:]])
    seen = [bool(seen_whole(ring, 0, len(ring))) for ring in (round_once, round_twice, still)]
    assert seen == [True, False, False]


def test_negative_control_a_touch_is_left_to_geos():
    assert clipped(50.0, shapely.box(5, 0, 20, 10)) == UNCLEAR


@pytest.mark.parametrize("fault", [1.001, 0.5])
def test_negative_control_a_kernel_that_measures_wrong_is_found_out_and_overruled(monkeypatch, fault):
    rng = np.random.default_rng(2)
    parcels, zones = rings.everything(rng, 25), rings.everything(rng, 25)
    honest, walk = areas(parcels, zones), pairs_module.walk

    def lying(*task):
        pairs, count, local = walk(*task)
        pairs.area[:count][pairs.state[:count] != 1] *= fault
        return pairs, count, local

    monkeypatch.setattr(pairs_module, "walk", lying)
    overruled = find_pairs(layer(parcels), layer(zones))
    part = ~overruled.whole
    assert overruled.by_geos[part].all()
    for p, z, a in zip(overruled.parcel[part], overruled.zone[part], overruled.area[part], strict=True):
        assert a == pytest.approx(honest.get((int(p), int(z)), 0.0), abs=2e-6)
