"""A layer as coordinate text of a land survey (勘测定界 / 报备坐标文本), as reporting systems take it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError
from landkit.geometry import area_m2, planar_area_m2
from landkit.io.boundary.crs import Family, code_of, digits_of, family_of, name_of
from landkit.io.boundary.rings import points_of
from landkit.io.boundary.text import BoundaryText, Plot, Point, format_boundary_text
from landkit.io.write import write_whole
from landkit.text import data_toml
from landkit.units import to_ha


def write_boundary_text(
    frame: gpd.GeoDataFrame,
    path: str | Path,
    *,
    header: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Path:
    """Write a layer as coordinate text: whole or not at all.  Arguments as `boundary_text_of`; the text ends lines in \\n.

    Raises: ExportError where the CRS is no Gauss-Kruger zone or the encoding does not hold the text; PlaceError.
    """
    words = format_boundary_text(boundary_text_of(frame, header=header, columns=columns))
    try:
        write_whole(Path(path), words, encoding=encoding)
    except (UnicodeEncodeError, LookupError) as error:
        odd = words[error.start : error.end] if isinstance(error, UnicodeEncodeError) else ""
        raise ExportError("boundary_unheld", path=str(path), encoding=encoding, text=odd) from error
    return Path(path)


def boundary_text_of(
    frame: gpd.GeoDataFrame, *, header: Sequence[str] = (), columns: Mapping[str, str] | None = None
) -> BoundaryText:
    """A layer as plots (勘测定界成果): northing first, each ring closed by its first point, areas in hectares on the plane.

    The frame's CRS is a Gauss-Kruger zone (or degrees) of CGCS2000, Xian 1980 or Beijing 1954.  `header` are the lines that
    were read (`facts["header"]`): all are kept, and only a value that is not the frame's CRS is set right.  `columns` maps a
    cell's name (地块编号 ...) to a column of the frame; without it columns of these names, or ours, are taken.

    Raises: ExportError for another CRS, or none.
    """
    own = family_of(frame.crs) if frame.crs is not None else None
    if own is None:
        raise ExportError("boundary_crs", crs="-" if frame.crs is None else name_of(frame.crs))
    content = BoundaryText(tuple(_fitting(header, own) if header else _usual(own)))
    decimals = _decimals(content, own)
    shapes = frame.geometry.reset_index(drop=True)
    areas = area_m2(shapes) if own.degrees is None else planar_area_m2(shapes)
    cells = _cells(frame, columns or {})
    plots = []
    for i, shape in enumerate(shapes):
        points = _points(shape, decimals)
        rings = len({p.ring for p in points})
        plots.append(Plot(_filled(cells[i], points, rings, shape, float(areas[i])), points))
    return BoundaryText(content.header, tuple(plots))


def _usual(own: Family) -> list[str]:
    """The header of a layer that brings none."""
    about = data_toml("coordinate_text.toml")
    usual, keys = about["usual"], {code: names[0] for code, names in about["keys"].items()}
    values = _values(own) | {
        "precision": f"{10.0 ** -usual['decimals']:.{usual['decimals']}f}",
        "parameters": usual["parameters"],
    }
    return [f"{keys[code]}={values[code]}" for code in keys]


def _values(own: Family) -> dict[str, str]:
    about = data_toml("coordinate_text.toml")
    datum = next(d for d in about["datum"] if d["id"] == own.datum)
    return {
        "datum": datum["words"][0],
        "degrees": own.degrees or "",
        "projection": about["usual"]["projection"] if own.degrees else "",
        "unit": about["usual"]["metre" if own.degrees else "degree"],
        "zone": str(own.zone or ""),
    }


def _fitting(header: Sequence[str], own: Family) -> list[str]:
    """The lines as they are, but for a value that says another CRS than the frame's."""
    about = data_toml("coordinate_text.toml")
    content = BoundaryText(tuple(header))
    lines = list(header)
    for key, value in _values(own).items():
        if content.said(key) and _code(key, content.said(key)) != _code(key, value):
            names = "|".join(map(re.escape, about["keys"][key]))
            lines = [re.sub(rf"^(\s*(?:{names})\s*[=\uff1d]).*$", rf"\g<1>{value}", line) for line in lines]
    return lines


