"""Groups of parcels over the workers of dask.distributed: processes of this machine, or a cluster by its address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landkit.cluster.connection import TRIES, connected, each_done
from landkit.cluster.group import GroupJob, overlap_group
from landkit.cluster.zones_folder import laid_out
from landkit.errors import PlaceError

if TYPE_CHECKING:
    from landkit.overlay.kernel.arrow import PreparedZones


def over_workers(
    job: GroupJob,
    paths: Sequence[tuple[int, Path]],
    zones: Callable[[], PreparedZones],
    *,
    where: int | str,
    done: Callable[[int, dict[str, Any]], object],
) -> None:
    """Do the groups of a job on workers (分发), and tell `done` of each with its facts as it is finished.

    `paths` are the groups to do, at least one, and where each is written, all in one folder, where the zones stand too
    while the job runs; `zones` is asked for while workers are started or reached; `where` is a number of processes of this
    machine (each with one thread) or the address of a scheduler, `tcp://host:8786`.  What was done when the scheduler stops
    has been told and need not be done again.

    Raises: PlaceError (dask is not installed, no answer from the address, other versions there, a group that killed every
    worker it was given to); CRSError, GeometryError, LayerError from the groups themselves.
    """
    groups, files = zip(*paths, strict=True)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(zones)
        with connected(where) as client, laid_out(coming.result(), files[0].parent) as folder:
            each = [job] * len(groups), groups, [folder] * len(groups), files
            futures = client.map(overlap_group, *each, pure=False, retries=TRIES)
            if each_done(dict(zip(futures, groups, strict=True)), done, lost="cluster_worker_lost"):
                raise PlaceError("cluster_gone")
