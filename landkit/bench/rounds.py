"""Rounds in rotated order, each run a fresh process, and what they say: medians, ratios, agreement."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.arrays import Shapes
from landkit.bench import city
from landkit.geometry.geoparquet import geo_metadata

LAYERS: Final[dict[str, Callable[[int], Shapes]]] = {
    "redline": city.red_lines,
    "towns": city.towns,
    "clusters": city.clusters,
    "farmland": city.farmland,
}
SAME_TOTAL: Final = 1e-9


def parcels_file(folder: Path, count: int) -> Path:
    """The parcels of the made city as GeoParquet with a column `id`, made once, block by block."""
    path = folder / f"parcels-{count}.parquet"
    if path.exists():
        return path
    import pyarrow as pa
    from pyarrow import parquet

    beside, done = path.with_suffix(".part"), 0
    fields = [pa.field("id", pa.string()), pa.field("geometry", pa.binary())]
    schema = pa.schema(fields, geo_metadata(city.CRS))
    with parquet.ParquetWriter(beside, schema, compression="zstd") as writer:
        for block in city.parcel_blocks(count):
            ids = [f"P{k:08d}" for k in range(done, done + len(block))]
            writer.write_table(pa.table([ids, shapely.to_wkb(block)], schema=schema))
            done += len(block)
    return beside.replace(path)


def zones_file(folder: Path, asked: str) -> Path:
    """A layer of zones as GeoParquet with a column `id`, made once.

    `asked` is a kind and a size: `redline-1000000`, `towns-200000` (vertices), `farmland-200000` (pieces).
    """
    kind, _, size = asked.partition("-")
    path = folder / f"{asked}.parquet"
    if not path.exists():
        shapes = LAYERS[kind](int(size))
        gpd.GeoDataFrame({"id": np.arange(len(shapes))}, geometry=shapes, crs=city.CRS).to_parquet(path)
    return path


def take_turns(
    parcels: Path, zones: Path, names: Sequence[str], rounds: int, say: Callable[[str], object]
) -> pd.DataFrame:
    """Every engine once a round, each round starting with another; one row per run."""
    runs = []
    for turn in range(rounds):
        for name in [*names[turn % len(names) :], *names[: turn % len(names)]]:
            facts = run_alone(name, parcels, zones)
            say(f"{turn + 1}/{rounds} {name}: {facts['wall_s']:.2f} s, {facts['cpu_s']:.2f} s cpu")
            runs.append({"engine": name, "round": turn + 1, **facts})
    return pd.DataFrame(runs)


def run_alone(name: str, parcels: Path, zones: Path) -> dict[str, Any]:
    """One engine in a process of its own; what it wrote is looked at and removed."""
    out = parcels.parent / f"out-{name}.parquet"
    _remove(out)
    command = [sys.executable, "-m", "landkit.bench.single", name, str(parcels), str(zones), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own module
    _remove(out)
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def _remove(out: Path) -> None:
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink(missing_ok=True)


def compare(runs: pd.DataFrame, to: str = "landkit") -> pd.DataFrame:
    """Medians of each engine and how many times as long as `to` it took; whether it found the same area."""
    table = runs.drop(columns="round").groupby("engine", sort=False).median()
    own = table.loc[to]
    table["times_wall"] = table["wall_s"] / own["wall_s"]
    table["times_cpu"] = table["cpu_s"] / own["cpu_s"]
    table["same_area"] = (table["area_m2"] / own["area_m2"] - 1).abs() <= SAME_TOTAL
    return table.sort_values("wall_s")


def growth_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of the size with which the time grows (增长指数): 1 is twice the time for twice the size, 0 the same time.

    The slope of the straight line through the logarithms of both.
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
