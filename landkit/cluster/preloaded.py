"""What the process that workers are copied from loads before it makes any: dask, the kernel and its machine code.

Python's collector looks from time to time through all that is alive, 0.1 s of 200,000 objects; what is loaded here it no
longer looks at.  So this is loaded last, and by no process but those.
"""

import gc

import pyarrow.dataset
import pyarrow.parquet  # noqa: F401

import landkit.cluster.group
import landkit.cluster.judging
import landkit.overlay.kernel.arrow  # noqa: F401
from landkit.overlay.kernel.warm import warm

warm()
gc.freeze()
