"""The process that Spark copies its Python workers from, with the kernel loaded once for all of an executor.

spark.conf: spark.python.daemon.module=landkit.cluster.spark_daemon
"""

from __future__ import annotations

if __name__ == "__main__":
    from pyspark.daemon import manager

    from landkit.overlay.kernel.warm import warm

    warm()
    manager()
