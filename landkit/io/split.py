"""A layer larger than memory written anew in parts that lie together (按空间分块): the first step of a job on many machines.

Rows are ordered along a Hilbert curve through the middles of their boxes and cut into parts of equal size, so
that a part meets few zones and its reader few pages.  Two passes, bounded memory: the first reads shapes only
and keeps 8 bytes a row, the second deals the rows out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import geopandas as gpd
import shapely

from landkit.arrays import Floats, Ints
from landkit.errors import ExportError, LayerError
from landkit.geometry.geoparquet import GEOMETRY
from landkit.io.folders import made, refusal
from landkit.io.opener import check_path, info_of, layer_names
from landkit.io.row_copy import CopyJob, copied, is_in_groups
from landkit.io.row_groups import SOURCE_ROW, SPLIT_LIST, RowGroups, row_groups
from landkit.io.source import Asked, choose_layer
from landkit.model import Finding, LayerFile, as_layer_file, named

if TYPE_CHECKING:
    import pyarrow as pa

Told = Callable[[int, int], object]
LEVEL: Final = 16  # of the curve: 65,536 cells along each side
OPEN_FILES: Final = 256  # parts that are written at once


@dataclass(frozen=True)
class Split:
    """What was written (分块): the folder, its parts in order, rows in all, and what was found while reading the layer."""

    to: Path
    parts: tuple[Path, ...]
    rows: int
    findings: tuple[Finding, ...] = ()


def split_parcels(
    path: str | Path | LayerFile,
    *,
    to: str | Path,
    rows: int = 250_000,
    told: Told = lambda _done, _of: None,
) -> Split:
    """Write a layer into `to` as GeoParquet parts of about `rows` neighbours each (按空间分块).

    `path` is what `read_layer` reads, or a `LayerFile` that says which of several layers, which CRS or encoding; what is
    neither GeoParquet nor GeoPackage is copied first, beside `to`.
    All columns are kept, `source_row` (position in the source) comes first; `_split.json` lists the parts with
    rows and bounds.  The folder appears whole or not at all.  `told` hears how many groups have been read, of how many.

    Raises: LayerError (missing, damaged, null shapes, several layers), CRSError (none is stated, or two), ExportError where
    `to` is there already, PlaceError where it cannot be written.
    """
    goal = Path(to)
    if goal.exists():
        raise ExportError("split_exists", path=str(goal))
    file = as_layer_file(path)
    source = check_path(file.path)
    if (source / SPLIT_LIST).is_file():
        raise LayerError("split_again", path=str(source))
    if is_in_groups(source):
        return _split(file, goal, rows, told, called=source)
    with _beside(goal) as folder, copied(CopyJob(file), folder) as copy:
        done = _split(LayerFile(copy.path), goal, rows, told, called=source)
        return dataclasses.replace(done, findings=named(copy.findings, source))


def _split(file: LayerFile, goal: Path, rows: int, told: Told, *, called: Path) -> Split:
    """The same for what can be read in groups, `called` so by its user."""
    row_groups(file)  # a damaged file is refused before it is asked for its columns
    columns = _columns(file)
    groups = row_groups(file, columns=columns)
    part_of, count = _parts_of(groups, rows, str(called), lambda done: told(done, 2 * len(groups)))
    with _beside(goal) as folder:
        parts = _deal(groups, part_of, count, folder, lambda done: told(len(groups) + done, 2 * len(groups)))
        names = [SOURCE_ROW, *columns]
        said = {"source": called.name, "rows": len(part_of), "columns": names, "crs": _crs(groups)}
        text = json.dumps({**said, "parts": parts}, ensure_ascii=False, indent=1)
        (folder / SPLIT_LIST).write_text(text, encoding="utf-8")
        folder.replace(goal)
    return Split(
        goal, tuple(goal / part["name"] for part in parts), len(part_of), named(groups.findings, called)
    )


@contextlib.contextmanager
def _beside(goal: Path) -> Iterator[Path]:
    """A folder beside a goal, gone when it is left, unless it has become the goal.   Raises: PlaceError."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(made(goal.parent))
            folder = goal.parent / f".{goal.name}-{secrets.token_hex(4)}"
            folder.mkdir()  # not mkdtemp, which shuts it to workers that belong to another user
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            yield folder
        except OSError as error:
            raise refusal(error, goal) from error


