"""Vector layers in: one file, one layer, as it is.  Nothing is guessed; what the file does not say must be given."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import geopandas as gpd
import pyogrio
import shapely

from landkit.errors import LayerError, nearest
from landkit.io.crs import with_crs
from landkit.io.opener import (
    check_path,
    driver_for,
    first_line,
    gdal_path,
    info_of,
    layer_names,
    make_gdal_safe,
)
from landkit.model import Reading


def read_layer(
    path: str | Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """Any supported vector file as a GeoDataFrame (矢量图层): its own columns, 2D geometry, a CRS that is stated.

    Shapefile, GeoPackage, File Geodatabase (also zipped), GeoJSON, FlatGeobuf, KML, GeoParquet.  `crs` and `encoding`
    are given only where the file does not say.

    Raises: LayerError where the file, the layer or its text cannot be read; CRSError where no CRS is stated, or two.
    """
    return read_source(path, layer=layer, crs=crs, encoding=encoding).frame


def read_source(
    path: str | Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> Reading:
    """What `read_layer` gives, with what was decided on the way (encoding, CRS) as facts and findings (读取结果).

    Raises: as `read_layer`.
    """
    make_gdal_safe()
    found = check_path(path)
    frame = _read_parquet(found) if found.suffix.lower() == ".parquet" else _read_gdal(found, layer, encoding)
    frame = with_crs(frame, crs, layer=found.name if layer is None else f"{found.name}:{layer}")
    return Reading(frame.set_geometry(frame.geometry.force_2d()))


def describe_layers(path: str | Path) -> list[dict[str, Any]]:
    """Header of every layer of a file, without its rows: name, count, CRS, fields, geometry kind, encoding."""
    make_gdal_safe()
    found = check_path(path)
    driver_for(found)
    headers = []
    for name in layer_names(found):
        info = info_of(found, layer=name)
        headers.append(
            {
                "layer": name,
                "rows": int(info["features"]),
                "crs": info["crs"],
                "fields": [str(f) for f in info["fields"]],
                "geometry": info["geometry_type"],
                "encoding": info["encoding"],
            }
        )
    return headers


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error


def _read_gdal(path: Path, layer: str | None, encoding: str | None) -> gpd.GeoDataFrame:
    driver = driver_for(path)
    if path.suffix.lower() == ".shp":
        _shapefile_is_whole(path, _parts(path, path.stem))
    names = layer_names(path)
    if not names:
        raise LayerError("file_unreadable", path=str(path), detail="0 layers")
    if layer is None and len(names) > 1:
        raise LayerError("layer_not_named", path=str(path), names="/".join(names))
    chosen = layer if layer is not None else names[0]
    if chosen not in names:
        raise LayerError(
            "layer_missing", path=str(path), layer=chosen, guess=nearest(chosen, names) or "/".join(names)
        )
    told = encoding
    if driver == "ESRI Shapefile":
        parts = _parts(path, chosen)
        _shapefile_is_whole(path, parts)
        told = encoding or _told_encoding(parts)
    code = told or "ISO-8859-1" if driver == "ESRI Shapefile" else None
    info_of(path, layer=chosen, encoding=code)
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers become findings
            frame = pyogrio.read_dataframe(gdal_path(path), layer=chosen, encoding=code, force_2d=True)
    except (UnicodeDecodeError, LookupError) as error:  # LookupError: there is no such encoding
        raise LayerError("encoding_wrong", path=str(path), encoding=told or "UTF-8") from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    except shapely.errors.GEOSException as error:  # a ring of too few points
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError("no_geometry", path=str(path), layer=chosen)
    if driver == "ESRI Shapefile" and told is None:
        _refuse_unknown_text(frame, path)
    return frame


class _Part(NamedTuple):
    """One file of a shapefile: its size and its first bytes."""

    size: int
    head: bytes


def _parts(path: Path, stem: str) -> dict[str, _Part]:
    """The files of a shapefile by suffix, beside it or in its zip."""
    if path.suffix.lower() != ".zip":
        beside = [p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file()]
        return {p.suffix.lower(): _Part(p.stat().st_size, _head_of(p)) for p in beside}
    with zipfile.ZipFile(path) as archive:
        entries = {Path(e.filename): e for e in archive.infolist() if not e.is_dir()}
        several = sum(p.suffix.lower() == ".shp" for p in entries) > 1
        own = {p: e for p, e in entries.items() if p.stem == stem or not several}
        return {p.suffix.lower(): _Part(e.file_size, archive.open(e).read(100)) for p, e in own.items()}


def _head_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(100)


def _shapefile_is_whole(path: Path, parts: dict[str, _Part]) -> None:
    """Nothing lacks and nothing is cut: GDAL gives rows without geometry or attributes in silence."""
    for part in (".shp", ".shx", ".dbf"):
        if part not in parts:
            raise LayerError("shapefile_part_missing", path=str(path), part=part)
    records = {}
    for part in (".shp", ".shx"):
        size, head = parts[part]
        said = 2 * struct.unpack(">i", head[24:28])[0] if len(head) == 100 else 100
        if size < said:
            raise LayerError("shapefile_part_cut", path=str(path), part=part, size=size, said=said)
        records[part] = (said - 100) // 8
    size, head = parts[".dbf"]
    rows, before, each = struct.unpack("<IHH", head[4:12]) if len(head) >= 32 else (0, 33, 0)
    if size < before + rows * each:
        raise LayerError(
            "shapefile_part_cut", path=str(path), part=".dbf", size=size, said=before + rows * each
        )
    if rows != records[".shx"]:
        raise LayerError("shapefile_rows_differ", path=str(path), shapes=records[".shx"], rows=rows)


def _told_encoding(parts: dict[str, _Part]) -> str | None:
    """The encoding that a shapefile states (.cpg, or the language byte of the .dbf); None where it says nothing."""
    if ".cpg" in parts:
        said = parts[".cpg"].head.decode("ascii", "replace").strip()
        return _CPG.get(said.upper(), said) or None
    return _LANGUAGE_BYTE.get(parts[".dbf"].head[29])


_CPG = {
    "936": "GBK",
    "GBK": "GBK",
    "GB2312": "GBK",
    "ANSI 936": "GBK",
    "CP936": "GBK",
    "OEM 936": "GBK",
    "65001": "UTF-8",
    "UTF8": "UTF-8",
    "950": "Big5",
}
# 0x57 and 0x03 (Western Windows) are what many programs write whatever the text is: they state nothing
_LANGUAGE_BYTE = {0x4D: "GBK", 0x7A: "GBK", 0x4F: "Big5", 0x78: "Big5"}


def _refuse_unknown_text(frame: gpd.GeoDataFrame, path: Path) -> None:
    """A shapefile that does not state its encoding may hold only ASCII text: anything else would be a guess."""
    columns = [c for c in frame.columns if c != frame.geometry.name]
    texts = [str(c) for c in columns]
    for column in columns:
        if frame[column].dtype.kind in "OTU" or str(frame[column].dtype) == "str":
            texts += [v for v in frame[column].dropna().unique() if isinstance(v, str)]
    odd = [t for t in texts if not t.isascii()]
    if odd:
        raw = max(odd, key=len).encode("latin-1", "replace")
        readings = [f"{e}: {_try(raw, e)}" for e in ("UTF-8", "GB18030", "Big5") if _try(raw, e)]
        raise LayerError("encoding_unknown", path=str(path), readings=" | ".join(readings) or repr(raw[:20]))


def _try(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)[:24]
    except UnicodeDecodeError:
        return ""
