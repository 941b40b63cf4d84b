"""Big areas cut down to what lies around each parcel, so that a 100,000-vertex line costs no more than a
small one.

The parcels are halved again and again along their longer side; at each step the area is cut to the box around
the parcels of that half.  A parcel's box lies well inside the box cut to, so intersection and difference with
the local area equal those with the whole area.
"""

from __future__ import annotations

import functools
import itertools
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Floats, Ints, Shapes
from landkit.overlay.shapes import areal, collected, in_blocks

FEW_VERTICES: Final = 500


def local_areas(shapes: Shapes, parts: Shapes, workers: int | None = None) -> Shapes:
    """For each shape the part of an area that lies in a box around it; None where there is none (局部控制区).

    `parts` are polygons that share no area and together make up the area; shapes and parts are valid and in
    one CRS.
    """
    out = np.empty(len(shapes), dtype=object)
    boxes = shapely.bounds(shapes)
    nodes = [(np.arange(len(shapes)), shapely.get_parts(parts))] if len(shapes) else []
    while nodes:
        done = in_blocks(functools.partial(_cut_all, boxes, nodes), len(nodes), workers, 4)
        nodes = []
        for rows, around in itertools.chain.from_iterable(done):
            if len(rows) == 1 or shapely.get_num_coordinates(around).sum() <= FEW_VERTICES:
                out[rows] = collected(around)
            else:
                nodes += [(half, around) for half in _halves(boxes, rows)]
    return out


def _cut_all(boxes: Floats, nodes: list[tuple[Ints, Shapes]], some: slice) -> list[tuple[Ints, Shapes]]:
    return [(rows, _cut(parts, _around(boxes[rows]))) for rows, parts in nodes[some]]


def _around(boxes: Floats) -> Floats:
    """The box around boxes, a little larger, so that the cut runs clear of what is in it."""
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    room = 0.01 * max(box[2] - box[0], box[3] - box[1]) + 1e4 * np.spacing(np.abs(box).max())
    return np.asarray(box + np.array([-room, -room, room, room]))


def _halves(boxes: Floats, rows: Ints) -> tuple[Ints, Ints]:
    centres = (boxes[rows, :2] + boxes[rows, 2:]) / 2
    axis = int(np.argmax(np.ptp(centres, axis=0)))
    order = rows[np.argsort(centres[:, axis], kind="stable")]
    return order[: len(order) // 2], order[len(order) // 2 :]


def _cut(parts: Shapes, box: Floats) -> Shapes:
    bounds = shapely.bounds(parts)
    parts = parts[((bounds[:, :2] <= box[2:]) & (bounds[:, 2:] >= box[:2])).all(axis=1)]
    bounds = shapely.bounds(parts)
    whole = ((bounds[:, :2] >= box[:2]) & (bounds[:, 2:] <= box[2:])).all(axis=1)
    cut = areal(shapely.intersection(parts[~whole], shapely.box(*box)))
    return np.concatenate([parts[whole], shapely.get_parts(cut)])
