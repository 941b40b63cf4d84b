"""PostGIS as a peer, as its experts use it: zones in pieces (ST_Subdivide), both sides indexed, what is covered not cut.

The clock of `postgis` starts when tables and indexes are there; that of `postgis-load` when the files are.  Both
end with a table in the database; it becomes a file afterwards, outside the clock.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

import geopandas as gpd
import pyproj
import shapely

from landkit.bench.postgres_server import server

if TYPE_CHECKING:
    import psycopg

ROWS_AT_ONCE: Final = 5000

_TABLE: Final = "CREATE UNLOGGED TABLE {table} (id text, geom geometry(Geometry, {srid}))"
_INDEX: Final = "CREATE INDEX ON {table} USING gist (geom)"
_PIECES: Final = """
    CREATE UNLOGGED TABLE pieces AS
    SELECT id, ST_Subdivide(geom, 256) AS geom FROM zones"""
_SHARED: Final = """
    CREATE UNLOGGED TABLE shared AS
    SELECT parcel, zone, ST_Area(geometry) AS area_m2, geometry FROM (
        SELECT parcel, zone, CASE WHEN count(*) = 1 THEN (array_agg(geom))[1] ELSE ST_Union(geom) END AS geometry
        FROM (
            SELECT parcels.id AS parcel, pieces.id AS zone,
                CASE WHEN ST_CoveredBy(parcels.geom, pieces.geom) THEN parcels.geom
                ELSE ST_Intersection(parcels.geom, pieces.geom) END AS geom
            FROM parcels JOIN pieces ON ST_Intersects(parcels.geom, pieces.geom)
        ) AS cut
        WHERE ST_Dimension(geom) = 2
        GROUP BY parcel, zone
    ) AS whole
    WHERE ST_Area(geometry) > 0"""


@contextmanager
def empty_base(parcels: Path, zones: Path, out: Path) -> Iterator[None]:
    """A server while the job runs; what the job found becomes the file `out` in the end."""
    del parcels, zones
    before = dict(os.environ)
    with server(secrets.token_hex(16)) as found:
        os.environ.update(found.variables())
        try:
            yield
            write_shared(out)
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def loaded_base(parcels: Path, zones: Path, out: Path) -> Iterator[None]:
    """The same, with parcels and zones loaded, cut into pieces and indexed."""
    with empty_base(parcels, zones, out):
        load(parcels, zones)
        yield


def by_loaded_postgis(parcels: Path, zones: Path, out: Path) -> None:
    """Areas and geometry of all pairs as a table, from the tables of the database that libpq's variables name."""
    del parcels, zones, out
    with _connected() as base:
        base.execute(_SHARED)


def by_postgis(parcels: Path, zones: Path, out: Path) -> None:
    """The same from files: load, cut into pieces, index."""
    load(parcels, zones)
    by_loaded_postgis(parcels, zones, out)


def load(parcels: Path, zones: Path) -> None:
    """Both files as tables of the database, the zones also in pieces."""
    with _connected() as base:
        for table, path in (("parcels", parcels), ("zones", zones)):
            _copy(base, table, gpd.read_parquet(path, columns=["id", "geometry"]))
        base.execute(_PIECES)
        for table in ("parcels", "pieces"):
            base.execute(_INDEX.format(table=table))
            base.execute(f"ANALYZE {table}")


def _connected() -> psycopg.Connection:
    import psycopg

    return psycopg.connect(autocommit=True)


def _copy(base: psycopg.Connection, table: str, rows: gpd.GeoDataFrame) -> None:
    srid = pyproj.CRS(rows.crs).to_epsg() or 0
    base.execute(_TABLE.format(table=table, srid=srid))
    shapes = shapely.set_srid(np.asarray(rows.geometry.array), srid)
    with base.cursor() as cursor, cursor.copy(f"COPY {table} (id, geom) FROM STDIN") as copy:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = slice(first, first + ROWS_AT_ONCE)
            written = shapely.to_wkb(shapes[some], hex=True, include_srid=True)
            ids = rows["id"].iloc[some].astype(str)
            copy.write("".join(f"{one}\t{wkb}\n" for one, wkb in zip(ids, written, strict=True)))


def write_shared(out: Path) -> None:
    """What the job found as GeoParquet."""
    with _connected() as base:
        rows = base.execute("SELECT parcel, zone, area_m2, ST_AsBinary(geometry) FROM shared").fetchall()
        srid = base.execute("SELECT ST_SRID(geom) FROM parcels LIMIT 1").fetchone()
    parcel, zone, area, shape = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {"parcel": parcel, "zone": zone, "area_m2": np.array(area, dtype=float)}
    shapes = shapely.from_wkb(np.array(shape, dtype=object))
    gpd.GeoDataFrame(columns, geometry=shapes, crs=srid[0] if srid else None).to_parquet(out)
