"""Coordinate text (报备坐标文本) as a format of a hand-over: shapes and codes, in the zone of the layer."""

from __future__ import annotations

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError, LandkitError
from landkit.io.boundary.rings import LEAST
from landkit.io.boundary.text import format_boundary_text
from landkit.io.boundary.write import boundary_text_of
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
    drawn = plain[plain.geometry.notna()]
    shapes = [_on_grid(shape) for shape in drawn.geometry]
    kept = drawn.set_geometry(gpd.GeoSeries(shapes, index=drawn.index, crs=drawn.crs))
    frame = kept.loc[kept.geometry.notna(), [c for c in (key,) if c in plain.columns] + [plain.geometry.name]]
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
    made = (*_changes(meant, drawn, frame, held, key), *_thin(drawn, kept, key))
    return Handed(file, "txt", name, certificate, made)


def _on_grid(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The shape without rings that fall together on the grid of the text; None where nothing is left of it."""
    if shape.geom_type not in ("Polygon", "MultiPolygon") or all(map(_stays, _rings(shape))):
        return shape
    parts = [p for p in shapely.get_parts(shape) if _stays(p.exterior)]
    kept = [shapely.Polygon(p.exterior, [r for r in p.interiors if _stays(r)]) for p in parts]
    return shapely.MultiPolygon(kept) if len(kept) > 1 else next(iter(kept), None)


def _rings(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)]


def _stays(ring: shapely.Geometry) -> bool:
    points = np.round(shapely.get_coordinates(ring) / _GRID_METRES)
    return len(np.unique(points, axis=0)) >= LEAST["polygon"]


def _thin(drawn: gpd.GeoDataFrame, kept: gpd.GeoDataFrame, key: str) -> list[Change]:
    """What was thinner than the grid: rows, and parts of rows."""
    gone = kept.geometry.isna().to_numpy()
    less = ~gone & (drawn.geometry.count_coordinates() > kept.geometry.count_coordinates()).to_numpy()
    rows = [("thin_rows_left_out", gone), ("thin_rings_left_out", less)]
    ids = drawn[key].astype(str) if key in drawn.columns else pd.Series("", index=drawn.index)
    return [Change("geometry", code, int(m.sum()), ", ".join(ids[m])[:120]) for code, m in rows if m.any()]


def _changes(
    meant: pd.DataFrame, drawn: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, held: gpd.GeoDataFrame, key: str
) -> tuple[Change, ...]:
    left = [c for c in map(str, meant.columns) if c not in (key, drawn.geometry.name)]
    lost = [Change("", "attributes_left_out", len(meant), ", ".join(left)[:120])]
    nulls = len(meant) - len(drawn)
    gone = [Change("geometry", "rows_left_out", nulls)] if nulls else []
    heights = [Change("geometry", "height_left_out", len(frame))] if frame.geometry.has_z.any() else []
    grid = [Change("geometry", "grid", len(frame), f"{_GRID_METRES:g}")]
    ids = pd.DataFrame(frame[[key]]).reset_index(drop=True) if key in frame.columns else pd.DataFrame()
    said = changes(ids, pd.DataFrame(held), names={key: [str(held.columns[0])]})
    return (*lost, *gone, *heights, *grid, *said)
