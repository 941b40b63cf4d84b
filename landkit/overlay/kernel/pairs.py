"""All pairs of two layers: the zones dealt out to threads, each walked, measured and clipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Flags, Floats, Ints, starts
from landkit.overlay.kernel.arrays import copy_rows
from landkit.overlay.kernel.clip import clip_all
from landkit.overlay.kernel.geos import Job, pieces_by_geos
from landkit.overlay.kernel.reading import Layer, Wkb, wkb_from
from landkit.overlay.kernel.tree import along_curve
from landkit.overlay.kernel.walk import UNMEASURED, WHOLE, Pairs, walk
from landkit.overlay.shapes import equal_runs, in_blocks

TASK_VERTICES: Final = 20_000
MOST_RUNS: Final = 64
# Pairs that share less are shaped by GEOS even where only areas are asked for: whether so little is a row is
# decided by its shape (`shapes.areal`), and must not depend on what was asked.
DOUBTFUL_M2: Final = 1e-3


class Task(NamedTuple):
    """Some zones against the parcels under some top nodes of the tree."""

    zones: Ints
    top_from: int
    top_to: int


class Found(NamedTuple):
    """Pairs of parcel and zone that share area (重叠对): positions, planar area of the piece, whether the
    parcel lies wholly in the zone, the piece as WKB (no bytes for whole parcels, nor where no geometry was
    asked for) and whether GEOS made it.
    """

    parcel: Ints
    zone: Ints
    area: Floats
    whole: Flags
    pieces: Wkb
    by_geos: Flags


@dataclass(frozen=True)
class Wanted:
    """What is asked of the pairs: the piece inside the zone or outside it, with geometry or only the area."""

    side: str = "inside"
    geometry: bool = True


def find_pairs(parcels: Layer, zones: Layer, wanted: Wanted = Wanted(), workers: int | None = None) -> Found:
    """Every pair of parcel and zone that shares area, by parcel, then by zone, with its piece (求交).

    With `side="outside"` area and piece are those of the rest of the parcel; whole parcels have none left.
    Whole parcels' pieces have no bytes: they are the parcels themselves.
    """
    tasks = list(_tasks(parcels, zones)) if len(parcels) and len(zones) else []

    def work(some: slice) -> list[Found]:
        return [_pairs_of(parcels, zones, task, wanted) for task in tasks[some]]

    return _in_order([found for block in in_blocks(work, len(tasks), workers, 1) for found in block])


def _tasks(parcels: Layer, zones: Layer) -> Iterator[Task]:
    """Big zones once for each top node of the tree, the biggest first; then the others, neighbours together.

    What lies beside all parcels is left out: a group of a province's parcels meets few of its zones.
    """
    top = int(np.diff(parcels.tree.level_start)[-1])
    vertices = np.diff(zones.polygons.ring_start[zones.polygons.first_ring])
    near = _near(zones, parcels)
    big = np.flatnonzero(near & (vertices > TASK_VERTICES))
    for zone in big[np.argsort(-vertices[big], kind="stable")]:
        yield from (Task(np.array([zone]), node, node + 1) for node in range(top))
    small = np.flatnonzero(near & (vertices <= TASK_VERTICES))
    if not len(small):
        return
    small = small[along_curve(zones.polygons.box[small])]
    start = starts(vertices[small])
    for run in equal_runs(start, max(TASK_VERTICES, int(start[-1]) // MOST_RUNS)):
        yield Task(small[run], 0, top)


def _near(zones: Layer, parcels: Layer) -> Flags:
    """Whether the box of each zone meets the box around all parcels."""
    box, around = zones.polygons.box, parcels.polygons.box
    west, south = around[:, :2].min(axis=0)
    east, north = around[:, 2:].max(axis=0)
    near: Flags = (box[:, 0] <= east) & (box[:, 1] <= north) & (box[:, 2] >= west) & (box[:, 3] >= south)
    return near


def _pairs_of(parcels: Layer, zones: Layer, task: Task, wanted: Wanted) -> Found:
    """The pairs of one task: walked, then clipped, and what the clip gave up left to GEOS."""
    walked, count, local = walk(
        zones.polygons, task.zones, parcels.polygons, parcels.tree, task.top_from, task.top_to
    )
    pairs = Pairs(*[column[:count] for column in walked])
    area, own = pairs.area.copy(), parcels.polygons.area[pairs.parcel]
    if wanted.side == "outside":
        area = np.where(pairs.state == WHOLE, 0.0, own - area)
    part = np.flatnonzero(pairs.state != WHOLE)
    doubtful = (pairs.state[part] == UNMEASURED) | (area[part] < DOUBTFUL_M2)
    to_clip = np.flatnonzero(~doubtful) if wanted.geometry else np.zeros(0, np.int64)
    data, start, made = clip_all(
        parcels.polygons, pairs.parcel[part], local, area[part], to_clip, wanted.side == "outside"
    )
    left = np.concatenate([to_clip[~made], np.flatnonzero(doubtful)])
    rows = part[left]
    job = Job(pairs.parcel[rows], pairs.zone[rows], area[rows], wanted.side)
    shapes, area[rows] = pieces_by_geos(parcels, zones, job, local, left)
    sources = [(Wkb(data, start), np.flatnonzero(made), part[to_clip[made]])]
    if wanted.geometry:
        sources.append((wkb_from(shapes), np.arange(len(rows)), rows))
    by_geos = np.zeros(count, np.bool_)
    by_geos[rows] = True
    whole = pairs.state == WHOLE
    found = Found(pairs.parcel, pairs.zone, area, whole, gathered(count, sources), by_geos)
    return found if wanted.side == "outside" else _only(found, np.flatnonzero(area > 0))


def gathered(count: int, sources: list[tuple[Wkb, Ints, Ints]]) -> Wkb:
    """`count` rows of WKB, put together from sources: (rows of bytes, which of them, at which places)."""
    length = np.zeros(count, np.int64)
    for wkb, rows, places in sources:
        length[places] = np.diff(wkb.start)[rows]
    start = starts(length)
    data = np.empty(int(start[-1]), np.uint8)
    for wkb, rows, places in sources:
        copy_rows(wkb.data, wkb.start, rows, data, start, places)
    return Wkb(data, start)


def _only(found: Found, rows: Ints) -> Found:
    """Some rows of the pairs, in the order given."""
    if len(rows) == len(found.parcel):
        return found
    pieces = gathered(len(rows), [(found.pieces, rows, np.arange(len(rows)))])
    parcel, zone, area, whole, _, by_geos = found
    return Found(parcel[rows], zone[rows], area[rows], whole[rows], pieces, by_geos[rows])


def _in_order(blocks: list[Found]) -> Found:
    """The pairs of all tasks together, by parcel, then by zone."""
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_))
    start = Found(*none, Wkb(np.zeros(0, np.uint8), np.zeros(1, np.int64)), np.zeros(0, np.bool_))
    blocks = [start, *blocks]
    parcel, zone, area, whole = (np.concatenate([block[k] for block in blocks]) for k in range(4))
    by_geos = np.concatenate([block.by_geos for block in blocks])
    order = np.lexsort((zone, parcel))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    ends = np.cumsum([len(block.parcel) for block in blocks])[:-1]
    sources = [
        (block.pieces, np.arange(len(mine)), mine)
        for block, mine in zip(blocks, np.split(places, ends), strict=True)
    ]
    pieces = gathered(len(order), sources)
    return Found(parcel[order], zone[order], area[order], whole[order], pieces, by_geos[order])
