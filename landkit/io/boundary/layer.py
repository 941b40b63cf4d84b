"""Coordinate text as a layer: plots as rows, the cells of their rows as columns, their CRS decided or refused."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.arrays import Floats
from landkit.errors import CRSError, LayerError
from landkit.io.boundary.crs import Place, Told, decide_place, name_of
from landkit.io.boundary.rings import LEAST, open_ends, rings_of, shape_of
from landkit.io.boundary.text import BoundaryText, Plot, is_boundary_text, parse_boundary_text
from landkit.io.encoding.detect import USUAL, about_decision, decode
from landkit.model import Finding, Reading, finding, why
from landkit.text import data_toml

KIND = "boundary_text"


def read_boundary_text(words: str, *, path: str, crs: str | None = None, told: Told | None = None) -> Reading:
    """The plots of a coordinate text (坐标文本) as a layer: cells as text columns, shapes in the file's own zone.

    `facts` hold the header, axes, zone and CRS as decided.  Raises: LayerError, CRSError as parse and decide_place do.
    """
    if not is_boundary_text(words):
        raise LayerError("boundary_not", path=path)
    content = parse_boundary_text(words, path=path)
    plots = [(plot, _pairs(plot)) for plot in content.plots]
    filled = [pairs for _, pairs in plots if len(pairs)]
    if not filled:
        raise LayerError("boundary_empty", path=path)
    place = decide_place(content, filled, path=path, crs=crs, told=told or Told())
    findings = _about_header(content, place)
    shapes = []
    for number, (plot, pairs) in enumerate(plots, 1):
        kind = _kind(plot)
        rings = rings_of(plot.points, _eastings_first(pairs, place))
        shapes.append(shape_of(rings, kind))
        findings += _about_plot(plot, str(number), kind, [len(r.names) for r in rings], shapes[-1] is None)
        findings += [_gap(plot, str(number), gap) for gap in map(open_ends, rings) if gap is not None]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(_columns([p for p, _ in plots]), dtype=object), geometry=shapes, crs=place.crs
    )
    return Reading(frame, tuple(findings), _facts(content, place))


def read_boundary_file(path: Path, *, crs: str | None, encoding: str | None, told: Told | None) -> Reading:
    """A coordinate text file as a layer; its encoding is decided as that of any text."""
    words, decision = decode(path.read_bytes(), encoding, path=str(path))
    reading = read_boundary_text(words, path=str(path), crs=crs, told=told)
    return dataclasses.replace(
        reading,
        findings=(*about_decision(decision, usual=USUAL), *reading.findings),
        facts={**reading.facts, **decision.facts},
    )


def holds_boundary_text(path: Path) -> bool:
    """Whether a .txt holds coordinate text, and is no table.   Raises: LayerError where nobody can tell its encoding."""
    return is_boundary_text(decode(path.read_bytes(), None, path=str(path))[0])


def _pairs(plot: Plot) -> Floats:
    return np.array([(float(p.first), float(p.second)) for p in plot.points], dtype=float).reshape(-1, 2)


def _eastings_first(pairs: Floats, place: Place) -> Floats:
    east_north = pairs[:, ::-1] if place.axes == "northing_first" else pairs
    moved: Floats = east_north + np.array([place.shift_m, 0.0])
    return moved


def _cell(plot: Plot, column: str) -> str:
    columns = data_toml("coordinate_text.toml")["plot"]["columns"]
    place = columns.index(column)
    return plot.cells[place] if place < len(plot.cells) else ""


def _kind(plot: Plot) -> str:
    about = data_toml("coordinate_text.toml")
    said = _cell(plot, about["plot"]["shape"])
    return next((kind for kind, words in about["shapes"].items() if said in words), "polygon")


def _columns(plots: list[Plot]) -> dict[str, list[str | None]]:
    """The cells by the standard's names; cells beyond them get numbered names, so that none is lost."""
    about = data_toml("coordinate_text.toml")["plot"]
    width = max([len(about["columns"]), *(len(p.cells) for p in plots)])
    names = [*about["columns"]]
    names += [about["further"].format(number=i) for i in range(1, width - len(names) + 1)]
    return {
        name: [(p.cells[i] or None) if i < len(p.cells) else None for p in plots]
        for i, name in enumerate(names)
    }


