"""The process that Spark copies its Python workers from, with the kernel loaded once for all of an executor.

spark.conf: spark.python.daemon.module=landkit.cluster.spark_daemon
"""

from __future__ import annotations

if __name__ == "__main__":
    import pyspark.worker  # noqa: F401  each copy would load it for itself
    from pyspark.daemon import manager

    import landkit.cluster.on_spark
    import landkit.cluster.preloaded  # noqa: F401

    manager()
