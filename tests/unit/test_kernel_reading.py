"""What the kernel lets in: plain polygons at once, odd ones by way of GEOS, broken ones not at all."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import pyproj
import shapely

from landkit.errors import GeometryError
from landkit.overlay import engine
from landkit.overlay.kernel import compiled
from landkit.overlay.kernel.polygons import fill_rows
from landkit.overlay.kernel.reading import Room, as_one, laid_out, read_layer, read_usable, wkb_from, wkb_of
from landkit.overlay.kernel.tree import along_curve
from landkit.overlay.kernel.valid import certainly_valid

SQUARE = shapely.box(0, 0, 10, 10)
RIM = shapely.Polygon(SQUARE.exterior, [shapely.box(2, 2, 4, 4).exterior])
PLAIN = shapely.to_wkb(SQUARE, byte_order=1)


def read(*rows):
    return read_layer(wkb_of(pa.array(rows, pa.binary())), "parcels")


def test_rows_read_by_one_thread_are_sure_though_those_before_them_are_not_read_yet():
    """Else a thread that is ahead takes the first of its rows to begin with the layer, and asks GEOS for nothing."""
    wkb = wkb_from(np.array([SQUARE, RIM, RIM, SQUARE]))
    layer, sure = laid_out(wkb, np.array([0, 1, 3, 5, 6]), np.array([0, 5, 15, 25, 30]), 1, Room())
    assert sure.all()
    layer.polygons.ring_start[:], sure[:] = 0, False
    raw = layer.polygons.xy.reshape(-1).view(np.uint8)
    fill_rows(wkb.data, wkb.start, raw, layer.polygons, 2, 4, np.array([0, 5, 15, 25, 30]))
    certainly_valid(layer.polygons, 2, 4, sure)
    assert sure.tolist() == [False, False, True, True]


def test_rings_are_turned_so_that_inside_is_on_the_left():
    wrong_way = shapely.Polygon(RIM.exterior.reverse(), [RIM.interiors[0].reverse()])
    for shape in (RIM, wrong_way):
        polygons = read(shapely.to_wkb(shape)).polygons
        assert polygons.area.tolist() == [96.0]
        shell, hole = shapely.linearrings(polygons.xy[:5]), shapely.linearrings(polygons.xy[5:])
        assert (shapely.is_ccw(shell), shapely.is_ccw(hole)) == (True, False)


@pytest.mark.parametrize(
    "odd",
    [
        shapely.to_wkb(SQUARE, byte_order=0),
        shapely.to_wkb(shapely.set_srid(SQUARE, 4549), include_srid=True),
        shapely.to_wkb(shapely.force_3d(SQUARE, 7.0)),
        shapely.to_wkb(shapely.multipolygons([SQUARE, shapely.Polygon()])),
        shapely.to_wkb(shapely.from_wkt("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), EMPTY)")),
    ],
    ids=["big-endian", "with SRID", "with heights", "with an empty part", "with an empty hole"],
)
def test_what_is_not_plain_is_read_like_the_plain(odd):
    layer = read(PLAIN, odd, PLAIN)
    assert layer.polygons.area.tolist() == [100.0] * 3
    assert shapely.equals(layer.wkb.rows(np.arange(3)), SQUARE).all()
    assert not shapely.has_z(layer.wkb.rows(np.arange(3))).any()


UNCLOSED = bytearray(PLAIN)
UNCLOSED[-16:-8] = np.array([9.0]).tobytes()
BROKEN = {
    "null": None,
    "cut short": PLAIN[:-20],
    "no bytes": b"",
    "not closed": bytes(UNCLOSED),
    "a point": shapely.to_wkb(shapely.Point(1, 1)),
    "empty": shapely.to_wkb(shapely.Polygon()),
    "crosses itself": shapely.to_wkb(shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])),
    "a spike": shapely.to_wkb(shapely.Polygon([(0, 0), (9, 0), (9, 9), (9, 20), (9, 9), (0, 9)])),
    "hole outside": shapely.to_wkb(shapely.Polygon(SQUARE.exterior, [shapely.box(20, 20, 30, 30).exterior])),
    "hole in a hole": shapely.to_wkb(
        shapely.Polygon(SQUARE.exterior, [shapely.box(*b).exterior for b in ((1, 1, 9, 9), (3, 3, 4, 4))])
    ),
    "part in a part": shapely.to_wkb(shapely.multipolygons([SQUARE, shapely.box(1, 1, 2, 2)])),
    "hole in the other part": shapely.to_wkb(
        shapely.multipolygons(
            [
                SQUARE,
                shapely.Polygon(shapely.box(20, 0, 30, 10).exterior, [shapely.box(2, 2, 4, 4).exterior]),
            ]
        )
    ),
    "not a number": PLAIN[:29] + np.array([np.nan]).tobytes() + PLAIN[37:],
    "nowhere": shapely.to_wkb(shapely.box(0, 0, 1e17, 1e17)),
}


@pytest.mark.parametrize("bad", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_refused_and_named(bad):
    with pytest.raises(GeometryError) as caught:
        read(PLAIN, bad)
    facts = caught.value.facts
    assert [facts[name] for name in ("layer", "count", "first", "labels")] == ["parcels", 1, 1, "1"]


def test_the_usable_rows_among_broken_and_odd_ones_are_read_as_if_they_stood_alone():
    high = shapely.to_wkb(shapely.force_3d(RIM, 3.0))
    rows = [PLAIN, *BROKEN.values(), high, PLAIN]
    good, layer = read_usable(wkb_of(pa.array(rows, pa.binary())))
    assert good.tolist() == [0, len(rows) - 2, len(rows) - 1]
    assert layer.polygons.area.tolist() == [100.0, 96.0, 100.0]
    assert shapely.equals(layer.wkb.rows(np.arange(3)), [SQUARE, RIM, SQUARE]).all()


def test_nothing_usable_is_an_empty_layer():
    good, layer = read_usable(wkb_from(np.array([None, shapely.Point(1, 1)])))
    assert (len(good), len(layer)) == (0, 0)


def test_polygons_taken_as_one_are_its_parts_those_of_many_parts_too():
    many = shapely.multipolygons([shapely.box(20, 0, 30, 10), shapely.box(40, 0, 50, 10)])
    one = as_one(read_layer(wkb_from(np.array([RIM, many, SQUARE])), "zones"))
    shape = one.wkb.rows(np.array([0]))[0]
    assert shapely.to_wkb(shape) == shapely.to_wkb(shapely.multipolygons([RIM, *many.geoms, SQUARE]))
    assert (len(one), one.polygons.area[0]) == (1, 96.0 + 200.0 + 100.0)


def test_rings_that_touch_in_a_point_are_valid_and_let_in():
    touching = shapely.Polygon(SQUARE.exterior, [[(0, 0), (2, 4), (4, 2)]])
    assert shapely.is_valid(touching)
    assert read(shapely.to_wkb(touching)).polygons.area[0] == pytest.approx(touching.area)


def test_a_column_in_several_pieces_or_wide_is_read_like_one():
    pieces = pa.chunked_array([pa.array([PLAIN]), pa.array([shapely.to_wkb(RIM)])])
    for column in (pieces, pieces.cast(pa.large_binary()), pieces.combine_chunks().slice(0)):
        assert read_layer(wkb_of(column), "parcels").polygons.area.tolist() == [100.0, 96.0]
    assert read_layer(wkb_of(pieces.slice(1)), "parcels").polygons.area.tolist() == [96.0]


def test_bytes_from_files_and_from_frames_are_of_one_kind_so_that_loops_are_compiled_once(tmp_path):
    """A file's column is memory that Arrow may write to, a mapped one is not: numba would compile every loop for each."""
    parquet.write_table(pa.table({"geometry": pa.array([PLAIN] * 3)}), tmp_path / "parcels.parquet")
    from_file = wkb_of(parquet.read_table(tmp_path / "parcels.parquet")["geometry"])
    from_frame = wkb_from(np.array([SQUARE]))
    assert not from_file.data.flags.writeable
    assert not from_frame.data.flags.writeable


