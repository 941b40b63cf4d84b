"""A Spark application of its own (`python spark_job.py PARCELS ZONES OUT BAD STUDY`): what a company cluster would run.

One of its two executors is killed by SIGKILL while it is at work.  Then its session, which goes on, is given bad land, and
a small study in parts.
"""

import os
import signal
import sys
import threading
import time

import pyarrow.parquet as pq
from executors import executors
from pyspark.sql import SparkSession

import landkit
from landkit.cluster import judging
from landkit.cluster.on_spark import overlaps_on_spark
from landkit.overlay import engine
from landkit.overlay.kernel.arrow import prepare_zones


def kill_one_executor() -> None:
    while len(found := executors(os.getpid())) < 2:
        time.sleep(0.05)
    time.sleep(1.0)
    os.kill(found[0], signal.SIGKILL)
    sys.stderr.write("killed an executor\n")


if __name__ == "__main__":
    parcels, zones, out, bad, study = sys.argv[1:6]
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("landkit")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.executor.memory": "1g",
        "spark.executorEnv.PYTHONPATH": os.environ["PYTHONPATH"],
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.files.maxPartitionBytes": "64k",
        "spark.python.daemon.module": "landkit.cluster.spark_daemon",
    }.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    threading.Thread(target=kill_one_executor, daemon=True).start()
    frame = spark.read.parquet(parcels)
    prepared = prepare_zones(pq.read_table(zones))
    overlaps_on_spark(frame, prepared, label="code", crs="EPSG:4549").write.parquet(out)
    try:
        landkit.stream_overlaps(bad, zones, to=f"{out}-bad", cluster=spark)
    except landkit.LandkitError as error:
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
    engine.KERNEL_FROM_PARCELS, judging.PART_ROWS = 1, 3
    landkit.run(study, to=f"{out}-study", cluster=spark)
    sys.stdout.write(f"{spark.range(3).count()} rows counted after it\n")
    spark.stop()