def _facts(content: BoundaryText, place: Place) -> dict[str, Any]:
    about = data_toml("coordinate_text.toml")["plot"]
    return {
        "kind": KIND,
        "units": {about["area"]: about["area_unit"]},
        "header": list(content.header),
        "axes": place.axes,
        "zone": place.zone,
        "crs": name_of(place.crs),
        "plots": len(content.plots),
        "points": sum(len(p.points) for p in content.plots),
    }


def _about_header(content: BoundaryText, place: Place) -> list[Finding]:
    found: list[Finding] = []
    if place.axes == "easting_first":
        found.append(finding("", "boundary.axes", why("boundary_axes", crs=name_of(place.crs))))
    if place.shift_m:
        shown = why("boundary_shift", zone=place.zone, km=f"{place.shift_m / 1000:+,.0f}")
        found.append(finding("", "boundary.zone", shown))
    degrees = content.said("degrees")
    if place.zone and degrees[:1] in ("3", "6") and not _zone_has(place.zone, degrees[:1]):
        odd = why("boundary_degrees", degrees=degrees, zone=place.zone, crs=name_of(place.crs))
        found.append(finding("", "boundary.degrees", odd))
    given = [p for p in content.said("parameters").split(",") if p.strip() not in ("", "0")]
    if any(p.strip().strip("0.+-") for p in given):
        reason = why("boundary_parameters", value=content.said("parameters"))
        found.append(finding("", "boundary.parameters", reason))
    if place.datum not in (None, data_toml("coordinate_text.toml")["datum"][0]["id"]):
        found.append(finding("", "boundary.datum", why("boundary_old_datum", crs=name_of(place.crs))))
    return found


def _zone_has(zone: int, degrees: str) -> bool:
    china = data_toml("coordinate_text.toml")["china"]
    return bool(china["first_zone"][degrees] <= zone <= china["last_zone"][degrees])


def _about_plot(plot: Plot, row: str, kind: str, sizes: list[int], is_short: bool) -> list[Finding]:
    about = data_toml("coordinate_text.toml")["plot"]
    found: list[Finding] = []
    if is_short:
        reason = why("boundary_short", line=plot.line, points=len(plot.points), least=LEAST[kind])
        found.append(finding("", "boundary.short", reason, row))
    said = _cell(plot, about["count"])
    # the closing point of each ring is counted by some programs and not by others
    if said and said not in {str(sum(sizes)), str(sum(sizes) - len(sizes)), str(sum(sizes) + len(sizes))}:
        reason = why("boundary_count", said=said, counted=len(plot.points), line=plot.line)
        found.append(finding("", "boundary.count", reason, row, value=said))
    if any(p.further for p in plot.points):
        found.append(finding("", "boundary.further", why("boundary_further", line=plot.line), row))
    return found


def _gap(plot: Plot, row: str, gap: float) -> Finding:
    reason = why("boundary_open", line=plot.line, gap=f"{gap:.3f}")
    return finding("", "boundary.open", reason, row, value=f"{gap:.3f}")


def describe_boundary_file(path: Path) -> dict[str, Any]:
    """Header of a coordinate text: rows, CRS (None where it takes a study to decide), fields.

    Raises: LayerError where it is no coordinate text.
    """
    words, decision = decode(path.read_bytes(), None, path=str(path))
    if not is_boundary_text(words):
        raise LayerError("boundary_not", path=str(path))
    content = parse_boundary_text(words, path=str(path))
    filled = [_pairs(plot) for plot in content.plots if plot.points]
    crs = extent = None
    if filled:
        with contextlib.suppress(CRSError):
            place = decide_place(content, filled, path=str(path), crs=None, told=Told())
            crs = place.crs.to_string()
            corners = _eastings_first(np.concatenate(filled), place)
            extent = [float(v) for v in (*corners.min(axis=0), *corners.max(axis=0))]
    about = data_toml("coordinate_text.toml")["plot"]
    return {
        "layer": path.stem,
        "rows": len(content.plots),
        "crs": crs,
        "extent": extent,
        "fields": list(_columns(list(content.plots))),
        "units": {about["area"]: about["area_unit"]},
        "geometry": "Polygon",
        "encoding": decision.encoding,
        "encoding_by": decision.by,
    }
