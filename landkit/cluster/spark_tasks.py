"""One function called many times on Spark's executors: a task for each call, and each told of as it ends.

Spark gives the results of a job when all of it is done.  What its driver hears of every single task as it ends is the
task's part of an accumulator, and hears exactly once, however often a task was tried: so results come back in one.
"""

from __future__ import annotations

import functools
import platform
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from landkit.cluster.connection import SAME, Calls, Facts, require_same
from landkit.cluster.spark_context import STANDALONE, first_line
from landkit.errors import LandkitError, PlaceError

if TYPE_CHECKING:
    from pyspark import Accumulator, Broadcast, SparkContext

LOOK_EVERY_S: Final = 0.02
EXECUTOR_WITHIN_S: Final = 120
FAILED_TASK: Final = re.compile(r"Task (\d+) in stage \S+ failed")
WORKER_LOST: Final = ("ExecutorLostFailure", "exited unexpectedly", "Python worker crashed")
NO_LANDKIT: Final = "No module named 'landkit"
PYTHON_ERROR: Final = re.compile(r"Traceback \(most recent call last\):\n(?: .*\n)+(\S.*)")


class SparkTasks:
    """Calls of one function, dealt out to executors while the caller does something else (分发)."""

    def __init__(
        self,
        context: SparkContext,
        task: Callable[..., Facts],
        shared: Any,
        calls: Calls,
    ) -> None:
        """Begin `task(shared, *call)` for each numbered call; `shared` is sent once to each executor."""
        from pyspark import InheritableThread
        from pyspark.accumulators import AddingAccumulatorParam

        self._context = context
        self._numbers = list(calls)
        self._told: Accumulator[list[Any]] = context.accumulator([], AddingAccumulatorParam([]))
        self._name = f"landkit-{uuid4()}"
        self._failure: Exception | None = None
        do = functools.partial(_do, task, context.broadcast(shared), self._told, _versions())
        self._job = InheritableThread(target=self._run, args=(do, list(calls.items())), daemon=True)
        self._begun = time.monotonic()
        self._job.start()

    def each(self, done: Callable[[int, Facts], object], *, lost: str) -> None:
        """Tell `done` of every call, with what it gave, as it ends; what is not done when this fails is called off.

        Raises: what the function raised; PlaceError (other versions there, an executor without landkit, no executor, a call
        that ended every executor it was given to, in the words of `lost`).
        """
        told = 0
        try:
            while told < len(self._numbers):
                told += self._tell_news(told, done, lost)
        except BaseException:
            self.call_off()
            raise
        self._job.join()

    def call_off(self) -> None:
        """What has not been done need not be."""
        if self._job.is_alive():
            self._context.cancelJobGroup(self._name)

    def _tell_news(self, told: int, done: Callable[[int, Facts], object], lost: str) -> int:
        running = self._job.is_alive()  # asked first: what is not heard of once it has ended never will be
        self._job.join(LOOK_EVERY_S)
        news = self._told.value[told:]
        for number, found in news:
            if isinstance(found, LandkitError):
                raise found
            done(number, found)
        if not (running or news):
            raise why_failed(str(self._failure), self._numbers, lost) from self._failure
        if not told and time.monotonic() - self._begun > EXECUTOR_WITHIN_S:
            self._require_executor()
        return len(news)

    def _run(self, do: Callable[[Any], Iterable[Any]], calls: list[Any]) -> None:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            self._context.setJobGroup(self._name, "landkit", interruptOnCancel=True)
            self._context.runJob(self._context.parallelize(calls, len(calls)), do)
        except (PySparkException, Py4JError) as error:
            self._failure = error

    def _require_executor(self) -> None:
        """Where a queue gives out executors the user knows that it does; Spark's own master gives what it has at once."""
        tracker = self._context.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(self._name)]
        stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
        waiting = not any(stage.numActiveTasks for stage in stages if stage)
        if waiting and str(self._context.master).startswith(STANDALONE):
            raise PlaceError("spark_without_executors", address=self._context.master)


def why_failed(said: str, numbers: Sequence[int], lost: str) -> PlaceError:
    """The sentence for what Spark says in pages when it gives a job up; `numbers` are those of its tasks in order."""
    task = FAILED_TASK.search(said)
    raised = PYTHON_ERROR.findall(said)
    if NO_LANDKIT in said:
        return PlaceError("spark_without_landkit")
    if task and any(word in said for word in WORKER_LOST):
        return PlaceError(lost, group=numbers[int(task[1])])
    if raised or task:
        return PlaceError(
            "spark_failed", detail=first_line(raised[-1] if raised else said.partition("\n: ")[2])
        )
    return PlaceError("cluster_gone")


def _do(
    task: Callable[..., Facts],
    shared: Broadcast[Any],
    told: Accumulator[list[Any]],
    versions: Mapping[str, Any],
    calls: Iterable[tuple[int, tuple[Any, ...]]],
) -> Iterable[Any]:
    """On the executor: what is wrong with the land goes back as it is, and need not be tried again."""
    for number, arguments in calls:
        try:
            require_same({"client": versions, "workers": {socket.gethostname(): _versions()}})
            found: Facts | LandkitError = task(shared.value, *arguments)
        except LandkitError as error:
            found = error
        told.add([(number, found)])
    return ()


@functools.cache
def _versions() -> dict[str, Any]:
    return {
        "packages": {"python": platform.python_version(), **{name: metadata.version(name) for name in SAME}}
    }
