"""Results as a zipped shapefile with its field list (成果导出).

The same input gives the same bytes.  What is handed over has been opened again as a stranger would and
found equal: rows, texts, numbers, bounds and area.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

import geopandas as gpd
import pyogrio

from landkit.errors import ExportError
from landkit.io.certificate import Certificate, compare
from landkit.io.dbf import Encoding, as_dbf
from landkit.io.gdal import ANY_DAY, gdal_faults, geometry_type
from landkit.io.plain import plain_frame
from landkit.text import Lang

_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_CPG: Final[dict[str, str]] = {"UTF-8": "UTF-8", "GBK": "936"}
_DBF_LANGUAGE: Final[dict[str, int]] = {"UTF-8": 0x00, "GBK": 0x4D}  # byte 29; 0x4D = code page 936


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
    dbf, fields = as_dbf(
        plain_frame(frame, layer=layer_name, lang=lang), layer=layer_name, labels=labels, encoding=encoding
    )
    with tempfile.TemporaryDirectory(prefix=".landkit-", dir=path.parent) as scratch:
        folder = Path(scratch)
        target = folder / f"{layer_name}{'.shp' if isinstance(dbf, gpd.GeoDataFrame) else '.dbf'}"
        with gdal_faults(path):
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
    expected, _ = as_dbf(
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
        return compare(expected, found, what=path.name, exact=False)


def _write_shapefile(target: Path, dbf: pd.DataFrame, *, encoding: Encoding) -> None:
    options = {"DBF_DATE_LAST_UPDATE": ANY_DAY[:10]}
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
    kind = geometry_type(frame)
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
