"""Frames to blocks: reproject, set aside what cannot be drawn, choose columns, describe themes and styles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

import shapely
from geopandas import GeoDataFrame, GeoSeries

from landkit.arrays import Bounds, Flags, Ints
from landkit.errors import ExportError
from landkit.present.webmap.block import as_text, bits_for, from_grid, pack, parts_of, to_grid
from landkit.present.webmap.content import Overlay, Parcels, Theme, Tour
from landkit.text import Lang

WEB_CRS: Final = "EPSG:4326"
METRES_PER_DEGREE: Final = 111_320.0
AREAS, LINES, POINTS = (3, 6), (1, 2, 5), (0, 4)
KINDS: Final = {"area": AREAS, "line": LINES, "point": POINTS}


@dataclass(frozen=True)
class Packed:
    """One layer ready for the page; `undrawn` rows have no geometry that could be drawn."""

    block: bytes
    rows: int
    undrawn: int
    bounds: Bounds | None


def pack_parcels(parcels: Parcels, *, words: Mapping[str, str], lang: Lang) -> Packed:
    """Parcels as a block: in Hilbert order, with the columns that themes, popup, search and filters use."""
    parcels.check()
    shapes = _degrees(parcels.frame, parcels.name)
    drawn = _drawable(shapes, kinds=[kind for shape in parcels.shapes for kind in KINDS[shape]])
    undrawn = parcels.frame.loc[~drawn, parcels.id_column]
    order = _hilbert_order(shapes[drawn])
    table = parcels.frame.iloc[np.flatnonzero(drawn)[order]]
    columns = _Columns(table)
    meta = {
        "layer": {
            "name": parcels.name,
            "colour": parcels.colour,
            "outline": parcels.outline,
            "opacity": parcels.opacity,
            "group": parcels.group,
            "id": columns.plain(parcels.id_column),
            "search": [columns.text(column) for column in parcels.search_columns or (parcels.id_column,)],
            "popup": [
                [
                    columns.plain(column),
                    label,
                    parcels.headings.get(column, ""),
                    parcels.glossaries.get(column),
                ]
                for column, label in parcels.popup
            ],
            "filters": [[columns.category(column), label] for column, label in parcels.filters],
            "ranges": [[columns.number(column), label] for column, label in parcels.ranges],
            "tour": _tour(parcels.tour, columns) if parcels.tour else None,
            "themes": [_theme(theme, columns) for theme in parcels.themes],
            "undrawn": [text for text in as_text(undrawn) if text is not None],
        },
        "words": dict(words),
        "lang": lang,
    }
    for theme in parcels.themes:
        columns.relabel(theme)
    meta["labels"] = columns.labels
    geometries = _coarse(_with_one_kind(np.asarray(shapes[drawn])[order]), parcels.coarse_m)
    block = pack(geometries, columns.packed, meta)
    return Packed(block, len(table), len(undrawn), _bounds(geometries))


def pack_overlay(overlay: Overlay, *, words: Mapping[str, str], lang: Lang, place: int) -> Packed:
    """An overlay as a block; rows keep their order of drawing.  `place` counts from the bottom."""
    overlay.check()
    frame = overlay.frame
    shapes = _degrees(_simplified(overlay), overlay.name)
    drawn = _drawable(shapes, kinds=(*AREAS, *LINES, *POINTS))
    geometries = _coarse(_with_one_kind(np.asarray(shapes[drawn])), overlay.coarse_m)
    columns = _Columns(frame[drawn])
    meta = {
        "layer": {
            "name": overlay.name,
            "place": place,
            "below": overlay.below,
            "group": overlay.group,
            "popup": [[columns.plain(column), label, "", None] for column, label in overlay.popup],
            "style": _style(overlay),
            "colours": columns.category(overlay.colour_column) if overlay.colour_column else None,
            "labels": _labels(geometries, frame[drawn], overlay.label_column),
        },
        "words": dict(words),
        "lang": lang,
        "labels": {},
    }
    block = pack(geometries, columns.packed, meta)
    return Packed(block, len(geometries), int((~drawn).sum()), _bounds(geometries))


class _Columns:
    """The columns of a block, each packed once per way it is used."""

    def __init__(self, table: GeoDataFrame) -> None:
        self._table = table
        self._places: dict[tuple[str, str], int] = {}
        self._made: list[Callable[[], pd.Series]] = []
        self.labels: dict[int, dict[str, str]] = {}

    @property
    def packed(self) -> Iterator[pd.Series]:
        """The columns one by one, each made when it is wanted: all of them as texts would fill the memory."""
        return (make() for make in self._made)

    def _place(self, column: str, kind: str, make: Callable[[], pd.Series]) -> int:
        if (column, kind) not in self._places:
            self._places[column, kind] = len(self._made)
            self._made.append(make)
        return self._places[column, kind]

    def plain(self, column: str) -> int:
        """As it is: numbers stay numbers."""
        if pd.api.types.is_numeric_dtype(self._table[column]):
            return self._place(column, "plain", lambda: self._table[column])
        return self.text(column)

    def text(self, column: str) -> int:
        """As text, whatever it was."""
        return self._place(column, "text", lambda: as_text(self._table[column]))

    def category(self, column: str) -> int:
        """As text with a list of its values, for filters and classes."""
        return self._place(column, "category", lambda: as_text(self._table[column]).astype("category"))

    def number(self, column: str) -> int:
        """As numbers; text that is no number is refused, not taken for missing."""
        try:
            values = pd.to_numeric(self._table[column])
        except (ValueError, TypeError) as error:
            raise ExportError("map_not_numeric", column=column, reason=str(error)) from error
        return self._place(column, "number", lambda: values.astype(float))

    def relabel(self, theme: Theme) -> None:
        """Show the labels of a theme instead of its codes wherever the column appears."""
        if theme.kind == "category":
            for (column, _), place in self._places.items():
                if column == theme.column:
                    self.labels[place] = {value: label for value, label, _ in theme.classes}


def _theme(theme: Theme, columns: _Columns) -> dict[str, Any]:
    category = theme.kind == "category"
    return {
        "key": theme.key,
        "title": theme.title,
        "unit": theme.unit,
        "kind": theme.kind,
        "column": columns.category(theme.column) if category else columns.number(theme.column),
        "values": [value for value, _, _ in theme.classes],
        "breaks": [float(value) for value in theme.breaks],
        "labels": list(theme.labels()),
        "colours": list(theme.class_colours()),
        "missing": theme.missing_label,
        "about": theme.about,
        "matrix": {"rows": theme.matrix[0], "columns": theme.matrix[1]} if theme.matrix else None,
    }


def _tour(tour: Tour, columns: _Columns) -> dict[str, Any]:
    return {"column": columns.category(tour.column), "values": list(tour.values), "title": tour.title}


def _style(overlay: Overlay) -> dict[str, Any]:
    return {
        "colour": overlay.colour,
        "fill": overlay.fill or overlay.colour,
        "weight": overlay.weight,
        "radius": overlay.radius,
        "dash": [float(length) for length in overlay.dash.split()],
        "lineOpacity": overlay.line_opacity,
        "fillOpacity": overlay.fill_opacity,
        "hatch": overlay.hatch,
        "arrow": overlay.arrow,
    }


def _degrees(frame: GeoDataFrame, name: str) -> GeoSeries:
    if frame.crs is None:
        raise ExportError("map_no_crs", layer=name)
    return frame.geometry.to_crs(WEB_CRS)


def _simplified(overlay: Overlay) -> GeoDataFrame:
    if not overlay.simplify_m or overlay.frame.crs is None:
        return overlay.frame
    degrees = overlay.frame.crs.is_geographic
    tolerance = overlay.simplify_m / METRES_PER_DEGREE if degrees else overlay.simplify_m
    return overlay.frame.set_geometry(overlay.frame.geometry.simplify(tolerance, preserve_topology=True))


def _drawable(shapes: GeoSeries, *, kinds: Iterable[int]) -> Flags:
    """Rows that hold at least one part of these kinds (shapely type ids), with finite coordinates."""
    values = np.asarray(shapes)
    present = ~(shapely.is_missing(values) | shapely.is_empty(values))
    parts, owner = _parts(values)
    fits = np.zeros(len(values), bool)
    fits[owner[np.isin(shapely.get_type_id(parts), list(kinds)) & ~shapely.is_empty(parts)]] = True
    finite = np.isfinite(shapely.bounds(values)).all(axis=1)
    return np.asarray(present & fits & finite)


def _parts(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
    """Single parts of all rows, also of collections that hold multi-part shapes, and the row of each."""
    outer, row = parts_of(values)
    inner, index = parts_of(outer)
    return inner, row[index]


def _with_one_kind(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Collections replaced by their areas, or by their lines where they have no area, or by their points."""
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(values), (*AREAS, *LINES, *POINTS)))
    out = values.copy()
    for row in mixed:
        parts, _ = _parts(values[row : row + 1])
        kinds = shapely.get_type_id(parts)
        areas, lines, points = (parts[np.isin(kinds, wanted)] for wanted in (AREAS, LINES, POINTS))
        if len(areas):
            out[row] = shapely.multipolygons(areas)
        else:
            out[row] = shapely.multilinestrings(lines) if len(lines) else shapely.multipoints(points)
    return out


