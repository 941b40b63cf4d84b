"""Overlaps of layers in files larger than memory: streamed group by group into parts."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

import geopandas as gpd
import shapely

from landkit.cluster.code_state import made_by
from landkit.cluster.group import GroupJob, over_workers, total_m2
from landkit.cluster.spark_context import Where
from landkit.errors import LayerError
from landkit.geometry.geoparquet import GEOMETRY
from landkit.io.opener import check_path
from landkit.io.parts import Parts, held, open_parts, write_part
from landkit.io.row_copy import CopyJob, copied, is_in_groups
from landkit.io.row_groups import RowGroups, row_groups
from landkit.io.source_files import state_of
from landkit.io.vector import read_source
from landkit.model import Finding, LayerFile, as_layer_file, finding, named, why
from landkit.overlay.apart import box_around, boxes_meet, what_cannot_meet
from landkit.overlay.labels import OddLabels
from landkit.overlay.shared import require_measure, require_side, require_workers
from landkit.text import Lang, text
from landkit.units import M2_PER_HA
from landkit.workflow.findings_said import findings_lines, plain_findings
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.say import as_html
from landkit.workflow.sharing import Source, called_by_files, file_names, layer_of

if TYPE_CHECKING:
    import pyarrow as pa

    from landkit.overlay.kernel.arrow import PreparedZones

PART_ROWS = 250_000
Found: TypeAlias = tuple[RowGroups, tuple[Finding, ...]]


@dataclass(frozen=True)
class Streamed:
    """What a stream wrote (流式成果): the folder, its parts in order, rows and area in all, parts done by an earlier run.

    `findings` say what was found while the files were read (rows left out, an encoding that was guessed, a CRS told
    by its parameters), parcels whose `label` is empty or that of another parcel read in the same group, and where nothing
    could be compared: a layer is empty, or their extents do not meet.
    """

    to: Path
    parts: tuple[Path, ...]
    rows: int
    area_m2: float
    taken_over: int
    area: str = "ellipsoid"
    how: str = "intersection"
    findings: tuple[Finding, ...] = ()

    def summary(self) -> dict[str, Any]:
        """The same for machines; file names without their folder."""
        names = [path.name for path in self.parts]
        done = {"rows": self.rows, "area_m2": self.area_m2, "parts": names, "taken_over": self.taken_over}
        return {**done, "findings": plain_findings(self.findings)}

    def describe(self, lang: Lang) -> str:
        """The same in words."""
        facts = {"parts": len(self.parts), "taken_over": self.taken_over, "path": self.to}
        hectares = f"{self.area_m2 / M2_PER_HA:,.2f}"
        surface = text(f"cli.area_{self.area}", lang)
        done = "cli.overlaps_done" if self.how == "intersection" else "cli.outside_done"
        said = text(done, lang, rows=f"{self.rows:,}", hectares=hectares, surface=surface, **facts)
        return "\n".join([said, *findings_lines(self.findings, lang)])

    def _repr_html_(self) -> str:
        return as_html(self.describe("zh"))


def stream_overlaps(
    parcels: str | Path | LayerFile,
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

    `parcels` is the folder that `split_parcels` wrote or any file that `read_layer` reads (a `LayerFile` where it holds
    several layers or does not say its CRS or encoding), in a CRS in metres, read one group of rows at a time; a file that
    is neither GeoParquet nor GeoPackage is copied into `to` first, for the time of the run.  Each group becomes one
    GeoParquet file with `parcel` (the column `label`, else the position in the file), `zone`, `area_m2` (m2, ellipsoidal,
    or planar with `area="planar"`) and `geometry`.  Together they are what `landkit.overlaps` gives for the whole file.
    With `line` all zones count as one line of that name; `how="difference"` gives what lies outside the line, and without
    `line` what lies outside each single zone (of all zones together in `landkit.overlaps`).  Labels that are empty or
    repeated are told in `findings`, repeats within a group of rows (some 250,000, or a part of `split_parcels`): of more
    than one group they are not compared, which would take memory for every parcel.

    `cluster` is a number of processes, the address of a dask scheduler (`tcp://host:8786`) or of a Spark master
    (`spark://host:7077`, `yarn`), or a session of Spark; its workers see `parcels` and `to` under the same paths.

    A run that was killed is taken up where it stopped by calling this again: parts are whole or absent, and
    `_parts.json` lists them, and says which parcels, zones and code they were made from: parts of another state are refused.
    A run that is refused before its first part leaves nothing behind.

    Raises: CRSError, GeometryError, LayerError (also where `parcels` changed meanwhile); ExportError where `to` holds the
    parts of another job, or other GeoParquet, which a reader of the folder would take for parts; PlaceError where another
    run is at work in `to`, or the cluster does not answer.
    """
    from landkit.overlay.kernel.arrow import prepare_line, prepare_zones  # loads numba

    require_side(how)
    require_measure(area)
    if isinstance(cluster, int):
        require_workers(cluster, "cluster")
    if not isinstance(parcels, str | Path | LayerFile):
        raise LayerError("stream_without_file", kind=type(parcels).__name__)
    file = as_layer_file(parcels)
    source = check_path(file.path)
    state = state_of(source)
    read = {"parcels": state, "read_as": file.asked(), "label": label, "made_by": made_by()}
    if cluster is not None:  # workers start somewhere else
        file = dataclasses.replace(file, path=source.absolute())
    reading = _in_groups(file, to, label, json.dumps([read, PART_ROWS]), progress)
    if isinstance(cluster, int):
        _warm_workers()
    names = file_names(file, zones)
    with called_by_files(names):
        table, found = _table(zones)
        prepared = prepare_zones(table) if line is None else prepare_line(table, line)
    asked = {**read, "zones": _digest(prepared), "line": line, "how": how, "area": area}
    with called_by_files(names), held(to), reading as (groups, of_parcels):
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
        if state_of(source) != state:
            raise LayerError("changed_while_read", path=str(file.path))
        parts.finish()
        facts = [parts.done[path.name] for path in parts.paths()]  # in order, or the sum would depend on it
        rows = sum(f["rows"] for f in facts)
        found = (*named(of_parcels, source), *found, *_of_labels(facts, label, source.name))
        apart = _look_apart(groups, prepared) if not rows or how == "difference" else None
    return Streamed(
        Path(to),
        tuple(parts.paths()),
        rows,
        sum(f["area_m2"] for f in facts),
        taken_over,
        area,
        how,
        found
        if apart is None
        else (*found, dataclasses.replace(apart, layer=names.get(apart.layer, apart.layer))),
    )