def _columns(file: LayerFile) -> tuple[str, ...]:
    """All columns of attributes.   Raises: LayerError where one is called like ours."""
    path = Path(file.path)
    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet

        with parquet.ParquetFile(path) as opened:
            geo = json.loads((opened.schema_arrow.metadata or {}).get(b"geo", b"{}"))
            names = [name for name in opened.schema_arrow.names if name != geo.get("primary_column")]
    else:
        layer = choose_layer(Asked(path, layer=file.layer), layer_names(path))
        names = [str(name) for name in info_of(path, layer=layer)["fields"]]
    taken = {GEOMETRY, SOURCE_ROW} & set(names)
    if taken:
        raise LayerError("split_column", path=str(path), column=sorted(taken)[0])
    return tuple(names)


def _parts_of(groups: RowGroups, rows: int, path: str, told: Callable[[int], object]) -> tuple[Ints, int]:
    """Which part each row goes to: by its rank along the curve."""
    middles = []
    for group in range(len(groups)):
        shapes = shapely.from_wkb(groups.read(group)[GEOMETRY].to_numpy(zero_copy_only=False))
        bounds = shapely.bounds(shapes)
        if not np.isfinite(bounds).all():
            at = groups.first_row[group] + int(np.flatnonzero(~np.isfinite(bounds).all(axis=1))[0]) + 1
            raise LayerError("split_shape", path=path, row=at)
        middles.append((bounds[:, :2] + bounds[:, 2:]) / 2)
        told(group + 1)
    middle = np.concatenate([np.zeros((0, 2)), *middles])
    if not len(middle):
        raise LayerError("split_empty", path=path)
    box = [*middle.min(axis=0), *middle.max(axis=0)]
    key = np.concatenate([_along_curve(xy, box) for xy in np.array_split(middle, len(groups))])
    rank = np.empty(len(key), dtype=np.int64)
    rank[np.argsort(key, kind="stable")] = np.arange(len(key))
    count = -(-len(key) // rows)
    return rank * count // len(key), count


def _along_curve(middle: Floats, box: list[float]) -> Ints:
    points = gpd.GeoSeries(gpd.points_from_xy(*middle.T))
    return np.asarray(points.hilbert_distance(total_bounds=box, level=LEVEL), dtype=np.int64)


def _deal(
    groups: RowGroups, part_of: Ints, count: int, folder: Path, told: Callable[[int], object]
) -> list[dict[str, Any]]:
    """Write the parts, some hundred at a time; each row goes to its part with its place in the source."""
    facts: list[dict[str, Any]] = [
        {"name": f"part-{k:05d}.parquet", "rows": 0, "bounds": None} for k in range(count)
    ]
    for first in range(0, count, OPEN_FILES):
        here = range(first, min(first + OPEN_FILES, count))
        with contextlib.ExitStack() as files:
            writers: dict[int, Any] = {}
            for group in range(len(groups)):
                for part, rows in _dealt(groups, group, part_of, here):
                    if part not in writers:
                        writers[part] = files.enter_context(_writer(folder / facts[part]["name"], rows))
                    writers[part].write_table(rows)
                    _count(facts[part], rows)
                told(group + 1)
    return facts


def _writer(path: Path, rows: pa.Table) -> Any:
    from pyarrow import parquet

    return parquet.ParquetWriter(path, rows.schema, compression="zstd")


def _dealt(groups: RowGroups, group: int, part_of: Ints, here: range) -> Iterator[tuple[int, pa.Table]]:
    import pyarrow as pa

    table = groups.read(group)
    first = groups.first_row[group]
    mine = part_of[first : first + table.num_rows]
    numbered = table.add_column(0, SOURCE_ROW, pa.array(np.arange(first, first + table.num_rows)))
    for part in np.unique(mine):
        if part in here:
            yield int(part), numbered.take(np.flatnonzero(mine == part))


def _count(facts: dict[str, Any], rows: pa.Table) -> None:
    shapes = shapely.from_wkb(rows[GEOMETRY].to_numpy(zero_copy_only=False))
    box = shapely.total_bounds(shapes)
    old = facts["bounds"] or box
    facts["bounds"] = [*np.minimum(old[:2], box[:2]).tolist(), *np.maximum(old[2:], box[2:]).tolist()]
    facts["rows"] += rows.num_rows


def _crs(groups: RowGroups) -> object:
    geo = json.loads(groups.read(0).schema.metadata[b"geo"])
    return geo["columns"][GEOMETRY]["crs"]