# which engine ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crs", "pays"), [("EPSG:4549", True), ("EPSG:4490", False), ("EPSG:2249", False), (None, True)]
)
def test_the_kernel_does_large_jobs_in_metres(crs, pays):
    many = np.array([SQUARE] * engine.KERNEL_FROM_PARCELS)
    known = None if crs is None else pyproj.CRS(crs)
    assert engine.kernel_pays(many, many[:1], known) is pays
    assert not engine.kernel_pays(many[:9], many[:1], known)


def test_single_pairs_are_left_to_geos_where_loading_the_kernel_would_cost_more_than_it_saves():
    many = np.array([SQUARE] * (engine.PAIRS_FROM_TIMES * engine.KERNEL_FROM_PARCELS))
    turn = np.linspace(0, 2 * np.pi, 200_000)
    ring = shapely.Polygon(np.stack([np.cos(turn), np.sin(turn)], axis=1))
    assert engine.kernel_pays(many[:60_000], many[:1], None)
    assert not engine.kernel_pays_for_pairs(many[:60_000], many[:1], None)
    assert engine.kernel_pays_for_pairs(many, many[:1], None)
    assert engine.kernel_pays_for_pairs(many[:100_000], np.array([ring]), None)
    assert not engine.kernel_pays_for_pairs(many[:9], np.array([ring]), None)


