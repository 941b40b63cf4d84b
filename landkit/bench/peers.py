"""Engines for the same job: read two GeoParquet files, find what parcels and zones share, write GeoParquet.

A peer is a function of three paths; `PEERS` names them and the packages each needs, so that another engine is one
entry more.  Each writes the columns `parcel`, `zone`, `area_m2`, `geometry`, as a file or as a folder of parts.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import geopandas as gpd
import shapely

from landkit.arrays import Ints, Shapes
from landkit.bench import plain, postgis, postgres_server, workers

Job: TypeAlias = Callable[[Path, Path, Path], None]
THREADS: Final = 2


@contextmanager
def alone(_parcels: Path, _zones: Path, _out: Path) -> Iterator[None]:
    """Nothing else runs while the job does."""
    yield


class Peer(NamedTuple):
    """One engine: the job, how it is made ready for some parcels before the clock starts, the packages it needs.

    `around` is what runs while the job does, such as a server; `lacking` names a program it needs and misses.
    """

    job: Job
    ready: Callable[[Path], object]
    needs: tuple[str, ...]
    around: Callable[[Path, Path, Path], AbstractContextManager[None]] = alone
    lacking: Callable[[], str | None] = lambda: None


def by_landkit(parcels: Path, zones: Path, out: Path) -> None:
    """landkit's kernel from Arrow to Arrow; the zones are made ready while the parcels are read."""
    from landkit.overlay.kernel.arrow import overlap_table, prepare_zones

    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(_table, parcels)
        prepared = prepare_zones(_table(zones), label="id")
        rows = overlap_table(reading.result(), prepared, label="id", area="planar")
    parquet.write_table(rows, out, use_dictionary=["zone"])


def _table(path: Path) -> pa.Table:
    with parquet.ParquetFile(path, memory_map=True) as file:
        return file.read(columns=["id", "geometry"])


def by_frames(parcels: Path, zones: Path, out: Path) -> None:
    """`overlaps` of frames, as users call it: it takes GEOS or the kernel by the size of the job, and loads what it takes."""
    from landkit.overlay import overlaps

    left, right = (gpd.read_parquet(p, columns=["id", "geometry"]).set_index("id") for p in (parcels, zones))
    overlaps(left, right, area="planar").to_parquet(out)


def by_geopandas(parcels: Path, zones: Path, out: Path) -> None:
    """geopandas.overlay, as its documentation has it."""
    left = gpd.read_parquet(parcels, columns=["id", "geometry"]).rename(columns={"id": "parcel"})
    right = gpd.read_parquet(zones, columns=["id", "geometry"]).rename(columns={"id": "zone"})
    rows = gpd.overlay(left, right, how="intersection", keep_geom_type=True)
    rows.assign(area_m2=rows.area).to_parquet(out)


def by_shapely(parcels: Path, zones: Path, out: Path) -> None:
    """What a shapely expert writes: a tree of parcels, prepared zones, what is covered is not cut, two threads."""
    left = gpd.read_parquet(parcels, columns=["id", "geometry"])
    right = gpd.read_parquet(zones, columns=["id", "geometry"])
    mine, theirs = np.asarray(left.geometry.array), np.asarray(right.geometry.array)
    tree = shapely.STRtree(mine)
    shapely.prepare(theirs)
    zone, parcel = tree.query(theirs, predicate="intersects")
    zone_over, parcel_under = tree.query(theirs, predicate="covers")
    covered = np.isin(zone * len(mine) + parcel, zone_over * len(mine) + parcel_under)
    pieces = mine[parcel]
    pieces[~covered] = _cut(mine, theirs, parcel[~covered], zone[~covered])
    area = shapely.area(pieces)
    some = area > 0
    rows = {
        "parcel": left["id"].to_numpy()[parcel[some]],
        "zone": right["id"].to_numpy()[zone[some]],
        "area_m2": area[some],
    }
    gpd.GeoDataFrame(rows, geometry=pieces[some], crs=left.crs).to_parquet(out)


def _cut(mine: Shapes, theirs: Shapes, parcel: Ints, zone: Ints) -> Shapes:
    blocks = np.array_split(np.arange(len(parcel)), 64)
    with ThreadPoolExecutor(THREADS) as pool:
        work = pool.map(lambda rows: shapely.intersection(mine[parcel[rows]], theirs[zone[rows]]), blocks)
        return np.concatenate(list(work))


def warm_kernel(_parcels: Path) -> None:
    """Load the kernel's machine code before the clock starts, as the peers' libraries are loaded."""
    from landkit.overlay.kernel.warm import warm

    warm()


