"""The area of a line made ready to be cut out of many shapes, by the engine that pays for all of them together."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import pyproj

from landkit.arrays import Floats, Shapes
from landkit.geometry import ellipsoidal_m2
from landkit.overlay.engine import kernel_pays, one_line
from landkit.overlay.shapes import both
from landkit.overlay.shared import measured_m2
from landkit.overlay.union.dissolve import pieces_in_breach
from landkit.overlay.verdict.pieces import Pieces, measure_pieces

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer


@dataclass(frozen=True)
class LineArea:
    """Polygons that share no area and make up a line; `layer` is the same for the kernel, where the kernel pays.

    With a layer the polygons themselves are no longer needed and may be missing.
    """

    parts: Shapes
    layer: Layer | None


def area_of_line(shapes: Shapes, parts: Shapes, layer: Layer) -> LineArea:
    """The area of a line for these shapes and any part of them; `parts` as from `union_of`, not none, read as `layer`."""
    if kernel_pays(shapes, parts, None):
        return LineArea(np.empty(0, dtype=object), one_line(layer))
    return LineArea(parts, None)


class Shared(NamedTuple):
    """What shapes have on the forbidden side of a line (压占部分): the pieces, and in ellipsoidal m2 their areas and those of the
    shapes they are cut from; 0 where there is none.
    """

    piece: Pieces
    m2: Floats
    own_m2: Floats


def shared_with(
    shapes: Shapes, layer: Layer, area: LineArea, breach: str, crs: pyproj.CRS, workers: int | None = None
) -> Shared:
    """What of each shape breaks the line: lies inside its area, or outside it; `layer` are the shapes as they were read."""
    if area.layer is None:
        return _by_geos(shapes, area.parts, breach, crs, workers)
    return _by_kernel(shapes, layer, area.layer, breach, crs, workers)


def _by_geos(shapes: Shapes, parts: Shapes, breach: str, crs: pyproj.CRS, workers: int | None) -> Shared:
    piece = measure_pieces(pieces_in_breach(shapes, parts, breach, workers), workers)
    m2, own = np.zeros((2, len(shapes)))
    own[piece.there] = ellipsoidal_m2(shapes[piece.there], crs)
    whole = np.fromiter(map(operator.is_, piece.shapes, shapes), np.bool_, len(shapes))
    part = piece.there & ~whole
    m2[whole], m2[part] = own[whole], measured_m2(piece.shapes[part], crs)
    return Shared(piece, m2, own)


def _by_kernel(
    shapes: Shapes, layer: Layer, line: Layer, breach: str, crs: pyproj.CRS, workers: int | None
) -> Shared:
    """Pieces are measured as bytes while they are made into shapes; those of whole shapes are the shapes themselves."""
    from landkit.overlay.kernel.measuring import pieces_m2, sizes_of  # loads numba
    from landkit.overlay.kernel.pairs import Wanted, find_pairs, gathered

    found = find_pairs(layer, line, Wanted(side=breach), workers)
    whole = np.full(len(shapes), breach == "outside")
    whole[found.parcel] = found.whole if breach == "inside" else False
    rows, cut = np.flatnonzero(whole), np.flatnonzero(np.diff(found.pieces.start) > 0)
    at, place = found.parcel[cut], np.arange(len(rows) + len(cut))
    all_bytes = gathered(
        len(place), [(layer.wkb, rows, place[: len(rows)]), (found.pieces, cut, place[len(rows) :])]
    )
    wkt = crs.to_wkt()
    made, sizes = both(
        lambda: found.pieces.valid_rows(cut), lambda: sizes_of(all_bytes, wkt, workers), workers
    )
    pieces = np.full(len(shapes), None, dtype=object)
    pieces[rows], pieces[at] = shapes[rows], made
    m2, widest, own = np.zeros((3, len(shapes)))
    parts, width, there = np.zeros(len(shapes), np.int64), np.full(len(shapes), np.nan), np.append(rows, at)
    m2[there], parts[there], width[there], widest[there] = sizes
    own[rows] = m2[rows]
    own[at] = pieces_m2(gathered(len(at), [(layer.wkb, at, place[: len(at)])]), wkt, workers, valid=True)
    return Shared(Pieces(pieces, parts, width, widest), m2, own)
