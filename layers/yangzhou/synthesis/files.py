"""Writing: GeoPackage, shapefile, CSV and XLSX whose bytes depend on their content only."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

import geopandas as gpd
import pyogrio

_MOMENT = (2020, 12, 31, 0, 0, 0)
pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2020-12-31T00:00:00.000Z"})


def geopackage(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    """All layers into one new GeoPackage."""
    path.unlink(missing_ok=True)
    for name, frame in layers.items():
        pyogrio.write_dataframe(_plain(frame), path, layer=name, driver="GPKG", append=path.exists())


def shapefile_gbk(path: Path, frame: gpd.GeoDataFrame) -> None:
    """A shapefile as offices hand it over: attributes in GBK, and a .cpg that says so."""
    for old in path.parent.glob(f"{path.stem}.*"):
        old.unlink()
    pyogrio.write_dataframe(
        _plain(frame), path, driver="ESRI Shapefile", encoding="CP936", DBF_DATE_LAST_UPDATE="2020-12-31"
    )
    path.with_suffix(".cpg").write_text("CP936", encoding="ascii")


def csv(path: Path, frame: pd.DataFrame) -> None:
    """UTF-8 with BOM, the form that spreadsheet programs read as Chinese."""
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def workbook(path: Path, sheet: str, frame: pd.DataFrame, texts: tuple[str, ...]) -> None:
    """One sheet; columns in texts are written as text; time stamps are fixed."""
    book = Workbook()
    page = book.active
    page.title = sheet
    page.append(list(frame.columns))
    for values in frame.itertuples(index=False):
        page.append(list(values))
    for column in (n for n, name in enumerate(frame.columns, start=1) if name in texts):
        for (cell,) in page.iter_rows(min_row=2, min_col=column, max_col=column):
            cell.number_format = "@"
    for letter, width in zip("ABCDE", (22, 23, 12, 12, 10), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
    book.properties.creator = "landkit demo"
    book.properties.created = datetime(*_MOMENT)  # noqa: DTZ001 - openpyxl wants no time zone
    book.save(path)
    _fix_time(path)


def _fix_time(path: Path) -> None:
    with zipfile.ZipFile(path) as old:
        parts = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2020-12-31T00:00:00Z", content)
            info = zipfile.ZipInfo(name, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, content)


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Text columns as plain objects with None where empty (never the text 'nan')."""
    frame = frame.copy()
    for name in frame.columns:
        if name != frame.geometry.name and not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame
