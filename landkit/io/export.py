"""Results as GIS files (成果导出): GeoPackage with styles, zipped shapefile with its field list.

The same input gives the same bytes.  What is handed over has been opened again as a stranger would and
found equal: rows, texts, numbers, bounds and area.  Dates are ISO text in both formats; codes are text.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import io
import itertools
import math
import re
import shutil
import sqlite3
import tempfile
import unicodedata
import uuid
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from landkit.errors import ExportError
from landkit.model import Code, Reason, say_all
from landkit.text import Lang, data_text, data_toml, has_text, known_columns, term, text

Encoding = Literal["UTF-8", "GBK"]
Certificate = dict[str, Any]

PIECES: Final = 4  # columns that one long text may be spread over
TEXT_BYTES: Final = 254
LARGEST_BYTES: Final = 1_900_000_000
MOST_FIELDS: Final = 255
_WIDEST_RECORD: Final = 65_000
_EXACT_INTEGER: Final = 2**53
_ANY_DAY: Final = "2000-01-01T00:00:00.000Z"  # files carry no day of their own: the manifest does
_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_CPG: Final[dict[str, str]] = {"UTF-8": "UTF-8", "GBK": "936"}
_DBF_LANGUAGE: Final[dict[str, int]] = {"UTF-8": 0x00, "GBK": 0x4D}  # byte 29; 0x4D = code page 936
_NOT_A_FIELD: Final = frozenset({"fid", "oid", "objectid", "shape", "geometry", "geom"})
_LAYER: Final = re.compile(r"(?!(?i:gpkg|sqlite|rtree|layer_styles))[A-Za-z][A-Za-z0-9_]{0,49}")
_GDAL_FAILED: Final = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    FieldError,
    OSError,
    RuntimeWarning,
    UserWarning,
)
_UNHELD: Final = re.compile("[\x00\ud800-\udfff]")
_MULTI: Final = {"Polygon": "MultiPolygon", "LineString": "MultiLineString", "Point": "MultiPoint"}


# ---- GeoPackage


def write_geopackage(
    path: Path,
    layers: Mapping[str, pd.DataFrame],
    *,
    styles: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    lang: Lang = "zh",
) -> dict[str, Certificate]:
    """Write layers and tables into one new GeoPackage, with QML styles as QGIS defaults, and certify each.

    A plain DataFrame becomes a table without geometry.  Frames keep their CRS; polygons become
    multi-polygons. The result is the round-trip certificate by layer.

    Raises: ExportError, also where what is read back differs.
    """
    plain = {name: plain_frame(frame, layer=name, lang=lang) for name, frame in layers.items()}
    path.unlink(missing_ok=True)
    with _fixed_day(), _gdal_faults(path):
        for name, frame in plain.items():
            _write_layer(path, name, frame, title=(titles or {}).get(name, ""))
        _write_styles(path, {k: v for k, v in (styles or {}).items() if k in plain and v})
    return {name: _check_layer(path, name, frame) for name, frame in plain.items()}


def check_geopackage(
    path: Path, layers: Mapping[str, pd.DataFrame], *, lang: Lang = "zh"
) -> dict[str, Certificate]:
    """Open a GeoPackage afresh and compare it with the frames it was made from.

    Raises: ExportError where it differs.
    """
    return {
        name: _check_layer(path, name, plain_frame(frame, layer=name, lang=lang))
        for name, frame in layers.items()
    }


def _write_layer(path: Path, name: str, frame: pd.DataFrame, *, title: str) -> None:
    columns = {str(c).casefold() for c in frame.columns}
    options = {
        "DESCRIPTION": title,
        "FID": next(n for n in ("fid", "ogc_fid", "landkit_fid") if n not in columns),
    }
    if isinstance(frame, gpd.GeoDataFrame):
        kind = _geometry_type(frame)
        options["GEOMETRY_NAME"] = next(n for n in ("geom", "shape", "landkit_geom") if n not in columns)
        pyogrio.write_dataframe(
            frame,
            path,
            layer=name,
            driver="GPKG",
            append=path.exists(),
            geometry_type=kind,
            promote_to_multi=kind.startswith("Multi"),
            layer_options=options,
        )
    else:
        pyogrio.write_dataframe(
            frame, path, layer=name, driver="GPKG", append=path.exists(), layer_options=options
        )


def _check_layer(path: Path, name: str, expected: pd.DataFrame) -> Certificate:
    try:
        found = pyogrio.read_dataframe(path, layer=name, datetime_as_string=True)
    except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
        raise ExportError("export_roundtrip", path=f"{path.name}:{name}", detail=str(error)) from error
    return _compare(expected, found, what=f"{path.name}:{name}", exact=True)


_STYLE_TABLE: Final = (
    "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),"
    " f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),"
    " styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
    " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
)
_STYLE_ROW: Final = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
    " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
    " VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', ?)"
)


def _write_styles(path: Path, styles: Mapping[str, str]) -> None:
    """The table in which QGIS looks for a layer's own style."""
    if not styles:
        return
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        base.execute(_STYLE_TABLE)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (_ANY_DAY,),
        )
        columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        for name, qml in styles.items():
            base.execute(_STYLE_ROW, (name, columns.get(name, ""), name[:30], qml, _ANY_DAY))