def _coarse(values: npt.NDArray[Any], step_m: float) -> npt.NDArray[Any]:
    """Vertices moved onto a grid of steps of at least `step_m`: labels, bounds and index rest on it too."""
    if not step_m or not len(values):
        return values
    south, north = shapely.bounds(values)[:, [1, 3]].T
    bits = bits_for(step_m, latitude=float(max(abs(south.min()), abs(north.max()))))
    return np.asarray(
        shapely.transform(values, lambda degrees: from_grid(to_grid(degrees, bits=bits), bits=bits))
    )


def _hilbert_order(shapes: GeoSeries) -> Ints:
    """Neighbours next to each other: packs better, and a run of rows makes a small index box."""
    west, south, east, north = shapes.total_bounds if len(shapes) else (0.0, 0.0, 0.0, 0.0)
    if len(shapes) < 3 or west == east or south == north:
        return np.arange(len(shapes))
    return np.argsort(shapes.hilbert_distance(level=16).to_numpy(), kind="stable")


def _labels(geometries: npt.NDArray[Any], table: GeoDataFrame, column: str) -> list[list[Any]]:
    """[x, y, text] on the block's grid, larger shapes first: they keep their label where room is short."""
    if not column or not len(table):
        return []
    points = shapely.point_on_surface(geometries)
    lines = np.isin(shapely.get_type_id(geometries), LINES)
    points[lines] = shapely.line_interpolate_point(_longest(geometries[lines]), 0.5, normalized=True)
    places = to_grid(shapely.get_coordinates(points))
    boxes = shapely.bounds(geometries)
    width = boxes[:, 2] - boxes[:, 0] + boxes[:, 3] - boxes[:, 1]
    texts = as_text(table[column]).to_numpy()
    order = np.argsort(-width, kind="stable")
    return [[int(places[i, 0]), int(places[i, 1]), str(texts[i])] for i in order if texts[i]]


def _longest(lines: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The longest part of each line."""
    out = [max(shapely.get_parts(line), key=shapely.length) for line in lines]
    return np.array(out, dtype=object)


def _bounds(geometries: npt.NDArray[Any]) -> Bounds | None:
    if not len(geometries):
        return None
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    return west, south, east, north
