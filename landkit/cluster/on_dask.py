"""Groups of parcels over the workers of dask.distributed: processes of this machine, or a cluster by its address."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landkit.cluster.group import GroupJob, overlap_group
from landkit.errors import PlaceError

if TYPE_CHECKING:
    from landkit.overlay.kernel.arrow import PreparedZones

CONNECT_WITHIN_S = 15
TRIES = 3  # a task whose worker is lost is given to another so often


def over_workers(
    job: GroupJob,
    paths: Sequence[tuple[int, Path]],
    zones: PreparedZones,
    *,
    where: int | str,
    done: Callable[[int, dict[str, Any]], object],
) -> None:
    """Do the groups of a job on workers (分发), and tell `done` of each with its facts as it is finished.

    `paths` are the groups to do and where each is written; `where` is a number of processes of this machine
    (each with one thread) or the address of a scheduler, `tcp://host:8786`.  What was done when the scheduler
    stops has been told and need not be done again.

    Raises: PlaceError (dask is not installed, no answer from the address, a group that killed every worker it was
    given to); CRSError, GeometryError, LayerError from the groups themselves.
    """
    with _client(where) as client:
        from distributed import as_completed
        from distributed.scheduler import KilledWorker

        shared = client.scatter(zones, broadcast=True)
        waiting = {
            client.submit(overlap_group, job, group, shared, path, pure=False, retries=TRIES): group
            for group, path in paths
        }
        for future in as_completed(list(waiting)):
            try:
                done(waiting[future], future.result())
            except KilledWorker as error:
                raise PlaceError("cluster_worker_lost", group=waiting[future]) from error


@contextlib.contextmanager
def _client(where: int | str) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise PlaceError("cluster_missing", package="distributed", extra="cluster") from error
    if isinstance(where, int):
        with (
            LocalCluster(n_workers=where, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(where, timeout=CONNECT_WITHIN_S)
    except (OSError, ValueError) as error:
        raise PlaceError("cluster_unreachable", address=where) from error
    with client:
        yield client
