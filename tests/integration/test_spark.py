"""The kernel as the body of Spark's mapInArrow, on a real local cluster: two executors in processes of their own."""

from __future__ import annotations

import importlib.util
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

import landkit
from landkit.overlay.kernel.arrow import overlap_table, prepare_zones

ROOT = Path(landkit.__file__).parents[1]
JOB = Path(__file__).with_name("spark_job.py")

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
    folder, rng = tmp_path_factory.mktemp("city"), np.random.default_rng(11)
    parcels = gpd.GeoDataFrame(geometry=rings.everything(rng, 400), crs="EPSG:4549")
    parcels.insert(0, "code", [f"P{k:05d}" for k in range(len(parcels))])
    parcels.to_parquet(folder / "parcels.parquet", row_group_size=100)
    gpd.GeoDataFrame(geometry=rings.everything(rng, 100), crs="EPSG:4549").to_parquet(
        folder / "zones.parquet"
    )
    return folder


def test_spark_gives_the_rows_of_one_process_though_an_executor_is_killed(city, tmp_path):
    """Same pairs, same areas, same bytes of shapes, and the job ends well; one of its two executors does not."""
    files = [str(city / "parcels.parquet"), str(city / "zones.parquet"), str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    environment["JAVA_TOOL_OPTIONS"] = (
        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # three machines start, none stays
    )
    command = [sys.executable, str(JOB), *files]
    run = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    assert "killed an executor" in run.stderr

    whole = overlap_table(pq.read_table(files[0]), prepare_zones(pq.read_table(files[1])), label="code")
    assert rows_of(ds.dataset(files[2], format="parquet").to_table()) == rows_of(whole)
    assert whole.num_rows > 1000


def rows_of(table):
    frame = table.to_pandas().sort_values(["parcel", "zone"], kind="stable")
    return list(frame[["parcel", "zone", "area_m2", "geometry"]].itertuples(index=False, name=None))