@pytest.mark.parametrize("rows", [[], [1], [0, 1, 2, 3, 4], [4, 3, 2, 2, 0]])
def test_rows_known_to_be_valid_are_made_into_the_same_shapes_byte_for_byte(rows):
    """Of one ring, either way round; of several rings; of many parts, one of which has a hole."""
    shapes = np.array(
        [SQUARE, SQUARE.reverse(), RIM, shapely.MultiPolygon([RIM, shapely.box(500, 0, 600, 9)]), SQUARE]
    )
    wkb = wkb_from(shapes)
    made = wkb.valid_rows(np.array(rows, dtype=np.int64))
    assert shapely.to_wkb(made).tolist() == shapely.to_wkb(wkb.rows(np.array(rows, dtype=np.int64))).tolist()
    assert shapely.equals_exact(made, shapes[rows]).all()


def test_without_numba_geos_does_everything(monkeypatch):
    monkeypatch.setattr(engine, "numba_is_there", lambda: False)
    many = np.array([SQUARE] * engine.KERNEL_FROM_PARCELS)
    assert not engine.kernel_pays(many, many[:1], None)


def test_machine_code_is_kept_where_the_user_says_and_a_folder_that_cannot_be_is_passed_over(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("LANDKIT_CACHE", str(tmp_path / "cache"))
    assert compiled._cache_folder().parent == tmp_path / "cache"
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LANDKIT_CACHE", str(tmp_path / "file"))
    assert compiled._cache_folder().parent != tmp_path / "file"


def test_machine_code_is_not_loaded_from_a_folder_that_others_may_write(tmp_path):
    """A folder in /tmp whose name can be guessed could have been filled by somebody else."""
    mine, shared = tmp_path / "mine", tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)

    assert compiled.is_own(mine)
    assert not compiled.is_own(shared)


def test_along_the_curve_each_quarter_is_left_before_the_next_is_entered():
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(8.0), np.arange(8.0)))
    order = along_curve(np.stack([x, y, x + 1, y + 1], axis=1))
    step = np.hypot(np.diff(x[order]), np.diff(y[order]))
    quarter = (x[order] >= 4) * 2 + (y[order] >= 4)
    assert sorted(order.tolist()) == list(range(64))
    assert step.max() == 1
    assert np.count_nonzero(np.diff(quarter)) == 3


def test_boxes_in_one_place_keep_their_order():
    assert along_curve(np.tile([5.0, 5.0, 6.0, 6.0], (20, 1))).tolist() == list(range(20))
