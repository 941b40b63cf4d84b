"""Results as a GeoPackage (成果导出): layers, tables and their styles in one file.

The same input gives the same bytes.  What is handed over has been opened again as a stranger would and
found equal: rows, texts, numbers, bounds and area.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

import geopandas as gpd

from landkit.errors import ExportError
from landkit.io.certificate import Certificate, compare, joined
from landkit.io.gdal import ANY_DAY, fixed_day, gdal_faults, geometry_type, read_ogr, write_ogr
from landkit.io.plain import plain_frame, settled
from landkit.text import Lang

AT_ONCE: Final = 20_000  # rows that are written, and read again, at a time
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
    plain = {name: _Rows(frame, name, lang) for name, frame in layers.items()}
    path.unlink(missing_ok=True)
    with fixed_day(), gdal_faults(path):
        for name, rows in plain.items():
            _write_layer(path, rows, title=(titles or {}).get(name, ""))
        _write_styles(path, {k: v for k, v in (styles or {}).items() if k in plain and v})
    return {name: _check_layer(path, rows) for name, rows in plain.items()}


def check_geopackage(
    path: Path, layers: Mapping[str, pd.DataFrame], *, lang: Lang = "zh"
) -> dict[str, Certificate]:
    """Open a GeoPackage afresh and compare it with the frames it was made from.

    Raises: ExportError where it differs.
    """
    return {name: _check_layer(path, _Rows(frame, name, lang)) for name, frame in layers.items()}


class _Rows:
    """The rows of a layer as a file holds them: made once, or of very many part by part, whenever they are wanted."""

    def __init__(self, frame: pd.DataFrame, name: str, lang: Lang) -> None:
        self.name, self._lang = name, lang
        self.columns = {str(c).casefold() for c in frame.columns}
        self.geometry: str | None = None
        self._whole: pd.DataFrame | None = None
        spatial = isinstance(frame, gpd.GeoDataFrame)
        if len(frame) <= AT_ONCE or (
            spatial and frame.geometry.has_z.any()
        ):  # heights are made alike in the whole
            self._whole = plain_frame(frame, layer=name, lang=lang)
            return
        self._frame = settled(frame)
        if isinstance(frame, gpd.GeoDataFrame):
            self.geometry = geometry_type(frame[~frame.geometry.is_empty])

    @property
    def fid(self) -> str:
        """What the number of a row is called."""
        return next(n for n in ("fid", "ogc_fid", "landkit_fid") if n not in self.columns)

    def parts(self) -> Iterator[tuple[pd.DataFrame, str | None]]:
        """The parts in their order, and which rows of the file each is; None where it is all of them."""
        if self._whole is not None:
            yield self._whole, None
            return
        for at in range(0, len(self._frame), AT_ONCE):
            part = plain_frame(self._frame.iloc[at : at + AT_ONCE], layer=self.name, lang=self._lang)
            yield part, f'"{self.fid}" > {at} AND "{self.fid}" <= {at + len(part)}'


def _write_layer(path: Path, rows: _Rows, *, title: str) -> None:
    options = {"DESCRIPTION": title, "FID": rows.fid}
    for part, _ in rows.parts():
        if isinstance(part, gpd.GeoDataFrame):
            names = ("geom", "shape", "landkit_geom")
            options["GEOMETRY_NAME"] = next(n for n in names if n not in rows.columns)
        write_ogr(path, part, driver="GPKG", layer=rows.name, options=options, geometry=rows.geometry)


def _check_layer(path: Path, rows: _Rows) -> Certificate:
    what, found = f"{path.name}:{rows.name}", []
    for expected, where in rows.parts():
        try:
            back = read_ogr(path, layer=rows.name, where=where)
        except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
            raise ExportError("export_roundtrip", path=what, detail=str(error)) from error
        found.append(compare(expected, back, what=what, exact=True))
    return joined(found)


def _write_styles(path: Path, styles: Mapping[str, str]) -> None:
    """The table in which QGIS looks for a layer's own style."""
    if not styles:
        return
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        base.execute(_STYLE_TABLE)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (ANY_DAY,),
        )
        columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        for name, qml in styles.items():
            base.execute(_STYLE_ROW, (name, columns.get(name, ""), name[:30], qml, ANY_DAY))
