"""Spark in both ways, frames and groups of files, on a real local cluster: two executors in processes of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import rings

import geopandas as gpd
import shapely

import landkit
from landkit.overlay import engine
from landkit.overlay.kernel.arrow import overlap_table, prepare_zones

ROOT = Path(landkit.__file__).parents[1]
JOB = Path(__file__).with_name("spark_job.py")
TYPED = Path(__file__).with_name("typed_until.py")
CLUSTER = "local-cluster[2,1,1024]"
CRS = "EPSG:4549"

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def spark_is_there():
    """Needs pyspark and Java; skipped with a reason, unless LANDKIT_REQUIRE_SPARK=1."""
    lacks = [] if importlib.util.find_spec("pyspark") else ["pyspark"]
    lacks += [] if shutil.which("java") else ["java"]
    if lacks and os.environ.get("LANDKIT_REQUIRE_SPARK") != "1":
        pytest.skip(f"no {' and no '.join(lacks)} here")
    assert lacks == []


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """1,600 parcels as a file and split by place into 32 parts, zones, and a parcel that crosses itself."""
    folder, rng = tmp_path_factory.mktemp("city"), np.random.default_rng(11)
    parcels = gpd.GeoDataFrame(geometry=rings.everything(rng, 400), crs=CRS)
    parcels.insert(0, "code", [f"P{k:05d}" for k in range(len(parcels))])
    parcels.to_parquet(folder / "parcels.parquet", row_group_size=100)
    landkit.split_parcels(folder / "parcels.parquet", to=folder / "split", rows=50)
    gpd.GeoDataFrame(geometry=rings.everything(rng, 100), crs=CRS).to_parquet(folder / "zones.parquet")
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    gpd.GeoDataFrame({"code": ["B1"]}, geometry=[bow], crs=CRS).to_parquet(folder / "bow.parquet")
    return folder


def started(*command):
    """A process of its own with landkit and the helpers of tests at hand, whose Java machines start quickly."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parents[1]}"}
    environment |= {"PYSPARK_PYTHON": sys.executable}
    environment |= {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    out = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *map(str, command)], stdout=out, stderr=out, text=True, env=environment
    )


def test_frames_on_spark_are_the_rows_of_one_process_though_an_executor_is_killed(
    city, study_folder, contents, tmp_path, monkeypatch
):
    """Same pairs, same areas, same bytes of shapes, and the job ends well; one of its two executors does not.

    The same session then deals out groups of files: bad land is the one sentence that one process says, a study in parts
    has the documents of one process, and the session goes on.
    """
    files = [
        city / "parcels.parquet",
        city / "zones.parquet",
        tmp_path / "out",
        city / "bow.parquet",
        study_folder,
    ]
    run = started(JOB, *files)
    out, said = run.communicate(timeout=300)
    assert run.returncode == 0, said[-2000:]
    assert "killed an executor" in said

    whole = overlap_table(pq.read_table(files[0]), prepare_zones(pq.read_table(files[1])), label="code")
    assert rows_of(ds.dataset(files[2], format="parquet").to_table()) == rows_of(whole)
    assert whole.num_rows > 1000

    with pytest.raises(landkit.LandkitError) as refused:
        landkit.stream_overlaps(files[3], files[1], to=tmp_path / "alone")
    sentence = f"{type(refused.value).__name__}: {refused.value}"
    assert out.splitlines() == [sentence, "3 rows counted after it"]

    monkeypatch.setattr(engine, "KERNEL_FROM_PARCELS", 1)
    landkit.run(study_folder, to=tmp_path / "study")
    assert without_times(contents(tmp_path / "out-study")) == without_times(contents(tmp_path / "study"))


def without_times(files):
    manifest = json.loads(files["manifest.json"])
    del manifest["times"]
    return {**files, "manifest.json": manifest}


def rows_of(table):
    frame = table.to_pandas().sort_values(["parcel", "zone"], kind="stable")
    return list(frame[["parcel", "zone", "area_m2", "geometry"]].itertuples(index=False, name=None))


def test_groups_on_spark_are_the_bytes_of_one_process_though_interrupted_and_an_executor_is_killed(
    city, tmp_path
):
    """As a user types it: Ctrl-C after some parts; then again on two executors, one of which is killed on the way.

    What was done before the interruption is taken over; every part and the total are those of one process to the last bit.
    """
    out = tmp_path / "out"
    asked = f"overlaps {city}/split {city}/zones.parquet --to {out} --label code --json --cluster".split()

    first = started(TYPED, 4, "interrupted", *asked, "local[2]")
    said = first.communicate(timeout=300)[1].strip()
    assert (first.returncode, said.splitlines()[-1]) == (130, "landkit: 已中断，原有成果未动。")
    assert all(
        line.startswith("landkit: ") for line in said.splitlines() if line
    )  # its own words, none of Java's
    kept = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}

    second = started(TYPED, 1, "robbed", *asked, CLUSTER)
    facts = json.loads(second.communicate(timeout=300)[0])
    assert second.returncode == 0

    alone = landkit.stream_overlaps(
        city / "split", city / "zones.parquet", to=tmp_path / "alone", label="code"
    )
    assert 3 <= facts["taken_over"] < len(facts["parts"]) == 32
    assert (facts["rows"], facts["area_m2"]) == (alone.rows, alone.area_m2)
    assert [(out / name).read_bytes() for name in facts["parts"]] == [p.read_bytes() for p in alone.parts]
    assert sum(path.stat().st_mtime_ns == when for path, when in kept.items()) >= facts["taken_over"]
    assert sorted(p.name for p in out.iterdir()) == [".parts.lock", "_parts.json", *facts["parts"]]