# ---- shapefile


def write_shapefile_zip(
    path: Path,
    layer_name: str,
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    encoding: Encoding = "UTF-8",
    lang: Lang = "zh",
) -> Certificate:
    """Write one layer as a zipped shapefile with `.cpg`, `.prj` and `<layer>.fields.csv`, and certify it.

    Names are at most 10 ASCII characters.  Text beyond 254 bytes is spread over up to four columns, never
    cut; a table without geometry becomes a .dbf alone.  `labels` adds to data/columns.toml.

    Raises: ExportError where the layer does not fit a shapefile, or what is read back differs.
    """
    dbf, fields = _as_dbf(
        plain_frame(frame, layer=layer_name, lang=lang), layer=layer_name, labels=labels, encoding=encoding
    )
    with tempfile.TemporaryDirectory(prefix=".landkit-", dir=path.parent) as scratch:
        folder = Path(scratch)
        target = folder / f"{layer_name}{'.shp' if isinstance(dbf, gpd.GeoDataFrame) else '.dbf'}"
        with _gdal_faults(path):
            _write_shapefile(target, dbf, encoding=encoding)
        (folder / f"{layer_name}.fields.csv").write_bytes(_csv(fields).encode("utf-8-sig"))
        _zip_folder(folder, path)
    return _certify_zip(path, layer_name, dbf)


def check_shapefile_zip(
    path: Path,
    layer_name: str,
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    encoding: Encoding = "UTF-8",
    lang: Lang = "zh",
) -> Certificate:
    """Unpack a zipped shapefile afresh, open it without being told anything, and compare it with its frame.

    Raises: ExportError where it differs.
    """
    expected, _ = _as_dbf(
        plain_frame(frame, layer=layer_name, lang=lang), layer=layer_name, labels=labels, encoding=encoding
    )
    return _certify_zip(path, layer_name, expected)


def _certify_zip(path: Path, layer_name: str, expected: pd.DataFrame) -> Certificate:
    suffix = ".shp" if isinstance(expected, gpd.GeoDataFrame) else ".dbf"
    with tempfile.TemporaryDirectory(prefix=".landkit-", dir=path.parent) as scratch:
        try:
            with zipfile.ZipFile(path) as packed:
                packed.extractall(scratch)  # ours, written a moment ago
            found = pyogrio.read_dataframe(Path(scratch) / f"{layer_name}{suffix}")
        except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
            raise ExportError("export_roundtrip", path=path.name, detail=str(error)) from error
        return _compare(expected, found, what=path.name, exact=False)


