"""Verdicts by many workers: the parcels of a study dealt out by place, each part judged once and kept until the run is done.

What is measured of a whole layer (scatter, displacement) is measured here, once, and sent along; a part's task is
`judge_rows` and nothing else, so that the verdicts are byte for byte those of one process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

import geopandas as gpd
import shapely

from landkit.arrays import Ints, Shapes
from landkit.cluster.code_state import made_by
from landkit.cluster.dealing import Deal, Tasks, workers_at
from landkit.cluster.spark_context import Where
from landkit.errors import LayerError
from landkit.io.parts import Parts, open_parts, write_part
from landkit.io.workroom import Workroom
from landkit.overlay.verdict.judging import Columns, judge_rows
from landkit.overlay.verdict.prepared import Prepared, for_worker

PART_ROWS: Final = 25_000
SOURCE: Final = "geometry"
Told = Callable[[int, int], object]


def judge_part(prepared: Prepared, source: Path, path: Path) -> dict[str, Any]:
    """Judge the parcels of one file and write what was found of them; gives rows and bytes.

    Doing it twice, as schedulers do when a worker is lost, gives the same file.

    Raises: LayerError where the worker does not see the file, PlaceError where it cannot write.
    """
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(source) as file:
            rows = file.read([SOURCE], use_threads=False)[SOURCE]
    except OSError as error:
        raise LayerError("cluster_unseen", path=str(source)) from error
    shapes = shapely.from_wkb(rows.to_numpy(zero_copy_only=False))
    return write_part(path, _as_table(judge_rows(for_worker(prepared), shapes)))


class Judges:
    """Workers that judge the parcels of one study against one line after another (分布判定)."""

    def __init__(self, deal: Deal, room: Workroom, told: Told) -> None:
        self._deal_out = deal
        self._room = room
        self._told = told
        self._dealt: dict[str, tuple[Ints, list[Path]]] = {}
        self._done = self._of = 0

    def begin(self, prepared: Prepared, shapes: Shapes) -> Callable[[], Columns]:
        """Have all good parcels of a prepared judgement judged; gives what waits for their columns, in their order.

        `shapes` are the shapes of those parcels; `prepared` may be spread.
        """
        wkb = shapely.to_wkb(shapes)
        order, sources = self._deal(shapes, wkb)
        parts = open_parts(self._folder() / f"judged-{_key(prepared, wkb)}", {"rows": len(shapes)})
        todo = [k for k in range(len(sources)) if not parts.has(k)]
        self._of += len(sources)
        self._tell(len(sources) - len(todo))
        calls = {k: (sources[k], parts.path(k)) for k in todo}
        tasks = self._deal_out(judge_part, prepared, calls) if calls else None
        return lambda: self._collect(tasks, parts, order)

    def _collect(self, tasks: Tasks | None, parts: Parts, order: Ints) -> Columns:
        def done(part: int, facts: dict[str, Any]) -> None:
            parts.note(part, facts)
            self._tell(1)

        if tasks is not None:
            tasks.each(done, lost="cluster_part_lost")
        parts.finish()
        columns = [_columns(path) for path in parts.paths()]
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return {name: np.concatenate([c[name] for c in columns])[back] for name in columns[0]}

    def _deal(self, shapes: Shapes, wkb: np.ndarray[Any, Any]) -> tuple[Ints, list[Path]]:
        """Files of neighbouring parcels, made once for all lines: the order they stand in, and where."""
        import pyarrow as pa

        key = _digest(wkb.tolist())
        if key not in self._dealt:
            folder = self._folder() / f"parcels-{key}"
            folder.mkdir(exist_ok=True)
            order = np.argsort(gpd.GeoSeries(shapes).hilbert_distance(), kind="stable").astype(np.int64)
            pieces = np.array_split(order, -(-len(order) // PART_ROWS))
            files = [folder / f"part-{k:05d}.parquet" for k in range(len(pieces))]
            for path, rows in zip(files, pieces, strict=True):
                if not path.exists():
                    write_part(path, pa.table({SOURCE: pa.array(wkb[rows], pa.large_binary())}))
            self._dealt[key] = order, files
        return self._dealt[key]

    def _folder(self) -> Path:
        return self._room.folder().absolute()  # workers start somewhere else

    def _tell(self, more: int) -> None:
        self._done += more
        self._told(self._done, self._of)


@contextmanager
def judges(where: Where, room: Workroom, told: Told) -> Iterator[Judges]:
    """Judges on processes of this machine, on the workers of a dask scheduler, or on Spark's executors.

    `told` hears how many parts are done, of how many so far.

    Raises: PlaceError as `workers_at` does.
    """
    with workers_at(where) as deal:
        yield Judges(deal, room, told)


def _key(prepared: Prepared, wkb: np.ndarray[Any, Any]) -> str:
    """What tells one judgement from another: parcels, line, accuracies, chances, what was measured, who reckons."""
    case, scene = prepared.case, prepared.scene
    assert scene is not None
    facts = [
        case.breach,
        case.sigma_m,
        case.alpha,
        case.beta,
        case.unstated,
        case.generalised_m,
        repr(scene.pair),
    ]
    facts += [sorted(made_by().items()), str(prepared.crs)]
    extent = b"" if case.extent is None else shapely.to_wkb(case.extent)
    unusable = [shape or b"" for shape in shapely.to_wkb(prepared.unusable)]
    return _digest([repr(facts).encode(), scene.line.seg.tobytes(), extent, *unusable, *wkb.tolist()])


def _digest(values: list[bytes]) -> str:
    digest = hashlib.sha256()
    for value in values:
        digest.update(len(value).to_bytes(8, "little"))
        digest.update(value)
    return digest.hexdigest()[:24]


def _as_table(columns: Columns) -> Any:
    import pyarrow as pa

    shapes = pa.array(shapely.to_wkb(columns["geometry"]), pa.large_binary())
    return pa.table({name: shapes if name == SOURCE else pa.array(c) for name, c in columns.items()})


def _columns(path: Path) -> Columns:
    from pyarrow import parquet

    table = parquet.read_table(path)
    found = {name: table[name].to_numpy() for name in table.column_names}
    return found | {SOURCE: np.asarray(shapely.from_wkb(found[SOURCE]), dtype=object)}
