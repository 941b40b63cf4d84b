"""One engine, one job, in a process of its own: `python -m landkit.bench.single NAME PARCELS ZONES OUT`.

The last line it prints is JSON: seconds by the clock and of the processor, peak memory, rows, area.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from landkit.bench.peers import PEERS


def measure(name: str, parcels: Path, zones: Path, out: Path) -> dict[str, float]:
    """Run one engine on one job and measure it; loading libraries and code is measured apart."""
    from pyarrow import parquet

    begin = time.perf_counter()
    PEERS[name].ready()
    ready = time.perf_counter()
    processor = time.process_time()
    PEERS[name].job(parcels, zones, out)
    wall, cpu = time.perf_counter() - ready, time.process_time() - processor
    area = parquet.read_table(out, columns=["area_m2"])["area_m2"].to_numpy()
    facts = {"wall_s": wall, "cpu_s": cpu, "load_s": ready - begin, "peak_mb": peak_mb()}
    return facts | {"rows": len(area), "area_m2": float(np.sum(area))}


def peak_mb() -> float:
    """The most memory this process has held; NaN where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    per_mb = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], *map(Path, sys.argv[2:5]))) + "\n")
