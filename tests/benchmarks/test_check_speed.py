"""A million parcels read and checked beside plain reading in the same run, from GeoParquet and GeoPackage: seconds and memory.

Every planted fault must be found, none beside them, in less than 4 GB.  `-s` prints the figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from million import PLANTED, make_parcels

import pyogrio

from landkit.bench.memory import touch_memory

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]
COUNT = 1_000_000
MOST_GB = 4.0
STUDY = """[study]
id = "million"
title_zh = "百万地块"
title_en = "A million parcels"
crs = "EPSG:4549"
as_of = 2020-12-31
[layers.parcels]
role = "parcels"
path = "{path}"
code_scheme = "ydyh-2023"
accuracy_m = 0.1
"""
HEAD = "import json, resource, sys, time; began = time.perf_counter(); found = None\n"
TAIL = (
    "\nprint(json.dumps({'seconds': time.perf_counter() - began, 'found': found,"
    " 'gb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))"
)
WORK = {
    "plain": {
        "parquet": "import geopandas; geopandas.read_parquet(sys.argv[1])",
        "gpkg": "import pyogrio; pyogrio.read_dataframe(sys.argv[1], use_arrow=True)",
    },
    "read": "import landkit; landkit.read_layer(sys.argv[1])",
    "read for questions": (
        "from landkit.study import load_study\nfrom landkit.workflow.reading.study import survey_ground\n"
        "survey_ground(load_study(sys.argv[2]))"
    ),
    "checked": (
        "import landkit\nsteps = []\nr = landkit.check(sys.argv[2], progress=lambda *s: steps.append(s)).table\n"
        "assert len(steps) > 3\nfound = r['check'].value_counts().to_dict()"
    ),
}


def measured(code: str, *arguments: Path) -> dict[str, object]:
    """Seconds, peak memory and what was found, in a process of its own."""
    touch_memory()
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code + TAIL, *map(str, arguments)], capture_output=True, text=True, check=True
    )  # fmt: skip
    found: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.parametrize("ext", ["parquet", "gpkg"])
def test_a_million_parcels_are_read_and_checked_in_bounded_memory(ext: str, tmp_path: Path) -> None:
    """The table that is printed: plain reading, landkit's reading, with areas and usable shapes, with every check."""
    frame = make_parcels(COUNT)
    file, study = tmp_path / f"p.{ext}", tmp_path / "study.toml"
    if ext == "parquet":
        frame.to_parquet(file)
    else:
        pyogrio.write_dataframe(frame, file, layer="p", driver="GPKG")
    del frame
    study.write_text(STUDY.format(path=file.name), encoding="utf-8")
    rows = {
        name: measured(code[ext] if isinstance(code, dict) else code, file, study)
        for name, code in WORK.items()
    }
    for name, row in rows.items():
        sys.stdout.write(f"{ext:8} {name:20} {row['seconds']:8.1f} s  {row['gb']:5.2f} GB\n")
    found = Counter(rows["checked"]["found"])

    assert {k: found[k] for k in PLANTED if k != "dates.order"} == {
        k: n for k, n in PLANTED.items() if k != "dates.order"
    }
    assert (
        found["dates.order"] == PLANTED["dates.order"] + PLANTED["dates.default"]
    )  # 1970 is before the contract
    assert set(found) == {*PLANTED, "gaps.not_searched", "layer.missing", "rules.asleep"}
    assert max(float(row["gb"]) for row in rows.values()) < MOST_GB
