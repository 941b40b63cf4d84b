"""Coordinate text (报备坐标文本) as a format of a hand-over: shapes and codes, in the zone of the layer."""

from __future__ import annotations

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError, LandkitError
from landkit.io.boundary_text import format_boundary_text
from landkit.io.boundary_write import boundary_text_of
from landkit.io.certificate import compare
from landkit.io.changes import Change, changes
from landkit.io.handover.order import Handed, Order, Place
from landkit.io.plain import plain_frame
from landkit.io.vector import read_source
from landkit.text import data_toml

_GRID_METRES = 1e-3  # three decimals


def write_coordinates(order: Order, place: Place) -> list[Handed]:
    """The shapes of each layer as `txt/<layer>.txt` with its codes, read again as a layer; tables are left out.

    Raises: ExportError where the CRS is no Gauss-Kruger zone, the encoding lacks a character, or what is read differs.
    """
    return [
        _write(order, name, place)
        for name, frame in order.layers.items()
        if isinstance(frame, gpd.GeoDataFrame) and not _is_void(frame)
    ]


def _is_void(frame: gpd.GeoDataFrame) -> bool:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    return bool((shapely.is_missing(shapes) | shapely.is_empty(shapes)).all())


def _write(order: Order, name: str, place: Place) -> Handed:
    meant = order.layers[name]
    plain = gpd.GeoDataFrame(plain_frame(meant, layer=name, lang=order.lang))
    key = order.keys.get(name, "")
    rows = plain.geometry.notna().to_numpy()
    frame = plain.loc[rows, [c for c in (key,) if c in plain.columns] + [plain.geometry.name]]
    cell = data_toml("coordinate_text.toml")["plot"]["id"]
    content = boundary_text_of(frame, columns={cell: key} if key in frame.columns else {})
    at = data_toml("coordinate_text.toml")["plot"]["columns"].index(cell)
    held = gpd.GeoDataFrame(
        {cell: pd.Series([p.cells[at] for p in content.plots], dtype=object)},
        geometry=frame.geometry.force_2d().array,
        crs=frame.crs,
    )
    file = f"txt/{name}.txt"
    path = place(file)
    words = format_boundary_text(content)
    try:
        path.write_bytes(words.encode(order.encoding))
    except UnicodeEncodeError as error:
        odd = words[error.start : error.end]
        raise ExportError("boundary_unheld", path=file, encoding=order.encoding, text=odd) from error
    try:
        found = read_source(path, encoding=order.encoding).frame
    except LandkitError as error:
        raise ExportError("export_roundtrip", path=file, detail=str(error)) from error
    certificate = compare(held, found[[cell, "geometry"]], what=file, exact=False, grid_m=_GRID_METRES)
    return Handed(file, "txt", name, certificate, _changes(meant, plain, frame, held, key))


def _changes(
    meant: pd.DataFrame, plain: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, held: gpd.GeoDataFrame, key: str
) -> tuple[Change, ...]:
    left = [c for c in map(str, meant.columns) if c not in (key, plain.geometry.name)]
    lost = [Change("", "attributes_left_out", len(meant), ", ".join(left)[:120])]
    nulls = len(plain) - len(frame)
    gone = [Change("geometry", "rows_left_out", nulls)] if nulls else []
    heights = [Change("geometry", "height_left_out", len(frame))] if frame.geometry.has_z.any() else []
    grid = [Change("geometry", "grid", len(frame), f"{_GRID_METRES:g}")]
    ids = pd.DataFrame(frame[[key]]).reset_index(drop=True) if key in frame.columns else pd.DataFrame()
    said = changes(ids, pd.DataFrame(held), names={key: [str(held.columns[0])]})
    return (*lost, *gone, *heights, *grid, *said)
