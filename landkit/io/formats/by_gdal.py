"""Files that GDAL reads: shapefile, GeoPackage, file geodatabase, GeoJSON, FlatGeobuf, KML."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import LayerError
from landkit.io.encoding.detect import Decision
from landkit.io.formats.geodatabase import look_into_geodatabase, refuse_links
from landkit.io.formats.geojson import look_through_json
from landkit.io.formats.geopackage_state import settled
from landkit.io.formats.kml import refuse_leading_elsewhere
from landkit.io.opener import driver_for, first_line, gdal_path, info_of, layer_names
from landkit.io.shapefile.parts import parts_of, refuse_a_cut_shapefile
from landkit.io.shapefile.text import AS_BYTES, decide_shapefile, in_words, words_of
from landkit.io.source import Asked, choose_layer
from landkit.model import Finding, Reading, finding, why

_SHAPEFILE: Final = "ESRI Shapefile"
_EXACT_TO: Final = 2**53  # whole numbers above this are not exact as floats
_BY_STREAM: Final = frozenset(
    {"GPKG", "OpenFileGDB", "FlatGeobuf"}
)  # skipping rows in these means reading them
_BROKEN: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError)


def headers(asked: Asked) -> list[dict[str, Any]]:
    """Each layer without its rows.   Raises: LayerError."""
    with _ready(asked) as (ready, _):
        return [_header(ready, name) for name in layer_names(ready.path)]


def read(asked: Asked) -> Reading:
    """All rows of a layer, as GDAL gives them.   Raises: LayerError."""
    with _ready(asked) as (ready, findings):
        layer = choose_layer(ready, layer_names(ready.path))
        text, found = _text_of(ready, layer)
        findings += found
        code = AS_BYTES if text else None
        with _heard(findings), _faults(ready, code):
            info = info_of(ready.path, layer=layer, encoding=code)
            ready.limits.check("columns", len(info["fields"]), path=ready.name)
            frame = _all_rows(ready, layer, code, findings)
            if isinstance(frame, gpd.GeoDataFrame):
                frame = _with_long_numbers(frame, ready, layer, info, {})
        if not isinstance(frame, gpd.GeoDataFrame):
            raise LayerError("no_geometry", path=ready.name, layer=layer)
        if text is not None:
            frame, cut = in_words(frame, text)
            findings += cut
        more, found = (
            look_into_geodatabase(ready, layer, frame) if info["driver"] == "OpenFileGDB" else ({}, [])
        )
        return Reading(
            frame,
            tuple(findings + found),
            {"layer": layer, "format": info["driver"], **(text.facts if text else {}), **more},
        )


def batches(asked: Asked, rows: int) -> Iterator[Reading]:
    """The rows of a layer, so many at a time; memory holds one batch.   Raises: LayerError."""
    with _ready(asked) as (ready, findings):
        layer = choose_layer(ready, layer_names(ready.path))
        text, found = _text_of(ready, layer)
        findings += found
        code = AS_BYTES if text else None
        with _faults(ready, code):
            info = info_of(ready.path, layer=layer, encoding=code, force_feature_count=True)
            info["encoding"] = code  # GDAL says what the file says, which may have been overruled
            facts = {"layer": layer, "format": info["driver"], "rows": int(info["features"])}
            facts |= text.facts if text else {}
            done = 0
            if info["geometry_type"] is None:
                raise LayerError("no_geometry", path=ready.name, layer=layer)
            parts = _by_stream if info["driver"] in _BY_STREAM else _by_skipping
            for frame in _heard_in(parts(ready, layer, info, rows), findings):
                if text is not None:
                    frame, cut = in_words(frame, text, first_row=done + 1)
                    findings += cut
                    done += len(frame)
                yield Reading(frame, tuple(findings), facts)
                findings.clear()


@contextlib.contextmanager
def _ready(asked: Asked) -> Iterator[tuple[Asked, list[Finding]]]:
    """The source after everything that is looked at before GDAL opens it."""
    driver = driver_for(asked.path)
    findings: list[Finding] = []
    if driver == _SHAPEFILE:
        refuse_a_cut_shapefile(asked.path, parts_of(asked.path, asked.path.stem))
    elif driver == "GeoJSON":
        findings += look_through_json(asked)
    elif driver == "LIBKML":
        refuse_leading_elsewhere(asked)
    elif driver == "OpenFileGDB":
        refuse_links(asked)
    with settled(asked) as (ready, more):
        yield ready, findings + more


def _text_of(asked: Asked, layer: str) -> tuple[Decision | None, list[Finding]]:
    """How the text of a shapefile is written; None where the format itself says UTF-8.   Raises: LayerError."""
    if driver_for(asked.path) != _SHAPEFILE:
        return None, []
    return decide_shapefile(asked.path, layer, given=asked.encoding, name=asked.name)


def _header(asked: Asked, layer: str) -> dict[str, Any]:
    text, _ = _text_of(asked, layer)
    code = AS_BYTES if text else None
    info = info_of(asked.path, layer=layer, encoding=code, force_feature_count=True, force_total_bounds=True)
    bounds = info["total_bounds"]
    return {
        "layer": layer,
        "rows": int(info["features"]),
        "crs": info["crs"],
        "extent": None if bounds is None else [float(v) for v in bounds],
        "fields": [words_of(str(f), text) for f in info["fields"]],
        "types": [str(t) for t in info["dtypes"]],
        "geometry": info["geometry_type"],
        "encoding": text.encoding if text else "UTF-8",
        "encoding_by": text.by if text else "format",
        "format": info["driver"],
    }


def _all_rows(asked: Asked, layer: str, code: str | None, findings: list[Finding]) -> pd.DataFrame:
    """The rows; shapes that GEOS cannot build (a ring of two points) are null, with a finding each."""
    options: dict[str, Any] = {"layer": layer, "encoding": code, "force_2d": True}
    try:
        frame: pd.DataFrame = pyogrio.read_dataframe(gdal_path(asked.path), **options)
    except shapely.errors.GEOSException:
        frame = pyogrio.read_dataframe(gdal_path(asked.path), on_invalid="ignore", **options)
        written = pyogrio.raw.read(gdal_path(asked.path), columns=[], **options)[2]
        lost = np.flatnonzero([w is not None for w in written] & frame.geometry.isna().to_numpy())
        findings += [_unreadable(int(row), written[row]) for row in lost]
    return frame


def _unreadable(row: int, written: bytes) -> Finding:
    try:
        shapely.from_wkb(written)
    except shapely.errors.GEOSException as error:
        detail = first_line(error).removeprefix("IllegalArgumentException: ")
        return finding("", "geometry.unreadable", why("geometry_unreadable", detail=detail), row=str(row + 1))
    raise AssertionError(row)  # asked only of shapes that GEOS refused


def _with_long_numbers(
    frame: gpd.GeoDataFrame, asked: Asked, layer: str, info: dict[str, Any], part: dict[str, int]
) -> gpd.GeoDataFrame:
    """Whole numbers with gaps, exact: as floats they would lose digits above 2^53.  `part`: skip and most, for a batch."""
    long = _long_columns(frame, info)
    if not long:
        return frame
    code = (
        AS_BYTES if info["driver"] == _SHAPEFILE else None
    )  # as the frame was read: fields go by their names
    _, table = pyogrio.read_arrow(
        gdal_path(asked.path), layer=layer, columns=long, read_geometry=False, encoding=code, **part
    )
    exact = table.select(long).to_pandas(types_mapper=lambda _: pd.Int64Dtype())
    return frame.assign(**{c: exact[c].array for c in long})


def _long_columns(frame: pd.DataFrame, info: dict[str, Any]) -> list[str]:
    """Columns of whole numbers that became floats for their gaps, and are too long for that."""
    whole = [str(f) for f, t in zip(info["fields"], info["dtypes"], strict=True) if str(t) == "int64"]
    return [c for c in whole if frame[c].dtype.kind == "f" and frame[c].abs().max() >= _EXACT_TO]


def _by_skipping(asked: Asked, layer: str, info: dict[str, Any], rows: int) -> Iterator[gpd.GeoDataFrame]:
    """For formats that find any row at once (shapefile), or stand in memory anyway (GeoJSON, KML)."""
    start = 0
    options: dict[str, Any] = {
        "layer": layer, "encoding": info["encoding"], "force_2d": True, "on_invalid": "ignore",
    }  # fmt: skip
    while True:
        part = {"skip_features": start, "max_features": rows}
        frame = pyogrio.read_dataframe(gdal_path(asked.path), **options, **part)
        if len(frame) or start == 0:
            yield _with_long_numbers(frame, asked, layer, info, part)
        if len(frame) < rows:
            return
        start += rows


def _by_stream(asked: Asked, layer: str, info: dict[str, Any], rows: int) -> Iterator[gpd.GeoDataFrame]:
    """For formats that are read from front to back, as an Arrow stream."""
    del info  # the stream brings its own
    with pyogrio.open_arrow(gdal_path(asked.path), layer=layer, batch_size=rows, datetime_as_string=True) as (
        meta,
        stream,
    ):
        import pyarrow as pa

        name = meta["geometry_name"] or "wkb_geometry"
        none = True
        for batch in pa.RecordBatchReader.from_stream(stream):
            none = False
            yield _frame_of(pa.Table.from_batches([batch]), name, meta)
        if none:
            yield pyogrio.read_dataframe(gdal_path(asked.path), layer=layer, max_features=0)


def _frame_of(table: Any, geometry: str, meta: dict[str, Any]) -> gpd.GeoDataFrame:
    shapes = shapely.from_wkb(table.column(geometry).to_numpy(zero_copy_only=False), on_invalid="ignore")
    plain = table.drop_columns(
        [geometry, *([meta["fid_column"]] if meta["fid_column"] in table.column_names else [])]
    )
    frame = plain.to_pandas(date_as_object=False)[list(meta["fields"])]
    for name, kind in zip(meta["fields"], meta["dtypes"], strict=True):
        if str(kind).startswith("datetime"):  # times come as text, with the zone that the file gives them
            frame[name] = pd.to_datetime(frame[name].str.rstrip("\0 "), format="ISO8601").dt.as_unit("ms")
    for name in _long_columns(frame, meta):
        frame[name] = plain.select([name]).to_pandas(types_mapper=lambda _: pd.Int64Dtype())[name].array
    return gpd.GeoDataFrame(frame, geometry=shapely.force_2d(shapes), crs=meta["crs"])


@contextlib.contextmanager
def _faults(asked: Asked, code: str | None) -> Iterator[None]:
    """What the libraries say of a file that is damaged or in another encoding, as one sentence."""
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers become findings
            yield
    except (UnicodeDecodeError, LookupError) as error:  # LookupError: there is no such encoding
        raise LayerError("encoding_wrong", path=asked.name, encoding=code or "UTF-8") from error
    except _BROKEN as error:
        raise LayerError("file_unreadable", path=asked.name, detail=first_line(error)) from error


@contextlib.contextmanager
def _heard(findings: list[Finding]) -> Iterator[None]:
    """What GDAL and pyogrio warn of while reading is a finding: curves that were stroked, rings closed, ids given twice."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    for words in dict.fromkeys(" ".join(str(each.message).split()) for each in said):
        if "converted to" in words and any(kind in words.upper() for kind in _CURVES):
            findings.append(
                finding("", "geometry.curves", why("curves_linearised", kind=words.split("'")[1]))
            )
        elif not any(part in words for part in _NO_NEWS):
            findings.append(finding("", "file.warned", why("gdal_warned", words=words[:160])))


_CURVES: Final = ("CURVE", "SURFACE", "ARC", "CIRCULAR")
_NO_NEWS: Final = ("as JSON", "invalid value encountered")


def _heard_in(frames: Iterator[gpd.GeoDataFrame], findings: list[Finding]) -> Iterator[gpd.GeoDataFrame]:
    """The same for each of several frames: outside of reading them, warnings are the caller's own."""
    while True:
        with _heard(findings):
            frame = next(frames, None)
        if frame is None:
            return
        yield frame
