"""A Spark DataFrame of parcels overlaid, the kernel as the body of `mapInArrow`: for parcels in a lake, or out of a query.

    parcels = spark.read.parquet("hdfs:///land/parcels")          # columns `parcel_id`, `geometry` (WKB)
    zones = prepare_line(pq.read_table("redline.parquet"), "ecological_redline")
    rows = overlaps_on_spark(parcels, zones, label="parcel_id", crs="EPSG:4549")
    rows.write.parquet("hdfs:///land/overlaps")

Every row goes from Java to Python and back, which takes the executor as long again as the overlay.  Where the parcels are
files that every executor sees (a share, a mounted HDFS), groups of them are dealt out instead, as with dask:

    landkit.stream_overlaps("/share/province", "/share/redline.gpkg", to="/share/overlaps", cluster="spark://host:7077")

No jars: Spark moves Arrow batches, the Python of each executor needs landkit.  With
`spark.python.daemon.module=landkit.cluster.spark_daemon` each executor loads the kernel once for all its workers; an
application that landkit starts has that set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from landkit.errors import PlaceError

if TYPE_CHECKING:
    import pyarrow as pa

    from landkit.overlay.kernel.arrow import PreparedZones

ROWS_AT_ONCE: Final = (
    100_000  # Spark hands over 10,000 at a time, and every call goes once through the whole of the zones
)
ROWS_OUT: Final = 10_000


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
