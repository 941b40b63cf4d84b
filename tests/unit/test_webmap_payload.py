"""The binary block that carries shapes and values to the browser brings everything back as it was."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geopandas as gpd
import shapely
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

from landkit.errors import ExportError
from landkit.present.webmap import WORD_KEYS, Overlay, Parcels, Theme, block
from landkit.present.webmap.block import Block, as_text, from_grid, pack, to_grid, unpack
from landkit.present.webmap.prepare import pack_overlay, pack_parcels

METRES_PER_DEGREE = 111_320
WORDS = {key: key for key in WORD_KEYS}
RING = box(119.40, 32.40, 119.42, 32.42)
HOLED = Polygon(RING.exterior.coords, [box(119.405, 32.405, 119.41, 32.41).exterior.coords])
TWO_PARTS = MultiPolygon([box(119.50, 32.40, 119.51, 32.41), box(119.52, 32.40, 119.53, 32.41)])
NESTED = MultiPolygon([HOLED, box(119.406, 32.406, 119.409, 32.409)])


def there_and_back(shapes: list[object], *columns: pd.Series) -> Block:
    return unpack(pack(np.array(shapes, dtype=object), list(columns), {}))


def parcels(frame: gpd.GeoDataFrame, **more: object) -> Parcels:
    return Parcels(frame=frame, name="parcels", id_column="id", **more)


def frame(shapes: list[object], crs: str | None = "EPSG:4326", **columns: list[object]) -> gpd.GeoDataFrame:
    ids = [f"P{k}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=shapes, crs=crs)


@pytest.mark.parametrize("shape", [RING, HOLED, TWO_PARTS, NESTED], ids=["plain", "hole", "parts", "island"])
def test_an_area_comes_back_within_three_centimetres(shape):
    back = there_and_back([shape]).geometries[0]

    assert shapely.hausdorff_distance(back, shape) * METRES_PER_DEGREE < 0.03
    assert back.area == pytest.approx(shape.area, abs=shape.length * 0.03 / METRES_PER_DEGREE)
    assert shapely.get_num_coordinates(back) == shapely.get_num_coordinates(shape)


def test_lines_stay_lines_and_do_not_close():
    """A browser that closed them would draw an axis as an area."""
    one = LineString([(119.4, 32.4), (119.5, 32.45), (119.6, 32.4)])
    two = MultiLineString([[(119.4, 32.4), (119.5, 32.4)], [(119.4, 32.5), (119.5, 32.5)]])

    back = there_and_back([one, RING, two]).geometries

    assert [shape.geom_type for shape in back] == ["LineString", "Polygon", "MultiLineString"]
    assert shapely.hausdorff_distance(back[2], two) * METRES_PER_DEGREE < 0.03


def test_points_stay_points():
    many = MultiPoint([(119.4, 32.4), (119.5, 32.5)])

    back = there_and_back([Point(119.45, 32.45), RING, many]).geometries

    assert [shape.geom_type for shape in back] == ["Point", "Polygon", "MultiPoint"]
    assert shapely.hausdorff_distance(back[2], many) * METRES_PER_DEGREE < 0.03


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(10**6, 10**9)), min_size=1, max_size=60))
def test_places_that_come_again_are_stored_once_and_named_right(corners):
    """Every list of grid points comes back in order, however often a point returns."""
    degrees = from_grid(np.array(corners, np.int64))
    packed = pack(np.array([LineString([*degrees, degrees[0]])], dtype=object), [], {})

    block = unpack(packed)

    assert block.header["sections"][4][0] == len(set(corners))
    assert to_grid(shapely.get_coordinates(block.geometries[0])).tolist() == [
        list(one) for one in [*corners, corners[0]]
    ]


def test_neighbours_share_their_corners():
    """A grid of 20 x 20 lots has 441 corners, not 1600: the file of a coverage stays small."""
    lots = [box(119 + x / 100, 32 + y / 100, 119 + (x + 1) / 100, 32 + (y + 1) / 100)
            for x in range(20) for y in range(20)]  # fmt: skip

    sections = there_and_back(lots).header["sections"]

    assert (sections[3][0], sections[4][0]) == (1600, 441)


@pytest.mark.parametrize("step_m", [0.5, 3.0, 25.0])
def test_a_layer_that_must_not_leave_exactly_lies_on_a_grid_at_least_that_wide(step_m):
    """No vertex says more than the grid does; labels and first view rest on the same grid."""
    angle = np.linspace(0, 2 * np.pi, 90)
    lot = Polygon(np.c_[119.4 + 0.01 * np.cos(angle), 32.4 + 0.01 * np.sin(angle)])
    packed = pack_parcels(parcels(frame([lot]), coarse_m=step_m), words=WORDS, lang="zh")
    there = shapely.get_coordinates(unpack(packed.block).geometries[0])

    x = np.unique(to_grid(there)[:, 0])
    gaps_m = np.diff(x) * 40_075_017 / 2**30 * np.cos(np.radians(32.4))

    assert gaps_m.min() >= step_m * 0.99
    assert shapely.distance(shapely.points(there), lot.exterior).max() * METRES_PER_DEGREE < 2 * step_m
    assert packed.bounds == pytest.approx(tuple(shapely.MultiPoint(there).bounds), abs=1e-9)


def test_enterprises_as_points_and_roads_as_lines_take_themes_when_asked():
    shapes = [Point(119.4, 32.4), LineString([(119, 32), (120, 32)]), RING]

    packed = pack_parcels(parcels(frame(shapes), shapes=("area", "line", "point")), words=WORDS, lang="zh")

    assert (packed.rows, packed.undrawn) == (3, 0)


def test_grid_steps_are_finer_than_four_centimetres():
    points = np.array([[119.4, 32.4], [-179.9, -60.0], [0.0, 0.0]])

    assert np.abs(from_grid(to_grid(points)) - points).max() * METRES_PER_DEGREE < 0.02


@pytest.mark.parametrize(
    "values",
    [
        [1.5, np.nan, -2.25, 0.0],
        [0.1, 0.2, 0.3, 1234.567891],
        [1 / 3, np.pi, 1e-9, np.nan],
        [1e12, 5.0, np.inf, -np.inf],
        [np.nan, np.nan, np.nan, np.nan],
        [2**31 + 0.5, 2**53, -(2**53), 7.0],
    ],
    ids=["short", "six decimals", "irrational", "infinite", "all missing", "large"],
)
def test_numbers_come_back_exactly(values):
    """Classes are formed in the browser: a value that moved could cross a break."""
    back = there_and_back([RING] * 4, pd.Series(values)).columns[0](slice(None))

    np.testing.assert_array_equal(back, values)


@pytest.mark.parametrize("copies", [1, 40], ids=["as text", "as category"])
def test_texts_come_back_exactly_with_missing_apart_from_empty(copies):
    texts = [
        "永久基本农田",
        None,
        "",
        "a\nb\t'\"<img src=x onerror=1>",
        "𠮷㙍 emoji 🏭",
        "${x} `y` {{z}} \\",
    ] * copies

    back = there_and_back([RING] * len(texts), pd.Series(texts, dtype=object)).columns[0](slice(None))

    assert texts == back


def test_missing_of_every_kind_is_missing_and_whole_floats_read_as_whole():
    mixed = pd.Series(
        [None, np.nan, pd.NA, pd.NaT, 7.0, 7.25, True, pd.Timestamp("2026-11-22")], dtype=object
    )

    assert list(as_text(mixed)) == [None] * 4 + ["7", "7.25", "True", "2026-11-22"]


def test_no_rows_make_a_block_that_can_be_read():
    block = there_and_back([], pd.Series([], dtype=float), pd.Series([], dtype=object))

    assert block.header["rows"] == 0
    assert block.geometries == []


def test_rows_whose_rings_are_taken_some_at_a_time_make_the_same_block(monkeypatch):
    """Areas with holes, lines and points, in blocks of two rows and all at once."""
    ring = shapely.Point(119, 32).buffer(0.01)
    holed = ring.difference(shapely.Point(119, 32).buffer(0.002))
    shapes = np.array(
        [holed, LineString([(119, 32), (119.1, 32.1)]), Point(119, 32), ring, holed], dtype=object
    )
    whole = pack(shapes, [], {})
    monkeypatch.setattr(block, "ROWS_AT_ONCE", 2)
    assert pack(shapes, [], {}) == whole


def test_the_same_content_gives_the_same_bytes():
    first, second = (pack(np.array([HOLED]), [pd.Series([1.5])], {"name": "地块"}) for _ in range(2))

    assert first == second
    assert gzip.decompress(first)[:4] == b"LKP2"


def test_rows_without_drawable_geometry_are_counted_and_named():
    """Silence is never clear: what is not drawn must be said."""
    shapes = [RING, None, Polygon(), Point(119, 32), LineString([(119, 32), (120, 32)])]

    packed = pack_parcels(parcels(frame(shapes)), words=WORDS, lang="zh")

    assert (packed.rows, packed.undrawn) == (1, 4)
    assert unpack(packed.block).header["layer"]["undrawn"] == ["P1", "P2", "P3", "P4"]


def test_the_areas_of_a_collection_are_drawn():
    """Overlays of polygons leave collections with stray lines behind."""
    packed = pack_parcels(
        parcels(frame([GeometryCollection([RING, LineString([(119, 32), (120, 32)])])])),
        words=WORDS,
        lang="zh",
    )

    assert unpack(packed.block).geometries[0].area == pytest.approx(RING.area, rel=1e-4)


def test_values_stay_with_their_shapes_when_rows_are_reordered():
    shapes = [
        box(119 + k % 7 / 100, 32 + k % 5 / 100, 119.005 + k % 7 / 100, 32.005 + k % 5 / 100)
        for k in range(35)
    ]
    table = frame(shapes, west=[shape.bounds[0] for shape in shapes])

    block = unpack(pack_parcels(parcels(table, popup=(("west", "West"),)), words=WORDS, lang="zh").block)

    west = block.columns[block.header["layer"]["popup"][0][0]](slice(None))
    assert [shape.bounds[0] for shape in block.geometries] == pytest.approx(west, abs=1e-6)


def test_projected_data_land_where_they_belong():
    """EPSG:4549 is CGCS2000 on 120 degrees east; display is in WGS 84."""
    block = unpack(
        pack_parcels(
            parcels(frame([RING]).pipe(lambda f: f.to_crs("EPSG:4549"))), words=WORDS, lang="zh"
        ).block
    )

    assert shapely.hausdorff_distance(block.geometries[0], RING) * METRES_PER_DEGREE < 0.05


def test_simplified_overlays_stay_within_the_tolerance():
    zigzag = LineString([(500_000 + k, 3_580_000 + k % 2) for k in range(200)])
    overlay = Overlay(
        key="a", name="a", frame=frame([zigzag], crs="EPSG:4549"), colour="#112233", simplify_m=3
    )

    packed = unpack(pack_overlay(overlay, words=WORDS, lang="zh", place=0).block)

    assert shapely.get_num_coordinates(packed.geometries[0]) < 10


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (
            {"themes": (Theme(key="t", title="", column="nope", kind="number", colours=("#000000",)),)},
            "map_columns",
        ),
        (
            {"themes": (Theme(key="t", title="", column="id", kind="number", colours=("#000000",)),)},
            "map_not_numeric",
        ),
        (
            {
                "themes": (
                    Theme(key="t", title="", column="id", kind="number", breaks=(1,), colours=("#000000",)),
                )
            },
            "map_theme_colours",
        ),
        (
            {
                "themes": (
                    Theme(key="t", title="", column="id", kind="category", classes=(("a", "A", "red"),)),
                )
            },
            "map_colour",
        ),
        ({"popup": (("nope", "x"),)}, "map_columns"),
        ({"outline": "url(x)"}, "map_colour"),
    ],
    ids=["no column", "text as number", "colours", "colour name", "popup", "outline"],
)
def test_parcels_that_cannot_be_drawn_as_asked_are_refused(change, key):
    with pytest.raises(ExportError) as caught:
        pack_parcels(parcels(frame([RING]), **change), words=WORDS, lang="zh")

    assert caught.value.key == key


def test_a_layer_without_crs_is_refused():
    """A guessed coordinate system puts parcels in the sea."""
    with pytest.raises(ExportError) as caught:
        pack_parcels(parcels(frame([RING], crs=None)), words=WORDS, lang="zh")

    assert caught.value.key == "map_no_crs"


def test_categories_are_texts_like_any_other():
    kinds = pd.Series(["甲", None, "乙", "甲"], dtype="category").cat.set_categories(["乙", "丙", "甲"])

    assert as_text(kinds).tolist() == ["甲", None, "乙", "甲"]
    assert as_text(pd.Series([2, 1, 2]).astype("category")).tolist() == ["2", "1", "2"]


def test_a_sliver_that_crosses_itself_on_the_grid_is_read_back_as_what_the_browser_draws() -> None:
    """Found in a French town plan: a hole thinner than the grid's step has no ground left, or crosses its shell's other holes."""
    step = 360 / 2**30
    thin = [(0, 0), (40 * step, 0.2 * step), (20 * step, 0.9 * step), (3 * step, -0.4 * step)]
    crossed = [(0, 0), (9 * step, 9 * step), (9 * step, 0), (0, 9 * step)]
    shell = [(-1e-4, -1e-4), (1e-4, -1e-4), (1e-4, 1e-4), (-1e-4, 1e-4)]
    rows = np.array([shapely.Polygon(shell, [thin, crossed]), shapely.Polygon(thin)], dtype=object)

    block = there_and_back(rows)

    assert shapely.is_valid(block.geometries).all()
    assert block.geometries[0].area == pytest.approx(rows[0].area, rel=5e-3)
