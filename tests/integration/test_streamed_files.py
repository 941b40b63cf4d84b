"""`split` and `overlaps` of files that cannot be read in groups of rows: shapefiles first of all."""

from __future__ import annotations

import os
import shutil

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
def test_what_a_shapefile_lacks_is_said(town, tmp_path, lost, kind, key):
    parcels = own_shapefile(town, tmp_path / "own")
    parcels.with_suffix(lost).unlink()
    for call in (
        lambda: streamed(town, parcels, tmp_path / "to"),
        lambda: landkit.split_parcels(parcels, to=tmp_path / "s"),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.key == key
    assert not (tmp_path / "s").exists()


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


def test_a_label_that_a_shapefile_lacks_is_refused_with_the_names_there_are(town, tmp_path):
    with pytest.raises(LayerError, match=r"dkbh.*地块编号/level"):
        streamed(town, town / "parcels.shp", tmp_path / "to", label="dkbh")


def test_a_layer_in_degrees_is_refused_in_words(town, tmp_path):
    gpd.read_parquet(town / "parcels.parquet").to_crs(4326).to_file(tmp_path / "degrees.geojson")
    with pytest.raises(CRSError) as caught:
        streamed(town, tmp_path / "degrees.geojson", tmp_path / "to")
    assert caught.value.key == "layer_not_projected"
