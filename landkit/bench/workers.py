"""landkit's kernel on one worker or two, as peers of the bench: processes of dask.distributed, executors of Spark.

Each worker has one thread.  `ready` loads code; what else is outside the clock is said by the name: `dask` starts its workers
while the clock runs, as `--workers` does; `dask-running`, `spark` and `spark-frame` find them running, as `--cluster tcp://...`
and a session of Spark do, and find that they have worked before: dask's on one part each, Spark's on the whole job five times.
`spark` deals out groups of files as dask does, `spark-frame` has Spark read and write.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from pyarrow import parquet

from landkit.cluster.spark_context import Where, spark_context
from landkit.io.row_groups import row_groups
from landkit.io.split import split_parcels

if TYPE_CHECKING:
    from landkit.overlay.kernel.arrow import PreparedZones

SPLIT_PARTS: Final = (
    16  # parts of unequal work for two workers: the last one makes the other wait for a sixteenth at most
)
# Java loads and compiles over the first jobs; with the third, too, it takes 0.13 s more of a core.
TIMES_BEFORE: Final = 5
SPARK_PARTITION: Final = "16m"  # so many bytes of a frame's parcels are one task, some 60,000 parcels
COLUMNS: Final = ["id", "geometry"]


def split_beside(parcels: Path) -> Path:
    """The parcels split by place into the folder beside them, done once before any clock starts."""
    to = parcels.with_suffix(".split")
    if not to.exists():
        with parquet.ParquetFile(parcels) as file:
            rows = file.metadata.num_rows
        split_parcels(parcels, to=to, rows=-(-rows // SPLIT_PARTS))
    return to


def _prepared(zones: Path) -> PreparedZones:
    from landkit.overlay.kernel.arrow import prepare_zones

    with parquet.ParquetFile(zones) as file:
        return prepare_zones(file.read(COLUMNS), label="id")


def ready_for_dask(parcels: Path) -> None:
    """Parcels split, and code loaded here and where workers are copied from."""
    from landkit.cluster.local import warm_up
    from landkit.overlay.kernel.warm import warm

    split_beside(parcels)
    warm_up(wait=True)
    warm()


@contextmanager
def dask_running(parcels: Path, zones: Path, out: Path, *, workers: int) -> Iterator[None]:
    """So many workers under a scheduler that have done one part each; the address stands in a file beside the results."""
    from landkit.cluster.local import local_cluster

    with local_cluster(workers) as cluster:
        before = out.with_suffix(".before")
        _deal_out(parcels, zones, before, cluster.scheduler_address, parts=workers)
        shutil.rmtree(before)
        address = _address_beside(out)
        address.write_text(cluster.scheduler_address, encoding="utf-8")
        try:
            yield
        finally:
            address.unlink()


def _address_beside(out: Path) -> Path:
    return out.with_suffix(".address")


def by_dask(parcels: Path, zones: Path, out: Path, *, workers: int) -> None:
    """On so many processes that are started for the job."""
    _deal_out(parcels, zones, out, workers)


def by_running_dask(parcels: Path, zones: Path, out: Path) -> None:
    """On the workers of the scheduler that `dask_running` started."""
    address = _address_beside(out).read_text(encoding="utf-8")
    _deal_out(parcels, zones, out, address)


def _deal_out(parcels: Path, zones: Path, out: Path, where: Where, *, parts: int | None = None) -> None:
    """All parts of the job, or the first ones."""
    from landkit.cluster.group import GroupJob, over_workers

    groups = row_groups(split_beside(parcels).absolute(), columns=("id",))
    out.mkdir()
    paths = [(group, (out / f"part-{group:05d}.parquet").resolve()) for group in range(len(groups))[:parts]]
    job = GroupJob(groups, "id", "intersection", area="planar", workers=1)
    over_workers(job, paths, lambda: _prepared(zones), where=where, done=lambda _group, _facts: None)


def java() -> str | None:
    """The program that Spark needs, where it is missing."""
    return None if shutil.which("java") else "java"


SparkJob: TypeAlias = Callable[[Path, Path, Path], None]


@contextmanager
def spark_running(parcels: Path, zones: Path, out: Path, *, workers: int, job: SparkJob) -> Iterator[None]:
    """An application with so many executors of one core, each a process, that has done the job five times before."""
    with spark_context(f"local-cluster[{workers},1,1024]"):
        for time in range(TIMES_BEFORE):
            before = out.with_suffix(f".before-{time}")
            job(parcels, zones, before)
            shutil.rmtree(before)
        yield


def by_spark(parcels: Path, zones: Path, out: Path) -> None:
    """In the application that runs: executors read, overlay and write groups of files."""
    from pyspark import SparkContext

    _deal_out(parcels, zones, out, SparkContext.getOrCreate())


def by_spark_frame(parcels: Path, zones: Path, out: Path) -> None:
    """In the application that runs: read by Spark, overlaid by `mapInArrow`, written by Spark."""
    from pyspark.sql import SparkSession

    from landkit.cluster.on_spark import overlaps_on_spark

    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.files.maxPartitionBytes", SPARK_PARTITION)
    rows = spark.read.parquet(str(split_beside(parcels).absolute() / "*.parquet"))
    prepared = _prepared(zones)
    found = overlaps_on_spark(rows, prepared, label="id", crs=prepared.crs, area="planar")
    found.write.parquet(str(out.absolute()))
