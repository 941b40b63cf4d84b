"""PostGIS in (空间数据库): a table or view of a server that the study names; read only, no SQL of anybody but ours.

The address is `postgis:` with the words of libpq (`service=land`, `host=... dbname=... user=...`), or `postgresql://...`.
A password never stands in it: it comes from PGPASSWORD, the password file, or the service file of the one who runs.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import LayerError, PlaceError
from landkit.io.source import BATCH_ROWS, Asked, choose_layer
from landkit.model import Reading

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

_PREFIX: Final = "postgis:"
_URIS: Final = ("postgresql://", "postgres://")
_MAY_SAY: Final = frozenset(
    {
        "service",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "sslmode",
        "sslrootcert",
        "passfile",
        "connect_timeout",
    }
)
_PLAIN: Final = frozenset(
    {"int2", "int4", "int8", "float4", "float8", "numeric", "bool", "text", "varchar", "bpchar", "date", "timestamp",
     "timestamptz"}
)  # fmt: skip
_KINDS: Final = {
    "int2": "int16", "int4": "int32", "int8": "int64", "float4": "float32", "float8": "float64", "numeric": "float64",
    "bool": "bool", "date": "date", "timestamp": "datetime", "timestamptz": "datetime",
}  # fmt: skip
_EXACT_TO: Final = 2**53
_CHECKSUMS: Final = 2**256
_LAYERS: Final = """
    SELECT schema, name, geom, srid, kind, count(*) OVER (PARTITION BY schema, name) FROM (
        SELECT f_table_schema schema, f_table_name name, f_geometry_column geom, srid, type kind FROM geometry_columns
        UNION ALL
        SELECT f_table_schema, f_table_name, f_geography_column, srid, type FROM geography_columns) AS known
    WHERE has_table_privilege(quote_ident(schema) || '.' || quote_ident(name), 'SELECT')
    ORDER BY 1, 2, 3"""
_COLUMNS: Final = """
    SELECT a.attname, t.typname, coalesce(a.attnum = ANY (i.indkey), false) FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""


class _Table(NamedTuple):
    """A geometry column of a table or view: one layer."""

    schema: str
    name: str
    geometry: str
    srid: int
    kind: str
    called: str


def is_database(path: object) -> bool:
    """Whether a path is the address of a PostGIS database."""
    return isinstance(path, str) and path.strip().lower().startswith((_PREFIX, *_URIS))


def headers(asked: Asked) -> list[dict[str, Any]]:
    """Each table and view with a geometry column that may be read.   Raises: LayerError, PlaceError."""
    with _connected(asked) as base:
        return [_header(base, table) for table in _tables(base).values()]


