"""Results as a zipped shapefile with its field list (成果导出).

The same input gives the same bytes.  What is handed over has been opened again as a stranger would and
found equal: rows, texts, numbers, bounds and area.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

import geopandas as gpd
import pyogrio

from landkit.errors import ExportError
from landkit.io.certificate import Certificate, compare, joined
from landkit.io.gdal import ANY_DAY, gdal_faults, geometry_type, write_ogr
from landkit.io.packing import defused, zip_folder
from landkit.io.plain import plain_frame
from landkit.io.shapefile.dbf import Encoding, as_dbf, refuse_far_too_large
from landkit.io.styles.qml import layer_style
from landkit.io.styles.sld import layer_sld
from landkit.text import Lang

AT_ONCE: Final = 20_000  # rows that are read again at a time
_SLACK: Final = 1e-9  # a number field has 24 characters, at most 15 of them decimals
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
    """Write one layer as a zipped shapefile with `.cpg`, `.prj`, `<layer>.fields.csv` and its styles, and certify it.

    Names are at most 10 ASCII characters.  Text beyond 254 bytes is spread over up to twelve columns, never
    cut; a table without geometry becomes a .dbf alone.  `labels` adds to data/columns.toml.

    Raises: ExportError where the layer does not fit a shapefile, or what is read back differs.
    """
    refuse_far_too_large(frame, layer=layer_name)
    plain = plain_frame(frame, layer=layer_name, lang=lang)
    dbf, fields = as_dbf(plain, layer=layer_name, labels=labels, encoding=encoding)
    return pack_shapefile(path, layer_name, dbf, fields, encoding=encoding, lang=lang)


def pack_shapefile(
    path: Path,
    layer: str,
    dbf: pd.DataFrame,
    fields: list[tuple[str, ...]],
    *,
    encoding: Encoding,
    lang: Lang,
) -> Certificate:
    """Write what a DBF can hold (`as_dbf`) as a zipped shapefile and certify it.

    Raises: ExportError where it does not fit a shapefile, or what is read back differs.
    """
    with tempfile.TemporaryDirectory(
        prefix=".landkit-", dir=path.parent, ignore_cleanup_errors=True
    ) as scratch:
        folder = Path(scratch)
        target = folder / f"{layer}{'.shp' if isinstance(dbf, gpd.GeoDataFrame) else '.dbf'}"
        with gdal_faults(path):
            _write_shapefile(target, dbf, encoding=encoding)
        (folder / f"{layer}.fields.csv").write_bytes(_csv(fields).encode("utf-8-sig"))
        names = {f[1]: f[0] for f in reversed(fields)}
        for suffix, style in (
            (".qml", layer_style(layer, names, lang=lang, names=names)),
            (".sld", layer_sld(layer, names, lang=lang, names=names)),
        ):
            if style:
                (folder / f"{layer}{suffix}").write_text(style, encoding="utf-8")
        zip_folder(folder, path)
    return _certify_zip(path, layer, dbf)


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
    with tempfile.TemporaryDirectory(
        prefix=".landkit-", dir=path.parent, ignore_cleanup_errors=True
    ) as scratch:
        try:
            with zipfile.ZipFile(path) as packed:
                packed.extractall(scratch)  # ours, written a moment ago
            place = Path(scratch) / f"{layer_name}{suffix}"
            count = int(pyogrio.read_info(place, force_feature_count=True)["features"])
            if count != len(expected):
                raise ValueError(f"rows {len(expected)} != {count}")
            return joined(
                [_certify_rows(place, expected, at, path.name) for at in range(0, max(count, 1), AT_ONCE)]
            )
        except ExportError:
            raise
        except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
            raise ExportError("export_roundtrip", path=path.name, detail=str(error)) from error


def _certify_rows(place: Path, expected: pd.DataFrame, at: int, what: str) -> Certificate:
    """Some rows of an unpacked shapefile against those that were meant."""
    found = pyogrio.read_dataframe(place, skip_features=at, max_features=AT_ONCE)  # arrow skips the .cpg
    where = f"{what}[{at}:]" if at else what
    return compare(expected.iloc[at : at + AT_ONCE], found, what=where, exact=False, slack=_SLACK)


def _write_shapefile(target: Path, dbf: pd.DataFrame, *, encoding: Encoding) -> None:
    if isinstance(dbf, gpd.GeoDataFrame):
        _check_one_geometry_type(dbf, layer=target.stem)
    options = {"DBF_DATE_LAST_UPDATE": ANY_DAY[:10]}
    write_ogr(target, dbf, driver="ESRI Shapefile", layer=target.stem, options=options, encoding=encoding)
    target.with_suffix(".cpg").write_text(_CPG[encoding], encoding="ascii")
    with target.with_suffix(".dbf").open("r+b") as file:
        file.seek(29)
        file.write(bytes([_DBF_LANGUAGE[encoding]]))


def _check_one_geometry_type(frame: gpd.GeoDataFrame, *, layer: str) -> None:
    if geometry_type(frame) == "Unknown":
        kinds = sorted(frame.geometry.geom_type.dropna().unique())
        raise ExportError("export_mixed_geometry", layer=layer, kinds=", ".join(kinds))


def _csv(fields: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("short", "name", "zh", "en", "unit", "part"))
    writer.writerows([defused(cell) for cell in row] for row in fields)
    return out.getvalue()
