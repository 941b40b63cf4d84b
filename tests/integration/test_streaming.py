"""Files larger than memory: the same rows as in memory, also after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rings

import geopandas as gpd
import shapely

import landkit
from landkit.cluster.code_state import made_by
from landkit.errors import CRSError, ExportError, GeometryError, LandkitError, LandkitWarning, LayerError
from landkit.overlay.kernel.arrow import overlap_table, prepare_line, prepare_zones
from landkit.workflow import overlapping

CRS = "EPSG:4549"
ROOT = Path(landkit.__file__).parents[1]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """1,600 parcels in 16 row groups of GeoParquet, the same as GeoPackage, and a layer of zones."""
    folder, rng = tmp_path_factory.mktemp("city"), np.random.default_rng(4)
    parcels = gpd.GeoDataFrame(geometry=rings.everything(rng, 400), crs=CRS)
    parcels.insert(0, "code", [f"P{k:05d}" for k in range(len(parcels))])
    parcels.to_parquet(folder / "parcels.parquet", row_group_size=100)
    parcels.to_file(folder / "parcels.gpkg")
    gpd.GeoDataFrame(geometry=rings.everything(rng, 5), crs=CRS).to_parquet(folder / "zones.parquet")
    return folder


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Sixteen parts instead of one."""
    monkeypatch.setattr(overlapping, "PART_ROWS", 100)


def whole(city, line=None, **asked):
    zones = pq.read_table(city / "zones.parquet")
    prepared = prepare_zones(zones) if line is None else prepare_line(zones, line)
    return overlap_table(pq.read_table(city / "parcels.parquet"), prepared, **asked)


def together(done):
    return pa.concat_tables([pq.read_table(part) for part in done.parts])


def test_the_folder_of_parts_is_one_layer_to_what_reads_folders(city, tmp_path):
    done = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path / "out")
    read = gpd.read_parquet(tmp_path / "out")
    assert (len(read), read.crs) == (done.rows, CRS)
    assert read["area_m2"].sum() == pytest.approx(done.area_m2, rel=1e-12)

    split = landkit.split_parcels(city / "parcels.parquet", to=tmp_path / "split", rows=100)
    assert len(split.parts) > 1
    assert len(gpd.read_parquet(tmp_path / "split")) == split.rows == 1600


@pytest.mark.parametrize("asked", [{}, {"label": "code"}, {"line": "red", "how": "difference"}])
def test_the_parts_together_are_the_rows_of_the_whole(city, tmp_path, asked):
    done = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path, **asked)
    assert len(done.parts) == 16
    want = whole(city, **asked)
    assert together(done).equals(want)
    assert done.rows == want.num_rows
    assert done.area_m2 == pytest.approx(want["area_m2"].to_numpy().sum(), rel=1e-12)


def test_the_stream_gives_the_areas_of_the_overlaps_in_memory(city, tmp_path):
    done = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    there = landkit.overlaps(city / "parcels.parquet", city / "zones.parquet", geometry=False)
    here = together(done).to_pandas()
    assert here["area_m2"].to_numpy() == pytest.approx(there["area_m2"].to_numpy(), rel=1e-9, abs=1e-6)


def test_what_was_written_is_said_with_the_surface_that_it_was_measured_on(city, tmp_path):
    """Seen: ellipsoidal areas, which are the default, were called planar."""
    parcels, zones = city / "parcels.parquet", city / "zones.parquet"
    done = [
        landkit.stream_overlaps(parcels, zones, to=tmp_path / area, area=area)
        for area in ("ellipsoid", "planar")
    ]

    assert [d.describe("en").split(" ha ")[1].split(";")[0] for d in done] == ["(ellipsoidal)", "(planar)"]
    assert [d.describe("zh").split("公顷")[1].split("；")[0] for d in done] == ["(椭球面积)", "(平面面积)"]


