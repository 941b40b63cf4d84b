"""Overlaps of an Arrow table of parcels with prepared zones: one pure function, for one machine or many.

    zones = prepare_zones(pq.read_table("redline.parquet"), label="zone_id")
    rows = overlap_table(batch_of_parcels, zones, label="parcel_id")

Nothing is remembered between calls and nothing global is touched, so the function and the prepared zones may
be pickled and sent anywhere: `functools.partial(overlap_table, zones=zones)` is a task of dask.distributed
or, batch by batch, the body of Spark's `mapInArrow`.  Splitting the parcels into batches changes no row,
but for the last binary digit of a planar area.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

import geopandas as gpd
import pyproj

from landkit.arrays import Ints
from landkit.overlay.arrow_layers import GEOMETRY, geo_metadata, metric_crs, require_same, wkb_column
from landkit.overlay.kernel.measuring import pieces_m2
from landkit.overlay.kernel.pairs import Found, Wanted, find_pairs, gathered
from landkit.overlay.kernel.polygons import Polygons
from landkit.overlay.kernel.reading import Labels, Layer, Room, Wkb, as_one, read_layer, wkb_from, wkb_of
from landkit.overlay.shared import SIDE_OF, require_measure, require_side, require_workers
from landkit.overlay.union.dissolve import union_of

INT32_MOST: Final = 2**31 - 1


@dataclass(frozen=True)
class PreparedZones:
    """Zones read and checked once, to be met by any number of batches of parcels (控制区)."""

    layer: Layer
    labels: pa.Array
    crs: str  # as WKT


def prepare_zones(zones: pa.Table, *, label: str | None = None, crs: str | None = None) -> PreparedZones:
    """Zones for `overlap_table`, one by one; zones that overlap one another give rows of their own each.

    `zones` has a column of polygons (named by GeoParquet or GeoArrow metadata, else WKB called `geometry`) in a CRS in
    metres, stated in that metadata or by `crs`.  `label` names the column that says which zone is which (else: position).

    Raises: CRSError, GeometryError.
    """
    wkt = metric_crs(zones, "zones", crs)
    labels = _labels(zones, label)
    return PreparedZones(
        read_layer(wkb_of(wkb_column(zones, "zones")), "zones", _named_by(labels)), labels, wkt
    )


def prepare_line(zones: pa.Table, name: str, *, crs: str | None = None) -> PreparedZones:
    """All zones of one control line as a single area, so that land under two of them counts once (控制线).

    A line without zones covers nothing: every parcel lies outside it.
    """
    one_by_one = prepare_zones(zones, crs=crs)
    shapes = one_by_one.layer.wkb.rows(np.arange(len(one_by_one.layer)))
    parts = union_of(gpd.GeoSeries(shapes, crs=one_by_one.crs))
    line = as_one(read_layer(wkb_from(parts), "zones")) if len(parts) else one_by_one.layer
    return PreparedZones(line, pa.array([name]), one_by_one.crs)


def overlap_table(
    parcels: pa.Table | pa.RecordBatch,
    zones: PreparedZones,
    *,
    how: str = "intersection",
    geometry: bool = True,
    label: str | None = None,
    crs: str | None = None,
    room: Room | None = None,
    workers: int | None = None,
    area: str = "ellipsoid",
) -> pa.Table:
    """Every pair of parcel and zone that shares ground, and how much: Arrow in, Arrow out (重叠表).

    In: a column of valid polygons (named by GeoParquet or GeoArrow metadata, else WKB called `geometry`); the CRS from
    the metadata or, for batches that carry none, from `crs`.  Out, by parcel, then by zone: `parcel` (the value of
    the column `label`, else the position in this table), `zone` (the label of the zone), `area_m2` (ellipsoidal, or planar
    with `area="planar"`), `geometry` (WKB Polygon or MultiPolygon, with GeoParquet metadata), the last only where asked for.

    `how="difference"` gives instead what of each parcel lies outside each zone (or line); a parcel that lies
    wholly inside has no row, one that does not meet it is given back whole.

    Who calls this for one batch after another may lend it a `room` to work in; the result does not stand there.
    `workers` is the number of threads: all cores by default, 1 where a scheduler already fills them.

    Raises: CRSError (missing, mismatched, not in metres), GeometryError (a parcel null, empty, not areal,
    invalid).
    """
    require_measure(area)
    require_side(how)
    require_workers(workers)
    wkt = metric_crs(parcels, "parcels", crs)
    require_same(wkt, zones.crs)
    labels = _labels(parcels, label)
    layer = read_layer(
        wkb_of(wkb_column(parcels, "parcels")), "parcels", _named_by(labels), workers, room=room
    )
    shaped = geometry or area != "planar"
    found = find_pairs(layer, writable(zones.layer), Wanted(side=SIDE_OF[how], geometry=shaped), workers)
    parcel, zone, measured, pieces = (
        _shared(layer, found) if how == "intersection" else _rest(layer, zones, found)
    )
    if area != "planar":
        measured = pieces_m2(pieces, wkt, workers)
    columns = {
        "parcel": labels.take(pa.array(parcel)),
        "zone": zones.labels.take(pa.array(zone)),
        "area_m2": pa.array(measured),
    }
    if not geometry:
        return pa.table(columns)
    return _with_geometry(columns, pieces, wkt)


def _labels(table: pa.Table | pa.RecordBatch, label: str | None) -> pa.Array:
    if label is None:
        return pa.array(np.arange(table.num_rows))
    column = table[label]
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column


def _named_by(labels: pa.Array) -> Labels:
    return lambda row: labels[row].as_py()


def writable(layer: Layer) -> Layer:
    """The layer in memory that may be written to: compiled code is made for such, and unpickled is not."""
    columns: list[Any] = [np.require(column, requirements="W") for column in layer.polygons]
    return Layer(Polygons(*columns), layer.wkb)


def _shared(layer: Layer, found: Found) -> tuple[Ints, Ints, np.ndarray, Wkb]:
    """The pieces inside; a parcel that lies wholly inside is its own piece."""
    whole, count = np.flatnonzero(found.whole), len(found.parcel)
    rows = np.arange(count)
    pieces = gathered(count, [(found.pieces, rows, rows), (layer.wkb, found.parcel[whole], whole)])
    return found.parcel, found.zone, found.area, pieces


def _rest(layer: Layer, zones: PreparedZones, found: Found) -> tuple[Ints, Ints, np.ndarray, Wkb]:
    """The pieces outside; a parcel that does not meet a zone is its own piece."""
    count, lines = len(layer), len(zones.labels)
    area = np.repeat(layer.polygons.area, lines)
    pair = found.parcel * lines + found.zone
    area[pair] = np.where(found.whole, 0.0, found.area)
    met = np.zeros(count * lines, dtype=bool)
    met[pair] = True
    left = np.flatnonzero(area > 0)
    place = np.cumsum(area > 0) - 1
    apart = left[~met[left]]
    some = np.flatnonzero(area[pair] > 0)
    sources = [(layer.wkb, apart // lines, place[apart]), (found.pieces, some, place[pair[some]])]
    return left // lines, left % lines, area[left], gathered(len(left), sources)


def _binary(pieces: Wkb) -> pa.Array:
    small = int(pieces.start[-1]) <= INT32_MOST
    start = pieces.start.astype(np.int32) if small else pieces.start
    buffers = [None, pa.py_buffer(start), pa.py_buffer(pieces.data)]
    kind = pa.binary() if small else pa.large_binary()
    return pa.Array.from_buffers(kind, len(start) - 1, buffers)


def _with_geometry(columns: dict[str, pa.Array], pieces: Wkb, wkt: str) -> pa.Table:
    """The table with its pieces, which GeoParquet readers and GeoArrow readers both know for what they are."""
    crs = json.loads(pyproj.CRS.from_wkt(wkt).to_json())
    said = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": json.dumps({"crs": crs})}
    shapes = _binary(pieces)
    fields = [pa.field(name, values.type) for name, values in columns.items()]
    schema = pa.schema([*fields, pa.field(GEOMETRY, shapes.type, metadata=said)], geo_metadata(wkt))
    return pa.table([*columns.values(), shapes], schema=schema)
