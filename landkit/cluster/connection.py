"""Workers to give tasks to: processes of this machine, or those of a dask scheduler by its address."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from typing import Any, Final, TypeAlias

from landkit.cluster.local import local_cluster
from landkit.errors import PlaceError

Calls: TypeAlias = Mapping[int, tuple[Any, ...]]  # of one function: the arguments of each, by number
Facts: TypeAlias = dict[str, Any]  # what a call gives
CONNECT_WITHIN_S = 15
TRIES: Final = 3  # a task whose worker is lost is given to another so often
# what results may depend on to the last digit, and what tasks are sent with
SAME: Final = ("landkit", "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyarrow", "numba")


@contextlib.contextmanager
def connected(where: int | str) -> Iterator[Any]:
    """A dask client (连接集群): `where` is a number of processes of this machine, each with one thread, or a scheduler's
    address, `tcp://host:8786`, whose workers must have the versions that this process has.

    Raises: PlaceError (dask is not installed, no answer from the address, no worker there, other versions on a worker).
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise PlaceError("cluster_missing", package="distributed", extra="cluster") from error
    if isinstance(where, int):
        with local_cluster(where) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(where, timeout=CONNECT_WITHIN_S)
    except (OSError, ValueError) as error:
        raise PlaceError("cluster_unreachable", address=where) from error
    with _no_log_of("distributed.client"), client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_WITHIN_S)
        except TimeoutError as error:
            raise PlaceError("cluster_without_workers", address=where) from error
        told: Any = client.get_versions(packages=list(SAME))
        require_same(told)
        yield client


@contextlib.contextmanager
def _no_log_of(name: str) -> Iterator[None]:
    """What a library would log with a traceback is told in one sentence of ours: that the scheduler went away."""
    log = logging.getLogger(name)
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def require_same(versions: Mapping[str, Any]) -> None:
    """Every worker has what this process has (版本一致), as `Client.get_versions` tells; of Python itself 3.x.

    Raises: PlaceError with the first worker and package that differ.
    """
    ours = _known(versions["client"])
    for worker, told in sorted(versions["workers"].items()):
        theirs = _known(told)
        for name in ours:
            if theirs[name] != ours[name]:
                facts = {
                    "worker": worker,
                    "package": name,
                    "theirs": theirs[name] or "-",
                    "ours": ours[name] or "-",
                }
                raise PlaceError("cluster_versions", **facts)


def _known(told: Mapping[str, Any]) -> dict[str, str | None]:
    packages = told["packages"]
    python = ".".join(str(packages["python"]).split(".")[:2])
    return {"python": python, **{name: packages.get(name) for name in SAME}}


def each_done(waiting: Mapping[Any, int], done: Callable[[int, Any], object], *, lost: str) -> list[int]:
    """Tell `done` of every task of a number, with what it gave, as it is finished; gives the numbers of tasks that were
    given up because what they need went down with a worker, or with the scheduler.

    Raises: PlaceError (a task that ended every worker it was given to, in the words of `lost`); what a task itself raises.
    """
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    gone = []
    for future in as_completed(list(waiting)):
        try:
            done(waiting[future], future.result())
        except KilledWorker as error:
            raise PlaceError(lost, group=waiting[future]) from error
        except CancelledError:
            gone.append(waiting[future])
    return gone
