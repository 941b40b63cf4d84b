"""Groups of parcels overlaid by workers, whoever keeps them: processes of this machine, dask or Spark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from landkit.cluster.dealing import workers_at
from landkit.cluster.group import GroupJob, overlap_group
from landkit.cluster.on_dask import Facts
from landkit.cluster.spark_context import Where
from landkit.cluster.zones_folder import laid_out

if TYPE_CHECKING:
    from landkit.overlay.kernel.arrow import PreparedZones


def over_workers(
    job: GroupJob,
    paths: Sequence[tuple[int, Path]],
    zones: Callable[[], PreparedZones],
    *,
    where: Where,
    done: Callable[[int, Facts], object],
) -> None:
    """Do the groups of a job on workers (分发), and tell `done` of each with its facts as it is finished.

    `paths` are the groups to do, at least one, and where each is written, all in one folder, where the zones stand too
    while the job runs; `zones` is asked for while workers are started or reached; `where` is a number of processes of this
    machine (each with one thread), the address of a dask scheduler, `tcp://host:8786`, or Spark as for `spark_context`.
    A group whose worker is lost is given to another.  What was done when this fails has been told and need not be done again.

    Raises: PlaceError (dask or Spark is not installed, no answer from the address, other versions there, a group that ended
    every worker it was given to); CRSError, GeometryError, LayerError from the groups themselves.
    """
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(zones)
        with workers_at(where) as deal, laid_out(coming.result(), paths[0][1].parent) as folder:
            calls = {group: (group, folder, path) for group, path in paths}
            deal(overlap_group, job, calls).each(done, lost="cluster_worker_lost")
