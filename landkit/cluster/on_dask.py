"""One function called many times on the workers of dask.distributed, and each call told of as it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landkit.cluster.connection import TRIES, Calls, Facts, each_done
from landkit.errors import PlaceError


class DaskTasks:
    """Calls of one function, dealt out to the workers of a dask scheduler while the caller does something else (分发)."""

    def __init__(
        self,
        client: Any,
        task: Callable[..., Facts],
        shared: Any,
        calls: Calls,
    ) -> None:
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
            if not left or self._client.status != "running":
                raise PlaceError("cluster_gone")
            self._waiting = self._submit(gone)  # the worker was lost that held what was sent along

    def _submit(self, numbers: list[int]) -> dict[Any, int]:
        task, shared, calls = self._begun
        sent = self._client.scatter(shared, broadcast=True, hash=False)
        arguments = zip(*[calls[number] for number in numbers], strict=True)
        begun = self._client.map(task, [sent] * len(numbers), *arguments, pure=False, retries=TRIES)
        return dict(zip(begun, numbers, strict=True))
