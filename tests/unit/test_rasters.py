"""The intensity raster: exact shares, nothing gained or lost, missing is not zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geopandas as gpd
import rasterio
import shapely
from rasterio.io import MemoryFile

from landkit.errors import ExportError
from landkit.geometry import area_m2
from landkit.geometry.cells import Grid, cells_of_shapes, cover_cells
from landkit.present import rasters
from landkit.present.rasters import NODATA, grid_of, intensity_raster, stock_raster
from landkit.units import M2_PER_MU

COLUMN = "tax_wan_yuan_per_mu"


def parcels(shapes: list[shapely.Geometry | None], values: list[float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({COLUMN: values}, geometry=shapes, crs=4549)


def at(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(500_000 + x, 3_580_000 + y, 500_000 + x + width, 3_580_000 + y + height)


def opened(data: bytes) -> tuple[np.ndarray, dict[str, str], rasterio.DatasetReader]:
    with MemoryFile(data) as memory, memory.open() as source:
        return source.read(), {**source.tags(), **source.tags(ns="IMAGE_STRUCTURE")}, source


def test_a_half_covered_cell_has_half_the_value_and_says_so() -> None:
    """A 10 m cell half under a parcel of 6 wan yuan per mu, its neighbour under none."""
    frame = parcels([at(0, 0, 5, 10), at(20, 0, 10, 10)], [6.0, 4.0]).assign(area_m2=[50.0, 100.0])
    bands, _, _ = opened(intensity_raster(frame, COLUMN, cell_m=10, lang="zh"))

    np.testing.assert_allclose(bands[0], [[3.0, NODATA, 4.0]], rtol=1e-6)
    np.testing.assert_allclose(bands[1], [[0.5, NODATA, 1.0]], rtol=1e-6)


def test_the_cells_add_up_to_the_parcels() -> None:
    rng = np.random.default_rng(7)
    shapes = [
        shapely.Point(500_000 + x, 3_580_000 + y).buffer(r, quad_segs=3)
        for x, y, r in rng.uniform(20, 900, (200, 3)) / [1, 1, 9]
    ]
    shapes = [s.difference(s.centroid.buffer(5)) for s in shapes]
    frame = parcels(shapes, list(rng.uniform(-5, 60, 200)))
    bands, _, _ = opened(intensity_raster(frame, COLUMN, cell_m=10, lang="zh"))
    total = float((frame[COLUMN] * area_m2(frame.geometry)).sum())

    assert np.where(bands[0] == NODATA, 0, bands[0].astype(float)).sum() * 100 == pytest.approx(
        total, rel=1e-6
    )


def test_a_parcel_without_a_value_is_missing_and_one_with_zero_is_zero() -> None:
    """107."""
    frame = parcels([at(0, 0, 10, 10), at(10, 0, 10, 10), None], [np.nan, 0.0, 5.0])
    bands, tags, _ = opened(intensity_raster(frame, COLUMN, cell_m=10, lang="zh"))

    assert bands[0].tolist() == [[0.0]] or bands[0].tolist() == [[NODATA, 0.0]]
    assert tags["PARCELS_WITHOUT_VALUE"] == "2"


def test_parcels_without_any_value_give_a_raster_of_nothing() -> None:
    bands, _, _ = opened(
        intensity_raster(parcels([at(0, 0, 10, 10)], [np.nan]), COLUMN, cell_m=10, lang="en")
    )

    assert set(bands.ravel().tolist()) == {NODATA}


def test_the_file_is_cloud_optimised_and_says_what_it_holds() -> None:
    frame = parcels([at(0, 0, 6000, 6000)], [1.0])
    data = intensity_raster(
        frame, COLUMN, cell_m=10, lang="zh", tags={"AS_OF": "2026-11-01", "SYNTHETIC": "yes"}
    )
    with MemoryFile(data) as memory, memory.open() as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.descriptions[0] == "亩均税收"
        assert source.units[0] == "万元/亩"
        assert (source.tags()["SYNTHETIC"], source.tags()["AS_OF"]) == ("yes", "2026-11-01")
        assert source.crs.to_epsg() == 4549
        assert source.nodata == NODATA
        assert source.overviews(1)[0] == 2


def test_the_same_parcels_give_the_same_bytes() -> None:
    frame = parcels([at(3, 3, 1200, 900)], [2.0])

    assert intensity_raster(frame, COLUMN, cell_m=10, lang="zh") == intensity_raster(
        frame, COLUMN, cell_m=10, lang="zh"
    )


def test_too_many_cells_become_coarser_and_the_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "MOST_CELLS", 100)
    _, tags, source = opened(
        intensity_raster(parcels([at(0, 0, 300, 300)], [1.0]), COLUMN, cell_m=10, lang="zh")
    )

    assert (tags["CELL_M"], tags["CELL_M_ASKED"], source.res) == ("40", "10", (40.0, 40.0))


def test_coordinates_far_apart_are_refused() -> None:
    """A parcel at 0, 0 makes the box of all parcels larger than a province."""
    frame = parcels([at(0, 0, 10, 10), shapely.box(0, 0, 1, 1)], [1.0, 1.0])
    with pytest.raises(ExportError) as caught:
        intensity_raster(frame, COLUMN, cell_m=1, lang="zh")

    assert caught.value.key == "raster_too_large"


@pytest.mark.parametrize(
    ("frame", "cell", "key"),
    [
        (parcels([None], [1.0]), 10.0, "raster_no_geometry"),
        (parcels([at(0, 0, 9, 9)], [1.0]), 0.0, "raster_cell"),
        (parcels([at(0, 0, 9, 9)], [1.0]).to_crs(4490), 10.0, "raster_crs"),
    ],
)
def test_what_cannot_be_drawn_is_a_clear_error(frame: gpd.GeoDataFrame, cell: float, key: str) -> None:
    with pytest.raises(ExportError) as caught:
        intensity_raster(frame, COLUMN, cell_m=cell, lang="zh")

    assert caught.value.key == key


def by_shapely(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    share = np.zeros((grid.height, grid.width))
    for r in range(grid.height):
        for c in range(grid.width):
            left, top = grid.left + c * grid.cell_width, grid.top - r * grid.cell_width
            cell = shapely.box(left, top - grid.cell_width, left + grid.cell_width, top)
            share[r, c] = shape.intersection(cell).area / grid.cell_width**2
    return share


corner = st.floats(0.5, 39.5).map(lambda v: round(v, 3)) | st.sampled_from([10.0, 20.0, 30.0])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(corner, corner), min_size=3, max_size=7, unique=True))
def test_shares_equal_those_of_polygon_overlay(points: list[tuple[float, float]]) -> None:
    """A second opinion on random shapes, some with corners on the grid lines."""
    shape = shapely.MultiPoint(points).convex_hull
    if shape.geom_type != "Polygon" or shape.area < 0.01:
        return
    shape = shape.difference(shapely.affinity.scale(shape, 0.4, 0.4))
    shapes = np.array([shape], dtype=object)
    grid = grid_of(shapes, cell_m=10)
    total, share = cover_cells(shapes, grid, weights=np.array([3.0]))

    np.testing.assert_allclose(share, by_shapely(shape, grid), atol=1e-9)
    np.testing.assert_allclose(total[0], 3 * share, atol=1e-9)


def stock_frame(status: list[str], shapes: list[shapely.Geometry | None]) -> gpd.GeoDataFrame:
    land = area_m2(gpd.GeoSeries(shapes, crs=4549))
    return gpd.GeoDataFrame({"stock_status": status, "area_m2": land}, geometry=shapes, crs=4549)


def test_stock_in_the_cells_adds_up_to_the_stock_of_the_parcels() -> None:
    """Hectares per km2 x km2 of cell, summed over the file: 300 odd shapes on cells of 30 m, to 1e-9."""
    rng = np.random.default_rng(11)
    shapes = [
        shapely.Point(500_000 + x, 3_580_000 + y).buffer(r, quad_segs=2)
        for x, y, r in rng.uniform(60, 3000, (300, 3)) / [1, 1, 12]
    ]
    status = list(rng.choice(["confirmed", "candidate", "not_stock", "undecided"], 300))
    frame = stock_frame(status, shapes)
    bands, _, _ = opened(stock_raster(frame, cell_m=30, lang="zh"))
    held = np.where(bands == NODATA, 0, bands).sum(axis=(1, 2)) * 900 / 1e6

    for cells, name in zip(held, ("confirmed", "candidate"), strict=False):
        hectares = frame.loc[frame["stock_status"] == name, "area_m2"].sum() / 10_000
        assert cells == pytest.approx(hectares, rel=1e-9)


def test_land_without_stock_is_zero_and_undecided_land_is_without_data() -> None:
    """Cells of 100 m: one all confirmed, one half candidate, one no stock, one undecided."""
    shapes = [at(0, 0, 100, 100), at(100, 0, 50, 100), at(200, 0, 100, 100), at(300, 0, 100, 100)]
    frame = stock_frame(["confirmed", "candidate", "not_stock", "undecided"], shapes)
    frame["area_m2"] = shapely.area(shapes)
    bands, tags, _ = opened(stock_raster(frame, cell_m=100, lang="en"))

    np.testing.assert_allclose(bands[0], [[100, 0, 0, NODATA]], atol=1e-8)
    np.testing.assert_allclose(bands[1], [[0, 50, 0, NODATA]], atol=1e-8)
    np.testing.assert_allclose(bands[2], [[1, 0.5, 1, NODATA]], atol=1e-8)
    assert (tags["LAYOUT"], tags["PARCELS_UNDECIDED"]) == ("COG", "1")


def test_the_bands_of_stock_say_what_they_hold_and_in_which_unit() -> None:
    frame = stock_frame(["confirmed"], [at(0, 0, 100, 100)])
    with MemoryFile(stock_raster(frame, cell_m=100, lang="zh")) as memory, memory.open() as source:
        assert source.units == ("公顷/平方公里", "公顷/平方公里", None)
        assert source.descriptions == (
            "已认定存量用地密度",
            "存量候选用地密度",
            "已判定地块的面积占像元的比例",
        )
        assert source.dtypes == ("float64",) * 3


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(corner, corner), min_size=3, max_size=6, unique=True), min_size=1, max_size=4)
)
def test_each_shape_has_the_cells_that_it_covers(corners: list[list[tuple[float, float]]]) -> None:
    """Shape by shape against polygon overlay, in cells that are not square; some have holes or two parts."""
    hulls = [shapely.MultiPoint(points).convex_hull for points in corners]
    shapes = [h.difference(shapely.affinity.scale(h, 0.4, 0.4)) for h in hulls if h.geom_type == "Polygon"]
    shapes = np.array([*shapes, shapely.union_all(shapes), None], dtype=object)
    grid = Grid(0, 45, 10, 7.5, 5, 6)
    found = {
        (int(s), int(r), int(c)): share
        for cells in cells_of_shapes(shapes, grid)
        for s, r, c, share in zip(cells.shape, cells.row, cells.column, cells.share, strict=True)
    }

    for at_shape, shape in enumerate(shapes[:-1]):
        for row, column in np.ndindex(grid.height, grid.width):
            cell = shapely.box(column * 10, 45 - row * 7.5 - 7.5, column * 10 + 10, 45 - row * 7.5)
            share = shape.intersection(cell).area / 75
            assert found.pop((at_shape, row, column), 0.0) == pytest.approx(share, abs=2e-9)
    assert not found


def test_a_wrong_raster_would_be_noticed() -> None:
    """Negative control: sampling at cell centres, which loses what the exact shares keep."""
    shape = at(0, 0, 14, 14)
    grid = grid_of(np.array([shape], dtype=object), cell_m=10)
    centres = [
        shapely.Point(grid.left + 5 + 10 * c, grid.top - 5 - 10 * r)
        for r in range(grid.height)
        for c in range(grid.width)
    ]
    sampled = sum(shape.contains(p) for p in centres) * 100
    _, share = cover_cells(np.array([shape], dtype=object), grid, weights=np.ones(1))

    assert share.sum() * 100 == pytest.approx(196)
    assert sampled != pytest.approx(196, rel=0.001)
    assert pytest.approx(666.6667, rel=1e-6) == M2_PER_MU
