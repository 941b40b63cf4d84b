"""The pure Arrow function: what a cluster will call."""

import pickle

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import geopandas as gpd
import shapely
import shapely.affinity

import landkit
from landkit.errors import CRSError, GeometryError, LayerError
from landkit.overlay.kernel import pairs
from landkit.overlay.kernel.arrow import overlap_table, prepare_line, prepare_zones

CRS = 4549
X, Y = 500_000.0, 3_570_000.0


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def table(*shapes, crs=CRS, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(shapes), crs=crs))
    return pa.table(frame.to_arrow(index=False, geometry_encoding="WKB"))


def areas(rows):
    pairs = zip(rows["parcel"].to_pylist(), rows["zone"].to_pylist(), strict=True)
    return dict(zip(pairs, rows["area_m2"].to_pylist(), strict=True))


PARCELS = table(box(0, 0, 100, 100), box(200, 0, 300, 100), box(900, 0, 910, 10), name=["a", "b", "c"])
ZONES = table(box(-5, -5, 50, 105), box(40, -5, 400, 105), code=[7, 8])
LINE = prepare_zones(ZONES)
FRAME = gpd.GeoDataFrame.from_arrow(PARCELS)


def test_pairs_carry_the_labels_of_both_sides_and_their_area():
    rows = overlap_table(PARCELS, prepare_zones(ZONES, label="code"), label="name", area="planar")
    assert areas(rows) == pytest.approx({("a", 7): 5000, ("a", 8): 6000, ("b", 8): 10_000}, abs=1e-6)
    pieces = shapely.from_wkb(rows["geometry"].to_numpy(zero_copy_only=False))
    assert pieces[0].equals(box(0, 0, 50, 100))
    assert pieces[2].equals(box(200, 0, 300, 100))


def test_the_result_is_geoparquet_in_the_crs_of_the_parcels():
    rows = overlap_table(PARCELS, prepare_zones(ZONES))
    back = gpd.GeoDataFrame.from_arrow(rows)
    assert back.crs == gpd.GeoSeries([], crs=CRS).crs


def test_a_line_counts_land_under_two_zones_once():
    rows = overlap_table(PARCELS, prepare_line(ZONES, "redline"), label="name", area="planar")
    assert areas(rows) == pytest.approx({("a", "redline"): 10_000, ("b", "redline"): 10_000}, abs=1e-6)


def test_the_difference_is_what_lies_outside_and_what_meets_nothing_stays_whole():
    line = prepare_line(table(box(-5, -5, 30, 105), box(190, -5, 310, 105)), "farmland")
    rows = overlap_table(PARCELS, line, how="difference", label="name", area="planar")
    assert areas(rows) == pytest.approx({("a", "farmland"): 7000, ("c", "farmland"): 100}, abs=1e-6)
    pieces = shapely.from_wkb(rows["geometry"].to_numpy(zero_copy_only=False))
    assert shapely.area(pieces).tolist() == pytest.approx([7000, 100])


def test_batches_give_the_rows_of_the_whole():
    zones = prepare_zones(ZONES, label="code")
    whole = overlap_table(PARCELS, zones, label="name")
    parts = [overlap_table(batch, zones, label="name") for batch in PARCELS.to_batches(max_chunksize=1)]
    assert pa.concat_tables(parts).to_pydict() == whole.to_pydict()


@pytest.mark.parametrize("how", ["intersection", "difference"])
def test_zones_beside_all_parcels_change_no_byte_and_cost_no_walk(how, monkeypatch):
    """Small zones and one of many vertices, on every side and touching the corner of all parcels' box."""
    rng = np.random.default_rng(11)
    places = rng.uniform(-2000, 2000, (300, 2))
    beside = [box(x, y, x + 30, y + 20) for x, y in places if not (-40 < x < 920 and -40 < y < 110)]
    wide = shapely.Point(X + 9000, Y).buffer(100, quad_segs=6000)
    zones = table(
        *beside[:90], box(-5, -5, 50, 105), *beside[90:], box(40, -5, 400, 105), wide, box(910, 100, 950, 150)
    )
    walked = []
    monkeypatch.setattr(pairs, "walk", lambda *a, walk=pairs.walk: walked.append(a[1]) or walk(*a))
    rows = overlap_table(PARCELS, prepare_zones(zones), how=how)

    assert len(zones) > 200
    assert sorted(np.concatenate(walked)) == [90, len(beside) + 1, len(beside) + 3]
    met = rows.filter([zone in (90, len(beside) + 1) for zone in rows["zone"].to_pylist()])
    alone = overlap_table(PARCELS, prepare_zones(ZONES), how=how)
    assert met["geometry"].equals(alone["geometry"])
    assert met["area_m2"].equals(alone["area_m2"])
    apart = rows.num_rows - met.num_rows
    assert apart == (0 if how == "intersection" else len(PARCELS) * (len(zones) - 2))


