"""What `landkit overlaps` says of layers as they come: labels that tell nothing apart, shapes that are no ground."""

from __future__ import annotations

import functools
import json
import warnings

import pandas as pd
import pytest

import geopandas as gpd
import shapely

import landkit
from landkit.cli import main
from landkit.errors import CRSError, ExportError, GeometryError, LandkitWarning

CRS = "EPSG:4549"
X, Y = 437000.0, 3583000.0
BOWTIE = shapely.Polygon([(X, Y), (X + 5, Y + 5), (X + 5, Y), (X, Y + 5)])


def squares(count: int) -> list[shapely.Polygon]:
    return [shapely.box(X + 10 * k, Y, X + 10 * k + 9, Y + 9) for k in range(count)]


def layer(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(dict(columns), geometry=shapes, crs=CRS)


@pytest.fixture
def zones(tmp_path):
    layer([shapely.box(X, Y, X + 500, Y + 5)]).to_file(tmp_path / "redline.gpkg")
    return tmp_path / "redline.gpkg"


@pytest.fixture
def labelled(tmp_path):
    labels = ["A1", None, "A3", "A1", " ", "A3", "A3", "A8"]
    layer(squares(8), code=labels).to_file(tmp_path / "parcels.gpkg")
    return tmp_path / "parcels.gpkg"


def test_labels_that_are_empty_or_repeated_are_findings_and_their_rows_stay(labelled, zones, tmp_path):
    done = landkit.stream_overlaps(labelled, zones, to=tmp_path / "o", label="code")
    assert done.rows == 8
    told = [(f.layer, f.check, f.row, f.value) for f in done.findings]
    assert told == [("parcels.gpkg", "ids.missing", "2", "2"), ("parcels.gpkg", "ids.repeated", "A1", "2")]
    again = landkit.stream_overlaps(labelled, zones, to=tmp_path / "o", label="code")
    assert again.taken_over == 1
    assert again.findings == done.findings
    assert "第一个：A1" in done.describe("zh")
    assert not landkit.stream_overlaps(labelled, zones, to=tmp_path / "p").findings


def test_a_row_without_label_is_named_by_its_place_in_the_file_that_was_split(labelled, zones, tmp_path):
    landkit.split_parcels(labelled, to=tmp_path / "s", rows=3)
    done = landkit.stream_overlaps(tmp_path / "s", zones, to=tmp_path / "o", label="code")
    missing = [f for f in done.findings if f.check == "ids.missing"]
    assert [(f.row in ("2", "5"), f.value) for f in missing] == [(True, "2")]


def test_json_tells_of_labels_too(labelled, zones, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(
            ["overlaps", str(labelled), str(zones), "--to", str(tmp_path / "o"), "--label", "code", "--json"]
        )
    assert end.value.code == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [f["check"] for f in found] == ["ids.missing", "ids.repeated"]


@pytest.mark.parametrize("side", [0, 1])
def test_a_frame_whose_index_does_not_tell_its_rows_apart_is_warned_of(side):
    given = [layer(squares(3)), layer(squares(3))]
    given[side] = pd.concat([given[side], given[side]])
    with pytest.warns(LandkitWarning, match=r"3 labels that stand more than once \(the first: 0\)") as caught:
        assert len(landkit.overlaps(*given)) == 6
    assert caught[0].filename == __file__
    given[side] = layer(squares(3)).set_axis([1.0, None, 3.0])
    with pytest.warns(LandkitWarning, match="1 empty label .*position 1"):
        landkit.overlaps(*given)


def test_an_index_of_several_levels_that_tells_rows_apart_is_not_warned_of():
    two = layer(squares(2)).set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        landkit.overlaps(two, layer(squares(2)))


def refused(kind, parcels, zones, folder):
    """The error of parcels in memory, or of the same from a file."""
    parcels.to_parquet(folder / "parcels.parquet")
    stream = functools.partial(landkit.stream_overlaps, folder / "parcels.parquet", to=folder / "o")
    ask = stream if kind == "stream" else functools.partial(landkit.overlaps, parcels)
    with pytest.raises(GeometryError) as caught:
        ask(zones=zones)
    return caught.value


@pytest.mark.parametrize("kind", ["frame", "stream"])
def test_shapes_that_are_invalid_are_counted_named_and_a_way_out_is_told(kind, zones, tmp_path):
    parcels = layer([*squares(2), *[BOWTIE] * 7, None])
    error = refused(kind, parcels, zones, tmp_path)
    said = error.say("en")
    assert "8 in all (7 invalid, 1 without a shape; labels 2, 3, 4, 5, 6 …)" in said
    assert "landkit repair FOLDER --to MENDED" in said
    assert "7 个图形不合法、1 个没有图形" in error.say("zh")


def test_what_the_message_advises_mends_the_file(zones, tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    bent = shapely.Polygon([(X, Y), (X + 9, Y), (X + 9, Y + 9), (X, Y + 9), (X + 0.001, Y - 0.001)])
    layer([bent, *squares(3)[1:]], ZDDM=["1", "2", "3"]).to_file(folder / "parcels.gpkg")
    with pytest.raises(GeometryError):
        landkit.stream_overlaps(folder / "parcels.gpkg", zones, to=tmp_path / "o")
    for call in (["init", str(folder)], ["repair", str(folder), "--to", str(tmp_path / "mended")]):
        with pytest.raises(SystemExit) as end:
            main(call)
        assert end.value.code == 0
    assert landkit.stream_overlaps(tmp_path / "mended" / "parcels.gpkg", zones, to=tmp_path / "o").rows == 3


@pytest.mark.parametrize("kind", ["frame", "stream"])
def test_points_and_lines_are_told_that_polygons_are_needed(kind, zones, tmp_path):
    points = layer([shapely.Point(X, Y), shapely.LineString([(X, Y), (X + 1, Y)]), shapely.Point(X, Y)])
    error = refused(kind, points, zones, tmp_path)
    said = error.say("en")
    assert "2 points, 1 line;" in said
    assert "needs polygons" in said
    assert "make_valid" not in said
    assert "2 个点、1 个线" in error.say("zh")


def test_the_place_of_a_bad_parcel_is_that_in_the_file_in_every_group(zones, tmp_path, monkeypatch):
    monkeypatch.setattr("landkit.workflow.overlapping.PART_ROWS", 3)
    layer([*squares(5), BOWTIE]).to_file(tmp_path / "parcels.gpkg")
    with pytest.raises(GeometryError, match="labels 5"):
        landkit.stream_overlaps(tmp_path / "parcels.gpkg", zones, to=tmp_path / "o")


def test_messages_call_a_layer_by_the_name_of_its_file(labelled, zones, tmp_path):
    gpd.read_file(zones).to_crs("EPSG:4490").to_file(tmp_path / "degrees.gpkg")
    with pytest.raises(CRSError, match=r"degrees\.gpkg"):
        landkit.stream_overlaps(labelled, tmp_path / "degrees.gpkg", to=tmp_path / "o")
    layer([shapely.Point(X, Y)]).to_file(tmp_path / "wells.gpkg")
    with pytest.raises(GeometryError, match=r"wells\.gpkg"):
        landkit.overlaps(labelled, tmp_path / "wells.gpkg")
    layer(squares(1)).translate(9000).to_file(tmp_path / "far.gpkg")
    far = landkit.stream_overlaps(labelled, tmp_path / "far.gpkg", to=tmp_path / "p").findings
    assert [(f.layer, f.check) for f in far] == [("far.gpkg", "overlay.apart")]
    (tmp_path / "other").mkdir()
    layer([shapely.Point(X, Y)]).to_file(tmp_path / "other" / "parcels.gpkg")
    with pytest.raises(GeometryError, match=r"other.parcels\.gpkg"):  # both are called parcels.gpkg
        landkit.overlaps(labelled, tmp_path / "other" / "parcels.gpkg")


def test_parts_are_not_put_among_other_geoparquet_that_a_reader_would_take_for_them(
    labelled, zones, tmp_path
):
    to = tmp_path / "o"
    to.mkdir()
    (to / "README.txt").write_text("of the user")
    layer(squares(1)).to_parquet(to / "parcels.parquet")
    with pytest.raises(ExportError, match=r"such as parcels\.parquet"):
        landkit.stream_overlaps(labelled, zones, to=to)
    assert sorted(p.name for p in to.iterdir() if p.suffix) == ["README.txt", "parcels.parquet"]
    (to / "parcels.parquet").unlink()
    done = landkit.stream_overlaps(labelled, zones, to=to)
    assert sorted(to.glob("*.parquet")) == list(done.parts)
    (to / "part-00007.parquet").write_bytes(done.parts[0].read_bytes())
    with pytest.raises(ExportError, match=r"such as part-00007\.parquet"):
        landkit.stream_overlaps(labelled, zones, to=to)
