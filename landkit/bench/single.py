"""One engine, one job, in a process of its own: `python -m landkit.bench.single NAME PARCELS ZONES OUT`.

The last line it prints is JSON: seconds by the clock and of the processor, peak memory, rows, area.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from landkit.bench.memory import touch_memory
from landkit.bench.peers import PEERS

PEAK: Final = re.compile(r"VmHWM:[ \t]+(\d+) kB")


def measure(name: str, parcels: Path, zones: Path, out: Path) -> dict[str, float]:
    """Run one engine on one job and measure it; loading libraries and code is measured apart."""
    from pyarrow import parquet

    begin, peer = time.perf_counter(), PEERS[name]
    peer.ready(parcels)
    with peer.around(parcels, zones, out):
        gc.collect()  # what loading left behind: it would be looked through once, by whichever engine is at work then
        touch_memory()
        ready = time.perf_counter()
        processor = processor_s()
        peer.job(parcels, zones, out)
        wall, cpu = time.perf_counter() - ready, processor_s() - processor
        peak = peak_mb()
    parts = sorted(out.glob("*.parquet")) if out.is_dir() else [out]
    area = np.concatenate([parquet.read_table(p, columns=["area_m2"])["area_m2"].to_numpy() for p in parts])
    facts = {"wall_s": wall, "cpu_s": cpu, "load_s": ready - begin, "peak_mb": peak}
    return facts | {"rows": len(area), "area_m2": float(np.sum(area))}


def processor_s() -> float:
    """Processor time of this process and of all that it started, those that have ended and those that have not."""
    spent = os.times()
    own = spent.user + spent.system + spent.children_user + spent.children_system
    return own + sum(_spent_s(process) for process in _running())


def _running() -> list[Any]:
    """Processes started here, or by those, that still run; dask, Spark and a server do, and with them comes psutil."""
    if not {"distributed", "psycopg", "pyspark"} & set(sys.modules):
        return []
    import psutil

    found: list[Any] = psutil.Process().children(recursive=True)
    return found


def _spent_s(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def peak_mb() -> float:
    """The most memory that this process has held, or one that it started and that runs (on Linux); NaN where no system says."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    per_mb = 2**20 if sys.platform == "darwin" else 2**10
    most = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb
    )  # on Linux it begins with that of the parent
    own = _held_mb(Path("/proc/self/status")) or most
    return max([own, *(_held_mb(Path(f"/proc/{process.pid}/status")) for process in _running())])


def _held_mb(status: Path) -> float:
    """What Linux says that a process has held at most; 0 for one that has just ended, and where nobody says."""
    try:
        most = PEAK.search(status.read_text(encoding="utf-8"))
    except OSError:
        return 0.0
    return int(most[1]) / 2**10 if most else 0.0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], *map(Path, sys.argv[2:5]))) + "\n")
