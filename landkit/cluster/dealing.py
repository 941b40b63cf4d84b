"""Numbered calls of one function dealt out to workers, whoever keeps them: dask or Spark."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

from landkit.cluster.connection import TRIES, connected, each_done
from landkit.cluster.spark_context import Where, is_spark, spark_context
from landkit.cluster.spark_tasks import SparkTasks
from landkit.errors import PlaceError

Facts: TypeAlias = dict[str, Any]
Calls: TypeAlias = Mapping[int, tuple[Any, ...]]


class Tasks(Protocol):
    """Calls that have been dealt out."""

    def each(self, done: Callable[[int, Facts], object], *, lost: str) -> None:
        """Tell `done` of every call, with what it gave, as it ends."""


Deal: TypeAlias = Callable[[Callable[..., Facts], Any, Calls], Tasks]


class DaskTasks:
    """Calls of one function, dealt out to the workers of a dask scheduler while the caller does something else (分发)."""

    def __init__(self, client: Any, task: Callable[..., Facts], shared: Any, calls: Calls) -> None:
        """Begin `task(shared, *call)` for each numbered call; `shared` is sent once to each worker."""
        self._client = client
        self._begun = task, shared, calls
        self._waiting = self._submit(list(calls))

    def each(self, done: Callable[[int, Facts], object], *, lost: str) -> None:
        """Tell `done` of every call, with what it gave, as it ends.

        Raises: what the function raised; PlaceError (the scheduler is gone, a call that ended every worker it was given to).
        """
        for left in reversed(range(TRIES)):
            gone = each_done(self._waiting, done, lost=lost)
            if not gone:
                return
            if not left:
                raise PlaceError("cluster_gone")
            self._waiting = self._submit(gone)  # the worker was lost that held what was sent along

    def _submit(self, numbers: list[int]) -> dict[Any, int]:
        task, shared, calls = self._begun
        sent = self._client.scatter(shared, broadcast=True, hash=False)
        submit = functools.partial(self._client.submit, task, sent, pure=False, retries=TRIES)
        return {submit(*calls[number]): number for number in numbers}


@contextmanager
def workers_at(where: Where) -> Iterator[Deal]:
    """What deals calls out (分发): to processes of this machine, the workers of a dask scheduler, or Spark's executors.

    What has not been done when it is left is called off.

    Raises: PlaceError as `connected` and `spark_context` do.
    """
    if not is_spark(where):
        assert isinstance(where, int | str)
        with connected(where) as client:
            yield functools.partial(DaskTasks, client)
        return
    with spark_context(where) as context:
        dealt: list[SparkTasks] = []

        def deal(task: Callable[..., Facts], shared: Any, calls: Calls) -> SparkTasks:
            dealt.append(SparkTasks(context, task, shared, calls))
            return dealt[-1]

        try:
            yield deal
        finally:
            for tasks in dealt:
                tasks.call_off()