def short_names(
    columns: Iterable[str], *, labels: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """A shapefile name for each column: at most 10 ASCII characters, unique in any case, always the same."""
    columns = list(columns)
    names: dict[str, str] = {}
    for column in columns:
        short = _describe(column, labels).get("short", "")
        if _is_short(short) and short.casefold() not in {n.casefold() for n in names.values()}:
            names[column] = short
    taken = {n.casefold() for n in names.values()}
    for column in columns:
        if column not in names:
            names[column] = _unique(_launder(column), taken)
            taken.add(names[column].casefold())
    return {c: names[c] for c in columns}


def split_text(words: str, *, limit: int = TEXT_BYTES, encoding: str = "UTF-8") -> list[str]:
    """Pieces of at most `limit` bytes whose sum is the text; cut between characters and not beside a blank.

    A blank at the edge of a piece would be lost in a DBF, and so would a mark parted from its letter.
    """
    if len(words.encode(encoding)) <= limit:
        return [words] if words else []
    pieces: list[str] = []
    sizes = [len(c.encode(encoding)) for c in words]
    start = 0
    while start < len(words):
        end, size = start, 0
        while end < len(words) and size + sizes[end] <= limit:
            size += sizes[end]
            end += 1
        if end == start:
            raise ValueError("limit is less than one character")
        pieces.append(words[start : _good_cut(words, start, end)])
        start += len(pieces[-1])
    return pieces


def _good_cut(words: str, start: int, end: int) -> int:
    if end == len(words):
        return end
    for cut in range(end, start, -1):
        if not (
            words[cut - 1].isspace()
            or words[cut].isspace()
            or _joins(words[cut])
            or words[cut - 1] == "\u200d"
        ):
            return cut
    return end


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it: marks, variation selectors, joiners."""
    return unicodedata.category(character) in ("Mn", "Me", "Mc") or character == "\u200d"


def _is_short(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,9}", name)) and name.casefold() not in _NOT_A_FIELD


def _launder(column: str) -> str:
    """A short name out of the column's own letters; where it has none of ASCII, out of its fingerprint."""
    ascii_part = re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_").upper()
    if not column.isascii() or not ascii_part:
        return "F" + hashlib.sha256(column.encode("utf-8", "surrogatepass")).hexdigest()[:8].upper()
    if ascii_part[0].isdigit():
        ascii_part = f"F{ascii_part}"
    return ascii_part[:10].rstrip("_")


def _unique(name: str, taken: Iterable[str]) -> str:
    used = {*taken, *_NOT_A_FIELD}
    candidate, number = name, 0
    while candidate.casefold() in used:
        number += 1
        candidate = f"{name[: 9 - len(str(number))]}_{number}"
    return candidate


def _as_dbf(
    plain: pd.DataFrame, *, layer: str, labels: Mapping[str, Mapping[str, str]] | None, encoding: Encoding
) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """The frame as a DBF can hold it, and its field list: short, name, zh, en, unit, part."""
    spatial = isinstance(plain, gpd.GeoDataFrame)
    columns = [str(c) for c in plain.columns if not (spatial and c == plain.geometry.name)]
    shorts = short_names(columns, labels=labels)
    out: dict[str, Any] = {}
    fields: list[tuple[str, ...]] = []
    for column in columns:
        pieces = _dbf_pieces(plain[column], layer=layer, encoding=encoding)
        names = _piece_names(shorts, column, len(pieces), [*out])
        about = _describe(column, labels)
        for number, (name, piece) in enumerate(zip(names, pieces, strict=True), 1):
            out[name] = piece
            part = f"{number}/{len(pieces)}" if len(pieces) > 1 else ""
            fields.append(
                (name, column, about.get("zh", column), about.get("en", column), _unit(about), part)
            )
    table = pd.DataFrame(out, index=plain.index)
    _check_limits(plain, table, layer=layer, encoding=encoding)
    if not isinstance(plain, gpd.GeoDataFrame):
        return table, fields
    return gpd.GeoDataFrame(table, geometry=plain.geometry.array, crs=plain.crs), fields


def _piece_names(shorts: dict[str, str], column: str, count: int, done: list[str]) -> list[str]:
    if count == 1:
        return [shorts[column]]
    taken = {n.casefold() for n in (*shorts.values(), *done)}
    names: list[str] = []
    for number in range(1, count + 1):
        names.append(_unique(f"{shorts[column][:9]}{number}", taken))
        taken.add(names[-1].casefold())
    return names


def _dbf_pieces(values: pd.Series[Any], *, layer: str, encoding: Encoding) -> list[pd.Series[Any]]:
    column = str(values.name)
    if values.dtype == bool:
        return [values.astype("int16")]
    if pd.api.types.is_integer_dtype(values.dtype):
        if not any(abs(int(v)) > _EXACT_INTEGER for v in values.dropna()):
            return [values]
        digits = [None if pd.isna(v) else str(v) for v in values]
        return [pd.Series(digits, index=values.index, name=column, dtype=object)]
    if pd.api.types.is_float_dtype(values.dtype):
        infinite = np.flatnonzero(np.isinf(values.to_numpy(dtype=float)))
        if len(infinite):
            raise ExportError("export_infinite", layer=layer, row=int(infinite[0]) + 1, column=column)
        return [values]
    return _text_pieces(
        [None if v is None else v.strip(" ") or None for v in values], values, layer=layer, encoding=encoding
    )


def _text_pieces(
    words: list[str | None], like: pd.Series[Any], *, layer: str, encoding: Encoding
) -> list[pd.Series[Any]]:
    column = str(like.name)
    rows: list[list[str]] = []
    for number, value in enumerate(words, 1):
        if value is not None:
            _check_encodable(value, layer=layer, row=number, column=column, encoding=encoding)
        short = value is not None and len(value) * 4 <= TEXT_BYTES
        rows.append([] if value is None else [value] if short else split_text(value, encoding=encoding))
        if len(rows[-1]) > PIECES:
            size = len((value or "").encode(encoding))
            raise ExportError(
                "export_text_too_long",
                layer=layer,
                row=number,
                column=column,
                size=size,
                limit=PIECES * TEXT_BYTES,
            )
    count = max((len(r) for r in rows), default=1) or 1
    return [
        pd.Series([r[i] if i < len(r) else None for r in rows], index=like.index, name=column, dtype=object)
        for i in range(count)
    ]


def _check_encodable(value: str, *, layer: str, row: int, column: str, encoding: Encoding) -> None:
    try:
        value.encode(encoding)
    except UnicodeEncodeError as error:
        lost = "".join(sorted({c for c in value if not _encodes(c, encoding)}))
        raise ExportError(
            "export_gbk", layer=layer, row=row, column=column, characters=lost, encoding=encoding
        ) from error


def _encodes(character: str, encoding: Encoding) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _check_limits(plain: pd.DataFrame, table: pd.DataFrame, *, layer: str, encoding: Encoding) -> None:
    if len(table.columns) > MOST_FIELDS:
        raise ExportError("export_too_many_fields", layer=layer, count=len(table.columns), limit=MOST_FIELDS)
    widths = [
        max((len(v.encode(encoding)) for v in table[c] if v is not None), default=1)
        if table[c].dtype == object
        else 24
        for c in table.columns
    ]
    size = len(table) * sum(max(w, 80) for w in widths)
    if isinstance(plain, gpd.GeoDataFrame):
        size = max(size, int(shapely.get_num_coordinates(plain.geometry.array).sum()) * 16 + len(table) * 100)
    if size > LARGEST_BYTES or sum(widths) > _WIDEST_RECORD:
        raise ExportError(
            "export_too_large", layer=layer, size_gb=round(size / 1e9, 2), limit_gb=LARGEST_BYTES / 1e9
        )


def _write_shapefile(target: Path, dbf: pd.DataFrame, *, encoding: Encoding) -> None:
    options = {"DBF_DATE_LAST_UPDATE": _ANY_DAY[:10]}
    kind = {}
    if isinstance(dbf, gpd.GeoDataFrame):
        kind = {"geometry_type": _one_geometry_type(dbf, layer=target.stem)}
    pyogrio.write_dataframe(
        dbf,
        target,
        driver="ESRI Shapefile",
        encoding=encoding,
        layer_options=options,
        promote_to_multi=kind.get("geometry_type", "").startswith("Multi") if kind else None,
        **kind,
    )
    target.with_suffix(".cpg").write_text(_CPG[encoding], encoding="ascii")
    with target.with_suffix(".dbf").open("r+b") as file:
        file.seek(29)
        file.write(bytes([_DBF_LANGUAGE[encoding]]))


def _one_geometry_type(frame: gpd.GeoDataFrame, *, layer: str) -> str:
    kind = _geometry_type(frame)
    if kind == "Unknown":
        kinds = sorted(frame.geometry.geom_type.dropna().unique())
        raise ExportError("export_mixed_geometry", layer=layer, kinds=", ".join(kinds))
    return kind


def _zip_folder(folder: Path, path: Path) -> None:
    """Pack the files of a folder in order of name with a fixed time; names are ASCII."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, _ZIP_DAY)
            entry.compress_type, entry.create_system, entry.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o644 << 16,
            )
            with file.open("rb") as source, packed.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _csv(fields: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("short", "name", "zh", "en", "unit", "part"))
    writer.writerows([_defused(cell) for cell in row] for row in fields)
    return out.getvalue()


def _defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


# ---- plain values


def plain_frame(frame: pd.DataFrame, *, layer: str, lang: Lang = "zh") -> pd.DataFrame:
    """A new frame with columns of text, whole numbers, numbers and flags only, as files can hold them.

    Dates become ISO text; reasons become sentences; lists are joined.  Empty geometry becomes null.

    Raises: ExportError for a bad layer name, two columns of one name, or a missing CRS.
    """
    if not _LAYER.fullmatch(layer):
        raise ExportError("export_layer_name", name=layer)
    spatial = isinstance(frame, gpd.GeoDataFrame)
    geometry = frame.geometry.name if spatial else None
    columns = [c for c in frame.columns if c != geometry]
    seen: set[str] = set()
    for column in map(str, columns):
        if column.casefold() in seen:
            raise ExportError("export_same_column", layer=layer, column=column)
        seen.add(column.casefold())
    table = pd.DataFrame(
        {str(c): _plain_column(frame[c], lang) for c in columns}, index=frame.index
    ).reset_index(drop=True)
    if not spatial:
        return table
    if frame.crs is None:
        raise ExportError("export_no_crs", layer=layer)
    shapes = np.asarray(frame.geometry.array, dtype=object).copy()
    shapes[shapely.is_empty(shapes)] = None
    made: pd.DataFrame = gpd.GeoDataFrame(table, geometry=gpd.array.from_shapely(shapes, crs=frame.crs))
    return made


def _plain_column(values: pd.Series[Any], lang: Lang) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    if values.dtype == object:
        values = _inferred(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("Int8") if values.isna().any() else values.astype(bool)
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("Int64" if values.isna().any() else "int64")
    if pd.api.types.is_float_dtype(values.dtype):
        return values.astype("float64")
    if isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(values.dtype):
        return _iso(values)
    if pd.api.types.infer_dtype(values, skipna=True) == "string":  # most columns: each different text once
        codes, known = pd.factorize(values)
        said = np.array([*(_clean(str(v)) for v in known), None], dtype=object)[codes]
        return pd.Series(said, index=values.index, name=values.name, dtype=object)
    return pd.Series([_words(v, lang) for v in values], index=values.index, name=values.name, dtype=object)


def _inferred(values: pd.Series[Any]) -> pd.Series[Any]:
    """An object column as what it holds, where that is one thing."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "boolean":
        return values.astype("boolean")
    if kind == "integer" and all(abs(int(v)) < 2**63 for v in values.dropna()):
        return values.astype("Int64")
    if kind in ("floating", "mixed-integer-float", "decimal"):
        return values.astype("float64")
    return values


def _iso(values: pd.Series[Any]) -> pd.Series[Any]:
    known = values.dropna()
    days_only = bool((known == known.dt.normalize()).all()) and known.dt.tz is None
    said = [None if pd.isna(v) else (v.date().isoformat() if days_only else v.isoformat()) for v in values]
    return pd.Series(said, index=values.index, name=values.name, dtype=object)


def _words(value: Any, lang: Lang) -> str | None:
    if isinstance(value, Reason):
        return _clean(value.say(lang))
    if isinstance(value, Code):
        return _clean(term(value.group, value.code, lang))
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        if items and all(isinstance(v, Reason) for v in items):
            return _clean(say_all(items, lang))
        return _clean(";".join(w for w in (_words(v, lang) for v in items) if w is not None))
    if value is None or pd.isna(value):
        return None
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return _clean(str(value))


def _clean(words: str) -> str:
    """Without what no file format holds: NUL and halves of surrogate pairs."""
    return _UNHELD.sub("", words)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """The one type that holds all rows; MultiPolygon where nothing says otherwise."""
    kinds = {_MULTI.get(k, k) for k in frame.geometry.geom_type.dropna().unique()}
    if kinds == {"MultiPoint"} and set(frame.geometry.geom_type.dropna()) == {"Point"}:
        kinds = {"Point"}
    if len(kinds) > 1 or "GeometryCollection" in kinds:
        return "Unknown"
    return f"{next(iter(kinds), 'MultiPolygon')}{' Z' if bool(frame.geometry.has_z.any()) else ''}"


# ---- certificate


def _compare(expected: pd.DataFrame, found: pd.DataFrame, *, what: str, exact: bool) -> Certificate:
    """The certificate, where rows, columns, texts, numbers, bounds and area of both are equal."""

    def differs(detail: str) -> ExportError:
        return ExportError("export_roundtrip", path=what, detail=detail)

    if len(expected) != len(found):
        raise differs(f"rows {len(expected)} != {len(found)}")
    geometry = expected.geometry.name if isinstance(expected, gpd.GeoDataFrame) else None
    columns = [c for c in expected.columns if c != geometry]
    missing = [c for c in columns if c not in found.columns]
    if missing:
        raise differs(f"columns {', '.join(missing)}")
    sums: dict[str, float] = {}
    for column in columns:
        if expected[column].dtype == object:
            row = _first_text_difference(expected[column], found[column], exact=exact)
        else:
            wanted = expected[column].astype("float64").to_numpy(dtype=float)
            row = _first_number_difference(wanted, found[column], exact=exact)
            sums[column] = math.fsum(wanted[np.isfinite(wanted)])
        if row is not None:
            raise differs(f"{column}, row {row + 1}")
    certificate: Certificate = {"rows": len(expected), "sum": sums, "bounds": None, "area": None, "ok": True}
    if geometry is not None:
        certificate |= _compare_geometry(expected, found, differs)
    return certificate


def _first_text_difference(expected: pd.Series[Any], found: pd.Series[Any], *, exact: bool) -> int | None:
    back = found.astype(object).where(found.notna(), None).tolist()
    for row, (a, b) in enumerate(zip(expected.tolist(), back, strict=True)):
        if not exact:  # a DBF holds no blanks at the edge and no empty text
            a, b = (a or "").strip() or None, (b.strip() or None if isinstance(b, str) else b)
        if a != b:
            return row
    return None


def _first_number_difference(
    wanted: np.ndarray[Any, Any], found: pd.Series[Any], *, exact: bool
) -> int | None:
    try:
        got = found.astype("float64").to_numpy(dtype=float)
    except (TypeError, ValueError):
        return 0 if len(found) else None
    slack = 0.0 if exact else 1e-9
    with np.errstate(invalid="ignore"):
        same = (np.abs(wanted - got) <= slack * np.maximum(1.0, np.abs(wanted))) | (wanted == got)
    bad = np.flatnonzero(~(same | (np.isnan(wanted) & np.isnan(got))))
    return int(bad[0]) if len(bad) else None


def _compare_geometry(expected: Any, found: Any, differs: Any) -> Certificate:
    if not isinstance(found, gpd.GeoDataFrame):
        raise differs("geometry") if expected.geometry.notna().any() else differs("geometry column")
    wanted, got = (np.asarray(f.geometry.array, dtype=object) for f in (expected, found))
    if (shapely.is_missing(wanted) != shapely.is_missing(got)).any():
        raise differs("null geometry")
    if found.crs is None or not _same_crs(expected.crs, found.crs):
        raise differs("CRS")
    known = ~shapely.is_missing(wanted)
    a, b = shapely.bounds(wanted[known]), shapely.bounds(got[known])
    if len(a) and not np.array_equal(a, b):
        raise differs("bounds")
    area, back = math.fsum(shapely.area(wanted[known])), math.fsum(shapely.area(got[known]))
    if not math.isclose(area, back, rel_tol=1e-9, abs_tol=1e-9):
        raise differs(f"area {area} != {back}")
    bounds = [*a[:, :2].min(axis=0).tolist(), *a[:, 2:].max(axis=0).tolist()] if len(a) else None
    return {"bounds": bounds, "area": area}


def _same_crs(one: Any, other: Any) -> bool:
    if one.to_epsg() is not None and one.to_epsg() == other.to_epsg():
        return True
    return bool(one.equals(other, ignore_axis_order=True)) or one.to_epsg(40) == other.to_epsg(40) is not None


@contextlib.contextmanager
def _fixed_day() -> Iterator[None]:
    """GDAL writes this day instead of today's, and today's again afterwards."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _ANY_DAY})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


@contextlib.contextmanager
def _gdal_faults(path: Path) -> Iterator[None]:
    """What GDAL warns of (cut text, renamed fields, lost digits) is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            yield
        except (*_GDAL_FAILED, sqlite3.Error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ExportError("export_failed", path=path.name, detail=str(error)) from error


def gdal_version() -> str:
    """The GDAL that writes vector files, for the manifest."""
    return str(pyogrio.__gdal_version_string__)


# ---- styles


def layer_style(
    layer: str, columns: Iterable[str], *, lang: Lang = "zh", words: Mapping[str, str] | None = None
) -> str:
    """The QGIS style (QML) of a result layer: its colours from data/palettes.toml, its labels in a language.

    `words` gives a label for a code and goes before terms.toml.  "" where the layer has no style of its own.
    """
    columns = list(columns)
    spec = data_toml("styles/layers.toml").get(layer)
    if spec is None or spec["column"] not in columns:
        return ""
    draw = _by_code if spec["by"] == "code" else _by_amount
    return (
        data_text("styles/base.qml")
        .replace("{renderer}", draw(spec["column"], lang, words or {}))
        .replace("{aliases}", "\n".join(_alias(i, c, lang) for i, c in enumerate(columns)))
    )


def _by_code(column: str, lang: Lang, words: Mapping[str, str]) -> str:
    palette = data_toml("palettes.toml")
    colours: dict[str, str] = palette[column]
    shown = [(code, words.get(code, term(column, code, lang)), colour) for code, colour in colours.items()]
    shown.append(("", text("style.other", lang), palette["other"]))
    categories = "".join(
        f'      <category render="true" type="string" symbol="{i}" value={quoteattr(code)}'
        f" label={quoteattr(label)}/>\n"
        for i, (code, label, _) in enumerate(shown)
    )
    symbols = "".join(
        _symbol(i, colour, hatched=code in palette["hatched"]) for i, (code, _, colour) in enumerate(shown)
    )
    return (
        f'  <renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} symbollevels="0">\n'
        f"    <categories>\n{categories}    </categories>\n"
        f"    <symbols>\n{symbols}    </symbols>\n  </renderer-v2>"
    )


def _by_amount(column: str, lang: Lang, words: Mapping[str, str]) -> str:
    """By rules: QGIS's graduated renderer leaves a parcel without a number blank instead of saying so."""
    palette = data_toml("palettes.toml")
    breaks, colours = palette["ramp"][column]["breaks"], palette["ramp"][column]["colours"]
    edges = [None, *breaks, None]
    rules, symbols = "", ""
    for i, (low, high) in enumerate(itertools.pairwise(edges)):
        tests = [
            f'"{column}" >= {low:g}' if low is not None else "",
            f'"{column}" < {high:g}' if high is not None else "",
        ]
        label = (
            f"{low:g} - {high:g}"
            if low is not None and high is not None
            else (f"< {high:g}" if low is None else f">= {low:g}")
        )
        rules += _rule(column, i, " AND ".join(t for t in tests if t), words.get(str(i), label))
        symbols += _symbol(i, colours[i], hatched=False)
    rules += _rule(column, len(colours), "ELSE", words.get("", text("style.none", lang)))
    symbols += _symbol(len(colours), palette["missing"], hatched=True)
    return (
        '  <renderer-v2 type="RuleRenderer" symbollevels="0">\n'
        f'    <rules key="{_key(column, "root")}">\n{rules}    </rules>\n'
        f"    <symbols>\n{symbols}    </symbols>\n  </renderer-v2>"
    )


def _rule(column: str, number: int, test: str, label: str) -> str:
    key = _key(column, str(number))
    return f'      <rule key="{key}" symbol="{number}" filter={quoteattr(test)} label={quoteattr(label)}/>\n'


def _key(column: str, part: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"landkit:{column}:{part}")) + "}"


def _symbol(number: int, colour: str, *, hatched: bool) -> str:
    fill = {
        "color": _rgba(colour, 60 if hatched else 215),
        "style": "solid",
        "outline_color": _rgba(data_toml("palettes.toml")["outline"]),
        "outline_width": "0.15",
        "outline_width_unit": "MM",
        "outline_style": "solid",
    }
    layers = _symbol_layer("SimpleFill", fill)
    if hatched:
        lines = {"angle": "45", "distance": "1.5", "distance_unit": "MM", "color": _rgba(colour)}
        layers += _symbol_layer("LinePatternFill", lines, inside=_hatch_line(number, colour))
    return (
        f'      <symbol type="fill" name="{number}" alpha="1" clip_to_extent="1">\n{layers}      </symbol>\n'
    )


def _hatch_line(number: int, colour: str) -> str:
    inner = _symbol_layer(
        "SimpleLine", {"line_color": _rgba(colour), "line_width": "0.25", "line_width_unit": "MM"}
    )
    return f'<symbol type="line" name="@{number}@1" alpha="1" clip_to_extent="1">\n{inner}</symbol>\n'


def _symbol_layer(kind: str, options: Mapping[str, str], *, inside: str = "") -> str:
    named = "".join(f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in options.items())
    older = "".join(f'<prop k="{k}" v="{v}"/>' for k, v in options.items())
    return (
        f'        <layer class="{kind}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{named}</Option>{older}{inside}</layer>\n'
    )


def _rgba(colour: str, alpha: int = 255) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"


def _alias(number: int, column: str, lang: Lang) -> str:
    about = _describe(column)
    unit = _unit(about, lang)
    label = about.get(lang, column) + (f" ({unit})" if unit else "")
    return f'    <alias index="{number}" field={quoteattr(column)} name={quoteattr(label)}/>'


# ---- words


def _describe(column: str, labels: Mapping[str, Mapping[str, str]] | None = None) -> Mapping[str, Any]:
    return {**known_columns().get(column, {}), **(labels or {}).get(column, {})}


def _unit(about: Mapping[str, Any], lang: Lang = "zh") -> str:
    """The unit's word; what is no unit (code, text, share) has none."""
    key = f"unit.{about.get('unit', '')}"
    return text(key, lang) if has_text(key) else ""
