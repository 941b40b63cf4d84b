"""Geometry and columns as one small binary block for the browser (LKP2).

    gzip( b"LKP2" | uint32 header length | header (JSON, UTF-8) | sections )

A section is little-endian numbers stored as byte planes (all lowest bytes, then all second bytes ...), which
gzip packs better than whole numbers one after another.  Coordinates are integers on a Web-Mercator grid of
2**30 steps (3.7 cm at the equator).  Neighbours share corners, so each place is stored once, as the difference
from the place before, and a vertex names its place: 0 for a new one, else how far it lies from the place of the
vertex before.  Values come back exactly.
"""

from __future__ import annotations

import functools
import gzip
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

import shapely

from landkit.arrays import Floats, Ints
from landkit.geometry import polygons_of

MAGIC: Final = b"LKP2"
GRID_BITS: Final = 30
MAX_LATITUDE: Final = 85.0511
MAX_DECIMALS: Final = 6
MOST_CATEGORIES: Final = 4096
MISSING_TEXT: Final = "\x01"
POLYGON, LINE, POINT = 0, 1, 2
ROWS_AT_ONCE: Final = 10_000  # whose rings are held as shapes of their own
SINGLE = 3  # the largest shapely type id of a shape that has one part
EQUATOR_M: Final = 40_075_016.686

Values = list[float | str | None]


@dataclass(frozen=True)
class Block:
    """A block read back: the header, one geometry per row in degrees, one list of values per column."""

    header: dict[str, Any]
    geometries: list[Any]
    columns: list[Callable[[slice], Values]]


def bits_for(step_m: float, *, latitude: float) -> int:
    """The finest grid whose steps are at least `step_m` metres long at a latitude."""
    around_m = EQUATOR_M * math.cos(math.radians(latitude))
    return max(1, min(GRID_BITS, math.floor(math.log2(around_m / step_m))))


def to_grid(degrees: Floats, *, bits: int = GRID_BITS) -> Ints:
    """Longitude and latitude (n x 2) to grid integers."""
    size = float(1 << bits)
    latitude = np.radians(np.clip(degrees[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    x = (degrees[:, 0] + 180) / 360 * size
    y = (1 - np.arcsinh(np.tan(latitude)) / np.pi) / 2 * size
    return np.rint(np.column_stack([x, y])).astype(np.int64)


def from_grid(grid: Ints, *, bits: int = GRID_BITS) -> Floats:
    """Grid integers (n x 2) to longitude and latitude."""
    size = float(1 << bits)
    longitude = grid[:, 0] / size * 360 - 180
    latitude = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * grid[:, 1] / size))))
    return np.column_stack([longitude, latitude])


def pack(geometries: npt.NDArray[Any], columns: Iterable[pd.Series], meta: Mapping[str, Any]) -> bytes:
    """Polygons, lines and points in degrees, columns of the same length, and what JSON can hold, as one block."""
    rings = _rings(geometries)
    names, steps = _places(rings.vertices)
    writer = _Writer()
    for values in (rings.kinds, rings.per_row, rings.lengths, names, steps[:, 0], steps[:, 1]):
        writer.add_ints(values)
    infos = [writer.add_column(column) for column in columns]
    shape = {"rows": len(geometries), "bits": GRID_BITS, "columns": infos, "sections": writer.sections}
    header = {**meta, **shape}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    raw = b"".join([MAGIC, np.uint32(len(text)).astype("<u4").tobytes(), text, *writer.body])
    packed = bytearray(gzip.compress(raw, 9 if len(raw) < 4_000_000 else 6, mtime=0))
    packed[9] = 255  # the operating system, which gzip would note here, is no part of the content
    return bytes(packed)


def unpack(packed: bytes) -> Block:
    """Read a block back."""
    raw = gzip.decompress(packed)
    if raw[:4] != MAGIC:
        raise ValueError("not an LKP2 block")
    start = 8 + int.from_bytes(raw[4:8], "little")
    header = json.loads(raw[8:start])
    reader = _Reader(raw, start, header["sections"])
    return Block(header, reader.geometries(), [reader.column(info) for info in header["columns"]])


class _Rings(NamedTuple):
    kinds: Ints
    per_row: Ints
    lengths: Ints
    vertices: Ints


