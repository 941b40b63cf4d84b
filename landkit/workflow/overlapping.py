"""Overlaps of layers in files larger than memory: streamed group by group into parts."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from landkit.cluster.code_state import made_by
from landkit.cluster.group import GroupJob, over_workers, total_m2
from landkit.cluster.spark_context import Where
from landkit.errors import LayerError
from landkit.io.opener import check_path
from landkit.io.parts import Parts, held, open_parts, write_part
from landkit.io.row_copy import copied, is_in_groups
from landkit.io.row_groups import RowGroups, row_groups
from landkit.io.source_files import files_of
from landkit.overlay.shared import require_measure, require_side, require_workers
from landkit.text import Lang, text
from landkit.units import M2_PER_HA
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.say import as_html
from landkit.workflow.sharing import Source, layer_of

if TYPE_CHECKING:
    import pyarrow as pa

    from landkit.overlay.kernel.arrow import PreparedZones

PART_ROWS = 250_000
END_BYTES = 65_536


@dataclass(frozen=True)
class Streamed:
    """What a stream wrote (流式成果): the folder, its parts in order, rows and area in all, parts done by an earlier run."""

    to: Path
    parts: tuple[Path, ...]
    rows: int
    area_m2: float
    taken_over: int
    area: str = "ellipsoid"
    how: str = "intersection"

    def summary(self) -> dict[str, Any]:
        """The same for machines; file names without their folder."""
        names = [path.name for path in self.parts]
        return {"rows": self.rows, "area_m2": self.area_m2, "parts": names, "taken_over": self.taken_over}

    def describe(self, lang: Lang) -> str:
        """The same in words."""
        facts = {"parts": len(self.parts), "taken_over": self.taken_over, "path": self.to}
        hectares = f"{self.area_m2 / M2_PER_HA:,.2f}"
        surface = text(f"cli.area_{self.area}", lang)
        done = "cli.overlaps_done" if self.how == "intersection" else "cli.outside_done"
        return text(done, lang, rows=f"{self.rows:,}", hectares=hectares, surface=surface, **facts)

    def _repr_html_(self) -> str:
        return as_html(self.describe("zh"))


def stream_overlaps(
    parcels: str | Path,
    zones: Source,
    *,
    to: str | Path,
    label: str | None = None,
    line: str | None = None,
    how: str = "intersection",
    area: str = "ellipsoid",
    cluster: Where | None = None,
    progress: Progress = quiet,
) -> Streamed:
    """Overlaps of a file of parcels larger than memory, written part by part into the folder `to` (流式叠加).

    `parcels` is the folder that `split_parcels` wrote or any file that `read_layer` reads, in a CRS in metres, read one
    group of rows at a time (a file that is neither GeoParquet nor GeoPackage is copied into `to` first, for the time of
    the run); each group becomes one GeoParquet file with `parcel` (the column `label`, else the
    position in the file), `zone`, `area_m2` (m2, ellipsoidal, or planar with `area="planar"`) and `geometry`.
    Together they are what `overlap_table` gives for the whole file.  With `line` all zones count as one line of that name;
    `how="difference"` gives what lies outside the line, without `line` what lies outside each single zone.

    `cluster` is a number of processes, the address of a dask scheduler (`tcp://host:8786`) or of a Spark master
    (`spark://host:7077`, `yarn`), or a session of Spark; its workers see `parcels` and `to` under the same paths.

    A run that was killed is taken up where it stopped by calling this again: parts are whole or absent, and
    `parts.json` lists them, and says which parcels, zones and code they were made from: parts of another state are refused.

    Raises: CRSError, GeometryError, LayerError (also where `parcels` changed meanwhile); ExportError where `to` holds the
    parts of another job; PlaceError where another run is at work in `to`, or the cluster does not answer.
    """
    from landkit.overlay.kernel.arrow import prepare_line, prepare_zones  # loads numba

    require_side(how)
    require_measure(area)
    if isinstance(cluster, int):
        require_workers(cluster, "cluster")
    if not isinstance(parcels, str | Path):
        raise LayerError("stream_without_file", kind=type(parcels).__name__)
    source = parcels if cluster is None else check_path(parcels).absolute()  # workers start somewhere else
    reading = _in_groups(check_path(source), to, label, progress)
    if isinstance(cluster, int):
        _warm_workers()
    table = _table(zones)
    prepared = prepare_zones(table) if line is None else prepare_line(table, line)
    state = _state(parcels)
    layers = {"parcels": state, "zones": _digest(prepared), "made_by": made_by()}
    asked = {**layers, "label": label, "line": line, "how": how, "area": area}
    with held(to), reading as groups:
        parts = open_parts(to, {**asked, "groups": list(groups.first_row)})
        todo = [group for group in range(len(groups)) if not parts.has(group)]
        taken_over = len(groups) - len(todo)

        def note(group: int, facts: dict[str, Any]) -> None:
            parts.note(group, facts)
            progress("overlap", len(parts.done), len(groups))

        progress("overlap", taken_over, len(groups))
        job = GroupJob(groups, label, how, area, workers=None if cluster is None else 1)
        if cluster is None:
            _one_by_one(job, todo, parts, prepared, note)
        elif todo:
            paths = [(group, parts.path(group).resolve()) for group in todo]
            over_workers(job, paths, lambda: prepared, where=cluster, done=note)
        if _state(parcels) != state:
            raise LayerError("changed_while_read", path=str(parcels))
        parts.finish()
    facts = [parts.done[path.name] for path in parts.paths()]  # in order, or the sum would depend on it
    return Streamed(
        Path(to),
        tuple(parts.paths()),
        sum(f["rows"] for f in facts),
        sum(f["area_m2"] for f in facts),
        taken_over,
        area,
        how,
    )


def _in_groups(
    parcels: Path, to: str | Path, label: str | None, progress: Progress
) -> AbstractContextManager[RowGroups]:
    """The groups of a file; of one that cannot be read in groups those of a copy, made in `to` when this is entered.

    Raises: as `row_groups`, at once.
    """
    columns = () if label is None else (label,)
    if is_in_groups(parcels):
        return contextlib.nullcontext(row_groups(parcels, columns=columns, rows=PART_ROWS))
    return _of_a_copy(parcels, Path(to).absolute(), columns, progress)


@contextlib.contextmanager
def _of_a_copy(parcels: Path, to: Path, columns: tuple[str, ...], progress: Progress) -> Iterator[RowGroups]:
    def told(done: int, of: int) -> None:
        progress("copy_rows", done, of)

    with copied(parcels, to, columns=columns, rows=PART_ROWS, told=told) as copy:
        yield row_groups(copy, columns=columns, rows=PART_ROWS)


def _warm_workers() -> None:
    """What workers will need is loaded while the zones are read; without dask it is told when workers are asked for."""
    with contextlib.suppress(ImportError):
        from landkit.cluster.local import warm_up

        warm_up()


def _one_by_one(
    job: GroupJob,
    todo: list[int],
    parts: Parts,
    zones: PreparedZones,
    note: Callable[[int, dict[str, Any]], None],
) -> None:
    """One group is read and one is written while one is overlaid: three are in memory, however many there are."""
    from landkit.overlay.kernel.reading import Room  # loads numba

    room = Room()
    with ThreadPoolExecutor(1) as writer:
        written: tuple[int, Future[dict[str, Any]]] | None = None
        for group, rows in _ahead(job.groups, todo):
            found = job.overlaps(rows, group, zones, room)
            if written is not None:
                note(written[0], written[1].result())
            written = group, writer.submit(_write, parts.path(group), found)
        if written is not None:
            note(written[0], written[1].result())


def _write(path: Path, found: pa.Table) -> dict[str, Any]:
    return {**write_part(path, found), "area_m2": total_m2(found)}


def _ahead(groups: RowGroups, todo: list[int]) -> Iterator[tuple[int, pa.Table]]:
    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(groups.read, group) for group in todo[:1]]
        for place, group in enumerate(todo):
            rows = coming.pop().result()
            coming += [reader.submit(groups.read, later) for later in todo[place + 1 : place + 2]]
            yield group, rows


def _table(zones: Source) -> pa.Table:
    import pyarrow as pa

    layer = layer_of(zones, "zones")
    if isinstance(layer, pa.Table | pa.RecordBatch):
        return layer
    shapes = layer if isinstance(layer, gpd.GeoSeries) else layer.geometry
    frame = gpd.GeoDataFrame(geometry=shapes.rename("geometry"))
    return pa.table(frame.to_arrow(index=False, geometry_encoding="WKB"))


def _state(path: str | Path) -> list[Any]:
    """What tells one file from another: name, size, time, and what stands at its two ends.

    Of what is several files (a split folder, a geodatabase, a shapefile) that of all of them.  Parquet keeps where
    everything is and what lies between which bounds at its end, GeoPackage a count of changes at its head.
    """
    source = Path(path)
    files = files_of(source)
    if files != [source]:
        states = [_state_of(file) for file in files]
        return [source.name, hashlib.sha256(json.dumps(states).encode()).hexdigest()]
    return _state_of(source)


def _state_of(file: Path) -> list[Any]:
    state = file.stat()
    with file.open("rb") as stream:
        ends = stream.read(END_BYTES)
        stream.seek(max(0, state.st_size - END_BYTES))
        ends += stream.read()
    return [file.name, state.st_size, state.st_mtime_ns, hashlib.sha256(ends).hexdigest()]


def _digest(zones: PreparedZones) -> str:
    """What tells one set of zones from another: their bytes and where these are on the earth."""
    return hashlib.sha256(zones.crs.encode() + zones.layer.wkb.data.tobytes()).hexdigest()