def read(asked: Asked) -> Reading:
    """All rows of one table or view.   Raises: LayerError, PlaceError."""
    found = list(batches(asked, BATCH_ROWS))
    frame = pd.concat([r.frame for r in found], ignore_index=True) if len(found) > 1 else found[0].frame
    return Reading(frame, found[0].findings, found[-1].facts)


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The rows in parts, by a cursor of the server; the last one's facts hold the checksum of all.

    Raises: LayerError, PlaceError.
    """
    with _connected(asked) as base:
        tables = _tables(base)
        table = tables[choose_layer(asked, _asked_for(asked, tables))]
        columns = _columns(base, table)
        asked.limits.check("columns", len(columns), path=asked.name)
        crs, checksum, done = _crs(base, table.srid), 0, 0
        with base.cursor(name="landkit") as cursor:
            cursor.execute(_query(table, columns))
            while (part := cursor.fetchmany(rows)) or not done:
                checksum = (checksum + sum(_checksum(row) for row in part)) % _CHECKSUMS
                done += max(len(part), 1)
                facts = {"layer": table.called, "format": "PostGIS", "sha256": f"{checksum:064x}"}
                yield Reading(_frame_of(part, columns, crs), (), facts)
                if not part:
                    return


def _checksum(row: tuple[Any, ...]) -> int:
    """Of one row; summed up, so that the order in which a view gives its rows does not count."""
    return int.from_bytes(hashlib.sha256(repr(row).encode()).digest(), "big")


@contextlib.contextmanager
def _connected(asked: Asked) -> Iterator[psycopg.Connection[Any]]:
    """A connection that can only read, and sees one moment of the database."""
    try:
        import psycopg
    except ImportError as error:
        raise PlaceError("postgis_missing") from error
    where = _where(asked.address)
    try:
        with psycopg.connect(**where, application_name="landkit", client_encoding="UTF8") as base:
            base.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            base.read_only = True
            yield base
    except psycopg.OperationalError as error:
        raise PlaceError("postgis_unreachable", address=asked.name, detail=_said(error)) from error
    except psycopg.Error as error:
        raise LayerError("postgis_failed", address=asked.name, detail=_said(error)) from error


def _where(address: str) -> dict[str, Any]:
    """The parameters of an address.   Raises: LayerError for a password in it, or words that change what is run."""
    import psycopg

    plain = address.strip()
    words = plain[len(_PREFIX) :] if plain.lower().startswith(_PREFIX) else plain
    try:
        said = psycopg.conninfo.conninfo_to_dict(words)
    except psycopg.ProgrammingError as error:
        raise LayerError("postgis_address", example="postgis:service=land") from error
    if "password" in said:
        raise LayerError("postgis_password")
    odd = sorted(set(said) - _MAY_SAY)
    if odd:
        raise LayerError("postgis_words", words=", ".join(odd), allowed=", ".join(sorted(_MAY_SAY)))
    return {"connect_timeout": 10, **said}


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _tables(base: psycopg.Connection[Any]) -> dict[str, _Table]:
    found = [
        _Table(
            schema, name, geometry, srid, kind, f"{schema}.{name}" + (f".{geometry}" if several > 1 else "")
        )
        for schema, name, geometry, srid, kind, several in base.execute(_LAYERS).fetchall()
    ]
    return {t.called: t for t in found}


def _asked_for(asked: Asked, tables: dict[str, _Table]) -> list[str]:
    """The names there are; the schema may be left out where only one has the table, which then leads."""
    short = [called for called, t in tables.items() if asked.layer in (t.name, f"{t.name}.{t.geometry}")]
    if asked.layer is not None and asked.layer not in tables and len(short) == 1:
        tables[asked.layer] = tables[short[0]]
    return list(tables)


def _columns(base: psycopg.Connection[Any], table: _Table) -> list[tuple[str, str, bool]]:
    """Name, type and whether it is part of the primary key, of all columns that are no geometry."""
    from psycopg import sql

    place = sql.Identifier(table.schema, table.name).as_string(base)
    rows = base.execute(_COLUMNS, [place]).fetchall()
    return [(n, t, k) for n, t, k in rows if t not in ("geometry", "geography")]


def _query(table: _Table, columns: Sequence[tuple[str, str, bool]]) -> sql.Composed:
    """All rows in the order of the primary key: names are quoted, nothing of a user is SQL."""
    from psycopg import sql

    plain = [
        sql.Identifier(n) if t in _PLAIN else sql.SQL("{}::text").format(sql.Identifier(n))
        for n, t, _ in columns
    ]
    shape = sql.SQL("ST_AsBinary(ST_Force2D(ST_CurveToLine({}::geometry)))").format(
        sql.Identifier(table.geometry)
    )
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join([*plain, shape]), sql.Identifier(table.schema, table.name)
    )
    keys = [sql.Identifier(n) for n, _, key in columns if key]
    return query + sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(keys)) if keys else query


def _frame_of(
    rows: list[tuple[Any, ...]], columns: Sequence[tuple[str, str, bool]], crs: str | None
) -> gpd.GeoDataFrame:
    by_column = list(zip(*rows, strict=True)) if rows else [()] * (len(columns) + 1)
    values = {n: _column(by_column[i], t) for i, (n, t, _) in enumerate(columns)}
    shapes = shapely.from_wkb(
        np.array([None if b is None else bytes(b) for b in by_column[-1]], dtype=object)
    )
    return gpd.GeoDataFrame(values, geometry=shapes, crs=crs)


def _column(values: Sequence[Any], kind: str) -> Any:
    """Values of a column as pandas holds them without loss: whole numbers with gaps, codes too long for a float."""
    if kind in ("int2", "int4", "int8"):
        whole = pd.array(list(values), dtype="Int64")
        return whole if whole.isna().any() else whole.to_numpy(dtype="int64")
    if kind == "numeric":
        long = any(v is not None and v.is_finite() and abs(v) >= _EXACT_TO for v in values)
        return (
            pd.Series([None if v is None else str(v) for v in values], dtype="object")
            if long
            else _floats(values)
        )
    if kind in ("float4", "float8"):
        return _floats(values)
    if kind == "date":
        days = [
            v if v is None or isinstance(v, str) else datetime.datetime.combine(v, datetime.time())
            for v in values
        ]
        return pd.Series(days, dtype="datetime64[s]")
    if kind in ("timestamp", "timestamptz"):
        return pd.to_datetime(pd.Series(list(values), dtype="object"), utc=kind == "timestamptz").dt.as_unit(
            "us"
        )
    if kind == "bool":
        flags = pd.array(list(values), dtype="boolean")
        return flags if flags.isna().any() else flags.to_numpy(dtype=bool)
    return pd.Series(list(values), dtype="object")


def _floats(values: Sequence[Any]) -> Any:
    numbers = [np.nan if v is None else float(v) for v in values]
    return np.array(numbers, dtype=float)


def _crs(base: psycopg.Connection[Any], srid: int) -> str | None:
    """The CRS of an SRID: its authority and code, or its text; None where the table states none."""
    found = base.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", [srid]
    ).fetchone()
    if found is None:
        return None
    name, code, words = found
    return f"{name}:{code}" if name and code else str(words)


def _header(base: psycopg.Connection[Any], table: _Table) -> dict[str, Any]:
    from psycopg import sql

    place, shape = sql.Identifier(table.schema, table.name), sql.Identifier(table.geometry)
    query = sql.SQL(
        "SELECT n, ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM "
        "(SELECT count(*) n, ST_Extent({}::geometry) e FROM {}) x"
    ).format(shape, place)
    found: tuple[Any, ...] = base.execute(query).fetchone() or (0, None, None, None, None)
    columns = _columns(base, table)
    return {
        "layer": table.called,
        "rows": int(found[0]),
        "crs": _crs(base, table.srid),
        "extent": None if found[1] is None else [float(v) for v in found[1:]],
        "fields": [n for n, _, _ in columns],
        "types": [_KINDS.get(t, "object") for _, t, _ in columns],
        "geometry": table.kind,
        "encoding": "UTF-8",
        "encoding_by": "format",
        "format": "PostGIS",
    }
