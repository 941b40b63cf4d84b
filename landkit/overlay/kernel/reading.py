"""Layers for the kernel: rows of WKB in, checked polygons out.

What is not plain two-dimensional little-endian WKB (heights, measures, an SRID, big-endian bytes) goes through
GEOS once and comes back plain: Z is dropped.  Nothing invalid gets further than this file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes, starts
from landkit.geometry import usable_polygons
from landkit.geometry.outlines import has_one_ring
from landkit.overlay.kernel.arrays import copy_rows
from landkit.overlay.kernel.polygons import (
    HEAD_BYTES,
    MULTIPOLYGON,
    NOT_PLAIN,
    POLYGON,
    Polygons,
    count_rows,
    fill_rows,
)
from landkit.overlay.kernel.tree import Tree, pack
from landkit.overlay.kernel.valid import certainly_valid
from landkit.overlay.shapes import MOST_NAMED, collected, equal_runs, in_blocks, unusable

Labels: TypeAlias = Callable[[int], object]  # what a row is called, by its position
Bytes: TypeAlias = npt.NDArray[np.uint8]
RING_HEAD: Final = np.dtype([("order", "u1"), ("kind", "<u4"), ("rings", "<u4"), ("vertices", "<u4")])
VERTEX_BYTES: Final = 16
ROWS_AT_ONCE: Final = 20_000  # what stands in the processor's cache
BLOCK_VERTICES: Final = 100_000


class Wkb(NamedTuple):
    """Rows of well-known binary: row i is `data[start[i]:start[i + 1]]`."""

    data: Bytes
    start: Ints

    def rows(self, rows: Ints) -> Shapes:
        """Some rows as shapely geometries."""
        view, begins, ends = memoryview(self.data), self.start[rows].tolist(), self.start[rows + 1].tolist()
        found = [bytes(view[begin:end]) for begin, end in zip(begins, ends, strict=True)]
        with np.errstate(invalid="ignore"):  # coordinates that are no number
            shapes = shapely.from_wkb(np.array(found, dtype=object), on_invalid="ignore")
        return np.asarray(shapes, dtype=object)

    def valid_rows(self, rows: Ints) -> Shapes:
        """The same of plain rows that are valid: those of one ring are made from their coordinates in half the time."""
        begins, ends = self.start[rows], self.start[rows + 1]
        head = self.data[begins[:, None] + np.arange(HEAD_BYTES)]
        simple = (head[:, 1] == POLYGON) & (head[:, HEAD_BYTES - 4 :] == (1, 0, 0, 0)).all(axis=1)
        one, others = np.flatnonzero(simple), np.flatnonzero(~simple)
        rings = np.stack([begins[one] + RING_HEAD.itemsize, ends[one]], axis=1).ravel()
        place, start = np.arange(len(one)), starts(ends[one] - begins[one] - RING_HEAD.itemsize)
        xy = np.empty(int(start[-1]), np.uint8)
        copy_rows(self.data, rings, 2 * place, xy, start, place)
        shapes = np.empty(len(rows), dtype=object)
        shapes[one] = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON,
            xy.view(np.float64).reshape(-1, 2),
            (start // VERTEX_BYTES, np.arange(len(one) + 1)),
        )
        shapes[others] = self.rows(rows[others])
        return shapes


@dataclass(frozen=True)
class Layer:
    """Valid polygons of one layer, as rings and as the bytes they came in (图层)."""

    polygons: Polygons
    wkb: Wkb

    def __len__(self) -> int:
        """How many polygons."""
        return len(self.polygons.area)

    @cached_property
    def tree(self) -> Tree:
        """The packed Hilbert tree over the boxes of the polygons."""
        return pack(self.polygons.box)


class Room:
    """Memory for vertices that one layer after another may stand in: fresh memory costs more than filling it."""

    def __init__(self) -> None:
        """No memory yet."""
        self._xy = np.empty((0, 2))

    def vertices(self, count: int) -> Floats:
        """Room for so many vertices; what stood there before is gone."""
        if count > len(self._xy):
            self._xy = np.empty((count + count // 4, 2))
        return self._xy[:count]


def wkb_of(column: pa.Array | pa.ChunkedArray) -> Wkb:
    """The bytes of an Arrow column of binary, without a copy where the column is in one piece.

    Null rows have no bytes.
    """
    if isinstance(column, pa.ChunkedArray):
        wide = column.num_chunks > 1 and column.nbytes > np.iinfo(np.int32).max
        column = column.cast(pa.large_binary()) if wide else column
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # older versions of pyarrow
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if column.null_count:
        column = column.fill_null(b"")
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        column = column.cast(pa.large_binary())
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    _, offsets, data = column.buffers()
    start = np.zeros(1, np.int64)
    if len(column):
        start = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1].astype(
            np.int64
        )
    return Wkb(fixed(np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)), start)


def wkb_from(shapes: Shapes, workers: int | None = 1) -> Wkb:
    """Shapely geometries as plain WKB, two-dimensional; None has no bytes.

    Rows of polygons with one ring are laid out from their coordinates, in a third of the time that GEOS takes to write them.
    """
    blocks = in_blocks(lambda rows: _written(shapes[rows]), len(shapes), workers, ROWS_AT_ONCE)
    if len(blocks) == 1:
        return blocks[0]
    size = np.concatenate([np.zeros(0, np.int64), *[np.diff(block.start) for block in blocks]])
    data = np.concatenate([np.zeros(0, np.uint8), *[block.data for block in blocks]])
    return Wkb(fixed(data), starts(size))


def _written(shapes: Shapes) -> Wkb:
    simple = has_one_ring(shapes)
    alone, others = np.flatnonzero(simple), np.flatnonzero(~simple)
    written, vertices = _wkb_of_rows(_plain_rows(shapes[others])), shapely.get_num_coordinates(shapes[alone])
    size = np.empty(len(shapes), np.int64)
    size[alone], size[others] = RING_HEAD.itemsize + VERTEX_BYTES * vertices, np.diff(written.start)
    start = starts(size)
    data = np.empty(int(start[-1]), np.uint8)
    copy_rows(written.data, written.start, np.arange(len(others)), data, start, others)
    _write_rings(data, start[alone], shapes[alone], vertices)
    return Wkb(fixed(data), start)


def _write_rings(data: Bytes, start: Ints, rings: Shapes, vertices: Ints) -> None:
    """Write polygons of one ring, with so many vertices, to the rows of WKB that start there."""
    head = np.empty(len(rings), RING_HEAD)
    head["order"], head["kind"], head["rings"], head["vertices"] = 1, POLYGON, 1, vertices
    places = start[:, None] + np.arange(RING_HEAD.itemsize)
    data[places] = head.view(np.uint8).reshape(-1, RING_HEAD.itemsize)
    xy = shapely.get_coordinates(rings).reshape(-1).view(np.uint8)
    rows = np.arange(len(rings))
    copy_rows(xy, VERTEX_BYTES * starts(vertices), rows, data, start + RING_HEAD.itemsize, rows)


def fixed(data: Bytes) -> Bytes:
    """The same bytes, not to be written to any more (只读): loops are compiled for such bytes alone, wherever they come from."""
    data.flags.writeable = False
    return data


def _plain_rows(shapes: Shapes) -> list[bytes]:
    rows = shapely.to_wkb(shapes, output_dimension=2, byte_order=1, include_srid=False)
    return [row or b"" for row in rows.tolist()]


def _wkb_of_rows(rows: list[bytes]) -> Wkb:
    return Wkb(
        np.frombuffer(b"".join(rows), np.uint8), starts(np.fromiter(map(len, rows), np.int64, len(rows)))
    )


def read_layer(
    wkb: Wkb,
    name: str,
    labels: Labels | None = None,
    workers: int | None = None,
    room: Room | None = None,
) -> Layer:
    """The layer of some rows of WKB, every row a valid Polygon or MultiPolygon (读取).

    With a room its vertices stand there, until the next layer takes it.

    Raises: GeometryError that names how many rows are not and the first ones' labels, or positions where
    there are no labels (null, empty, not areal, a coordinate that is no number, invalid).
    """
    good, layer = read_usable(wkb, workers, room)
    bad = np.delete(np.arange(len(wkb.start) - 1), good)
    if len(bad):
        first = bad[:MOST_NAMED].tolist()
        raise unusable(wkb.rows(bad), name, first if labels is None else [labels(row) for row in first])
    return layer


def read_usable(wkb: Wkb, workers: int | None = None, room: Room | None = None) -> tuple[Ints, Layer]:
    """Which rows of some WKB are valid polygons, and the layer of those (可用几何)."""
    every = np.arange(len(wkb.start) - 1)
    rings, vertices = rings_and_vertices(wkb)
    odd = np.flatnonzero(rings == NOT_PLAIN)
    if len(odd):
        bad = odd[~_usable(wkb, odd, workers)]
        plain = _some_plain(wkb, np.delete(every, bad), np.setdiff1d(odd, bad))
    else:
        layer, sure = laid_out(wkb, starts(rings), starts(vertices), workers, room or Room())
        doubtful = np.flatnonzero(~sure)
        bad = doubtful[~_usable(wkb, doubtful, workers)]
        if not len(bad):
            return every, layer
        plain = _some_plain(wkb, np.delete(every, bad), odd)
    good, layer = read_usable(plain, workers, room)
    return np.delete(every, bad)[good], layer


def rings_and_vertices(wkb: Wkb) -> tuple[Ints, Ints]:
    """How many rings and vertices each row has (环数与点数); NOT_PLAIN rings where it is no plain polygon."""
    rings, vertices = np.empty((2, len(wkb.start) - 1), np.int64)
    count_rows(wkb.data, wkb.start, rings, vertices)
    return rings, vertices


def laid_out(
    wkb: Wkb, first_ring: Ints, first_vertex: Ints, workers: int | None, room: Room, *, valid: bool = False
) -> tuple[Layer, Flags]:
    """Plain rows as polygons, and which of them are valid for certain (坐标展开): all of them where that is known."""
    count, xy = len(first_ring) - 1, room.vertices(int(first_vertex[-1]))
    polygons = Polygons(
        xy,
        np.zeros(int(first_ring[-1]) + 1, np.int64),
        np.empty(int(first_ring[-1]), np.bool_),
        first_ring,
        np.empty((count, 4)),
        np.empty(count),
    )
    sure = np.full(count, valid)
    raw = xy.reshape(-1).view(np.uint8)
    blocks = equal_runs(first_vertex, BLOCK_VERTICES)

    def read(some: slice) -> None:
        for rows in blocks[some]:
            fill_rows(wkb.data, wkb.start, raw, polygons, rows.start, rows.stop, first_vertex)
            if not valid:
                certainly_valid(polygons, rows.start, rows.stop, sure)

    in_blocks(read, len(blocks), workers, 1)
    return Layer(polygons, wkb), sure


def _usable(wkb: Wkb, rows: Ints, workers: int | None) -> Flags:
    """GEOS's judgement of some rows."""
    good = in_blocks(lambda some: usable_polygons(wkb.rows(rows[some])), len(rows), workers)
    return np.concatenate([np.zeros(0, np.bool_), *good])


