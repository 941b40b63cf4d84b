"""The task of a worker: one group of parcels read, overlaid and written."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landkit.cluster.zones_folder import mapped
from landkit.io.parts import write_part
from landkit.io.row_groups import RowGroups

if TYPE_CHECKING:
    import pyarrow as pa

    from landkit.overlay.kernel.arrow import PreparedZones
    from landkit.overlay.kernel.reading import Room


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
        from landkit.overlay.kernel.arrow import overlap_table  # loads numba

        label = self.label or self.groups.row_column
        found = overlap_table(
            rows, zones, how=self.how, label=label, workers=self.workers, room=room, area=self.area
        )
        return found if label is not None else _counted_on(found, self.groups.first_row[group])


def overlap_group(job: GroupJob, group: int, zones: Path, path: Path) -> dict[str, Any]:
    """Read one group, overlay it with the zones of a folder, write its part; gives the part's rows, bytes and area in m2.

    Doing it twice, as schedulers do when a worker is lost, gives the same file.

    Raises: CRSError, GeometryError, LayerError, PlaceError.
    """
    found = job.overlaps(job.groups.read(group), group, mapped(zones), _own_room())
    return {**write_part(path, found), "area_m2": total_m2(found)}


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


def _counted_on(found: pa.Table, first_row: int) -> pa.Table:
    """Positions in the group as positions in the file."""
    import pyarrow.compute as pc

    place = found.column_names.index("parcel")
    return found.set_column(place, "parcel", pc.add(found["parcel"], first_row))
