"""What every part of the overlay asks of its inputs, and work on arrays of shapes in blocks and threads."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

import geopandas as gpd
import shapely

from landkit.arrays import Ints, Shapes, starts
from landkit.errors import CRSError, GeometryError
from landkit.geometry import usable_polygons
from landkit.geometry.plane import advised
from landkit.text import Lang, text

T = TypeVar("T")
S = TypeVar("S")

BLOCK = 500
VERTICES = 60_000  # looked at in one piece of work
# The same where numpy looks at most of them, in steps so short that threads wait for each other.
PLAIN_VERTICES = 150_000
HALF_TURN = 180.0  # degrees
MOST_NAMED: Final = 5  # labels in a sentence
# By GEOS's numbers of kinds.
KINDS: Final = {0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "invalid", 6: "invalid"}


def require_same_crs(left: gpd.GeoSeries, right: gpd.GeoSeries) -> None:
    """Both sides state a CRS and it is the same one (坐标系一致).

    Raises: CRSError where one is missing or they differ.
    """
    for layer, series in (("parcels", left), ("zones", right)):
        if series.crs is None:
            raise CRSError("crs_missing", layer=layer)
    if (
        left.crs != right.crs and left.crs.to_string() != right.crs.to_string()
    ):  # the same, written another way
        raise CRSError("crs_mismatch", left=left.crs.to_string(), right=right.crs.to_string())


def require_no_wrap(series: gpd.GeoSeries, layer: str) -> None:
    """In degrees no shape spans more than half the globe: one that does crosses the antimeridian and came apart.

    Raises: GeometryError.
    """
    if series.crs is None or series.crs.is_projected:
        return
    box = series.bounds.to_numpy()
    wide = np.flatnonzero(box[:, 2] - box[:, 0] > HALF_TURN)
    if len(wide):
        raise GeometryError("antimeridian", layer=layer, count=len(wide), first=series.index[wide[0]])


def require_metres(series: gpd.GeoSeries) -> None:
    """The CRS is projected, in metres: depths and gaps are compared with accuracies in metres.

    Raises: CRSError.
    """
    crs = series.crs
    if not crs.is_projected or abs(crs.axis_info[0].unit_conversion_factor - 1) > 1e-9:
        plane = advised(np.asarray(series.total_bounds), crs)
        raise CRSError("crs_not_projected", crs=crs.to_string(), plane=plane)


def require_usable(series: gpd.GeoSeries, layer: str) -> Shapes:
    """The shapes of a series, all of them usable.

    Raises: GeometryError that names how many are not, and the first ones' labels.
    """
    shapes = array_of(series)
    good = in_even_blocks(lambda rows: usable_polygons(shapes[rows]), shapes, None, 10, PLAIN_VERTICES)
    bad = np.flatnonzero(~np.concatenate([np.zeros(0, np.bool_), *good]))
    if len(bad):
        raise unusable(shapes[bad], layer, series.index[bad[:MOST_NAMED]].tolist())
    return shapes


@dataclass(frozen=True)
class Held:
    """What kinds of features there are, and how many of each (要素种类)."""

    counts: tuple[tuple[str, int], ...]

    def say(self, lang: Lang) -> str:
        """The same in words."""
        said = [text(f"held.{kind}", lang, count=f"{count:,}") for kind, count in self.counts]
        return text("held.and", lang).join(said)


def unusable(bad: Shapes, layer: str, first: Sequence[object]) -> GeometryError:
    """What is to be said of features that cannot be overlaid; `first` are the labels of the first ones (不可用图形)."""
    kind = np.array([KINDS.get(int(k), "collection") for k in shapely.get_type_id(bad)], dtype=object)
    kind[shapely.is_missing(bad) | shapely.is_empty(bad)] = "none"
    held = Held(tuple((name, int((kind == name).sum())) for name in dict.fromkeys(kind)))
    key = "geometry_unusable" if {"none", "invalid"} & set(kind) else "geometry_not_areal"
    named = ", ".join(map(str, first)) + (" …" if len(first) < len(bad) else "")
    return GeometryError(key, layer=layer, count=len(bad), first=first[0], held=held, labels=named)


def array_of(series: gpd.GeoSeries) -> Shapes:
    """The shapes of a series as a plain object array, a copy."""
    return np.array(series.array, dtype=object)


def areal(shapes: Shapes) -> Shapes:
    """The polygons among what an overlay gave back: lines and points dropped, None where nothing areal is
    left.

    What is thinner than the rounding of the coordinates themselves is no area: it comes from computing
    crossings.
    """
    out = shapes.copy()
    mixed = np.flatnonzero(shapely.get_type_id(out) == 7)
    out[mixed] = [collected(shapely.get_parts(g)) for g in out[mixed]]
    out[~np.isin(shapely.get_type_id(out), (3, 6)) | shapely.is_empty(out)] = None
    there = np.flatnonzero(~shapely.is_missing(out))
    if len(there):
        grain = 4 * np.spacing(np.abs(shapely.bounds(out[there])).max(axis=1))
        thin = 2 * shapely.area(out[there]) <= grain * shapely.length(out[there])
        out[there[thin]] = None
    return out


def collected(parts: Shapes) -> shapely.Geometry | None:
    """Polygons that share no area as one Polygon or MultiPolygon; None where there are none."""
    parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    parts = parts[~shapely.is_empty(parts)]
    if not len(parts):
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def in_blocks(work: Callable[[slice], T], count: int, workers: int | None, block: int = BLOCK) -> list[T]:
    """`work` done on one slice after another of `count` rows, in threads; the results in order."""
    return list(block_by_block(work, blocks_of(count, block), workers))


def blocks_of(count: int, block: int) -> list[slice]:
    """`count` rows in slices of so many."""
    return [slice(at, min(at + block, count)) for at in range(0, count, block)]


def block_by_block(work: Callable[[S], T], blocks: list[S], workers: int | None) -> Iterator[T]:
    """`work` done on one block after another, in threads; each result as soon as it and those before it are there."""
    return _in_order(work, blocks, range(len(blocks)), workers)


def in_even_blocks(
    work: Callable[[slice], T], shapes: Shapes, workers: int | None, each: int = 1, vertices: int = VERTICES
) -> list[T]:
    """The same on slices with about so many vertices each, or one large shape; the largest are begun first.

    `each` is for how many vertices a shape counts besides its own.
    """
    weight = starts(shapely.get_num_coordinates(shapes) + each)
    slices = equal_runs(weight, vertices)
    size = [weight[rows.start] - weight[rows.stop] for rows in slices]
    return list(_in_order(work, slices, np.argsort(size, kind="stable").tolist(), workers))


def _in_order(
    work: Callable[[S], T], blocks: list[S], begun: Iterable[int], workers: int | None
) -> Iterator[T]:
    """The results in the order of the blocks, whichever is begun first; after an error or an interrupt no other is begun."""
    threads = min(threads_of(workers), len(blocks))
    if threads <= 1:
        yield from map(work, blocks)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        at_work = {k: pool.submit(work, blocks[k]) for k in begun}
        for k in range(len(blocks)):
            yield at_work.pop(k).result()
    finally:
        pool.shutdown(cancel_futures=True)


def threads_of(workers: int | None) -> int:
    """So many threads work at once."""
    return workers or os.cpu_count() or 1


def equal_runs(start: Ints, weight: int) -> list[slice]:
    """Runs of rows that weigh some `weight` each, or one row that weighs more; row i weighs start[i + 1] - start[i]."""
    marks = np.arange(0, start[-1], weight)
    cuts = np.unique([*np.searchsorted(start, marks), len(start) - 1]).tolist()
    return [slice(*ends) for ends in itertools.pairwise(cuts)]


def both(one: Callable[[], T], other: Callable[[], S], workers: int | None) -> tuple[T, S]:
    """What two pieces of work give that do not need each other, done side by side unless there is one worker."""
    if workers == 1:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(other)
        return one(), beside.result()


def shapes_in_blocks(work: Callable[[slice], Shapes], count: int, workers: int | None) -> Shapes:
    """As `in_blocks`, where each result is an array of shapes; one array comes back."""
    done = in_blocks(work, count, workers)
    return np.concatenate(done) if done else np.empty(0, dtype=object)
