"""Overlaps of squares a person can check by hand: 100 m x 100 m, on CGCS2000 / 3-degree Gauss-Kruger CM 120E."""

import math

import numpy as np
import pyarrow as pa
import pytest

import geopandas as gpd
import shapely

from landkit.errors import CRSError, GeometryError, LayerError
from landkit.geometry import area_m2
from landkit.overlay import encroachment, engine, overlaps, shared, union_of

CRS = 4549
X, Y = 500_000.0, 3_570_000.0


@pytest.fixture(autouse=True, params=["geos", "kernel"])
def engine_of_the_test(request, monkeypatch):
    """Every test of this file holds with either engine."""
    monkeypatch.setattr(engine, "KERNEL_FROM_PARCELS", 10**9 if request.param == "geos" else 0)
    monkeypatch.setattr(engine, "KERNEL_FROM_VERTICES", 10**12)


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def frame(*shapes, index=None, crs=CRS):
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(list(shapes), index=index, crs=crs))


def test_half_a_square_is_shared_and_labels_are_those_of_the_inputs():
    parcels = frame(box(0, 0, 100, 100), box(300, 0, 400, 100), index=["p7", "p9"])
    zones = frame(box(50, 0, 500, 100), index=[41])
    rows = overlaps(parcels, zones, area="planar")
    assert list(rows["parcel"]) == ["p7", "p9"]
    assert list(rows["zone"]) == [41, 41]
    assert rows["area_m2"].tolist() == pytest.approx([5000, 10_000], abs=1e-6)
    assert rows.crs == parcels.crs


def test_area_is_ellipsoidal_unless_planar_is_asked_for():
    parcels, zones = frame(box(0, 0, 100, 100)), frame(box(50, 0, 500, 100))
    [found] = overlaps(parcels, zones)["area_m2"]
    assert found == pytest.approx(area_m2(gpd.GeoSeries([box(50, 0, 100, 100)], crs=CRS))[0], abs=1e-6)


def test_a_piece_of_several_parts_is_measured_whole():
    comb = shapely.union_all([box(0, 0, 10, 100), box(20, 0, 30, 100)])
    rows = overlaps(frame(box(0, 40, 100, 60)), frame(comb))
    assert rows.geometry[0].geom_type == "MultiPolygon"
    assert rows["area_m2"][0] == pytest.approx(400, abs=1e-3)


@pytest.mark.parametrize("zone", [box(100, 0, 200, 100), box(100, 100, 200, 200), box(300, 0, 400, 100)])
def test_touching_or_apart_is_no_overlap(zone):
    assert overlaps(frame(box(0, 0, 100, 100)), frame(zone)).empty


def test_lines_and_points_that_fall_out_of_the_overlay_are_dropped():
    zone = shapely.union_all([box(100, 0, 200, 50), box(90, 40, 100, 50), box(100, 60, 200, 70)])
    [piece] = overlaps(frame(box(0, 0, 100, 100)), frame(zone)).geometry
    assert piece.geom_type == "Polygon"
    assert piece.area == pytest.approx(100)


def test_a_parcel_wholly_inside_keeps_its_own_shape_and_area():
    parcels = frame(box(0, 0, 100, 100))
    rows = overlaps(parcels.assign(area_m2=1.0), frame(box(-50, -50, 200, 200), box(-9, -9, 101, 101)))
    assert rows.geometry[0].equals_exact(parcels.geometry[0])
    assert set(rows["area_m2"]) == set(area_m2(parcels.geometry))


def test_without_geometry_only_the_numbers_come_back():
    rows = overlaps(frame(box(0, 0, 100, 100)), frame(box(50, 0, 150, 100)), geometry=False)
    assert list(rows.columns) == ["parcel", "zone", "area_m2"]


def test_rows_stand_in_the_order_of_the_parcels_then_of_the_zones():
    parcels = frame(box(0, 0, 100, 100), box(50, 0, 150, 100), index=["b", "a"])
    zones = frame(box(0, 0, 200, 50), box(0, 50, 200, 100), index=["z", "y"])
    rows = overlaps(parcels, zones)
    assert list(zip(rows["parcel"], rows["zone"], strict=True)) == [
        ("b", "z"),
        ("b", "y"),
        ("a", "z"),
        ("a", "y"),
    ]


