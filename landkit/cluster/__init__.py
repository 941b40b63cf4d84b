"""More than one process, more than one machine (集群): the kernel as it is, under schedulers that others keep.

`group` is the task: one group of parcels against prepared zones, one file written.  `on_dask` deals tasks out to
dask.distributed, here or over the network, `on_spark` to Spark's executors; `on_spark` also has the same kernel as the
body of `mapInArrow`.  None changes a row: the tests compare all with the run in one process, also when a worker is
killed on the way.

Every worker needs landkit installed and, but for `mapInArrow`, the folders of parcels and results under the same path.
"""
