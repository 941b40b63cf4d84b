"""Several outlines of one place (多源界线): before one is proposed, they are compared, and an offset one steps back."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

import pyproj
import shapely

from landkit.errors import LandkitError
from landkit.geometry import polygons_of, repair_structure
from landkit.io.crs import reproject
from landkit.io.crs.outline import Comparison, compare_outlines
from landkit.io.vector import read_source
from landkit.model import Code, why
from landkit.workflow.proposal_source import Source

OUTLINES = ("boundary", "counties")
MOST_ROWS = 500  # more are no outlines of a city
MOST_FILES = 6


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
    return sorted(sources, key=lambda s: s.offset is not None)


def _outline(source: Source, folder: Path, goal: str) -> shapely.Geometry | None:
    """All ground of a layer in the working plane; None where it cannot be had."""
    try:
        frame = read_source(folder / source.path, layer=source.layer, encoding=source.encoding or None).frame
        frame, _ = reproject(frame, goal, layer=source.path)
    except LandkitError:
        return None
    shapes = repair_structure(frame.geometry)
    return polygons_of(shapely.union_all(np.asarray(shapes[shapes.notna()].array)))


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