def test_nothing_in_nothing_out():
    empty = frame()
    assert overlaps(empty, frame(box(0, 0, 1, 1))).empty
    assert overlaps(frame(box(0, 0, 1, 1)), empty).empty


def test_the_inputs_are_left_as_they_were():
    parcels, zones = frame(box(0, 0, 100, 100)), frame(box(50, 0, 500, 100))
    before = parcels.copy(), zones.copy()
    overlaps(parcels, zones)
    assert parcels.equals(before[0])
    assert zones.equals(before[1])


def test_a_crs_that_is_missing_or_another_is_refused():
    good, none, other = (
        frame(box(0, 0, 1, 1)),
        frame(box(0, 0, 1, 1), crs=None),
        frame(box(0, 0, 1, 1), crs=4548),
    )
    for left, right, key in (
        (none, good, "crs_missing"),
        (good, none, "crs_missing"),
        (good, other, "crs_mismatch"),
    ):
        with pytest.raises(CRSError) as caught:
            overlaps(left, right)
        assert caught.value.key == key


def test_the_same_crs_written_another_way_is_the_same():
    parcels, zones = frame(box(0, 0, 100, 100)), frame(box(50, 0, 500, 100))
    zones = zones.set_crs(zones.crs.to_wkt(), allow_override=True)
    assert len(overlaps(parcels, zones)) == 1


@pytest.mark.parametrize(
    "bad",
    [None, shapely.Polygon(), shapely.Point(X, Y), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])],
    ids=["null", "empty", "point", "bowtie"],
)
def test_geometry_that_cannot_be_compared_is_refused_by_name(bad):
    broken = frame(box(0, 0, 1, 1), bad, index=["ok", "broken"])
    with pytest.raises(GeometryError) as caught:
        overlaps(frame(box(0, 0, 1, 1)), broken)
    facts = caught.value.facts
    assert [facts[name] for name in ("layer", "count", "first", "labels")] == ["zones", 1, "broken", "broken"]


def test_an_unknown_measure_is_refused():
    with pytest.raises(ValueError, match="ellipsoid"):
        overlaps(frame(), frame(), area="square")


