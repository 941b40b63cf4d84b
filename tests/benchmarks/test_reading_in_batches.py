"""Reading a large layer in batches: memory stays with the batch, beside the plain libraries in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import CRS, X, Y

import geopandas as gpd
import pyogrio
import shapely

from landkit.io.vector import BATCH_ROWS

READ = """
import json, os, re, sys, time
import geopandas, pyogrio
import landkit.io.vector as vector
def peak_kb():  # of this program alone: ru_maxrss begins with that of its parent
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1))
def read(how, path, rows):
    if how == "batches":
        return sum(len(r.frame) for r in vector.read_batches(path, rows=rows))
    if how == "whole":
        return len(vector.read_source(path).frame)
    return len(geopandas.read_parquet(path) if path.endswith("parquet") else pyogrio.read_dataframe(path))
for how, path, rows in json.loads(sys.argv[1]):
    if os.fork() == 0:
        before, began = peak_kb(), time.perf_counter()
        found = read(how, path, rows)
        seconds, more_mb = time.perf_counter() - began, (peak_kb() - before) / 1024
        print(json.dumps({"rows": found, "seconds": seconds, "more_mb": more_mb}), flush=True)
        os._exit(0)
    os.wait()
"""


def measured(*jobs: tuple[str, Path], rows: int = BATCH_ROWS) -> list[dict[str, float]]:
    """Rows, seconds and the memory above what the imports take (MB), each job in a process of its own after them."""
    asked = json.dumps([(how, str(path), rows) for how, path in jobs])
    done = subprocess.run(
        [sys.executable, "-c", READ, asked], capture_output=True, text=True, check=True, timeout=600, env=os.environ
    )  # fmt: skip
    return [json.loads(said) for said in done.stdout.splitlines()]


def written(path: Path, rows: int) -> Path:
    """Parcels of 29 m x 29 m in rows of a thousand."""
    number = np.arange(rows)
    x, y = X + number % 1000 * 30.0, Y + number // 1000 * 30.0
    frame = gpd.GeoDataFrame(
        {"parcel_id": [f"{i:08d}" for i in range(rows)], "use_code": "1001", "名称": "地块"},
        geometry=shapely.box(x, y, x + 29, y + 29),
        crs=CRS,
    )
    if path.suffix == ".parquet":
        frame.to_parquet(path, row_group_size=65_536)
    else:
        pyogrio.write_dataframe(frame, path)
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is asked of Linux")
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["x.parquet", "x.gpkg", "x.shp", pytest.param("x.fgb", marks=pytest.mark.benchmark)]
)
def test_four_times_the_rows_take_no_more_memory_in_batches(tmp_path: Path, name: str) -> None:
    """50,000 and 200,000 rows: batches of 25,000 need the same; the whole file needs about four times as much."""
    small, large = written(tmp_path / f"a{name}", 50_000), written(tmp_path / f"b{name}", 200_000)
    few, many, whole = measured(("batches", small), ("batches", large), ("whole", large), rows=25_000)

    assert [one["rows"] for one in (few, many, whole)] == [50_000, 200_000, 200_000]
    assert many["more_mb"] < few["more_mb"] * 1.5 + 20
    assert many["more_mb"] < whole["more_mb"] * 0.75


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is asked of Linux")
@pytest.mark.benchmark
@pytest.mark.parametrize("name", ["x.parquet", "x.gpkg"])
def test_a_million_parcels_beside_the_plain_libraries(tmp_path: Path, name: str) -> None:
    """Printed for the record: seconds and memory of batches, of the whole, and of geopandas or pyogrio alone."""
    path = written(tmp_path / name, 1_000_000)
    ways = ("batches", "whole", "plain")
    found = dict(zip(ways, measured(*((how, path) for how in ways)), strict=True))
    for how, one in found.items():
        sys.stdout.write(f"\n{name} {how}: {one['seconds']:.1f} s, {one['more_mb']:.0f} MB above the imports")

    assert {one["rows"] for one in found.values()} == {1_000_000}
    assert found["batches"]["more_mb"] < found["plain"]["more_mb"]
    assert found["batches"]["more_mb"] < 1024