def test_prepared_zones_can_be_sent_to_another_machine():
    zones = prepare_zones(ZONES, label="code")
    buffers = []
    sent = pickle.loads(
        pickle.dumps(zones, protocol=5, buffer_callback=buffers.append),
        buffers=[bytes(buffer) for buffer in buffers],
    )
    assert overlap_table(PARCELS, sent).equals(overlap_table(PARCELS, zones))


def test_a_batch_without_metadata_takes_the_crs_it_is_told():
    bare = PARCELS.replace_schema_metadata(None)
    bare = pa.table({"geometry": bare["geometry"].cast(pa.binary())})
    zones = prepare_zones(ZONES)
    with pytest.raises(CRSError, match="no coordinate system"):
        overlap_table(bare, zones)
    assert overlap_table(bare, zones, crs=f"EPSG:{CRS}").num_rows == 3


@pytest.mark.parametrize(("crs", "key"), [(4548, "crs_mismatch"), (4490, "layer_not_projected")])
def test_another_crs_is_refused(crs, key):
    with pytest.raises(CRSError) as caught:
        overlap_table(table(box(0, 0, 1, 1), crs=crs), prepare_zones(ZONES))
    assert caught.value.key == key


def test_a_parcel_that_crosses_itself_is_refused_by_its_label():
    bowtie = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    with pytest.raises(GeometryError) as caught:
        overlap_table(table(box(0, 0, 9, 9), bowtie, name=["ok", "bad"]), prepare_zones(ZONES), label="name")
    facts = caught.value.facts
    assert [facts[name] for name in ("layer", "count", "first", "labels")] == ["parcels", 1, "bad", "bad"]


def test_heights_are_dropped_on_reading():
    high = shapely.force_3d(box(0, 0, 100, 100), 12.5)
    rows = overlap_table(table(high), prepare_zones(ZONES))
    pieces = shapely.from_wkb(rows["geometry"].to_numpy(zero_copy_only=False))
    assert not shapely.has_z(pieces).any()
    assert rows["area_m2"].to_pylist() == pytest.approx([5000, 6000])


def test_without_geometry_the_same_rows_and_areas_come_back():
    zones = prepare_zones(ZONES)
    bare = overlap_table(PARCELS, zones, geometry=False)
    assert bare.column_names == ["parcel", "zone", "area_m2"]
    assert bare.equals(overlap_table(PARCELS, zones).drop_columns(["geometry"]).replace_schema_metadata(None))


@pytest.mark.parametrize("how", ["intersection", "difference"])
def test_areas_are_those_of_the_ellipsoid_unless_the_plane_is_asked_for(how):
    away = 120_000  # metres from the central meridian: 1 + (x / R)^2 = 1.00035
    parcels = table(shapely.affinity.translate(box(0, 0, 100, 100), away))
    line = prepare_line(table(shapely.affinity.translate(box(-5, -5, 30, 105), away)), "farmland")
    rows = overlap_table(parcels, line, how=how)
    pieces = gpd.GeoSeries.from_wkb(rows["geometry"].to_numpy(zero_copy_only=False), crs=CRS)
    assert rows["area_m2"].to_pylist() == landkit.area_m2(pieces).tolist()
    flat = overlap_table(parcels, line, how=how, area="planar", geometry=False)["area_m2"].to_pylist()
    assert flat == pytest.approx({"intersection": [3000], "difference": [7000]}[how], abs=1e-6)
    assert flat[0] / rows["area_m2"][0].as_py() == pytest.approx(1 + (away / 6.37e6) ** 2, abs=2e-6)


def test_another_way_to_measure_is_refused():
    with pytest.raises(ValueError, match="ellipsoid"):
        overlap_table(PARCELS, prepare_zones(ZONES), area="spherical")


def test_nothing_in_nothing_out():
    zones = prepare_zones(ZONES)
    empty = overlap_table(PARCELS.slice(0, 0), zones)
    assert empty.num_rows == 0
    assert empty.schema.equals(overlap_table(PARCELS, zones).schema)
    assert np.all([overlap_table(PARCELS, prepare_zones(ZONES.slice(0, 0))).num_rows == 0])


