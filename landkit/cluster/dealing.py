"""Numbered calls of one function dealt out to workers, whoever keeps them: dask or Spark."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

from landkit.cluster.connection import Calls, Facts, connected
from landkit.cluster.on_dask import DaskTasks
from landkit.cluster.spark_context import Where, is_spark, spark_context
from landkit.cluster.spark_tasks import SparkTasks


class Tasks(Protocol):
    """Calls that have been dealt out."""

    def each(self, done: Callable[[int, Facts], object], *, lost: str) -> None:
        """Tell `done` of every call, with what it gave, as it ends."""


Deal: TypeAlias = Callable[[Callable[..., Facts], Any, Calls], Tasks]


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
