"""What the server of worker processes loads before it makes any: dask, the kernel and its machine code."""

import distributed.nanny
import distributed.worker  # noqa: F401

import landkit.cluster.group
import landkit.cluster.judging  # noqa: F401
from landkit.overlay.kernel.warm import warm

warm()
