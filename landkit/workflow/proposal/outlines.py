"""Outlines of a city and its counties (市县界线): several of one place are compared, a city among its counties is told apart."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np

import geopandas as gpd
import pyproj
import shapely

from landkit.errors import LandkitError
from landkit.geometry import polygons_of, repair_structure
from landkit.io.crs import reproject
from landkit.io.crs.outline import Comparison, compare_outlines
from landkit.io.vector import read_source
from landkit.model import Code, why
from landkit.workflow.proposal.source import Source

OUTLINES = ("boundary", "counties")
MOST_ROWS = 500  # more are no outlines of a city
MOST_FILES = 6
WHOLE_SHARE = 0.02  # a row within this share of the sum of the others is the whole of them
LABEL_OF_WEB_MAPS = 4326


def compare_rivals(sources: list[Source], folder: Path, goal: str) -> list[Source]:
    """The sources, those whose outline lies off another's by a web map's offset last, each with what was found."""
    rivals = [s for s in sources if s.role in OUTLINES and s.geometry == "polygon" and s.rows <= MOST_ROWS][
        :MOST_FILES
    ]
    if len(rivals) < 2:
        return sources
    areas = [_outline(s, folder, goal) for s in rivals]
    crs = pyproj.CRS.from_user_input(goal)
    for i, j in itertools.combinations(range(len(rivals)), 2):
        one, other = areas[i], areas[j]
        if one is not None and other is not None:
            _note(rivals[i], rivals[j], compare_outlines(one, other, crs))
    return sorted(sources, key=lambda s: (s.offset is not None, s in rivals and _is_of_web_maps(s)))


def _is_of_web_maps(source: Source) -> bool:
    frame = pyproj.CRS.from_user_input(source.crs).geodetic_crs if source.crs else None
    return frame is not None and frame.to_epsg() == LABEL_OF_WEB_MAPS


def city_among(counties: Source, folder: Path, goal: str) -> Source | None:
    """The city that stands as one more row among its counties (市与县同层): the counties then leave it out with `where`,
    and it becomes the study area.  None where no row is all the others together.
    """
    key = next((c for c, ours in counties.fields.items() if ours == "county_id"), None)
    frame = _in_plane(counties, folder, goal) if key and counties.geometry == "polygon" else None
    if frame is None or not 3 <= len(frame) <= MOST_ROWS or frame[key].isna().any():
        return None
    area = frame.geometry.area
    largest = area.idxmax()
    rest = area.drop(largest).sum()
    if abs(area[largest] - rest) > WHOLE_SHARE * rest:
        return None
    ids = frame[key].astype(str)
    counties.where = {str(key): list(ids.drop(largest))}
    return dataclasses.replace(
        counties,
        role="boundary",
        fields={},
        where={str(key): [ids[largest]]},
        units={},
        rivals={},
        schema="",
        rows=1,
    )


def _outline(source: Source, folder: Path, goal: str) -> shapely.Geometry | None:
    """All ground of a layer in the working plane; None where it cannot be had."""
    frame = _in_plane(source, folder, goal)
    if frame is None:
        return None
    return polygons_of(shapely.union_all(np.asarray(frame.geometry.array)))


def _in_plane(source: Source, folder: Path, goal: str) -> gpd.GeoDataFrame | None:
    """The rows of a layer that have a shape, mended, in the working plane; None where they cannot be had."""
    try:
        frame = read_source(folder / source.path, layer=source.layer, encoding=source.encoding or None).frame
        frame, _ = reproject(frame, goal, layer=source.path)
    except LandkitError:
        return None
    frame = frame[frame.geometry.notna()]
    return frame.set_geometry(repair_structure(frame.geometry))


def _note(one: Source, other: Source, found: Comparison) -> None:
    """The offset one of two, with the shift from the other; nothing where they differ honestly."""
    if found.cause == "other_ground":
        return
    one.compared = other.compared = True
    if found.cause in ("none", "shift"):
        return
    of_other = found.cause.startswith("control_")
    wrong, right = (other, one) if of_other else (one, other)
    sign = -1 if of_other else 1
    system = found.cause.removeprefix("control_")
    wrong.offset = why(
        "ask_offset",
        other=right.path,
        metres=f"{found.distance_m:,.0f}",
        east=f"{sign * found.east_m:+,.0f}",
        north=f"{sign * found.north_m:+,.0f}",
        system=Code("place", system),
        convert=system,
    )