def _code(key: str, said: str) -> str | None:
    """What a value of the header means, so that two spellings of it are the same."""
    about = data_toml("coordinate_text.toml")
    if key == "datum":
        return code_of(said, {d["id"]: d["words"] for d in about["datum"]})
    if key in ("unit", "projection"):
        return code_of(said, about[f"{key}s"])
    return digits_of(said) or None


def _decimals(content: BoundaryText, own: Family) -> int:
    """Decimals of a coordinate: as the header's precision says, in metres (0.001) or in places (3)."""
    usual = data_toml("coordinate_text.toml")["usual"]
    if own.degrees is None:
        return int(usual["degree_decimals"])
    try:
        said = float(content.said("precision"))
    except ValueError:
        return int(usual["decimals"])
    places = round(-np.log10(said)) if 0 < said < 1 else int(said)
    return places if 0 < places <= 6 else int(usual["decimals"])


def _cells(frame: gpd.GeoDataFrame, given: Mapping[str, str]) -> list[dict[str, str]]:
    """What the frame says for each cell, row by row; further columns that a coordinate text brought come last."""
    about = data_toml("coordinate_text.toml")["plot"]
    further = re.compile(about["further"].format(number=r"\d+"))
    wanted = {
        name: [given[name]] if name in given else about["from"].get(name, [name]) for name in about["columns"]
    }
    wanted |= {str(c): [str(c)] for c in frame.columns if further.fullmatch(str(c))}
    taken = {n: next((c for c in names if c in frame.columns), None) for n, names in wanted.items()}
    for name, column in given.items():
        if name not in wanted or column not in frame.columns:
            raise ExportError("boundary_column", name=name, column=column, known="/".join(wanted))
    return [
        {name: _said(row[column]) if column else "" for name, column in taken.items()}
        for row in frame.drop(columns=frame.geometry.name).to_dict("records")
    ]


def _said(value: Any) -> str:
    """A value as a cell: on one line, and with a full-width comma, since a comma ends a cell."""
    if value is None or (not isinstance(value, list | tuple) and pd.isna(value)):
        return ""
    comma = data_toml("coordinate_text.toml")["written"]["comma"]
    return " ".join(str(value).replace(",", comma).split()).rstrip("@")


def _filled(
    cells: dict[str, str], points: Sequence[Point], rings: int, shape: shapely.Geometry | None, area: float
) -> tuple[str, ...]:
    about = data_toml("coordinate_text.toml")
    names, count = about["plot"], len(points)
    counted = cells[names["count"]] in {str(count), str(count - rings)}
    areal = shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")
    made = {
        names["count"]: cells[names["count"]] if counted else str(count),
        names["area"]: cells[names["area"]] or (f"{to_ha(area):.4f}" if areal and np.isfinite(area) else ""),
        names["shape"]: about["shapes"][_kind(shape)][0],
    }
    return tuple((cells | made).values())


def _kind(shape: shapely.Geometry | None) -> str:
    name = shape.geom_type if shape is not None else "Polygon"
    return "line" if "Line" in name else "point" if "Point" in name else "polygon"


def _points(shape: shapely.Geometry | None, decimals: int) -> tuple[Point, ...]:
    """Numbered through the plot; the closing point of a ring has the name of its first."""
    points: list[Point] = []
    number = 0
    for ring, places in points_of(shape) if shape is not None else []:
        first = f"J{number + 1}"
        closes = len(places) > 3 and bool((places[0] == places[-1]).all())
        for i, (east, north) in enumerate(places[:, :2]):
            if closes and i == len(places) - 1:
                name = first
            else:
                number += 1
                name = f"J{number}"
            points.append(Point(name, str(ring), f"{north:.{decimals}f}", f"{east:.{decimals}f}"))
    return tuple(points)
