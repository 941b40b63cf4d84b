"""What must hold of overlaps whatever the polygons."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import geopandas as gpd
import shapely

from landkit.geometry import area_m2
from landkit.overlay import encroachment, engine, overlaps, union_of

CRS = 4549
X, Y = 500_000.0, 3_570_000.0


@pytest.fixture(autouse=True, scope="module", params=["geos", "kernel"])
def engine_of_the_test(request):
    """Every property of this file holds with either engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "KERNEL_FROM_PARCELS", 10**9 if request.param == "geos" else 0)
        patch.setattr(engine, "KERNEL_FROM_VERTICES", 10**12)
        yield


@st.composite
def polygons(draw):
    """A valid polygon of up to some 400 m, whole centimetres, now and then with holes or in parts."""
    corner = st.tuples(st.integers(0, 40_000), st.integers(0, 40_000))
    points = np.array(draw(st.lists(corner, min_size=3, max_size=9, unique=True))) / 100 + (X, Y)
    shape = shapely.make_valid(shapely.Polygon(points), method="structure", keep_collapsed=False)
    if draw(st.booleans()) and not shape.is_empty:
        shape = shape.difference(shape.centroid.buffer(draw(st.integers(1, 60)), quad_segs=3))
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 1]
    parts = parts or [shapely.box(X, Y, X + 9, Y + 9)]
    return shapely.multipolygons(parts) if len(parts) > 1 else parts[0]


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs=CRS)


def frame(*shapes):
    return gpd.GeoDataFrame(geometry=series(*shapes))


def edge_lengths(shape):
    rings = shapely.get_rings(shapely.get_parts(shape))
    return np.concatenate([np.hypot(*np.diff(shapely.get_coordinates(ring), axis=0).T) for ring in rings])


few = settings(max_examples=60, deadline=None)


@few
@given(st.lists(polygons(), min_size=1, max_size=4), st.lists(polygons(), min_size=1, max_size=4))
def test_every_shared_area_is_that_of_the_plain_intersection(parcels, zones):
    rows = overlaps(frame(*parcels), frame(*zones), area="planar").set_index(["parcel", "zone"])["area_m2"]
    for i, parcel in enumerate(parcels):
        for j, zone in enumerate(zones):
            assert rows.get((i, j), 0.0) == pytest.approx(parcel.intersection(zone).area, abs=1e-6)


@few
@given(polygons(), st.lists(polygons(), min_size=1, max_size=4))
def test_inside_and_outside_are_the_whole(parcel, zones):
    inside, outside = (
        encroachment(series(parcel), series(*zones), breach=side) for side in ("inside", "outside")
    )
    planar = sum(0.0 if side.geometry[0] is None else side.geometry[0].area for side in (inside, outside))
    a_micrometre_along_the_edge = 1e-6 * (1 + parcel.length)  # what floating-point noding may move
    assert planar == pytest.approx(parcel.area, abs=a_micrometre_along_the_edge)
    # on the ellipsoid an edge that is cut in two encloses a little more or less than the whole one (geometry.py)
    [whole] = area_m2(series(parcel))
    measured = inside["encroached_m2"][0] + outside["encroached_m2"][0]
    lengths = edge_lengths(parcel)
    assert measured == pytest.approx(
        whole, abs=a_micrometre_along_the_edge + 1e-8 * (lengths * np.minimum(lengths, 200) ** 2).sum()
    )


@few
@given(polygons(), st.lists(polygons(), min_size=1, max_size=3), st.integers(0, 400))
def test_zones_given_twice_or_cut_in_two_encroach_as_much(parcel, zones, at):
    low, high = shapely.box(X - 1, Y - 1, X + at, Y + 401), shapely.box(X + at, Y - 1, X + 401, Y + 401)
    cut = [p for z in zones for half in (low, high) for p in shapely.get_parts(z.intersection(half))]
    cut = [p for p in cut if p.geom_type == "Polygon" and p.area > 0]
    plain = encroachment(series(parcel), series(*zones))["encroached_m2"][0]
    a_millimetre_along_the_edges = 0.001 * (shapely.length(zones).sum() + parcel.length)
    for same in (zones + zones[::-1], cut):
        again = encroachment(series(parcel), series(*same))["encroached_m2"][0]
        assert again == pytest.approx(plain, abs=a_millimetre_along_the_edges)


@few
@given(st.lists(polygons(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_union_shares_no_area_with_itself_and_does_not_depend_on_order(zones, chance):
    parts = union_of(series(*zones))
    assert shapely.area(parts).sum() == pytest.approx(shapely.union_all(parts).area, rel=1e-9)
    mixed = zones[:]
    chance.shuffle(mixed)
    again = union_of(series(*mixed))
    assert shapely.area(again).sum() == pytest.approx(shapely.area(parts).sum(), rel=1e-9)


def test_negative_control_a_sum_over_overlapping_zones_is_not_the_encroached_area():
    zone, parcel = shapely.box(X, Y, X + 50, Y + 100), shapely.box(X, Y, X + 100, Y + 100)
    summed = overlaps(frame(parcel), frame(zone, zone))["area_m2"].sum()
    once = encroachment(series(parcel), series(zone, zone))["encroached_m2"][0]
    assert summed == pytest.approx(2 * once)
