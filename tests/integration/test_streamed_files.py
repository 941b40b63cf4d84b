"""`split` and `overlaps` of files that cannot be read in groups of rows: shapefiles first of all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rings

import geopandas as gpd
import shapely

import landkit
from landkit.cli import main
from landkit.errors import CRSError, ExportError, GeometryError, LayerError
from landkit.io import row_copy
from landkit.workflow import overlapping

CRS = "EPSG:4549"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """400 parcels with Chinese columns and gaps, in GBK without .cpg and in three other formats, and a layer of zones."""
    folder, rng = tmp_path_factory.mktemp("town"), np.random.default_rng(11)
    parcels = gpd.GeoDataFrame(geometry=rings.everything(rng, 100), crs=CRS)
    parcels.insert(0, "地块编号", [f"广陵区{k:03d}" for k in range(400)])
    parcels.insert(1, "level", [None if k % 150 > 70 else 10.0 + k for k in range(400)])
    parcels["level"] = parcels["level"].astype("Int64")
    parcels.to_parquet(folder / "parcels.parquet", row_group_size=100)
    parcels.to_file(folder / "parcels.shp", encoding="GBK")
    (folder / "parcels.cpg").unlink()
    parcels.to_file(folder / "parcels.fgb", SPATIAL_INDEX="NO")
    parcels.to_file(
        folder / "parcels.gdb", driver="OpenFileGDB", TARGET_ARCGIS_VERSION="ARCGIS_PRO_3_2_OR_LATER"
    )
    parcels.to_file(folder / "parcels.geojson", RFC7946="NO")
    gpd.GeoDataFrame(geometry=rings.everything(rng, 5), crs=CRS).to_parquet(folder / "zones.parquet")
    return folder


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(overlapping, "PART_ROWS", 100)


def own_shapefile(town, folder):
    """A copy of the shapefile that a test may spoil."""
    folder.mkdir(exist_ok=True)
    for path in town.glob("parcels.???"):
        if path.suffix in (".shp", ".shx", ".dbf", ".prj"):
            shutil.copy2(path, folder)
    return folder / "parcels.shp"


def streamed(town, parcels, to, **asked):
    return landkit.stream_overlaps(parcels, town / "zones.parquet", to=to, **asked)


def together(done):
    return pa.concat_tables([pq.read_table(part) for part in done.parts])


@pytest.mark.parametrize("encoding", ["polygon", "multipolygon"])
def test_geoparquet_of_geoarrow_gives_the_rows_of_wkb_and_is_never_read_whole(
    town, tmp_path, monkeypatch, encoding
):
    """The shapes stand there as lists of coordinates, which geopandas writes with `geometry_encoding="geoarrow"`."""
    frame = gpd.read_parquet(town / "parcels.parquet")
    if encoding == "multipolygon":
        frame.geometry = [shapely.MultiPolygon([shape]) for shape in frame.geometry]
    frame.to_parquet(tmp_path / "wkb.parquet", row_group_size=100)
    frame.to_parquet(tmp_path / "arrow.parquet", geometry_encoding="geoarrow", row_group_size=100)
    said = json.loads(pq.read_schema(tmp_path / "arrow.parquet").metadata[b"geo"])
    assert said["columns"]["geometry"]["encoding"] == encoding
    want = together(streamed(town, tmp_path / "wkb.parquet", tmp_path / "a", label="地块编号"))

    whole = gpd.read_parquet

    def read_parquet(path, *arguments, **named):
        assert path.name != "arrow.parquet"
        return whole(path, *arguments, **named)

    monkeypatch.setattr(gpd, "read_parquet", read_parquet)
    done = streamed(town, tmp_path / "arrow.parquet", tmp_path / "b", label="地块编号")
    split = landkit.split_parcels(tmp_path / "arrow.parquet", to=tmp_path / "split", rows=100)
    assert together(done).to_pydict() == want.to_pydict()
    assert [path.name for path in done.to.glob(".parcels*")] == []
    parts = gpd.pd.concat([whole(part) for part in split.parts]).sort_values("source_row")
    assert parts["level"].astype("Int64").reset_index(drop=True).equals(frame["level"])
    assert (parts.geometry.to_wkb().to_numpy() == frame.geometry.to_wkb().to_numpy()).all()


@pytest.mark.parametrize(
    ("suffix", "label"),
    [("shp", None), ("shp", "地块编号"), ("fgb", None), ("gdb", "地块编号"), ("geojson", None)],
)
def test_any_file_gives_the_rows_of_the_geoparquet_and_the_copy_is_gone(town, tmp_path, suffix, label):
    want = together(streamed(town, town / "parcels.parquet", tmp_path / "a", label=label)).to_pydict()
    done = streamed(town, town / f"parcels.{suffix}", tmp_path / "b", label=label)
    got = together(done).to_pydict()
    assert len(done.parts) == 4
    assert {n: got[n] for n in ("parcel", "zone")} == {n: want[n] for n in ("parcel", "zone")}
    grid = 0.01 if suffix == "gdb" else 1e-6  # a geodatabase rounds coordinates to 0.1 mm
    assert got["area_m2"] == pytest.approx(want["area_m2"], rel=1e-9, abs=grid)
    assert not list((tmp_path / "b").glob(f"{row_copy.COPY}*"))


@pytest.mark.slow
def test_processes_read_a_shapefile_too(town, tmp_path):
    want = together(streamed(town, town / "parcels.shp", tmp_path / "a", label="地块编号"))
    assert together(streamed(town, town / "parcels.shp", tmp_path / "b", label="地块编号", cluster=1)).equals(
        want
    )


@pytest.mark.parametrize("suffix", ["shp", "gdb"])
def test_parts_of_a_file_hold_its_rows_with_words_and_gaps_as_they_were(town, tmp_path, suffix):
    landkit.split_parcels(town / f"parcels.{suffix}", to=tmp_path / "s", rows=90)
    parts = pa.concat_tables([pq.read_table(p) for p in sorted((tmp_path / "s").glob("*.parquet"))])
    rows = parts.sort_by("source_row")
    want = pq.read_table(town / "parcels.parquet")
    assert rows["地块编号"].to_pylist() == want["地块编号"].to_pylist()
    assert rows["level"].to_pylist() == want["level"].to_pylist()
    assert pa.types.is_int64(rows["level"].type)
    shapes = [shapely.normalize(shapely.from_wkb(table["geometry"].to_numpy())) for table in (rows, want)]
    assert shapely.hausdorff_distance(*shapes).max() < 2e-4  # a geodatabase rounds coordinates to 0.1 mm
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


def test_the_commands_take_a_shapefile(town, tmp_path, capsys):
    for words in (
        f"split {town}/parcels.shp --to {tmp_path}/s",
        f"overlaps {town}/parcels.shp {town}/zones.parquet --to {tmp_path}/o",
    ):
        with pytest.raises(SystemExit) as ended:
            main([*words.split(), "--lang", "en"])
        assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "400 rows in 1 part," in said
    assert "; 4 parts in" in said


@pytest.mark.parametrize("suffix", [".dbf", ".prj"])
def test_a_run_is_not_taken_up_when_any_file_of_the_shapefile_changed(town, tmp_path, suffix):
    parcels = own_shapefile(town, tmp_path / "own")
    streamed(town, parcels, tmp_path / "to")
    assert streamed(town, parcels, tmp_path / "to").taken_over == 4
    later = parcels.with_suffix(suffix)
    os.utime(later, ns=(later.stat().st_atime_ns, later.stat().st_mtime_ns + 10**9))
    with pytest.raises(ExportError) as caught:
        streamed(town, parcels, tmp_path / "to")
    assert caught.value.key == "parts_of_another_job"


def test_a_run_that_was_stopped_is_taken_up(town, tmp_path):
    first = streamed(town, town / "parcels.shp", tmp_path)
    want = together(first)
    first.parts[2].unlink()
    (tmp_path / row_copy.COPY).write_bytes(b"PAR1 of a run that was killed")
    again = streamed(town, town / "parcels.shp", tmp_path)
    assert again.taken_over == 3
    assert together(again).equals(want)


@pytest.mark.parametrize(
    ("lost", "kind", "key"),
    [(".prj", CRSError, "crs_missing"), (".dbf", LayerError, "shapefile_part_missing")],
)
def test_what_a_shapefile_lacks_is_said_and_nothing_is_left(town, tmp_path, lost, kind, key):
    parcels = own_shapefile(town, tmp_path / "own")
    parcels.with_suffix(lost).unlink()
    for call in (
        lambda: streamed(town, parcels, tmp_path / "new" / "to"),
        lambda: landkit.split_parcels(parcels, to=tmp_path / "new" / "s"),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.key == key
    assert [p.name for p in tmp_path.iterdir()] == ["own"]


def test_a_refused_run_leaves_a_folder_as_it_was(town, tmp_path):
    """Seen: `.parts.lock` alone, in a folder that the run had made; `_parts.json` beside it where a parcel was at fault."""
    theirs, to = tmp_path / "theirs", tmp_path / "to"
    theirs.mkdir()
    to.mkdir()
    (to / "notes.txt").write_text("theirs", encoding="utf-8")
    bow = gpd.GeoDataFrame(geometry=[shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])], crs=CRS)
    for name in ("bow.parquet", "bow.fgb"):
        write = bow.to_parquet if name.endswith("parquet") else bow.to_file
        write(theirs / name)
        with pytest.raises(GeometryError):
            streamed(town, theirs / name, to)
    assert [p.name for p in to.iterdir()] == ["notes.txt"]


def test_what_the_file_does_not_say_is_given_by_hand(town, tmp_path):
    """A shapefile in GBK without .cpg and .prj; the geodatabase of two layers."""
    want = together(streamed(town, town / "parcels.parquet", tmp_path / "a", label="地块编号"))
    bare = own_shapefile(town, tmp_path / "own")
    bare.with_suffix(".prj").unlink()
    file = landkit.LayerFile(bare, crs=CRS, encoding="GBK")
    got = together(streamed(town, file, tmp_path / "b", label="地块编号"))
    assert got["parcel"].to_pylist() == want["parcel"].to_pylist()
    landkit.split_parcels(file, to=tmp_path / "s")
    part = gpd.read_parquet(tmp_path / "s" / "part-00000.parquet")
    assert part.crs == CRS
    assert set(part["地块编号"]) == {f"广陵区{k:03d}" for k in range(400)}


@pytest.mark.parametrize("suffix", ["gpkg", "gdb"])
def test_one_of_several_layers_is_asked_for_by_name(town, tmp_path, suffix):
    frame = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 9, 9)], crs=CRS)
    path, kind = tmp_path / f"two.{suffix}", {"gpkg": "GPKG", "gdb": "OpenFileGDB"}[suffix]
    for count, name in enumerate(("地块", "zones"), start=1):
        rows = gpd.GeoDataFrame(geometry=list(frame.geometry) * count, crs=CRS)
        rows.to_file(path, layer=name, driver=kind, mode="a" if count > 1 else "w")
    for call in (
        lambda: landkit.split_parcels(path, to=tmp_path / "s"),
        lambda: streamed(town, path, tmp_path / "o"),
        lambda: landkit.stream_overlaps(town / "parcels.parquet", path, to=tmp_path / "o"),
    ):
        with pytest.raises(LayerError, match=r"several layers \(地块/zones\).*--layer"):
            call()
    one, two = (landkit.LayerFile(path, layer=name) for name in ("地块", "zones"))
    assert landkit.stream_overlaps(one, two, to=tmp_path / "o").rows == len(landkit.overlaps(one, two)) == 2
    assert landkit.split_parcels(two, to=tmp_path / "s").rows == 2


@pytest.mark.parametrize("given", [None, CRS, "EPSG:4548"])
def test_a_crs_given_by_hand_fills_a_gap_of_geoparquet_and_contradicts_nothing(town, tmp_path, given):
    frame = gpd.read_parquet(town / "parcels.parquet")
    frame.set_crs(None, allow_override=True).to_parquet(tmp_path / "none.parquet")
    for path, good, key in (
        (tmp_path / "none.parquet", given == CRS, "crs_mismatch" if given else "crs_missing"),
        (town / "parcels.parquet", given != "EPSG:4548", "crs_disagrees"),
    ):
        file = landkit.LayerFile(path, crs=given)
        if good:
            assert streamed(town, file, tmp_path / path.stem).rows > 0
            continue
        with pytest.raises(CRSError) as caught:
            streamed(town, file, tmp_path / path.stem)
        assert caught.value.key == key


def test_the_options_of_the_commands_are_those_of_the_layer_file(town, tmp_path, capsys):
    bare = own_shapefile(town, tmp_path / "own")
    bare.with_suffix(".prj").unlink()
    said = f"--crs {CRS} --encoding GBK --layer parcels"
    zones = f"--zones-crs {CRS} --zones-encoding GBK --zones-layer parcels"
    for words in (
        f"split {bare} --to {tmp_path}/s {said}",
        f"overlaps {bare} {bare} --to {tmp_path}/o --label 地块编号 {said} {zones}",
    ):
        with pytest.raises(SystemExit) as ended:
            main([*words.split(), "--lang", "en", "--quiet"])
        assert (ended.value.code, capsys.readouterr().err) == (0, "")
    with pytest.raises(SystemExit):
        main(["split", str(bare), "--to", str(tmp_path / "t"), "--quiet"])
    assert "--crs" in capsys.readouterr().err


def test_a_copy_that_a_stopped_run_left_is_used_again_while_it_is_the_same(town, tmp_path, monkeypatch):
    copies = []
    write = row_copy._write
    monkeypatch.setattr(row_copy, "_write", lambda *given: copies.append(1) or write(*given))

    def stopped(label):
        def stop(step, done, of):
            if (step, done) == ("overlap", 2):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            streamed(town, parcels, tmp_path / "to", label=label, progress=stop)

    parcels = own_shapefile(town, tmp_path / "own")
    stopped("地块编号")
    stopped("地块编号")
    assert len(copies) == 1
    done = streamed(town, parcels, tmp_path / "to", label="地块编号")
    assert (len(copies), done.taken_over) == (1, 2)
    assert not (tmp_path / "to" / row_copy.COPY).exists()
    want = streamed(town, town / "parcels.parquet", tmp_path / "want", label="地块编号")
    assert together(done)["parcel"].to_pylist() == together(want)["parcel"].to_pylist()


def test_null_and_invalid_shapes_of_a_shapefile_are_named(town, tmp_path):
    frame = gpd.read_file(town / "parcels.shp", encoding="GBK")
    bow = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    for name, shape in (("null", None), ("bow", bow)):
        frame.loc[150, "geometry"] = shape
        frame.to_file(tmp_path / f"{name}.shp", encoding="GBK")
        with pytest.raises(GeometryError) as caught:
            streamed(town, tmp_path / f"{name}.shp", tmp_path / name, label="地块编号")
        assert caught.value.facts["first"] == "广陵区150"
    with pytest.raises(LayerError) as said:
        landkit.split_parcels(tmp_path / "null.shp", to=tmp_path / "s")
    assert said.value.key == "split_shape"
    assert said.value.facts == {"path": str(tmp_path / "null.shp"), "row": 151}


def test_what_cannot_be_split_is_said(town, tmp_path):
    landkit.split_parcels(town / "parcels.parquet", to=tmp_path / "s")
    gpd.read_parquet(town / "parcels.parquet").iloc[:0].to_parquet(tmp_path / "none.parquet")
    for name in ("text.parquet", "text.gpkg"):
        (tmp_path / name).write_text("no layer", encoding="utf-8")
    for path, key in (
        ("s", "split_again"),
        ("none.parquet", "split_empty"),
        ("text.parquet", "file_unreadable"),
        ("text.gpkg", "content_not_as_named"),
    ):
        with pytest.raises(LayerError) as caught:
            landkit.split_parcels(tmp_path / path, to=tmp_path / "t")
        assert caught.value.key == key


@pytest.mark.bad_input(67)
def test_a_geopackage_that_is_open_elsewhere_is_read_with_its_changes_and_not_written_to(town, tmp_path):
    """Seen: GDAL merged what stood beside it into the source, and the stream then said that it had changed."""
    opened = tmp_path / "open.gpkg"
    gpd.read_parquet(town / "parcels.parquet").to_file(opened, SPATIAL_INDEX="NO")  # its triggers are GDAL's
    with contextlib.closing(sqlite3.connect(opened)) as other:
        other.execute("PRAGMA journal_mode = wal")
        other.execute("UPDATE open SET 地块编号 = '改过的' WHERE fid = 1")
        other.commit()
        before = {p.name: p.read_bytes() for p in tmp_path.glob("open.gpkg*")}
        assert before["open.gpkg-wal"]
        landkit.split_parcels(opened, to=tmp_path / "s")
        done = streamed(town, opened, tmp_path / "o", label="地块编号")
        assert {p.name: p.read_bytes() for p in tmp_path.glob("open.gpkg*")} == before
    assert "改过的" in gpd.read_parquet(tmp_path / "s" / "part-00000.parquet")["地块编号"].to_list()
    want = together(streamed(town, town / "parcels.parquet", tmp_path / "want", label="地块编号"))
    renamed = ["改过的" if name == "广陵区000" else name for name in want["parcel"].to_pylist()]
    assert together(done)["parcel"].to_pylist() == renamed


def test_a_label_that_a_shapefile_lacks_is_refused_with_the_names_there_are(town, tmp_path):
    with pytest.raises(LayerError, match=r"dkbh.*地块编号/level"):
        streamed(town, town / "parcels.shp", tmp_path / "to", label="dkbh")


def test_a_layer_in_degrees_is_refused_in_words(town, tmp_path):
    gpd.read_parquet(town / "parcels.parquet").to_crs(4326).to_file(tmp_path / "degrees.geojson")
    with pytest.raises(CRSError) as caught:
        streamed(town, tmp_path / "degrees.geojson", tmp_path / "to")
    assert caught.value.key == "layer_not_projected"