def test_what_lies_outside_is_not_called_an_overlap(city, tmp_path):
    """Seen: "96,825 overlaps" of what does not overlap."""
    parcels, zones = city / "parcels.parquet", city / "zones.parquet"
    done = landkit.stream_overlaps(parcels, zones, to=tmp_path / "out", line="red", how="difference")

    assert f"{done.rows:,} pieces outside, " in done.describe("en")
    assert done.describe("zh").startswith(f"区块以外共 {done.rows:,} 块，")


def test_a_geopackage_gives_the_same_by_ranges_of_its_row_ids(city, tmp_path):
    done = landkit.stream_overlaps(city / "parcels.gpkg", city / "zones.parquet", to=tmp_path, label="code")
    want = whole(city, label="code")
    got = together(done)
    assert got.select(["parcel", "zone", "area_m2"]).to_pydict() == want.drop_columns("geometry").to_pydict()


def test_each_part_is_geoparquet_that_others_read(city, tmp_path):
    done = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    part = gpd.read_parquet(done.parts[0])
    assert part.crs == CRS
    assert part.is_valid.all()


def test_a_second_run_has_nothing_left_to_do(city, tmp_path):
    first = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    stamps = [part.stat().st_mtime_ns for part in first.parts]
    again = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    assert again.taken_over == 16
    assert [part.stat().st_mtime_ns for part in again.parts] == stamps


def test_a_part_that_was_cut_short_is_made_again(city, tmp_path):
    first = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    want = together(first)
    first.parts[3].write_bytes(b"PAR1")
    again = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    assert again.taken_over == 15
    assert together(again).equals(want)


STANDS_STILL = """
import sys, landkit
from landkit.workflow import overlapping
overlapping.PART_ROWS = 100
def stand_still(step, done, of):
    if done == 5:
        print("five are done", flush=True)
        sys.stdin.read()
landkit.stream_overlaps(*sys.argv[1:3], to=sys.argv[3], progress=stand_still)
"""


def test_a_run_that_is_killed_is_taken_up_and_ends_with_identical_rows(city, tmp_path):
    files = [str(city / "parcels.parquet"), str(city / "zones.parquet"), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STANDS_STILL, *files]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "five are done\n"
        run.kill()
    assert run.returncode == -signal.SIGKILL
    done = landkit.stream_overlaps(*files[:2], to=tmp_path)
    assert done.taken_over == 5
    assert len(done.parts) == 16
    assert together(done).equals(whole(city))


def test_parts_of_another_job_are_not_taken_over(city, tmp_path):
    landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path)
    for change in ({"label": "code"}, {"line": "red"}, {"line": "red", "how": "difference"}):
        with pytest.raises(ExportError) as caught:
            landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path, **change)
        assert caught.value.key == "parts_of_another_job"


@pytest.mark.parametrize("other", [{}, {"line": "red"}], ids=["the same job", "another job"])
@pytest.mark.parametrize("done", [0, 3])
def test_a_second_run_into_the_folder_of_one_at_work_is_refused_and_harms_nothing(
    city, tmp_path, other, done
):
    files, met = (city / "parcels.parquet", city / "zones.parquet"), []

    def meet(step, now, of):
        if now == done:
            refused("output_busy", lambda: landkit.stream_overlaps(*files, to=tmp_path, **other))
            met.append(now)

    first = landkit.stream_overlaps(*files, to=tmp_path, progress=meet)
    assert met == [done]
    assert together(first).equals(whole(city))
    again = landkit.stream_overlaps(*files, to=tmp_path)
    assert again.taken_over == 16


def refused(key, run):
    with pytest.raises(LandkitError) as caught:
        run()
    assert caught.value.key == key


def halfway(city, to):
    """A run that stops after three parts, as a kill would leave it."""

    def stop(step, done, of):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=to, progress=stop)


def test_parts_made_by_another_state_of_landkit_are_not_taken_over(city, tmp_path, monkeypatch):
    halfway(city, tmp_path)
    monkeypatch.setattr(overlapping, "made_by", lambda: {**made_by(), "landkit": "of another day"})
    refused(
        "parts_of_another_job",
        lambda: landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path),
    )


