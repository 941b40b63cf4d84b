"""The one safe way to open a file that GDAL reads: the content must be what the name says, from an allowed list.

GDAL believes content, not names: a virtual-dataset text called x.shp reads other files or the network (ecosystem.md
0.11).  So paths are checked, the first bytes are looked at, and the driver is named when the file is opened.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any, Final

import pyogrio

from landkit.errors import LayerError, nearest

# refused before anything is opened; set once, before the first read
_SAFE_GDAL: Final = {
    "OGR_SKIP": "OGR_VRT,GDALG,WFS,OAPIF,CSW,HTTP,Carto,Elasticsearch,NGW,PLSCENES,AmigoCloud,EEDA,OGCAPI,GeoRSS,ADBC",
    "GDAL_SKIP": "VRT,WMS,WCS,WMTS,HTTP,PLMOSAIC,EEDAI,OGCAPI,DAAS,ZARR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
    "SHAPE_RESTORE_SHX": "NO",
}

DRIVER_OF: Final = {
    ".shp": "ESRI Shapefile",
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gdb": "OpenFileGDB",
    ".fgb": "FlatGeobuf",
    ".kml": "LIBKML",
}
ZIP_MAX_RATIO: Final = 200
ZIP_MAX_BYTES: Final = 4 * 2**30


def make_gdal_safe() -> None:
    """Switch off the drivers of pyogrio's GDAL that follow references out of a file."""
    pyogrio.set_gdal_config_options(dict(_SAFE_GDAL))


def check_path(path: str | Path) -> Path:
    """A plain local path that exists.  Raises: LayerError for addresses, virtual paths and missing files."""
    text = os.fspath(path)
    if (
        "://" in text
        or text.lower().startswith(("/vsi", "pg:", "gpkg:", "mysql:", "odbc:"))
        or "<" in text
        or "\0" in text
    ):
        raise LayerError("path_not_local", path=text)
    found = Path(text)
    if not found.exists():
        raise LayerError("file_missing", path=text, near=_near(found))
    return found


def driver_for(path: Path) -> str:
    """The driver for a file, by its name and its first bytes, which must agree.

    Raises: LayerError where the kind is not supported, or the content is something else.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _driver_in_zip(path)
    if suffix == ".mdb":
        raise LayerError("mdb", path=str(path))
    if suffix not in DRIVER_OF:
        raise LayerError(
            "kind_unknown", path=str(path), known="/".join(sorted(DRIVER_OF)) + "/.zip/.parquet/.csv/.xlsx"
        )
    if not _looks_like(path, suffix):
        raise LayerError("content_not_as_named", path=str(path), kind=suffix)
    return DRIVER_OF[suffix]


def gdal_path(path: Path) -> str:
    """The path as GDAL wants it: a zip is read in place."""
    return f"/vsizip/{path.resolve().as_posix()}" if path.suffix.lower() == ".zip" else str(path)


def _looks_like(path: Path, suffix: str) -> bool:
    if suffix == ".gdb":
        return path.is_dir() and any(path.glob("*.gdbtable"))
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(512)
    if suffix == ".shp":
        return head[:4] == b"\x00\x00\x27\x0a"
    if suffix == ".gpkg":
        return head[:15] == b"SQLite format 3"
    if suffix == ".fgb":
        return head[:3] == b"fgb"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        start[:1] in (b"{", b"[")
        if suffix in (".geojson", ".json")
        else start[:1] == b"<" and b"kml" in head.lower()
    )


def _driver_in_zip(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        raise LayerError("content_not_as_named", path=str(path), kind=".zip")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        size = sum(e.file_size for e in entries)
        packed = max(1, sum(e.compress_size for e in entries))
        if size > ZIP_MAX_BYTES or size / packed > ZIP_MAX_RATIO:
            raise LayerError("zip_too_big", path=str(path), size_mb=size // 2**20)
        names = [e.filename for e in entries]
    if any(n.startswith(("/", "\\")) or ".." in Path(n).parts or ":" in n for n in names):
        raise LayerError("zip_names", path=str(path))
    kinds = {Path(n).suffix.lower() for n in names} | {
        p.suffix.lower() for n in names for p in Path(n).parents
    }
    for suffix in (".shp", ".gdb"):
        if suffix in kinds:
            return DRIVER_OF[suffix]
    raise LayerError("zip_without_layer", path=str(path))


def _near(path: Path) -> str:
    folder = path.parent
    return nearest(path.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else ""


def layer_names(path: Path) -> list[str]:
    """Names of the layers in a file, in its own order."""
    return [str(row[0]) for row in pyogrio.list_layers(gdal_path(path))]


def info_of(path: Path, **options: Any) -> dict[str, Any]:
    """Header of a layer without its rows."""
    return dict(pyogrio.read_info(gdal_path(path), **options))
