"""The one safe way to open a file that GDAL reads: the content must be what the name says, from an allowed list.

GDAL believes content, not names: a virtual-dataset text called x.shp, x.kml or x.geojson reads other files or the
network.  OGR_SKIP helps only before the drivers are registered, so it is not relied on: paths are
checked, the content is looked at (also inside a zip), JSON is opened as GeoJSON by name, and the driver that GDAL chose
must be the one that was meant.
"""

from __future__ import annotations

import os
import re
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
    ".dxf": "DXF",
}
BY_OTHERS: Final = (
    ".csv",
    ".dxf",
    ".kmz",
    ".parquet",
    ".tif",
    ".tiff",
    ".tsv",
    ".txt",
    ".xls",
    ".xlsm",
    ".xlsx",
    ".zip",
)
_CONVERT_FIRST: Final = {".mdb": "mdb", ".dwg": "dwg"}
SHP_MAGIC: Final = b"\x00\x00\x27\x0a"


_MISREAD: Final = frozenset(";!")
# "PG:", "GPKG:", "GeoJSON:" ... (one letter alone is a drive of Windows), "/vsizip/", "\\vsimem\\"
_ADDRESS: Final = re.compile(r"(?i)[a-z][a-z0-9_+.-]+:|[/\\]+vsi")


def make_gdal_safe() -> None:
    """Switch off the drivers of pyogrio's GDAL that follow references out of a file."""
    pyogrio.set_gdal_config_options(dict(_SAFE_GDAL))


def refuse_address(path: str | Path) -> str:
    """The path as text, if it is a plain local one.  Raises: LayerError for addresses and virtual paths."""
    text = os.fspath(path)
    if "://" in text or "<" in text or "\0" in text or _ADDRESS.match(text):
        raise LayerError("path_not_local", path=text)
    return text


def check_path(path: str | Path) -> Path:
    """A plain local path that exists.  Raises: LayerError for addresses, virtual paths and missing files."""
    text = refuse_address(path)
    found = Path(text)
    try:
        there = found.exists()
    except OSError:  # a name longer than any file system allows
        there = False
    if not there:
        near = _near(found)
        key = "file_missing" if near else "file_missing_alone"
        raise LayerError(key, path=text, near=near)
    return found


def driver_for(path: Path) -> str:
    """The driver for a file, by its name and its first bytes, which must agree.

    Raises: LayerError where the kind is not supported, or the content is something else.
    """
    suffix = path.suffix.lower()
    if suffix in _CONVERT_FIRST:
        raise LayerError(_CONVERT_FIRST[suffix], path=str(path))
    if suffix not in DRIVER_OF and path.is_dir():
        raise LayerError("folder_no_layer", path=str(path))
    if suffix not in DRIVER_OF:
        raise LayerError("kind_unknown", path=str(path), known="/".join(sorted({*DRIVER_OF, *BY_OTHERS})))
    if not _looks_like(path, suffix):
        raise LayerError("content_not_as_named", path=str(path), kind=suffix)
    return DRIVER_OF[suffix]


def gdal_path(path: Path) -> str:
    """The path as GDAL wants it: JSON is GeoJSON and nothing else.

    Raises: LayerError for names that pyogrio takes for an address: `a.zip!b.shp` would open b in a.zip.
    """
    if path.suffix.lower() in (".geojson", ".json"):
        return f"GeoJSON:{path.resolve().as_posix()}"
    odd = sorted(set(str(path)) & _MISREAD)
    if odd:
        raise LayerError("name_misread", path=str(path), characters=" ".join(odd))
    return str(path)


def _looks_like(path: Path, suffix: str) -> bool:
    if suffix == ".gdb":
        return path.is_dir() and any(path.glob("*.gdbtable"))
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(512)
    if suffix == ".shp":
        return head[:4] == SHP_MAGIC
    if suffix == ".gpkg":
        return head[:15] == b"SQLite format 3"
    if suffix == ".fgb":
        return head[:3] == b"fgb"
    if suffix == ".kml":
        return _is_kml(path)
    if suffix == ".dxf":
        return bool(_DXF_HEAD.match(head)) or head.startswith(DXF_BINARY)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


DXF_BINARY: Final = b"AutoCAD Binary DXF"
_DXF_HEAD = re.compile(rb"(\xef\xbb\xbf)?\s*(999\s*[\r\n]+[^\r\n]*[\r\n]+\s*)*0\s*[\r\n]+SECTION")
_BEFORE_ROOT = re.compile(rb"\s*(<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)


def _is_kml(path: Path) -> bool:
    """Whether the first element is `kml`, and no second document hides behind it."""
    with path.open("rb") as stream:
        head = stream.read(2**20).removeprefix(b"\xef\xbb\xbf")
    before = _BEFORE_ROOT.match(head)
    root = head[before.end() if before else 0 :]
    return bool(re.match(rb"<(\w+:)?kml[\s>]", root)) and b"ogrvrt" not in head.lower()


def _near(path: Path) -> str:
    folder = path.parent
    return nearest(path.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else ""


def layer_names(path: Path) -> list[str]:
    """Names of the layers in a file, in its own order.  Raises: LayerError where it cannot be read."""
    try:
        return [str(row[0]) for row in pyogrio.list_layers(gdal_path(path))]
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error


def first_line(error: BaseException) -> str:
    """What a library said, without a full stop, short enough for a sentence of ours; without the SQL that it was running.

    What it said twice stands there once; advice to name a driver is left out: landkit names it already.
    """
    said = str(error).strip() or type(error).__name__
    parts = re.sub(r"^\w+\(.*\) failed: ", "", said.splitlines()[0]).split("; ")
    parts = [
        part.rstrip(".")
        for part in parts
        if not part.startswith("It might help to specify the correct driver")
    ]
    return "; ".join(dict.fromkeys(parts))[:160].rstrip(".")


def info_of(path: Path, **options: Any) -> dict[str, Any]:
    """Header of a layer without its rows.

    Raises: LayerError where it cannot be read, or GDAL took the file for something else than its name says.
    """
    try:
        info = dict(pyogrio.read_info(gdal_path(path), **options))
    except (UnicodeDecodeError, LookupError) as error:  # LookupError: there is no such encoding
        said = options.get("encoding") or "UTF-8"
        raise LayerError("encoding_wrong", path=str(path), encoding=said) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError) as error:
        raise LayerError("file_unreadable", path=str(path), detail=first_line(error)) from error
    if info["driver"] != driver_for(path):
        raise LayerError("content_not_as_named", path=str(path), kind=path.suffix.lower())
    return info
