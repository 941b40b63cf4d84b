"""A Spark application of its own (`python spark_job.py PARCELS ZONES OUT`): what a company cluster would run.

One of its two executors is killed by SIGKILL while it is at work.
"""

import os
import signal
import subprocess
import sys
import threading
import time

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from landkit.cluster.on_spark import overlaps_on_spark
from landkit.overlay.kernel.arrow import prepare_zones


def kill_one_executor() -> None:
    while True:
        found = subprocess.run(
            ["pgrep", "-f", "CoarseGrainedExecutorBackend"], check=False, capture_output=True, text=True
        )
        if len(found.stdout.split()) >= 2:
            time.sleep(1.0)
            os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
            sys.stderr.write("killed an executor\n")
            return
        time.sleep(0.05)


if __name__ == "__main__":
    parcels, zones, out = sys.argv[1:4]
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
    spark.stop()
