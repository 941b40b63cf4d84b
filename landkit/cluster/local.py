"""Worker processes of this machine.

Where the system can fork, one server process loads the kernel once, while this process still reads zones, and every worker
is a copy of it: two workers then cost no more to start than one.  Elsewhere each worker loads the kernel for itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import sys
from collections.abc import Iterator
from typing import Any, Final

FORKS: Final = sys.platform == "linux"
METHOD: Final = "distributed.worker.multiprocessing-method"
# dask looks at every task a hundred times a second, at its own loops fifty times, at memory ten times and at the machine
# twice; few tasks of seconds do not need it so often
UNWATCHED: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}
PRELOADED: Final = ["distributed", "landkit.cluster.preloaded"]  # the latter last
ANY_PORT: Final = (
    "127.0.0.1:0"  # without a dashboard, too, dask opens a port, which two runs at once would quarrel about
)
CLOSE_WITHIN_S: Final = 0.5  # all results are in files by then


def warm_up(*, wait: bool = False) -> None:
    """Have the kernel loaded for workers to come, beside other work (预热), or `wait` for it; nothing where it cannot be."""
    if FORKS:
        import dask
        from distributed.utils import get_mp_context

        with dask.config.set({METHOD: "forkserver"}):
            get_mp_context()  # dask would put its own list in place of ours if it were asked for the first time later
        from multiprocessing import forkserver

        multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()
        if wait:
            first = multiprocessing.get_context("forkserver").Process(target=int)
            first.start()
            first.join()


@contextlib.contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """A dask cluster of so many processes of this machine, one thread each; they end at once when they are left."""
    import dask
    from distributed import LocalCluster

    warm_up()
    method = {METHOD: "forkserver"} if FORKS else {}
    with (
        dask.config.set({**UNWATCHED, **method}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": ANY_PORT},
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster
        cluster.sync(_end, cluster)


async def _end(cluster: Any) -> None:
    await asyncio.gather(*(nanny.close(timeout=CLOSE_WITHIN_S) for nanny in cluster.workers.values()))
