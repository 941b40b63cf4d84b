"""Groups of parcels: one read, overlaid and written, which is the task of a worker, and all of them dealt out to workers."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from landkit.arrays import Bounds, Floats
from landkit.cluster.connection import Facts
from landkit.cluster.dealing import workers_at
from landkit.cluster.spark_context import Where
from landkit.cluster.zones_folder import laid_out, mapped
from landkit.io.folders import refusal
from landkit.io.parts import write_part
from landkit.io.row_groups import SOURCE_ROW, RowGroups
from landkit.overlay.labels import odd_labels

if TYPE_CHECKING:
    import pyarrow as pa

    from landkit.overlay.kernel.arrow import PreparedZones
    from landkit.overlay.kernel.reading import Room

LOOKED_AT: Final = 16_384  # vertices of zones


@dataclass(frozen=True)
class GroupJob:
    """What is the same for all groups of a job (分组任务): where parcels come from, what is asked of them."""

    groups: RowGroups
    label: str | None
    how: str
    area: str = "ellipsoid"
    workers: int | None = None

    def overlaps(
        self, rows: pa.Table, group: int, zones: PreparedZones, room: Room | None = None
    ) -> pa.Table:
        """Overlaps of the parcels of one group that has been read; positions are those in the source."""
        import pyarrow as pa

        from landkit.overlay.kernel.arrow import overlap_table  # loads numba

        label = self.label or self.groups.row_column
        if label is None:
            label, first = SOURCE_ROW, self.groups.first_row[group]
            rows = rows.append_column(label, pa.array(np.arange(first, first + rows.num_rows)))
        return overlap_table(
            rows, zones, how=self.how, label=label, workers=self.workers, room=room, area=self.area
        )

    def about_labels(self, rows: pa.Table, group: int) -> Facts:
        """Facts of the parcels of a group whose label is empty or repeated; none where no column of labels is named."""
        if self.label is None:
            return {}
        odd = odd_labels(rows[self.label].to_pandas())
        if odd.empty:
            column = self.groups.row_column
            at = odd.first_empty
            row = self.groups.first_row[group] + at if column is None else rows[column][at].as_py()
            odd = dataclasses.replace(odd, first_empty=row)
        return {"labels": dataclasses.asdict(odd)}


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
    Workers write into the folder of the zones, which is this run's alone: a task that runs already cannot be called off, and
    what it writes after a run has failed must not turn up among the parts of the next one.

    Raises: PlaceError (dask or Spark is not installed, no answer from the address, other versions there, a group that ended
    every worker it was given to, a part that cannot be put in its place); CRSError, GeometryError, LayerError from the
    groups themselves.
    """
    places = dict(paths)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(zones)
        with workers_at(where) as deal, laid_out(coming.result(), paths[0][1].parent) as folder:

            def in_place(group: int, facts: Facts) -> None:
                _move(folder / places[group].name, places[group])
                done(group, facts)

            ordered = heaviest_first(places, job.groups.boxes, coming.result().layer.polygons.xy)
            calls = {group: (group, folder, folder / places[group].name) for group in ordered}
            deal(overlap_group, job, calls).each(in_place, lost="cluster_worker_lost")


def heaviest_first(groups: Iterable[int], boxes: Sequence[Bounds], vertices: Floats) -> list[int]:
    """Groups in the order in which they are begun (先重后轻): those in whose box most vertices of zones stand come first.

    What takes longest is not begun last then, and workers end together.  Where no boxes are stated, as the groups come.
    `vertices` is (n, 2), of which some thousands are looked at.
    """
    if not boxes:
        return list(groups)
    x, y = vertices[:: 1 + len(vertices) // LOOKED_AT].T.copy()

    def inside(group: int) -> int:
        west, south, east, north = boxes[group]
        return int(np.count_nonzero((x >= west) & (x <= east) & (y >= south) & (y <= north)))

    return sorted(groups, key=inside, reverse=True)


def _move(part: Path, place: Path) -> None:
    try:
        part.replace(place)
    except OSError as error:
        raise refusal(error, place) from error


def overlap_group(job: GroupJob, group: int, zones: Path, path: Path) -> Facts:
    """Read one group, overlay it with the zones of a folder, write its part; gives the part's rows, bytes and area in m2.

    Doing it twice, as schedulers do when a worker is lost, gives the same file.

    Raises: CRSError, GeometryError, LayerError, PlaceError.
    """
    rows = job.groups.read(group)
    found = job.overlaps(rows, group, mapped(zones), _own_room())
    return {**write_part(path, found), "area_m2": total_m2(found), **job.about_labels(rows, group)}


_lent = threading.local()


def _own_room() -> Room:
    """Memory that one task after another of this thread works in."""
    from landkit.overlay.kernel.reading import Room  # loads numba

    if not hasattr(_lent, "room"):
        _lent.room = Room()
    room: Room = _lent.room
    return room


def total_m2(found: pa.Table) -> float:
    """Area of all overlaps of a table, in m2."""
    return float(found["area_m2"].to_numpy().sum())