def _some_plain(wkb: Wkb, rows: Ints, odd: Ints) -> Wkb:
    """Some rows, the odd ones among them brought to plain WKB by GEOS, without heights, empty parts and rings."""
    view, start = memoryview(wkb.data), wkb.start.tolist()
    shapes = [collected(shapely.get_parts([s])) for s in shapely.remove_repeated_points(wkb.rows(odd))]
    plain = dict(zip(odd.tolist(), _plain_rows(np.array(shapes, dtype=object)), strict=True))
    return _wkb_of_rows([plain.get(i) or bytes(view[start[i] : start[i + 1]]) for i in rows.tolist()])


def as_one(layer: Layer) -> Layer:
    """The polygons of a layer, which share no area, taken as one polygon of many parts (整条控制线)."""
    old = layer.polygons
    box = np.concatenate([old.box[:, :2].min(axis=0), old.box[:, 2:].max(axis=0)])[None, :]
    rings = np.array([0, len(old.is_shell)])
    area = np.array([old.area.sum()])
    polygons = Polygons(old.xy, old.ring_start, old.is_shell, rings, box, area)
    return Layer(polygons, _one_row(layer.wkb))


def _one_row(wkb: Wkb) -> Wkb:
    """Rows of plain polygons as the parts of a single one: their own bytes, without heads of many, after one head."""
    begins = wkb.start[:-1]
    many = begins[wkb.data[begins + 1] == MULTIPOLYGON]
    counts = wkb.data[many[:, None] + np.arange(HEAD_BYTES - 4, HEAD_BYTES)].copy().view("<u4")
    head = struct.pack("<BII", 1, MULTIPOLYGON, len(begins) - len(many) + int(counts.sum()))
    heads = (many[:, None] + np.arange(HEAD_BYTES)).ravel() - begins[0]
    parts = wkb.data[begins[0] : wkb.start[-1]]
    data = np.concatenate([np.frombuffer(head, np.uint8), np.delete(parts, heads) if len(many) else parts])
    return Wkb(fixed(data), np.array([0, len(data)]))


def stacked(layers: Sequence[Layer]) -> Layer:
    """The polygons of several layers as one layer, the first layer's first: one walk then serves them all."""
    if len(layers) == 1:
        return layers[0]
    parts = [layer.polygons for layer in layers]
    vertices = np.cumsum([0, *[len(part.xy) for part in parts]])
    rings = np.cumsum([0, *[len(part.is_shell) for part in parts]])
    bytes_before = np.cumsum([0, *[len(layer.wkb.data) for layer in layers]])

    def joined(each: list[Ints], before: Ints) -> Ints:
        return np.concatenate(
            [np.zeros(1, np.int64), *[s[1:] + n for s, n in zip(each, before, strict=False)]]
        )

    polygons = Polygons(
        np.concatenate([part.xy for part in parts]),
        joined([part.ring_start for part in parts], vertices),
        np.concatenate([part.is_shell for part in parts]),
        joined([part.first_ring for part in parts], rings),
        np.concatenate([part.box for part in parts]),
        np.concatenate([part.area for part in parts]),
    )
    data = np.concatenate([layer.wkb.data for layer in layers])
    return Layer(polygons, Wkb(data, joined([layer.wkb.start for layer in layers], bytes_before)))