def parts_of(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
    """Parts of all rows and the row of each; where all are single already nothing is copied."""
    if (shapely.get_type_id(values) <= SINGLE).all():
        row = np.flatnonzero(~shapely.is_missing(values))
        return values[row], row
    parts, owner = shapely.get_parts(values, return_index=True)
    return parts, owner


def _rings(geometries: npt.NDArray[Any]) -> _Rings:
    """All rings, lines and points of all rows on the grid, flat; polygon rings without their closing vertex."""
    starts = range(0, max(len(geometries), 1), ROWS_AT_ONCE)
    some = [_rings_of_some(geometries[at : at + ROWS_AT_ONCE]) for at in starts]
    return _Rings(*map(np.concatenate, zip(*some, strict=True)))


def _rings_of_some(geometries: npt.NDArray[Any]) -> _Rings:
    rows = len(geometries)
    parts, owner = parts_of(geometries)
    kinds = np.zeros(rows, np.int64)
    kinds[owner[np.isin(shapely.get_type_id(parts), (1, 2))]] = LINE
    kinds[owner[shapely.get_type_id(parts) == 0]] = POINT
    polygons = shapely.get_type_id(parts) == 3
    rings, ring_of = shapely.get_rings(parts[polygons], return_index=True)
    lines = np.concatenate([rings, parts[~polygons]])
    row_of = np.concatenate([owner[polygons][ring_of], owner[~polygons]]).astype(np.int64)
    order = np.argsort(row_of, kind="stable")
    lines, row_of = lines[order], row_of[order]
    vertices, line_of = shapely.get_coordinates(lines, return_index=True)
    closed = kinds[row_of] == POLYGON
    lengths = np.bincount(line_of, minlength=len(lines)).astype(np.int64)
    keep = np.ones(len(vertices), bool)
    keep[(np.cumsum(lengths) - 1)[closed]] = False
    per_row = np.bincount(row_of, minlength=rows).astype(np.int64)
    return _Rings(kinds, per_row, lengths - closed, to_grid(vertices[keep]))


def _places(vertices: Ints) -> tuple[Ints, Ints]:
    """(name of the place of each vertex, steps from place to place), as the format has them."""
    number, _ = pd.factorize(
        vertices[:, 0] << 32 | vertices[:, 1]
    )  # places are numbered as they first appear
    new = np.diff(np.maximum.accumulate(number), prepend=-1) == 1
    names = np.where(new, 0, _zigzag(np.diff(number, prepend=0)) + 1)
    return names, _zigzag(np.diff(vertices[new], axis=0, prepend=np.zeros((1, 2), np.int64)))


def _zigzag(values: Ints) -> Ints:
    return (values << 1) ^ (values >> 63)


def _unzigzag(values: Ints) -> Ints:
    return (values >> 1) ^ -(values & 1)


@dataclass
class _Writer:
    sections: list[list[int]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)

    def add_ints(self, values: Ints) -> int:
        narrow = np.ascontiguousarray(values, dtype="<u4")
        width = max(1, (int(narrow.max(initial=0)).bit_length() + 7) // 8)
        return self._add(len(narrow), width, narrow.view(np.uint8).reshape(-1, 4)[:, :width].T.tobytes())

    def add_floats(self, values: Floats) -> int:
        planes = np.ascontiguousarray(values, dtype="<f8").view(np.uint8).reshape(-1, 8).T
        return self._add(len(values), 8, planes.tobytes())

    def _add(self, count: int, width: int, data: bytes) -> int:
        self.sections.append([count, width])
        self.body.append(data)
        return len(self.sections) - 1

    def add_column(self, series: pd.Series) -> dict[str, Any]:
        """number (whole multiples of a power of ten), float (any other number), category or text."""
        if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series):
            return self._add_numbers(series.to_numpy(dtype=float, na_value=np.nan), series)
        texts = as_text(series)
        few = texts.nunique() <= max(1, min(MOST_CATEGORIES, len(texts) // 2))
        if few or isinstance(series.dtype, pd.CategoricalDtype):
            return self._add_category(texts)
        known = texts.dropna()
        if any(sign in "".join(known) for sign in ("\x00", MISSING_TEXT)):
            texts = texts.str.replace("[\x00\x01]", "\ufffd", regex=True)
        data = "\x00".join(texts.fillna(MISSING_TEXT)).encode("utf-8", "replace")
        return {"kind": "text", "section": self._add(len(data), 1, data)}

    def _add_category(self, texts: pd.Series) -> dict[str, Any]:
        codes, values = pd.factorize(texts)
        return {"kind": "category", "values": [str(v) for v in values], "section": self.add_ints(codes + 1)}

    def _add_numbers(self, values: Floats, series: pd.Series) -> dict[str, Any]:
        whole = pd.api.types.is_integer_dtype(series)
        missing = np.isnan(values)
        known = values[~missing]
        for decimals in range(MAX_DECIMALS + 1):
            scaled = np.rint(known * 10.0**decimals)
            if np.abs(scaled).max(initial=0) >= 2**30:
                break
            if np.array_equal(scaled / 10.0**decimals, known):
                codes = np.zeros(len(values), np.int64)
                codes[~missing] = _zigzag(scaled.astype(np.int64)) + 1
                section = self.add_ints(codes)
                return {"kind": "number", "decimals": decimals, "whole": whole, "section": section}
        return {"kind": "float", "section": self.add_floats(values)}


def as_text(series: pd.Series) -> pd.Series:
    """Every value as the text a reader expects (7.0 as 7, a midnight as its date); missing stays missing."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        known = pd.Series([_one_text(value) for value in series.cat.categories], dtype=object)
        return pd.Series(known.reindex(series.cat.codes).to_numpy(), index=series.index, dtype=object).where(
            series.notna(), None
        )
    if pd.api.types.infer_dtype(series, skipna=True) == "string":
        return series.astype(object).where(series.notna(), None)
    return pd.Series([_one_text(value) for value in series], index=series.index, dtype=object)


def _one_text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    return str(value)


class _Reader:
    def __init__(self, raw: bytes, start: int, sections: list[list[int]]) -> None:
        self._raw = raw
        self._places: list[tuple[int, int, int]] = []
        for count, width in sections:
            self._places.append((start, count, width))
            start += count * width

    def _bytes(self, section: int) -> bytes:
        place, count, width = self._places[section]
        return self._raw[place : place + count * width]

    def _planes(self, section: int, width: int) -> npt.NDArray[np.uint8]:
        _, count, stored = self._places[section]
        out = np.zeros((count, width), np.uint8)
        out[:, :stored] = np.frombuffer(self._bytes(section), np.uint8).reshape(stored, count).T
        return out

    def ints(self, section: int) -> Ints:
        return self._planes(section, 4).view("<u4").reshape(-1).astype(np.int64)

    def column(self, info: dict[str, Any]) -> Callable[[slice], Values]:
        section = info["section"]
        if info["kind"] == "text":
            return self._texts(section)
        if info["kind"] == "category":
            values, codes = [None, *info["values"]], self.ints(section)
            return lambda rows: [values[code] for code in codes[rows]]
        if info["kind"] == "float":
            numbers = self._planes(section, 8).view("<f8").reshape(-1)
        else:
            codes = self.ints(section)
            numbers = np.where(codes == 0, np.nan, _unzigzag(codes - 1) / 10.0 ** info["decimals"])
        return lambda rows: [float(v) for v in numbers[rows]]

    def _texts(self, section: int) -> Callable[[slice], Values]:
        data = self._bytes(section)
        ends = np.append(np.flatnonzero(np.frombuffer(data, np.uint8) == 0), len(data))

        def some(rows: slice) -> Values:
            first, last, _ = rows.indices(len(ends))
            if first >= last:
                return []
            begin = ends[first - 1] + 1 if first else 0
            texts = data[begin : ends[last - 1]].decode("utf-8").split("\x00")
            return [None if t == MISSING_TEXT else t for t in texts]

        return some

    def geometries(self) -> list[Any]:
        kinds, per_row, lengths = self.ints(0), self.ints(1), self.ints(2)
        steps = np.column_stack([_unzigzag(self.ints(4)), _unzigzag(self.ints(5))])
        vertices = from_grid(np.cumsum(steps, axis=0))[self._numbers(self.ints(3))]
        rings = np.split(vertices, np.cumsum(lengths)[:-1])
        rows = [rings[end - count : end] for end, count in zip(np.cumsum(per_row), per_row, strict=True)]
        single = np.flatnonzero((np.asarray(kinds) == POLYGON) & (np.asarray(per_row) == 1))
        outlines = np.array([shapely.Polygon(rows[at][0]) for at in single], dtype=object)
        plain = shapely.is_valid(outlines)  # most rows are: done at once
        alone = shapely.symmetric_difference(outlines[plain], shapely.Polygon())
        made = dict(zip(single[plain].tolist(), alone, strict=True))
        make = {POLYGON: _polygon, LINE: _line, POINT: _point}
        return [made[i] if i in made else make[kinds[i]](row) for i, row in enumerate(rows)]

    @staticmethod
    def _numbers(names: Ints) -> Ints:
        """Numbers of places from their names."""
        out, at, fresh = [], 0, 0
        for name in names.tolist():
            if name:
                at += (name - 1 >> 1) ^ -(name - 1 & 1)
            else:
                at, fresh = fresh, fresh + 1
            out.append(at)
        return np.array(out, np.int64)


def _point(points: list[Floats]) -> Any:
    return shapely.Point(points[0][0]) if len(points) == 1 else shapely.multipoints(np.concatenate(points))


def _line(lines: list[Floats]) -> Any:
    return shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)


def _polygon(rings: list[Floats]) -> Any:
    """Rings of one row as polygons and their holes, by the even-odd rule that the browser draws with."""
    outlines = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    crossed = ~shapely.is_valid(outlines)  # a thin ring may cross itself once it stands on the grid
    outlines[crossed] = [polygons_of(shapely.make_valid(outline)) for outline in outlines[crossed]]
    areal = sorted((o for o in outlines if o is not None), key=shapely.area, reverse=True)
    return functools.reduce(shapely.symmetric_difference, areal, shapely.Polygon())