def star(count, radius, centre=(X, Y), seed=0):
    """A ragged ring of many vertices with a hole."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
    far = radius * (1 + 0.1 * np.sin(9 * turn)) + rng.normal(0, 0.3, count)
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    return shapely.Polygon(ring * far[:, None] + centre, [ring[::-1] * radius * 0.7 + centre])


def test_a_big_zone_is_cut_down_without_changing_a_result():
    zone = star(20_000, 3000)
    rng = np.random.default_rng(1)
    corners = rng.uniform(-3500, 3500, (400, 2)) + np.array([X, Y])
    parcels = frame(*[shapely.box(x, y, x + 120, y + 80) for x, y in corners])
    rows = overlaps(parcels, frame(zone), area="planar").set_index("parcel")["area_m2"]
    shapely.prepare(zone)
    want = shapely.area(shapely.intersection(parcels.geometry.to_numpy(), zone))
    assert np.flatnonzero(want > 0).tolist() == rows.index.tolist()
    assert rows.to_numpy() == pytest.approx(want[want > 0], abs=1e-6)


@pytest.mark.parametrize("many", [0, 10**9], ids=["cut down first", "whole"])
def test_a_zone_cut_down_to_each_parcel_gives_what_the_whole_zone_gives(many, monkeypatch):
    monkeypatch.setattr(shared, "MANY_SHAPES", many)
    monkeypatch.setattr(shared, "MANY_VERTICES", many)
    zone = star(3000, 400)
    parcels = frame(*(box(x, y, x + 30, y + 30) for x in range(-390, 390, 40) for y in range(-390, 390, 40)))
    want = {i: a for i, a in parcels.intersection(zone).area.items() if a > 0}
    rows = overlaps(parcels, frame(zone), area="planar")
    assert rows["parcel"].tolist() == list(want)
    assert rows["area_m2"].tolist() == pytest.approx(list(want.values()), abs=1e-6)


def test_heights_and_measures_are_dropped():
    """A whole parcel is given back as it is, a part of one is made: both without heights."""
    zone = shapely.force_3d(box(-50, -50, 200, 60), 3.0)
    measured = shapely.from_wkt(
        "POLYGON M ((500000 3570070 1, 500009 3570070 1, 500009 3570079 1, 500000 3570070 1))"
    )
    parcels = frame(
        shapely.force_3d(box(0, 0, 10, 10), 7.0), shapely.force_3d(box(0, 50, 10, 70), 7.0), measured
    )
    for how in ("intersection", "difference"):
        pieces = overlaps(parcels, frame(zone), how=how).geometry
        assert len(pieces) == 2
        assert not (shapely.has_z(pieces) | shapely.has_m(pieces)).any()


def test_the_zones_of_the_caller_are_not_prepared_behind_his_back():
    zones = frame(box(50, 0, 500, 100), star(300, 150))
    overlaps(frame(box(0, 0, 100, 100)), zones)
    assert not shapely.is_prepared(zones.geometry.array).any()


def grid(step, size):
    return [box(x, y, x + size, y + size) for x in range(-1000, 1000, step) for y in range(-600, 600, step)]


@pytest.mark.parametrize("zones", [[], grid(80, 70)], ids=["one large zone", "many small ones"])
def test_threads_change_nothing(zones):
    parcels, zones = frame(*grid(50, 30)), frame(*(zones or [star(6000, 1000)]))
    one, many = overlaps(parcels, zones, workers=1), overlaps(parcels, zones, workers=4)
    assert len(one) > 100
    assert one.equals(many)


# lines, the outside, and other inputs ------------------------------------------------------------------------------


def two_lines():
    zones = frame(box(0, 0, 60, 100), box(40, 0, 100, 100), box(90, 0, 300, 100))
    return zones.assign(line=["red", "red", "farm"])


def test_land_under_two_zones_of_a_line_counts_once_and_rows_name_the_line():
    rows = overlaps(frame(box(0, 0, 100, 100), index=["p"]), two_lines(), by="line", area="planar")
    assert list(rows["zone"]) == ["red", "farm"]
    assert rows["area_m2"].tolist() == pytest.approx([10_000, 1000], abs=1e-3)


def test_the_difference_is_what_lies_outside_each_line():
    parcels = frame(box(0, 0, 100, 100), box(500, 0, 510, 10), index=["p", "q"])
    rows = overlaps(parcels, two_lines(), by="line", how="difference", area="planar")
    assert list(zip(rows["parcel"], rows["zone"], strict=True)) == [
        ("p", "farm"),
        ("q", "red"),
        ("q", "farm"),
    ]
    assert rows["area_m2"].tolist() == pytest.approx([9000, 100, 100], abs=1e-3)


def test_without_lines_the_difference_is_what_lies_outside_all_zones():
    rows = overlaps(frame(box(80, 0, 400, 100)), two_lines(), how="difference", area="planar")
    assert rows["zone"].tolist() == [None]
    assert rows["area_m2"].tolist() == pytest.approx([10_000], abs=1e-3)
    assert rows.geometry[0].equals(box(300, 0, 400, 100))


def test_inside_and_outside_a_line_are_the_parcel():
    parcels, zones = frame(box(5, 5, 200, 300)), frame(star(400, 150))
    sides = [overlaps(parcels, zones, how=how, area="planar") for how in ("intersection", "difference")]
    assert sum(side["area_m2"].sum() for side in sides) == pytest.approx(parcels.area.sum(), abs=1e-6)


def test_series_and_arrow_tables_do_as_well_as_frames():
    parcels, zones = frame(box(0, 0, 100, 100)), frame(box(50, 0, 500, 100)).assign(line="red")
    want = overlaps(parcels, zones)
    assert overlaps(parcels.geometry, zones.geometry).equals(want)
    tables = [pa.table(part.to_arrow(index=False)) for part in (parcels, zones)]
    assert overlaps(*tables).equals(want)
    assert overlaps(*tables, by="line")["zone"].tolist() == ["red"]


def test_an_arrow_table_without_a_crs_is_refused():
    tables = [pa.table(part.to_arrow(index=False)) for part in (frame(box(0, 0, 9, 9), crs=None), frame())]
    with pytest.raises(CRSError) as caught:
        overlaps(*tables)
    assert caught.value.key == "crs_missing"


def test_a_shape_across_the_antimeridian_is_refused():
    across = frame(shapely.box(-179.9, 0, 179.9, 1), crs=4326)
    with pytest.raises(GeometryError) as caught:
        overlaps(frame(shapely.box(0, 0, 1, 1), crs=4326), across)
    assert caught.value.key == "antimeridian"


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="intersection"):
        overlaps(frame(), frame(), how="union")


# union and encroachment ----------------------------------------------------------------------------------------------


def test_overlapping_zones_count_once():
    zones = frame(box(0, 0, 60, 100), box(40, 0, 100, 100), index=["a", "b"])
    got = encroachment(frame(box(0, 0, 100, 100), index=["p"]).geometry, zones.geometry)
    assert got.loc["p", "encroached_m2"] == pytest.approx(10_000, abs=1e-3)
    assert [zone for zone, _ in got.loc["p", "zones"]] == ["a", "b"]
    assert [area for _, area in got.loc["p", "zones"]] == pytest.approx([6000, 6000], abs=1e-3)


def test_a_parcel_that_is_not_touched_has_no_encroachment_and_no_zone():
    got = encroachment(frame(box(0, 0, 9, 9)).geometry, frame(box(50, 50, 60, 60)).geometry)
    assert got["encroached_m2"].tolist() == [0.0]
    assert got["zones"].tolist() == [()]
    assert got.geometry.isna().all()


def test_outside_the_zones_is_the_rest_of_the_parcel():
    parcels, zones = frame(box(0, 0, 100, 100)).geometry, frame(box(0, 0, 30, 100)).geometry
    got = encroachment(parcels, zones, breach="outside")
    assert got["encroached_m2"].tolist() == pytest.approx([7000], abs=1e-3)


def test_neighbours_are_joined_and_a_seam_of_half_a_millimetre_between_them_is_closed():
    parts = union_of(frame(box(0, 0, 50, 100), box(50.0005, 0, 100, 100)).geometry)
    assert len(parts) == 1
    assert shapely.get_num_interior_rings(parts[0]) == 0
    assert parts[0].area == pytest.approx(10_000, abs=0.1)


def test_a_lane_between_zones_stays_open():
    assert len(union_of(frame(box(0, 0, 50, 100), box(50.5, 0, 100, 100)).geometry)) == 2


def test_a_hole_in_a_zone_stays_a_hole():
    ring = box(0, 0, 100, 100).difference(box(40, 40, 60, 60))
    got = encroachment(frame(box(40, 40, 60, 60), box(30, 40, 60, 60)).geometry, frame(ring).geometry)
    assert got["encroached_m2"].tolist() == pytest.approx([0, 200], abs=1e-3)


@pytest.mark.parametrize("as_arrow", [False, True])
def test_a_column_of_lines_that_is_not_there_is_named_with_those_that_are(as_arrow):
    """Seen: KeyError: 'lin'."""
    parcels = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=4549)
    zones = gpd.GeoDataFrame({"line": ["a"]}, geometry=[shapely.box(5, 0, 15, 10)], crs=4549)
    given = pa.table(zones.to_arrow(index=False, geometry_encoding="WKB")) if as_arrow else zones

    with pytest.raises(LayerError, match="no column lin; they have line/geometry") as refused:
        overlaps(parcels, given, by="lin")
    assert "区块图层没有列 lin，现有：line/geometry" in refused.value.say("zh")