def test_parcels_changed_between_two_runs_are_another_job_even_with_the_old_size_and_time(city, tmp_path):
    """One metre for each parcel: as many bytes as before, and the clock turned back."""
    parcels = tmp_path / "parcels.parquet"
    frame = gpd.read_parquet(city / "parcels.parquet")
    how = {"row_group_size": 100, "compression": None}
    frame.to_parquet(parcels, **how)
    before = parcels.stat()
    landkit.stream_overlaps(parcels, city / "zones.parquet", to=tmp_path / "out")
    frame.assign(geometry=frame.translate(1.0)).to_parquet(parcels, **how)
    os.utime(parcels, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert parcels.stat().st_size == before.st_size
    refused(
        "parts_of_another_job",
        lambda: landkit.stream_overlaps(parcels, city / "zones.parquet", to=tmp_path / "out"),
    )


def test_parcels_that_change_while_they_are_read_do_not_pass_for_whole(city, tmp_path):
    parcels = tmp_path / "parcels.parquet"
    parcels.write_bytes((city / "parcels.parquet").read_bytes())

    def replace(step, done, of):
        if done == 3:
            os.utime(parcels)

    refused(
        "changed_while_read",
        lambda: landkit.stream_overlaps(
            parcels, city / "zones.parquet", to=tmp_path / "out", progress=replace
        ),
    )
    assert not json.loads((tmp_path / "out" / "_parts.json").read_text(encoding="utf-8"))["whole"]


def test_a_folder_of_a_job_that_was_refused_before_its_first_part_takes_the_next_one(city, tmp_path):
    """The parcels were in degrees; with the right file the same command goes through."""
    degrees = gpd.read_parquet(city / "parcels.parquet").to_crs(4490)
    degrees.to_parquet(tmp_path / "degrees.parquet")
    to = tmp_path / "to"
    refused(
        "layer_not_projected",
        lambda: landkit.stream_overlaps(tmp_path / "degrees.parquet", city / "zones.parquet", to=to),
    )
    done = landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=to)
    assert len(done.parts) == 16


@pytest.mark.parametrize("listed", [None, "[]", '{"job": {}, "parts": 5}', "no list"])
def test_a_folder_with_parts_of_nobody_knows_what_is_left_alone(city, tmp_path, listed):
    strange = tmp_path / "part-00099.parquet"
    strange.write_bytes(b"somebody's")
    if listed is not None:
        (tmp_path / "_parts.json").write_text(listed, encoding="utf-8")
    refused(
        "parts_of_another_job",
        lambda: landkit.stream_overlaps(city / "parcels.parquet", city / "zones.parquet", to=tmp_path),
    )
    assert strange.read_bytes() == b"somebody's"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda geo: None, "stream_kind"),
        (lambda geo: [], "stream_kind"),
        (lambda geo: {**geo, "columns": {}}, "stream_kind"),
        (lambda geo: {**geo, "primary_column": "shape"}, "stream_kind"),
        (lambda geo: geo["columns"]["geometry"].update(crs="nonsense") or geo, "crs_unknown"),
        (lambda geo: geo["columns"]["geometry"].update(crs=None) or geo, "crs_missing"),
    ],
)
def test_metadata_that_make_no_sense_are_refused_in_words(city, tmp_path, change, key):
    table = pq.read_table(city / "parcels.parquet")
    said = change(json.loads(table.schema.metadata[b"geo"]))
    odd = table.replace_schema_metadata(None if said is None else {"geo": json.dumps(said)})
    pq.write_table(odd, tmp_path / "odd.parquet")
    refused(
        key,
        lambda: landkit.stream_overlaps(
            tmp_path / "odd.parquet", city / "zones.parquet", to=tmp_path / "out"
        ),
    )


def test_everything_lies_outside_a_line_without_zones(city, tmp_path):
    parcels = gpd.read_parquet(city / "parcels.parquet")
    none = gpd.read_parquet(city / "zones.parquet").iloc[:0]
    done = landkit.stream_overlaps(
        city / "parcels.parquet", none, to=tmp_path, line="red", how="difference", area="planar"
    )
    with pytest.warns(LandkitWarning, match="zones has no features"):
        assert done.rows == len(parcels) == len(landkit.overlaps(parcels, none, how="difference"))
    assert [f.check for f in done.findings] == ["overlay.empty"]
    assert done.area_m2 == pytest.approx(parcels.area.sum(), rel=1e-12)


