"""What a shapefile's attribute table (DBF) can hold: short names, text in pieces of 254 bytes, limits.

Nothing is cut in silence: what does not fit is spread over columns, written as text, or refused with its place.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError
from landkit.io.styles.labels import describe, unit_word

Encoding = Literal["UTF-8", "GBK"]
PIECES: Final = 12  # columns that one long text may be spread over: 1,000 Chinese characters
TEXT_BYTES: Final = 254
LARGEST_BYTES: Final = (
    1_900_000_000  # .shp and .dbf end at 2 GB (GDAL, "ESRI Shapefile": "Size Issues"); sizes are estimated
)
MOST_FIELDS: Final = 255
_WIDEST_RECORD: Final = 65_000
_LEAST_WIDTH: Final = 80  # bytes of a text column as GDAL makes it
_EXACT_INTEGER: Final = 2**53
_LARGEST_NUMBER: Final = 1e22  # a number field has 24 characters
_NOT_A_FIELD: Final = frozenset({"fid", "oid", "objectid", "shape", "geometry", "geom"})


def as_dbf(
    plain: pd.DataFrame, *, layer: str, labels: Mapping[str, Mapping[str, str]] | None, encoding: Encoding
) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """The frame as a DBF can hold it, and its field list: short, name, zh, en, unit, part."""
    spatial = isinstance(plain, gpd.GeoDataFrame)
    columns = [str(c) for c in plain.columns if not (spatial and c == plain.geometry.name)]
    _check_encodable(plain[columns], layer=layer, encoding=encoding)
    shorts = short_names(columns, labels=labels)
    out: dict[str, Any] = {}
    fields: list[tuple[str, ...]] = []
    for column in columns:
        pieces = _dbf_pieces(plain[column], layer=layer, encoding=encoding)
        names = _piece_names(shorts, column, len(pieces), [*out])
        about = describe(column, labels)
        for number, (name, piece) in enumerate(zip(names, pieces, strict=True), 1):
            out[name] = piece
            part = f"{number}/{len(pieces)}" if len(pieces) > 1 else ""
            fields.append(
                (name, column, about.get("zh", column), about.get("en", column), unit_word(about), part)
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
        names.append(_unique(f"{shorts[column][: 10 - len(str(number))]}{number}", taken))
        taken.add(names[-1].casefold())
    return names


def _dbf_pieces(values: pd.Series[Any], *, layer: str, encoding: Encoding) -> list[pd.Series[Any]]:
    column = str(values.name)
    if values.dtype.kind == "M":
        return [values]
    if pd.api.types.is_bool_dtype(values.dtype):
        return [values.astype("Int16" if values.isna().any() else "int16")]
    if pd.api.types.is_integer_dtype(values.dtype):
        if not any(abs(int(v)) > _EXACT_INTEGER for v in values.dropna()):
            return [values]
        digits = [None if pd.isna(v) else str(v) for v in values]
        return [pd.Series(digits, index=values.index, name=column, dtype=object)]
    if pd.api.types.is_float_dtype(values.dtype):
        infinite = np.flatnonzero(np.isinf(values.to_numpy(dtype=float)))
        if len(infinite):
            raise ExportError("export_infinite", layer=layer, row=int(infinite[0]) + 1, column=column)
        huge = np.flatnonzero(np.abs(values.to_numpy(dtype=float)) >= _LARGEST_NUMBER)
        if len(huge):
            row = int(huge[0])
            raise ExportError(
                "export_number", layer=layer, row=row + 1, column=column, value=values.iloc[row]
            )
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


def _check_encodable(table: pd.DataFrame, *, layer: str, encoding: Encoding) -> None:
    """Every character of the layer that the encoding lacks is named at once, with its first place."""
    lost: dict[str, tuple[int, str]] = {}
    cells = 0
    for column in table.columns:
        if table[column].dtype != object:
            continue
        for row, value in enumerate(table[column], 1):
            if value is None or _encodes(value, encoding):
                continue
            unheld = [c for c in value if not _encodes(c, encoding)]
            cells += 1
            for character in unheld:
                lost.setdefault(character, (row, column))
    if lost:
        row, column = next(iter(lost.values()))
        raise ExportError(
            "export_gbk",
            layer=layer,
            row=row,
            column=column,
            characters="".join(sorted(lost)),
            cells=cells,
            encoding=encoding,
        )


def _encodes(words: str, encoding: Encoding) -> bool:
    try:
        words.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def refuse_far_too_large(frame: pd.DataFrame, *, layer: str) -> None:
    """Before any work is done: a layer whose every column at its least width is more than a DBF holds.   Raises: ExportError."""
    columns = len(frame.columns) - isinstance(frame, gpd.GeoDataFrame)
    size = len(frame) * columns * _LEAST_WIDTH
    if size > LARGEST_BYTES:
        raise _too_large(size, layer)


def _too_large(size: int, layer: str) -> ExportError:
    facts = {"size_gb": round(size / 1e9, 2), "limit_gb": LARGEST_BYTES / 1e9}
    return ExportError("export_too_large", layer=layer, **facts)


def _check_limits(plain: pd.DataFrame, table: pd.DataFrame, *, layer: str, encoding: Encoding) -> None:
    if len(table.columns) > MOST_FIELDS:
        raise ExportError("export_too_many_fields", layer=layer, count=len(table.columns), limit=MOST_FIELDS)
    widths = [
        max((len(v.encode(encoding)) for v in table[c] if v is not None), default=1)
        if table[c].dtype == object
        else 24
        for c in table.columns
    ]
    size = len(table) * sum(max(w, _LEAST_WIDTH) for w in widths)
    if isinstance(plain, gpd.GeoDataFrame):
        size = max(size, int(shapely.get_num_coordinates(plain.geometry.array).sum()) * 16 + len(table) * 100)
    if size > LARGEST_BYTES or sum(widths) > _WIDEST_RECORD:
        raise _too_large(size, layer)


# ---- names


def short_names(
    columns: Iterable[str], *, labels: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """A shapefile name for each column: at most 10 ASCII characters, unique in any case, always the same."""
    columns = list(columns)
    names: dict[str, str] = {}
    for column in columns:
        short = describe(column, labels).get("short", "")
        if _is_short(short) and short.casefold() not in {n.casefold() for n in names.values()}:
            names[column] = short
    taken = {n.casefold() for n in names.values()}
    for column in columns:
        if column not in names:
            names[column] = _unique(_launder(column), taken)
            taken.add(names[column].casefold())
    return {c: names[c] for c in columns}


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


# ---- text


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
