"""Spark, for company clusters that have it: groups of files as tasks, or the kernel as the body of `mapInArrow`.

Where the parcels are files that every executor sees (a share, a mounted HDFS), a task is a group of them, as with dask:

    landkit.stream_overlaps("/share/province", "/share/redline.gpkg", to="/share/overlaps", cluster="spark://host:7077")

The executors' Python reads, overlays and writes, the Java machines only deal out; parts are byte for byte those of one
process.  Where the parcels live in a lake or come out of a query, they are a DataFrame, and so are the overlaps:

    parcels = spark.read.parquet("hdfs:///land/parcels")          # columns `parcel_id`, `geometry` (WKB)
    zones = prepare_line(pq.read_table("redline.parquet"), "ecological_redline")
    rows = overlaps_on_spark(parcels, zones, label="parcel_id", crs="EPSG:4549")
    rows.write.parquet("hdfs:///land/overlaps")

Every row then goes from Java to Python and back, which takes the executor as long again as the overlay.  No jars: Spark
moves Arrow batches, the Python of each executor needs landkit.  With
`spark.python.daemon.module=landkit.cluster.spark_daemon` each executor loads the kernel once for all its workers; an
application that landkit starts has that set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landkit.cluster.group import GroupJob, overlap_group
from landkit.cluster.spark_context import spark_context
from landkit.cluster.spark_tasks import SparkTasks
from landkit.cluster.zones_folder import laid_out
from landkit.errors import PlaceError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    from landkit.overlay.kernel.arrow import PreparedZones

ROWS_AT_ONCE: Final = (
    100_000  # Spark hands over 10,000 at a time, and every call goes once through the whole of the zones
)
ROWS_OUT: Final = 10_000


def over_spark(
    job: GroupJob,
    paths: Sequence[tuple[int, Path]],
    zones: Callable[[], PreparedZones],
    *,
    where: str | SparkSession | SparkContext,
    done: Callable[[int, dict[str, Any]], object],
) -> None:
    """Do the groups of a job on Spark's executors (分发), a task each, and tell `done` of each with its facts as it ends.

    The same as `over_workers` with `where` as for `spark_context`.  A group whose executor is lost is given to another; what
    was done when this fails has been told and need not be done again, what was not is called off.

    Raises: PlaceError (Spark is not there or gives up); CRSError, GeometryError, LayerError from the groups themselves.
    """
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(zones)
        with spark_context(where) as context, laid_out(coming.result(), paths[0][1].parent) as folder:
            calls = {group: (group, path) for group, path in paths}
            SparkTasks(context, _overlap, (job, folder), calls).each(done, lost="cluster_worker_lost")


def _overlap(shared: tuple[GroupJob, Path], group: int, path: Path) -> dict[str, Any]:
    job, zones = shared
    return overlap_group(job, group, zones, path)


def overlaps_on_spark(
    parcels: Any,
    zones: PreparedZones,
    *,
    label: str,
    crs: str,
    how: str = "intersection",
    geometry: bool = True,
    area: str = "ellipsoid",
) -> Any:
    """Overlaps of a Spark DataFrame of parcels with prepared zones, as a Spark DataFrame (Spark 叠加).

    `parcels` has the column `label` and the WKB column `geometry` in `crs`, which is in metres; Spark's rows carry no
    CRS, so it is stated.  Out: `parcel`, `zone`, `area_m2` (m2, ellipsoidal, or planar with `area="planar"`) and `geometry`
    (WKB), in no order.

    Raises: PlaceError where pyspark is not installed; CRSError and GeometryError from the executors, when rows are asked for.
    """
    try:
        from pyspark.sql.pandas.types import from_arrow_type
        from pyspark.sql.types import BinaryType, DoubleType, StructField, StructType
    except ImportError as error:
        raise PlaceError("cluster_missing", package="pyspark", extra="spark") from error
    shared = parcels.sparkSession.sparkContext.broadcast(zones)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from landkit.overlay.kernel.arrow import overlap_table  # on the executor

        for rows in _together(batches, ROWS_AT_ONCE):
            found = overlap_table(
                rows, shared.value, how=how, geometry=geometry, label=label, crs=crs, workers=1, area=area
            )
            yield from found.to_batches(max_chunksize=ROWS_OUT)

    fields = [
        StructField("parcel", parcels.schema[label].dataType),
        StructField("zone", from_arrow_type(zones.labels.type)),
        StructField("area_m2", DoubleType()),
        *([StructField("geometry", BinaryType())] if geometry else []),
    ]
    return parcels.select(label, "geometry").mapInArrow(work, StructType(fields))


def _together(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Batches put together until there are so many rows, the last table with what is left."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(len(one) for one in held) >= rows:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)
