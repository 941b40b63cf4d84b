"""Area and repair, on shapes a person can check; the official test vectors and laws are in property/test_area.py."""

import numpy as np
import pytest
from builders import box, polygons, square

import geopandas as gpd
import shapely

from landkit.errors import CRSError
from landkit.geometry import area_m2, mean_width_m, planar_area_m2, polygons_of, repair_structure


def test_a_hole_is_taken_away():
    """An urban development boundary has holes (天窗); counting them in would overstate it."""
    whole, hole = square(0, 0), box(40, 40, 60, 60)
    areas = area_m2(polygons(whole, hole, whole.difference(hole)))
    assert areas[2] == pytest.approx(areas[0] - areas[1], abs=1e-6)


@pytest.mark.parametrize("turn", [False, True])
def test_the_direction_of_a_ring_does_not_matter(turn):
    """Shapefiles turn one way, GeoJSON the other; a hole may turn like its shell."""
    shape = square(0, 0).difference(box(40, 40, 60, 60))
    turned = shapely.Polygon(
        shape.exterior.coords[:: -1 if turn else 1], [r.coords[::-1] for r in shape.interiors]
    )
    assert area_m2(polygons(turned))[0] == pytest.approx(area_m2(polygons(shape))[0], abs=1e-6)


def test_a_multipolygon_has_the_area_of_its_parts():
    """Regression: shapely.get_rings passes multipolygons over, and a park of several parts (一区多园) had no area."""
    parts = [square(0, 0), square(300, 0).difference(box(340, 40, 360, 60)), square(0, 300)]
    alone = area_m2(polygons(*parts))
    together = area_m2(polygons(shapely.MultiPolygon(parts)))
    assert together[0] == pytest.approx(alone.sum(), abs=1e-6)
    assert together[0] > 29_000


def test_a_mixed_column_gives_each_row_its_own_area():
    """Rows must not borrow rings from their neighbours where some have parts, some holes, and some nothing."""
    shapes = [
        square(0, 0), None, shapely.MultiPolygon([square(0, 0), square(300, 0)]), shapely.Polygon(),
        square(0, 0).difference(box(40, 40, 60, 60)), square(0, 0),
    ]  # fmt: skip
    areas = area_m2(polygons(*shapes, index="abcdef"))
    alone = [area_m2(polygons(s))[0] for s in shapes]
    assert list(areas.index) == list("abcdef")
    assert areas.tolist() == pytest.approx(alone, abs=1e-6, nan_ok=True)
    assert areas["a"] == pytest.approx(areas["f"], abs=1e-6)


def test_an_empty_part_of_a_multipolygon_adds_nothing():
    """Some editors leave an empty part behind."""
    shape = shapely.MultiPolygon([square(0, 0), shapely.Polygon()])
    areas = area_m2(polygons(shape, square(300, 0)))
    assert areas.tolist() == pytest.approx(area_m2(polygons(square(0, 0), square(300, 0))).tolist(), abs=1e-6)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Polygon(),
        shapely.MultiPolygon(),
        shapely.Point(450_000, 3_580_000),
        shapely.LineString([(450_000, 3_580_000), (450_100, 3_580_000)]),
        shapely.Polygon(
            [(450_000, 3_580_000), (450_100, 3_580_100), (450_100, 3_580_000), (450_000, 3_580_100)]
        ),
        shapely.GeometryCollection([square(0, 0)]),
    ],
    ids=["null", "empty", "empty_multi", "point", "line", "bow_tie", "collection"],
)
def test_what_has_no_area_is_missing_and_not_zero(shape):
    """0 m2 would be summed and divided by; NaN is seen."""
    area = area_m2(polygons(shape, square(0, 0)))
    assert np.isnan(area[0])
    assert area[1] == pytest.approx(10_000, abs=1)


def test_no_rows_have_no_areas():
    """An empty layer is no accident here."""
    assert area_m2(polygons()).empty


def test_height_changes_nothing():
    """CAD exports carry z."""
    flat, high = square(0, 0), shapely.force_3d(square(0, 0), 12.0)
    assert area_m2(polygons(high))[0] == area_m2(polygons(flat))[0]


def test_without_a_coordinate_system_nothing_is_measured():
    """A guess between EPSG:4549 and 4528 would be silent."""
    with pytest.raises(CRSError) as caught:
        area_m2(gpd.GeoSeries([square(0, 0)], name="parcels"))
    assert caught.value.layer == "parcels"
    with pytest.raises(CRSError):
        planar_area_m2(gpd.GeoSeries([square(0, 0)]))