def test_a_table_that_does_not_say_where_its_shapes_are_is_refused_in_words():
    """Another name without metadata, a name that stands twice: for the pure function and for `overlaps` alike."""
    for odd in (
        pa.table({"name": PARCELS["name"], "shape": PARCELS["geometry"]}),
        PARCELS.rename_columns(["geometry", "geometry"]),
        PARCELS.drop_columns(["geometry"]).append_column("geometry", pa.array([1.0, 2.0, 3.0])),
    ):
        for ask in (overlap_table, prepare_zones, landkit.overlaps):
            with pytest.raises(LayerError) as caught:
                ask(odd) if ask is prepare_zones else ask(odd, ZONES if ask is landkit.overlaps else LINE)
            assert caught.value.key == "arrow_without_shapes"


@pytest.mark.parametrize(
    "geo", [b"junk", b"\xff", b"[1]", b'{"columns": 3}', b'{"columns": {"geometry": 4}}']
)
def test_metadata_that_make_no_sense_are_refused_in_words(geo):
    """Of the table and of the column: tables come from strangers."""
    at, kind = PARCELS.schema.get_field_index("geometry"), PARCELS["geometry"].type
    said = {b"ARROW:extension:name": b"geoarrow.wkb", b"ARROW:extension:metadata": geo}
    column = pa.field("geometry", kind, metadata=said)
    odd = [PARCELS.replace_schema_metadata({b"geo": geo})]
    if not geo.startswith(b"{"):
        odd.append(PARCELS.set_column(at, column, PARCELS["geometry"]).replace_schema_metadata(None))
    for table in odd:
        for ask in (overlap_table, landkit.overlaps):
            with pytest.raises(LayerError) as caught:
                ask(table, ZONES if ask is landkit.overlaps else LINE)
            assert caught.value.key == "arrow_metadata"


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_the_column_of_shapes_is_the_one_that_the_metadata_name(encoding):
    """As geopandas hands frames over, in both encodings, whatever the column is called."""
    frame = FRAME.rename_geometry("宗地图形").assign(geometry=b"a picture")
    named = pa.table(frame.to_arrow(index=False, geometry_encoding=encoding))

    assert overlap_table(named, LINE).equals(overlap_table(PARCELS, LINE))
    assert landkit.overlaps(named, ZONES).equals(landkit.overlaps(PARCELS, ZONES))


def test_the_column_of_shapes_is_the_primary_one_of_geoparquet(tmp_path):
    """Beside a second column of shapes, elsewhere, that is called geometry."""
    frame = FRAME.rename_geometry("outline")
    frame["geometry"] = frame.geometry.translate(1e5)
    frame.to_parquet(tmp_path / "two.parquet")
    read = parquet.read_table(tmp_path / "two.parquet")

    assert landkit.overlaps(read, ZONES)["area_m2"].tolist() == (
        landkit.overlaps(PARCELS, ZONES)["area_m2"].tolist()
    )
    assert len(read) == len(PARCELS)


def test_shapes_as_text_are_told_to_be_written_as_wkb():
    said = {"ARROW:extension:name": "geoarrow.wkt"}
    texts = pa.table(
        [pa.array(["POINT (1 1)"])], schema=pa.schema([pa.field("geom", pa.string(), metadata=said)])
    )

    with pytest.raises(LayerError, match=r"column geom are stored as geoarrow\.wkt, which cannot be read"):
        landkit.overlaps(texts, ZONES)


def test_an_unknown_coordinate_system_is_named():
    said = PARCELS.replace_schema_metadata({"geo": '{"columns": {"geometry": {"crs": "nonsense"}}}'})
    for ask in (overlap_table, landkit.overlaps):
        with pytest.raises(CRSError) as caught:
            ask(said, ZONES if ask is landkit.overlaps else LINE)
        assert (caught.value.key, caught.value.facts["crs"]) == ("crs_unknown", "nonsense")


def test_bytes_that_are_no_shape_are_a_row_that_cannot_be_used():
    shapes = PARCELS["geometry"].to_pylist()
    cut = PARCELS.set_column(
        1, PARCELS.schema.field("geometry"), pa.array([shapes[0], shapes[1][:20], shapes[2]])
    )
    for ask in (overlap_table, landkit.overlaps):
        with pytest.raises(GeometryError) as caught:
            ask(cut, ZONES if ask is landkit.overlaps else LINE)
        assert (caught.value.facts["count"], caught.value.facts["first"]) == (1, 1)
