"""Groups of parcels over the workers of dask.distributed: processes of this machine, or a cluster by its address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landkit.cluster.connection import TRIES, connected, each_done
from landkit.cluster.group import GroupJob, overlap_group
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

    `paths` are the groups to do and where each is written; `zones` is asked for once the workers are there; `where` is a
    number of processes of this machine (each with one thread) or the address of a scheduler, `tcp://host:8786`.  What was
    done when the scheduler stops has been told and need not be done again.

    Raises: PlaceError (dask is not installed, no answer from the address, other versions there, a group that killed every
    worker it was given to); CRSError, GeometryError, LayerError from the groups themselves.
    """
    with connected(where) as client:
        todo, prepared = dict(paths), zones()
        for _ in range(TRIES):
            shared = client.scatter(prepared, broadcast=True)
            waiting = {
                client.submit(overlap_group, job, group, shared, path, pure=False, retries=TRIES): group
                for group, path in todo.items()
            }
            gone = each_done(waiting, done, lost="cluster_worker_lost")
            if not gone:
                return
            todo = {group: todo[group] for group in gone}
        raise PlaceError("cluster_gone")
