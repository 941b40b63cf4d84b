"""What may be handed over as a layer in memory, and what is said of everything else."""

import pandas as pd
import pyarrow as pa
import pytest

import geopandas as gpd
import shapely

import landkit
from landkit.errors import CRSError, LayerError

SQUARE = shapely.box(500_000, 3_570_000, 500_100, 3_570_100)
ZONES = gpd.GeoDataFrame({"line": ["red"]}, geometry=[SQUARE], crs=4549)
PARCELS = gpd.GeoDataFrame(geometry=[SQUARE], index=["p7"], crs=4549)


def test_the_area_of_a_frame_is_that_of_its_active_geometry():
    """Seen: AttributeError: 'GeoDataFrame' object has no attribute 'array'."""
    frame = PARCELS.rename_geometry("shape").assign(geometry=0)

    assert landkit.area_m2(frame).equals(landkit.area_m2(PARCELS.geometry))
    assert list(landkit.area_m2(frame).index) == ["p7"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ([SQUARE], "list"),
        (None, "NoneType"),
        (SQUARE, "Polygon"),
        (pd.DataFrame({"geometry": [SQUARE]}), "DataFrame"),
        (pa.schema([]), "Schema"),
    ],
    ids=["list", "None", "shape", "DataFrame", "schema"],
)
def test_what_is_no_layer_is_named_with_what_would_be_one(given, kind):
    """Seen: AttributeError: 'list' object has no attribute 'geometry'."""
    with pytest.raises(
        LayerError, match=f"^parcels is a {kind} and no layer; give a GeoDataFrame"
    ) as refused:
        landkit.overlaps(given, ZONES)
    assert refused.value.say("zh").startswith(f"parcels 是 {kind}，不是图层")
    with pytest.raises(LayerError, match=r"^zones is a"):
        landkit.overlaps(PARCELS, given)
    with pytest.raises(LayerError, match=f"^geometry is a {kind} and no layer"):
        landkit.area_m2(given)


def test_a_frame_without_an_active_geometry_is_told_to_name_one():
    for call in (landkit.area_m2, lambda frame: landkit.overlaps(frame, ZONES)):
        with pytest.raises(LayerError, match=r"no active geometry column .*x.*set_geometry"):
            call(gpd.GeoDataFrame({"x": [1]}))


def test_the_area_of_coordinates_from_the_middle_of_the_earth_is_refused():
    """Seen: 9.6e11 m2 for a square of 100 m in EPSG:4978, whose axes are neither degrees nor a plane."""
    with pytest.raises(CRSError, match="EPSG:4978 is not projected"):
        landkit.area_m2(PARCELS.set_crs(4978, allow_override=True))


def test_a_frame_whose_crs_is_missing_is_told_of_set_crs():
    with pytest.raises(CRSError, match="set_crs of a frame"):
        landkit.area_m2(PARCELS.set_crs(None, allow_override=True))


def test_the_same_system_as_esri_writes_it_is_the_same():
    """Seen: "The two layers differ in coordinate system (EPSG:4549, EPSG:4549)"."""
    zones = ZONES.set_crs(PARCELS.crs.to_wkt("WKT1_ESRI"), allow_override=True)

    assert len(landkit.overlaps(PARCELS, zones)) == 1


def test_lines_named_by_days_keep_their_days():
    """Seen: raw numpy datetimes, which equal no Timestamp in a frame of objects."""
    day = pd.Timestamp("2024-06-30")
    zones = ZONES.assign(approved=[day])

    assert landkit.overlaps(PARCELS, zones, by="approved")["zone"].tolist() == [day]


def test_lines_named_by_categories_are_those_that_occur():
    zones = ZONES.assign(line=pd.Categorical(["red"], categories=["blue", "red"]))

    assert landkit.overlaps(PARCELS, zones, by="line")["zone"].tolist() == ["red"]


def test_two_columns_as_lines_are_refused_by_name():
    """Seen: TypeError: unhashable type: 'list'."""
    with pytest.raises(LayerError, match="they have line/geometry"):
        landkit.overlaps(PARCELS, ZONES, by=["line", "kind"])


def test_what_gives_arrow_as_a_stream_is_a_layer():
    """Seen: "parcels is a RecordBatchReader and no layer", which is what DuckDB's `.arrow()` gives."""
    rows = landkit.overlaps(PARCELS.reset_index(drop=True), ZONES, by="line")
    stream = PARCELS.to_arrow(index=False)

    assert landkit.overlaps(stream, ZONES.to_arrow(index=False), by="line").equals(rows)
    assert landkit.overlaps(pa.table(stream).to_reader(), ZONES, by="line").equals(rows)


def test_a_relation_of_duckdb_is_a_layer(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    PARCELS.to_parquet(tmp_path / "parcels.parquet", index=False)
    here = duckdb.connect()
    found = here.sql(f"select geometry as shape from '{tmp_path / 'parcels.parquet'}'")

    assert landkit.overlaps(found, ZONES)["area_m2"].tolist() == (
        landkit.overlaps(PARCELS, ZONES)["area_m2"].tolist()
    )


def test_a_reader_that_was_read_before_does_not_read_as_no_overlap():
    reader = pa.table(PARCELS.to_arrow(index=False)).to_reader()
    landkit.overlaps(reader, ZONES)

    with pytest.raises(LayerError, match=r"^Layer parcels: the reader gives no rows, perhaps .* read before"):
        landkit.overlaps(reader, ZONES)


@pytest.mark.parametrize("workers", [0, -1, 1.5, "2"])
def test_a_number_of_workers_that_is_none_is_refused(workers):
    """Seen: 0 and -1 were taken as if they said something."""
    with pytest.raises(ValueError, match=rf"^workers is {workers!r}; it must be a whole number from 1 up"):
        landkit.overlaps(PARCELS, ZONES, workers=workers)


def test_no_processes_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match=r"^cluster is 0; it must be a whole number .* 1 up"):
        landkit.stream_overlaps(tmp_path / "none.parquet", ZONES, to=tmp_path / "out", cluster=0)
    with pytest.raises(ValueError, match=r"^cluster is -1; it must be a whole number .* 1 up"):
        landkit.run(tmp_path / "none", to=tmp_path / "out", cluster=-1)
    assert not list(tmp_path.iterdir())


def test_an_unknown_way_is_repeated_with_those_that_are_known():
    with pytest.raises(ValueError, match="how is 'union'; it must be one of"):
        landkit.overlaps(PARCELS, ZONES, how="union")
    with pytest.raises(ValueError, match="area is 'mu'; it must be one of"):
        landkit.overlaps(PARCELS, ZONES, area="mu")


def test_a_stream_of_a_frame_is_sent_to_overlaps(tmp_path):
    """Seen: TypeError: expected str, bytes or os.PathLike object, not GeoDataFrame."""
    with pytest.raises(LayerError, match=r"parcels of a stream are a GeoDataFrame.*landkit.overlaps"):
        landkit.stream_overlaps(PARCELS, ZONES, to=tmp_path / "out")


def test_a_folder_of_parts_given_to_overlaps_is_sent_to_the_stream(tmp_path):
    """Seen: "The kind of sp1 is not supported"."""
    with pytest.raises(LayerError, match=r"is a folder and no layer.*stream_overlaps"):
        landkit.overlaps(tmp_path, ZONES)