def _of_labels(facts: list[dict[str, Any]], label: str | None, layer: str) -> list[Finding]:
    """Parcels whose label is empty or that of another parcel of the group: their rows cannot be told apart."""
    odd = functools.reduce(
        OddLabels.and_later, [OddLabels(**f["labels"]) for f in facts if "labels" in f], OddLabels()
    )
    found = []
    if odd.empty:
        said = why("labels_empty", column=label, count=odd.empty, row=odd.first_empty + 1)
        found.append(finding(layer, "ids.missing", said, odd.first_empty + 1, value=odd.empty))
    if odd.repeated:
        said = why("labels_repeated", column=label, count=odd.repeated, first=odd.first_repeated)
        found.append(finding(layer, "ids.repeated", said, odd.first_repeated, value=odd.repeated))
    return found


def _look_apart(groups: RowGroups, zones: PreparedZones) -> Finding | None:
    """Whether parcels and zones could meet at all; parcels are read again until the first group that comes near a zone."""
    there = box_around(zones.layer.polygons.box)
    here = None
    for group in range(len(groups)):
        shapes = shapely.from_wkb(groups.read(group)[GEOMETRY].to_numpy(zero_copy_only=False))
        boxes = shapely.bounds(shapes)
        here = box_around(boxes if here is None else np.vstack([boxes, here]))
        if there is None or (here is not None and boxes_meet(here, there)):
            break
    return what_cannot_meet(here, there, zones.crs)


def _in_groups(
    file: LayerFile, to: str | Path, label: str | None, mark: str, progress: Progress
) -> AbstractContextManager[Found]:
    """The groups of a file; of one that cannot be read in groups those of a copy, made in `to` when this is entered.

    `mark` says what it is a copy of.   Raises: as `row_groups`, at once.
    """
    columns = () if label is None else (label,)
    if is_in_groups(Path(file.path)):
        groups = row_groups(file, columns=columns, rows=PART_ROWS)
        return contextlib.nullcontext((groups, groups.findings))
    return _of_a_copy(CopyJob(file, columns, PART_ROWS, mark), Path(to).absolute(), progress)


@contextlib.contextmanager
def _of_a_copy(job: CopyJob, to: Path, progress: Progress) -> Iterator[Found]:
    def told(done: int, of: int) -> None:
        progress("copy_rows", done, of)

    with copied(job, to, told) as copy:
        groups = row_groups(copy.path, columns=job.columns or (), rows=PART_ROWS)
        yield groups, copy.findings


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
            told = job.about_labels(rows, group)
            written = group, writer.submit(_write, parts.path(group), found, told)
        if written is not None:
            note(written[0], written[1].result())


def _write(path: Path, found: pa.Table, told: dict[str, Any]) -> dict[str, Any]:
    return {**write_part(path, found), "area_m2": total_m2(found), **told}


def _ahead(groups: RowGroups, todo: list[int]) -> Iterator[tuple[int, pa.Table]]:
    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(groups.read, group) for group in todo[:1]]
        for place, group in enumerate(todo):
            rows = coming.pop().result()
            coming += [reader.submit(groups.read, later) for later in todo[place + 1 : place + 2]]
            yield group, rows


def _table(zones: Source) -> tuple[pa.Table, tuple[Finding, ...]]:
    """The zones, and what was found while their file was read."""
    import pyarrow as pa

    found: tuple[Finding, ...] = ()
    if isinstance(zones, str | Path | LayerFile):
        file = as_layer_file(zones)
        reading = read_source(file.path, layer=file.layer, crs=file.crs, encoding=file.encoding)
        zones, found = reading.frame, named(reading.findings, Path(file.path))
    layer = layer_of(zones, "zones")
    if isinstance(layer, pa.Table | pa.RecordBatch):
        return layer, found
    shapes = layer if isinstance(layer, gpd.GeoSeries) else layer.geometry
    frame = gpd.GeoDataFrame(geometry=shapes.rename("geometry"))
    return pa.table(frame.to_arrow(index=False, geometry_encoding="WKB")), found


def _digest(zones: PreparedZones) -> str:
    """What tells one set of zones from another: their bytes and where these are on the earth."""
    return hashlib.sha256(zones.crs.encode() + zones.layer.wkb.data.tobytes()).hexdigest()
