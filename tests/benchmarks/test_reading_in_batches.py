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

READ = """
import json, re, sys, time
how, path = sys.argv[1:]
import geopandas, pyogrio
import landkit.io.vector as vector
def peak_kb():  # of this program alone: ru_maxrss begins with that of its parent
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1))
before = peak_kb()
began = time.perf_counter()
if how == "batches":
    rows = sum(len(r.frame) for r in vector.read_batches(path))
elif how == "whole":
    rows = len(vector.read_source(path).frame)
else:
    rows = len(geopandas.read_parquet(path) if path.endswith("parquet") else pyogrio.read_dataframe(path))
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - began, "more_mb": (peak_kb() - before) / 1024}))
"""


def measured(how: str, path: Path) -> dict[str, float]:
    """Rows, seconds and the memory above what the imports take (MB), in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", READ, how, str(path)], capture_output=True, text=True, check=True, timeout=600, env=os.environ
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


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
@pytest.mark.parametrize("name", ["x.parquet", "x.gpkg", "x.fgb", "x.shp"])
def test_four_times_the_rows_take_no_more_memory_in_batches(tmp_path: Path, name: str) -> None:
    """100,000 and 400,000 rows: batches of 50,000 need the same; the whole file needs about four times as much."""
    small, large = written(tmp_path / f"a{name}", 100_000), written(tmp_path / f"b{name}", 400_000)
    batches = [measured("batches", path) for path in (small, large)]
    whole = measured("whole", large)

    assert [b["rows"] for b in batches] == [100_000, 400_000]
    assert batches[1]["more_mb"] < batches[0]["more_mb"] * 1.5 + 40
    assert batches[1]["more_mb"] < whole["more_mb"] * 0.75


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is asked of Linux")
@pytest.mark.benchmark
@pytest.mark.parametrize("name", ["x.parquet", "x.gpkg"])
def test_a_million_parcels_beside_the_plain_libraries(tmp_path: Path, name: str) -> None:
    """Printed for the record: seconds and memory of batches, of the whole, and of geopandas or pyogrio alone."""
    path = written(tmp_path / name, 1_000_000)
    found = {how: measured(how, path) for how in ("batches", "whole", "plain")}
    for how, one in found.items():
        sys.stdout.write(f"\n{name} {how}: {one['seconds']:.1f} s, {one['more_mb']:.0f} MB above the imports")

    assert {one["rows"] for one in found.values()} == {1_000_000}
    assert found["batches"]["more_mb"] < found["plain"]["more_mb"]
    assert found["batches"]["more_mb"] < 1024
