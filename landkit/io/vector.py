"""Vector layers in: one file, one layer, as it is.  Nothing is guessed; what the file does not say must be given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from landkit.errors import LayerError, nearest
from landkit.io.crs import with_crs
from landkit.io.opener import check_path, driver_for, gdal_path, info_of, layer_names, make_gdal_safe


def read_layer(
    path: str | Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """Any supported vector file as a GeoDataFrame (矢量图层): its own columns, 2D geometry, a CRS that is stated.

    Shapefile, GeoPackage, File Geodatabase (also zipped), GeoJSON, FlatGeobuf, KML, GeoParquet.  `crs` and `encoding`
    are given only where the file does not say.

    Raises: LayerError where the file, the layer or its text cannot be read; CRSError where no CRS is stated, or two.
    """
    make_gdal_safe()
    found = check_path(path)
    frame = _read_parquet(found) if found.suffix.lower() == ".parquet" else _read_gdal(found, layer, encoding)
    frame = with_crs(frame, crs, layer=found.name if layer is None else f"{found.name}:{layer}")
    return frame.set_geometry(frame.geometry.force_2d())


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
        raise LayerError("file_unreadable", path=str(path), detail=_first_line(error)) from error


def _read_gdal(path: Path, layer: str | None, encoding: str | None) -> gpd.GeoDataFrame:
    driver = driver_for(path)
    _shapefile_is_whole(path)
    try:
        names = layer_names(path)
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=_first_line(error)) from error
    if layer is None and len(names) > 1:
        raise LayerError("layer_not_named", path=str(path), names="/".join(names))
    chosen = layer if layer is not None else (names[0] if names else "")
    if chosen not in names:
        raise LayerError(
            "layer_missing", path=str(path), layer=chosen, guess=nearest(chosen, names) or "/".join(names)
        )
    told = encoding or _told_encoding(path, driver)
    try:
        frame = pyogrio.read_dataframe(
            gdal_path(path),
            layer=chosen,
            encoding=told or "ISO-8859-1" if driver == "ESRI Shapefile" else None,
            force_2d=True,
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=_first_line(error)) from error
    except UnicodeDecodeError as error:
        raise LayerError("encoding_wrong", path=str(path), encoding=told or "?") from error
    except ValueError as error:
        raise LayerError("file_unreadable", path=str(path), detail=_first_line(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError("no_geometry", path=str(path), layer=chosen)
    if driver == "ESRI Shapefile" and told is None:
        _refuse_unknown_text(frame, path)
    return frame


def _shapefile_is_whole(path: Path) -> None:
    if path.suffix.lower() != ".shp":
        return
    beside = {p.suffix.lower() for p in path.parent.glob(f"{path.stem}.*")}
    for part in (".shx", ".dbf"):
        if part not in beside:
            raise LayerError("shapefile_part_missing", path=str(path), part=part)


def _told_encoding(path: Path, driver: str) -> str | None:
    """The encoding that a shapefile states (.cpg, or the language byte of the .dbf); None where it says nothing."""
    if driver != "ESRI Shapefile" or path.suffix.lower() != ".shp":
        return "UTF-8" if driver == "ESRI Shapefile" else None
    for cpg in path.parent.glob(f"{path.stem}.*"):
        if cpg.suffix.lower() == ".cpg":
            said = cpg.read_text("ascii", errors="replace").strip()
            return _CPG.get(said.upper(), said) or None
    dbf = next(p for p in path.parent.glob(f"{path.stem}.*") if p.suffix.lower() == ".dbf")
    with dbf.open("rb") as stream:
        head = stream.read(32)
    return _LANGUAGE_BYTE.get(head[29]) if len(head) == 32 else None


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
_LANGUAGE_BYTE = {0x4D: "GBK", 0x7A: "GBK", 0x4F: "Big5", 0x78: "Big5", 0x57: "cp1252", 0x03: "cp1252"}


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


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
