"""What the server of worker processes loads before it makes any: dask, the kernel and its machine code."""

import pyarrow.dataset
import pyarrow.parquet  # noqa: F401

import landkit.cluster.group
import landkit.cluster.judging
import landkit.overlay.kernel.arrow  # noqa: F401
from landkit.overlay.kernel.warm import warm

warm()
