"""Pieces measured from their bytes have the ellipsoidal area that shapes have, whatever they are and wherever they lie."""

import warnings

import numpy as np
import pytest
from rings import everything

import geopandas as gpd
import pyproj
import shapely

from landkit.geometry import area_m2, repair_structure
from landkit.overlay.kernel import measuring
from landkit.overlay.kernel.measuring import pieces_m2, sizes_of
from landkit.overlay.kernel.reading import wkb_from
from landkit.overlay.verdict.pieces import measure_pieces

CITY = (437_000.0, 3_583_000.0)
BOWTIE = shapely.Polygon([(0, 0), (50, 50), (50, 0), (0, 40)])


def in_pieces(shapes, crs, workers=1):
    return pieces_m2(wkb_from(shapes), pyproj.CRS(crs).to_wkt(), workers)


def as_shapes(shapes, crs):
    return area_m2(repair_structure(gpd.GeoSeries(shapes, crs=crs))).to_numpy()


@pytest.fixture
def asked(monkeypatch):
    """How many pieces were made into shapes."""
    count = [0]
    inner = measuring.measured_m2

    def counted(shapes, *rest):
        count[0] += len(shapes)
        return inner(shapes, *rest)

    monkeypatch.setattr(measuring, "measured_m2", counted)
    return count


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:32650", "EPSG:2154", "EPSG:3857"])
@pytest.mark.parametrize("workers", [1, 2])
def test_every_kind_of_piece_has_the_area_of_its_shape(crs, workers):
    shapes = everything(np.random.default_rng(7), 1_500, origin=CITY)
    parts = shapely.affinity.translate(shapes[0], 4_000, 9_000)
    shapes[:2] = shapely.multipolygons([shapes[0], parts]), shapely.transform(BOWTIE, lambda xy: xy + CITY)
    found, expected = in_pieces(shapes, crs, workers), as_shapes(shapes, crs)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_on_a_gauss_krueger_grid_valid_pieces_are_measured_without_shapes(asked):
    shapes = shapely.box(*np.repeat([[437_000.0], [3_583_000.0], [437_020.0], [3_583_030.0]], 500, axis=1))
    in_pieces(shapes, "EPSG:4549")
    assert asked == [0]


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(shapely.box(437_000, 3_583_000, 470_000, 3_590_000), id="too large for the series"),
        pytest.param(shapely.box(150_000, 3_583_000, 158_000, 3_590_000), id="too far from the meridian"),
        pytest.param(shapely.transform(BOWTIE, lambda xy: xy + CITY), id="not valid"),
    ],
)
def test_what_the_series_does_not_suit_and_what_is_not_valid_is_measured_as_a_shape(odd, asked):
    shapes = np.array([shapely.box(*CITY, CITY[0] + 9, CITY[1] + 9), odd])
    np.testing.assert_allclose(in_pieces(shapes, "EPSG:4549"), as_shapes(shapes, "EPSG:4549"), rtol=1e-12)
    assert asked == [1]


def test_a_part_that_does_not_suit_the_series_keeps_the_others_of_its_piece(asked):
    piece = shapely.MultiPolygon(
        [shapely.box(*CITY, CITY[0] + 9, CITY[1] + 9), shapely.box(700_000, 0, 730_000, 10)]
    )
    found, expected = in_pieces(np.array([piece]), "EPSG:4549"), as_shapes([piece], "EPSG:4549")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert asked == [1]


@pytest.mark.parametrize("workers", [1, 2])
def test_pieces_have_the_parts_and_widths_that_their_shapes_have(workers):
    shapes = everything(np.random.default_rng(8), 1_500, origin=CITY)
    shapes[::5] = [shapely.union(s, shapely.affinity.translate(s, 4_000, 9_000)) for s in shapes[::5]]
    shapes[1] = shapely.box(0, 0, 90, 90) - shapely.box(20, 20, 40, 70)
    sizes, found = (
        sizes_of(wkb_from(shapes), pyproj.CRS("EPSG:4549").to_wkt(), workers),
        measure_pieces(shapes),
    )
    assert (found.parts > 1).sum() >= 300
    np.testing.assert_array_equal(sizes.parts, found.parts)
    np.testing.assert_allclose(sizes.width_m, found.width_m, rtol=1e-9)
    np.testing.assert_allclose(sizes.widest_m, found.widest_m, rtol=1e-9)
    np.testing.assert_allclose(sizes.m2, as_shapes(shapes, "EPSG:4549"), rtol=1e-12)


def test_no_pieces_have_no_area():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert in_pieces(np.array([], dtype=object), "EPSG:4549").shape == (0,)
        none = sizes_of(wkb_from(np.array([], dtype=object)), pyproj.CRS("EPSG:4549").to_wkt(), 1)
        assert [len(column) for column in none] == [0] * 4