def test_planar_area_is_refused_in_degrees():
    """Square degrees are not an area."""
    with pytest.raises(CRSError):
        planar_area_m2(gpd.GeoSeries([shapely.box(119, 32, 119.1, 32.1)], crs=4490))


def test_planar_area_is_in_square_metres_whatever_the_unit_of_the_system():
    """A US survey foot system (EPSG:2277, Austin) gives square feet unless they are converted."""
    [area] = planar_area_m2(gpd.GeoSeries([shapely.box(0, 0, 100, 100)], crs=2277))
    assert area == pytest.approx(10_000 * (1200 / 3937) ** 2)


def test_each_layer_is_measured_on_the_ellipsoid_of_its_own_datum():
    """NAD83 (GRS 1980), Lambert-93 (GRS 1980) and Xian 1980 (IAG 1975) differ from each other and from a sphere."""
    from pyproj import CRS, Geod

    for code, (x, y) in {
        2277: (3_100_000, 10_070_000),
        2154: (650_000, 6_860_000),
        2385: (450_000, 3_580_000),
    }.items():
        crs = CRS.from_epsg(code)
        step = 1000 / crs.axis_info[0].unit_conversion_factor
        cell = shapely.segmentize(shapely.box(x, y, x + step, y + step), step / 100)
        lonlat = gpd.GeoSeries([cell], crs=crs).to_crs(crs.geodetic_crs)[0]
        geod = Geod(a=crs.ellipsoid.semi_major_metre, b=crs.ellipsoid.semi_minor_metre)
        expected = abs(geod.geometry_area_perimeter(lonlat)[0])
        assert area_m2(gpd.GeoSeries([cell], crs=crs))[0] == pytest.approx(expected, abs=0.01), code


def test_the_same_degrees_have_another_area_on_another_ellipsoid():
    """Mixing the constants of CGCS2000 and Xian 1980 is a bug seen in public code (domain.md 7.5)."""
    cell = shapely.box(119, 32, 119.1, 32.1)
    cgcs, xian = (area_m2(gpd.GeoSeries([cell], crs=code))[0] for code in (4490, 4610))
    assert abs(cgcs - xian) > 10


def test_overlapping_parts_are_merged_and_nothing_is_cut_away():
    """ecosystem.md 0.13: two 6 x 6 parts sharing 3 x 3 cover 63; linework leaves 54, and 72 counts the overlap twice."""
    shape = shapely.MultiPolygon([shapely.box(0, 0, 6, 6), shapely.box(3, 3, 9, 9)])
    [mended] = repair_structure(polygons(shape))
    assert mended.is_valid
    assert mended.area == 63
    assert shapely.make_valid(shape).area != 63  # the linework method, which the package must not use


def test_repair_leaves_valid_shapes_as_they_are_and_keeps_index_and_crs():
    """A repair that touches sound land would have to be explained to its owner."""
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    series = polygons(square(0, 0), bow, None, index=["a", "b", "c"])
    mended = repair_structure(series)
    assert mended["a"].equals_exact(square(0, 0))
    assert mended["b"].is_valid
    assert mended["c"] is None
    assert list(mended.index) == ["a", "b", "c"]
    assert mended.crs == series.crs
    assert not series["b"].is_valid  # the caller's own shapes are not changed


def test_a_spike_that_collapses_leaves_only_land():
    """Lines and points that fall out are no land."""
    spiked = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10)])
    [mended] = repair_structure(polygons(spiked))
    assert mended.geom_type in ("Polygon", "MultiPolygon")
    assert mended.area == 100


def test_only_the_areal_part_of_a_collection_counts():
    """Intersections give collections; a line has no land."""
    both = shapely.GeometryCollection([square(0, 0), shapely.LineString([(0, 0), (1, 1)])])
    assert polygons_of(both).equals(square(0, 0))
    assert polygons_of(shapely.GeometryCollection([shapely.Point(0, 0)])) is None
    assert polygons_of(None) is None


def test_mean_width_is_the_width_of_a_long_strip():
    """2A/P of a 1000 m x 2 m strip is 2 m less 2 in 1000: slivers are told by width, not by area."""
    widths = mean_width_m(polygons(box(0, 0, 1000, 2), None))
    assert widths[0] == pytest.approx(2 * 2000 / 2004)
    assert np.isnan(widths[1])
