"""Rectangles of whole metres turned by the triangle of 3, 4 and 5: who holds whom is known from before they were turned."""

from __future__ import annotations

import numpy as np
import pytest

import geopandas as gpd
import shapely

from landkit.overlay import cutting
from landkit.overlay.cutting import cut_out
from landkit.overlay.overlaps import overlaps
from landkit.overlay.union.dissolve import encroachment

ORIGINS = {"where the city's own grid begins": (0.0, 0.0), "a little off": (50.0, 50.0)}
METRES = "EPSG:4549"


def halved(rng, box, times):
    """A box cut across again and again on whole metres: boxes that tile it."""
    x0, y0, x1, y1 = box
    long = (x1 - x0, y1 - y0)[axis := int(rng.integers(2))]
    if not times or long < 4:
        return [box]
    at = (x0, y0)[axis] + int(rng.integers(1, long))
    first, second = (
        ((x0, y0, at, y1), (at, y0, x1, y1)) if axis == 0 else ((x0, y0, x1, at), (x0, at, x1, y1))
    )
    return halved(rng, first, times - 1) + halved(rng, second, times - 1)


def turned(boxes, origin):
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    shapes = shapely.box(*np.array(boxes, dtype=float).T)
    return shapely.transform(shapes, lambda xy: xy @ turn + np.array(origin))


def tilings(seed):
    """A tiling and a finer one of the same ground: areas of each, and of what each pair shares."""
    rng = np.random.default_rng(seed)
    coarse = halved(rng, (0, 0, 400, 300), 3)
    fine = [piece for box in coarse for piece in halved(rng, box, 3)]
    low = np.maximum(np.array(fine)[:, None, :2], np.array(coarse)[None, :, :2])
    high = np.minimum(np.array(fine)[:, None, 2:], np.array(coarse)[None, :, 2:])
    return fine, coarse, np.clip(high - low, 0, None).prod(axis=2)


@pytest.mark.parametrize("side", ["inside", "outside"])
@pytest.mark.parametrize("origin", ORIGINS.values(), ids=ORIGINS)
def test_a_tiling_cut_by_a_coarser_one_shares_what_was_drawn(origin, side):
    for seed in range(40):
        fine, coarse, drawn_m2 = tilings(seed)
        parcels, zones = turned(fine, origin), turned(coarse, origin)
        at_parcel, at_zone = np.divmod(np.arange(drawn_m2.size), len(zones))
        mine, areas = parcels[at_parcel], zones[at_zone]

        want = drawn_m2.ravel() if side == "inside" else shapely.area(mine) - drawn_m2.ravel()
        got = np.nan_to_num(shapely.area(cut_out(mine, areas, side)))
        assert got == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize(
    ("shape", "shared"), [((10, 10, 20, 20), 100), ((0, 50, 10, 60), 0), ((0, 0, 50, 50), 2500)]
)
def test_negative_control_inside_taken_for_outside_near_the_origin_is_put_right(monkeypatch, shape, shared):
    right = dict(cutting.CUTS)

    def swapped(side, other):
        return lambda mine, areas: right[
            other if np.abs(shapely.bounds(mine)).max(initial=0) < 1e3 else side
        ](mine, areas)

    monkeypatch.setitem(cutting.CUTS, "inside", swapped("inside", "outside"))
    monkeypatch.setitem(cutting.CUTS, "outside", swapped("outside", "inside"))
    pair = np.array([shapely.box(*shape)]), np.array([shapely.box(0, 0, 50, 50)])
    inside, outside = (np.nan_to_num(shapely.area(cut_out(*pair, side)))[0] for side in cutting.CUTS)
    assert (inside, outside) == (shared, shapely.area(pair[0])[0] - shared)


def test_a_parcel_within_a_zone_is_no_less_within_where_the_grid_begins():
    for seed in range(20):
        fine, coarse, drawn_m2 = tilings(seed)
        parcels, zones = (gpd.GeoSeries(turned(some, (0, 0)), crs=METRES) for some in (fine, coarse))
        found = overlaps(parcels, zones, area="planar")
        got = np.zeros(drawn_m2.shape)
        got[found["parcel"], found["zone"]] = found["area_m2"]
        assert got == pytest.approx(drawn_m2, abs=1e-6)


def test_what_lies_outside_a_tiling_of_the_same_ground_is_nothing():
    for seed in range(20):
        fine, coarse, _ = tilings(seed)
        parcels, zones = (gpd.GeoSeries(turned(some, (0, 0)), crs=METRES) for some in (fine, coarse))
        assert encroachment(parcels, zones, breach="outside")["encroached_m2"].max() < 1e-6


def chessboards(seed, count=12, across=8):
    """Squares taken at random from a grid that is turned about the origin, each corner off by a last digit or two."""
    rng = np.random.default_rng(seed)
    taken = rng.random((count, across, across)) < 0.5
    a, b, c = [(3, 4, 5), (7, 24, 25), (5, 12, 13)][seed % 3]
    turn = np.array([[a, b], [-b, a]]) / c

    def off(xy):
        corner = np.rint(xy).astype(int)
        moved = rng.normal(0, 1e-16, (across + 1, across + 1, 2))
        return (xy - 1) @ turn + moved[corner[:, 0], corner[:, 1]]

    drawn = []
    for some in taken:
        x, y = np.nonzero(some)
        drawn.append(shapely.transform(shapely.union_all(shapely.box(x, y, x + 1, y + 1)), off))
    return np.array(drawn), taken


@pytest.mark.parametrize("side", ["inside", "outside"])
def test_no_square_of_many_is_taken_wrongly_where_the_grid_begins(side):
    for seed in (8, 10, 12, 14):
        shapes, taken = chessboards(seed)
        at, other = np.divmod(np.arange(len(shapes) ** 2), len(shapes))
        sound = shapely.is_valid(shapes)
        at, other = (some[sound[at] & sound[other] & (at != other)] for some in (at, other))
        theirs = taken[other] if side == "inside" else ~taken[other]
        want = (taken[at] & theirs).sum(axis=(1, 2))
        pieces = cut_out(shapes[at], shapes[other], side)
        there = ~shapely.is_missing(pieces)
        got = np.nan_to_num(shapely.area(pieces))
        assert shapely.is_valid(pieces[there]).all()
        assert got == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize(("steps", "rows"), [(4, 0), (5, 1)])
def test_what_is_no_wider_than_four_steps_of_the_coordinates_is_no_overlap(steps, rows):
    x, y = 39_500_000.0, 3_570_000.0
    parcel = gpd.GeoSeries([shapely.box(x, y, x + 50, y + 300)], crs="EPSG:4527")
    zone = gpd.GeoSeries([shapely.box(x + 50 - steps * np.spacing(x), y, x + 100, y + 300)], crs="EPSG:4527")
    assert len(overlaps(parcel, zone, area="planar")) == rows