def by_duckdb(parcels: Path, zones: Path, out: Path) -> None:
    """DuckDB's spatial join on two threads; the file is GeoParquet."""
    import duckdb

    with duckdb.connect(config={"threads": THREADS}) as base:
        base.load_extension("spatial")
        for name, path in (("parcels", parcels), ("zones", zones)):
            base.read_parquet(str(path)).project("id, geometry").create(name)
        base.sql(_SHARED).write_parquet(str(out), compression="zstd")


def by_sedona(parcels: Path, zones: Path, out: Path) -> None:
    """SedonaDB, the single-machine engine of Apache Sedona."""
    import sedonadb

    base = sedonadb.connect()
    base.read_parquet(str(parcels)).to_view("parcels")
    base.read_parquet(str(zones)).to_view("zones")
    base.sql(_SHARED).to_parquet(str(out))


_SHARED: Final = """
    select parcel, zone, ST_Area(geometry) as area_m2, geometry from (
        select parcels.id as parcel, zones.id as zone, ST_Intersection(parcels.geometry, zones.geometry) as geometry
        from parcels join zones on ST_Intersects(parcels.geometry, zones.geometry)
    ) as pieces where ST_Area(geometry) > 0"""


def load_duckdb(_parcels: Path) -> None:
    """The extension comes as a package, which must be imported before DuckDB can load it."""
    import duckdb_extensions

    duckdb_extensions.import_extension("spatial")


def load_reader(_parcels: Path) -> None:
    """geopandas loads Arrow's datasets when it first reads a file: that is the library's start, not the job."""
    importlib.import_module("pyarrow.dataset")


def load_overlaps(parcels: Path) -> None:
    """The same, and the module of `overlaps`, which loads the kernel while the clock runs where it takes it."""
    load_reader(parcels)
    importlib.import_module("landkit.overlay")


def _by_workers(count: int, suffix: str) -> dict[str, Peer]:
    """landkit on so many workers: started while the clock runs, found running, and the executors of Spark in both ways."""
    ready, around = workers.ready_for_dask, functools.partial(workers.dask_running, workers=count)
    spark = functools.partial(workers.spark_running, workers=count, job=workers.by_spark)
    frame = functools.partial(workers.spark_running, workers=count, job=workers.by_spark_frame)
    for_spark = ("pyspark", "psutil")
    return {
        f"dask{suffix}": Peer(functools.partial(workers.by_dask, workers=count), ready, ("distributed",)),
        f"dask-running{suffix}": Peer(workers.by_running_dask, ready, ("distributed",), around),
        f"spark{suffix}": Peer(workers.by_spark, workers.split_beside, for_spark, spark, workers.java),
        f"spark-frame{suffix}": Peer(
            workers.by_spark_frame, workers.split_beside, for_spark, frame, workers.java
        ),
    }


POSTGIS: Final = ("psycopg", "psutil")
PEERS: dict[str, Peer] = {
    "landkit": Peer(by_landkit, warm_kernel, ("numba",)),
    "frames": Peer(by_frames, load_overlaps, ("numba",)),
    "shapely": Peer(by_shapely, load_reader, ("shapely",)),
    "geopandas": Peer(by_geopandas, load_reader, ("geopandas",)),
    "sedona": Peer(by_sedona, lambda _: importlib.import_module("sedonadb"), ("sedonadb",)),
    "duckdb": Peer(by_duckdb, load_duckdb, ("duckdb", "duckdb_extensions", "duckdb_extension_spatial")),
    "plain": Peer(plain.read_and_write, load_reader, ("numba",), plain.answer_beside),
    "postgis": Peer(
        postgis.by_loaded_postgis, load_reader, POSTGIS, postgis.loaded_base, postgres_server.lacking
    ),
    "postgis-load": Peer(
        postgis.by_postgis, load_reader, POSTGIS, postgis.empty_base, postgres_server.lacking
    ),
    **_by_workers(1, "-1"),
    **_by_workers(2, ""),
}
WITH_OTHERS: Final = {name for name, peer in PEERS.items() if peer.around is not alone} | {"dask", "dask-1"}


def lacks(name: str) -> list[str]:
    """The packages and programs that an engine needs and that are not here."""
    peer = PEERS[name]
    packages = [package for package in peer.needs if importlib.util.find_spec(package) is None]
    program = peer.lacking()
    return packages if program is None else [*packages, program]


def installed() -> list[str]:
    """The engines that can run here."""
    return [name for name in PEERS if not lacks(name)]