@pytest.mark.parametrize("how", ["intersection", "difference"])
def test_layers_that_lie_apart_are_not_said_to_share_nothing(city, tmp_path, how):
    """Seen: "0 overlaps" of parcels against zones of another zone of projection, 1,000 km off."""
    zones = gpd.read_parquet(city / "zones.parquet")
    far = zones.set_geometry(zones.translate(1_000_000))
    done = landkit.stream_overlaps(city / "parcels.parquet", far, to=tmp_path / "o", how=how)
    gap = far.total_bounds[0] - gpd.read_parquet(city / "parcels.parquet").total_bounds[2]
    km = f"{gap / 1000:,.1f}"
    assert f"相距 {km} 公里" in done.describe("zh")
    assert f"{km} km apart" in done.describe("en")
    assert [f["check"] for f in done.summary()["findings"]] == ["overlay.apart"]
    near = landkit.stream_overlaps(city / "parcels.parquet", zones, to=tmp_path / "n", how=how)
    assert not near.findings


@pytest.mark.parametrize("side", ["parcels", "zones"])
def test_an_empty_layer_on_either_side_is_said(city, tmp_path, side):
    layers = {name: gpd.read_parquet(city / f"{name}.parquet") for name in ("parcels", "zones")}
    layers[side] = layers[side].iloc[:0]
    layers["parcels"].to_parquet(tmp_path / "p.parquet")
    done = landkit.stream_overlaps(tmp_path / "p.parquet", layers["zones"], to=tmp_path / "o")
    assert done.rows == 0
    assert f"layer of {side} has no features" in done.describe("en")
    with pytest.warns(LandkitWarning, match=f"layer of {side} has no features"):
        landkit.overlaps(layers["parcels"], layers["zones"])


def test_what_cannot_be_asked_is_refused_before_a_folder_is_made(city, tmp_path):
    for asked in ({"how": "union"}, {"area": "sphere"}):
        with pytest.raises(ValueError, match="must be one of"):
            landkit.stream_overlaps(
                city / "parcels.parquet", city / "zones.parquet", to=tmp_path / "out", **asked
            )
    assert not (tmp_path / "out").exists()


def test_zones_in_another_crs_are_refused_before_anything_is_written(city, tmp_path):
    zones = gpd.read_parquet(city / "zones.parquet").to_crs("EPSG:4548")
    with pytest.raises(CRSError):
        landkit.stream_overlaps(city / "parcels.parquet", zones, to=tmp_path / "out")
    assert not list((tmp_path / "out").glob("part-*"))


def test_a_file_that_lacks_the_label_is_refused(city, tmp_path):
    with pytest.raises(LayerError, match="no column dkbh; it has code"):
        landkit.stream_overlaps(
            city / "parcels.parquet", city / "zones.parquet", to=tmp_path / "out", label="dkbh"
        )


def test_an_invalid_parcel_stops_the_stream_and_is_named(city, tmp_path):
    frame = gpd.read_parquet(city / "parcels.parquet")
    frame.loc[150, "geometry"] = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    frame.to_parquet(tmp_path / "bad.parquet", row_group_size=100)
    with pytest.raises(GeometryError) as caught:
        landkit.stream_overlaps(
            tmp_path / "bad.parquet", city / "zones.parquet", to=tmp_path / "out", label="code"
        )
    assert caught.value.facts["first"] == "P00150"


def test_paths_do_as_well_as_frames(city):
    files = landkit.overlaps(city / "parcels.gpkg", str(city / "zones.parquet"), area="planar")
    frames = landkit.overlaps(
        gpd.read_parquet(city / "parcels.parquet"), gpd.read_parquet(city / "zones.parquet"), area="planar"
    )
    assert files.equals(frames)
