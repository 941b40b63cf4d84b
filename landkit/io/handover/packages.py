"""GeoPackage and shapefiles as formats of a hand-over; and the styles alone."""

from __future__ import annotations

from typing import Final

import pandas as pd

import geopandas as gpd

from landkit.io.changes import Change, changes
from landkit.io.geopackage import write_geopackage
from landkit.io.handover.order import FieldRow, Handed, Order, Place, field_rows
from landkit.io.plain import plain_frame
from landkit.io.shapefile.dbf import as_dbf
from landkit.io.shapefile.write import pack_shapefile
from landkit.io.styles.qml import layer_style
from landkit.io.styles.sld import layer_sld

GEOPACKAGE: Final = "results.gpkg"


def write_packages(order: Order, place: Place) -> list[Handed]:
    """All layers in one GeoPackage with their QGIS styles.   Raises: ExportError."""
    styles = {n: layer_style(n, f.columns, lang=order.lang) for n, f in order.layers.items()}
    made = write_geopackage(
        place(GEOPACKAGE), order.layers, styles=styles, titles=order.titles, lang=order.lang
    )
    handed = []
    for name, frame in order.layers.items():
        held = plain_frame(frame, layer=name, lang=order.lang)
        fields = field_rows({c: c for c in attribute_names(held)}, order.lang)
        handed.append(Handed(GEOPACKAGE, "gpkg", name, made[name], changes(frame, held), fields))
    return handed


def write_shapefiles(order: Order, place: Place) -> list[Handed]:
    """Each layer as `shp/<layer>.zip` in the encoding asked for.   Raises: ExportError."""
    handed = []
    for name, frame in order.layers.items():
        plain = plain_frame(frame, layer=name, lang=order.lang)
        dbf, rows = as_dbf(plain, layer=name, labels=None, encoding=order.encoding)
        file = f"shp/{name}.zip"
        certificate = pack_shapefile(place(file), name, dbf, rows, encoding=order.encoding, lang=order.lang)
        names: dict[str, list[str]] = {}
        for row in rows:
            names.setdefault(row[1], []).append(row[0])
        fields: tuple[FieldRow, ...] = tuple((r[0], r[1], r[2], r[3], r[4], r[5]) for r in rows)
        found = [*changes(frame, dbf, names=names)]
        full = {r[0]: r[1] for r in rows}
        found += [Change(full[c], "decimals", n) for c, n in certificate.get("fewer_digits", {}).items()]
        handed.append(Handed(file, "shp", name, certificate, tuple(found), fields))
    return handed


def write_styles(order: Order, place: Place) -> list[Handed]:
    """QML and SLD of each layer as `styles/<layer>.qml` and `.sld`; they name our own columns."""
    handed = []
    for name, frame in order.layers.items():
        columns = attribute_names(frame)
        styles = {
            "qml": layer_style(name, columns, lang=order.lang),
            "sld": layer_sld(name, columns, lang=order.lang, title=order.title(name)),
        }
        for suffix, style in styles.items():
            if style:
                file = f"styles/{name}.{suffix}"
                place(file).write_text(style, encoding="utf-8")
                handed.append(Handed(file, "styles", name, {"rows": None, "ok": True}))
    return handed


def attribute_names(frame: pd.DataFrame) -> list[str]:
    """The columns of a frame without its shapes."""
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    return [str(c) for c in frame.columns if c != geometry]
