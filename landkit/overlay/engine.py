"""Which engine does a job: GEOS for small ones, where loading compiled code would cost more than the job, and
the kernel for large ones.

Both give the same rows and, to a micrometre along an edge, the same pieces; the tests run over both.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyproj
import shapely

from landkit.arrays import Ints, Shapes
from landkit.overlay.shapes import array_of

if TYPE_CHECKING:
    from landkit.overlay.kernel.pairs import Found
    from landkit.overlay.kernel.reading import Layer

# Loading the kernel takes 0.8 s of a processor.  Measured: so long GEOS takes for 50,000 parcels and plain zones,
# or for a line of some 600,000 vertices, however few the parcels.
KERNEL_FROM_PARCELS: Final = 50_000
KERNEL_FROM_VERTICES: Final = 600_000
# For single pairs GEOS is as quick where the zones are plain: it needs so much longer for each vertex of a zone, and
# for each vertex and parcel (measured on made red lines, towns and farmland, 200 to 150,000 parcels).
LOADING_S: Final = 0.75
VERTEX_S: Final = 1.5e-7
VERTEX_AND_PARCEL_S: Final = 5e-11
PAIRS_FROM_TIMES: Final = 4  # times KERNEL_FROM_PARCELS: from there on any zones


def kernel_pays(parcels: Shapes, zones: Shapes, crs: object) -> bool:
    """Whether the kernel should do this job: large enough, in metres, and numba is there (选用引擎)."""
    return _is_large(parcels, zones) and _in_metres(crs) and numba_is_there()


def _is_large(parcels: Shapes, zones: Shapes) -> bool:
    if not len(parcels) or not len(zones):
        return False
    if len(parcels) >= KERNEL_FROM_PARCELS:
        return True
    return int(shapely.get_num_coordinates(parcels).sum() + shapely.get_num_coordinates(zones).sum()) >= (
        KERNEL_FROM_VERTICES
    )


def kernel_pays_for_pairs(parcels: Shapes, zones: Shapes, crs: object) -> bool:
    """The same where only the pairs of parcels and zones are asked for: what it saves must be worth loading it."""
    saved_s = shapely.get_num_coordinates(zones).sum() * (VERTEX_S + VERTEX_AND_PARCEL_S * len(parcels))
    saves = len(parcels) >= PAIRS_FROM_TIMES * KERNEL_FROM_PARCELS or bool(saved_s > LOADING_S)
    return saves and kernel_pays(parcels, zones, crs)


def _in_metres(crs: object) -> bool:
    """The kernel's tolerances are in metres; None stands for metres too."""
    if not isinstance(crs, pyproj.CRS):
        return crs is None
    return crs.is_projected and crs.axis_info[0].unit_conversion_factor == 1


@functools.cache
def numba_is_there() -> bool:
    """Whether the compiler of the kernel can be loaded on this machine."""
    return importlib.util.find_spec("numba") is not None


def layer_of(series: gpd.GeoSeries, name: str, workers: int | None) -> Layer:
    """The polygons of a series, checked and laid out for the kernel.

    Raises: GeometryError that names how many are not usable, and the first ones' labels.
    """
    from landkit.overlay.kernel.reading import read_layer, wkb_from  # loads numba

    return read_layer(wkb_from(array_of(series), workers), name, series.index.__getitem__, workers)


def pairs_by_kernel(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, *, geometry: bool, workers: int | None
) -> tuple[pd.DataFrame, Shapes]:
    """Pairs of two layers as a frame of `parcel`, `zone` (positions), `area`, `whole`, and their pieces.

    A parcel that lies wholly in a zone is given back itself; without geometry the pieces are all None.

    Raises: GeometryError.
    """
    from landkit.overlay.kernel.pairs import Wanted, find_pairs  # loads numba

    layers = layer_of(parcels, "parcels", workers), layer_of(zones, "zones", workers)
    found = find_pairs(*layers, Wanted(geometry=geometry), workers)
    pieces = _pieces(found, array_of(parcels), geometry=geometry)
    rows = {"parcel": found.parcel, "zone": found.zone, "area": found.area, "whole": found.whole}
    return pd.DataFrame(rows), pieces


def lines_by_kernel(shapes: Shapes, lines: Sequence[Shapes], side: str, workers: int | None) -> list[Shapes]:
    """Of each shape what lies inside the area of each line, or outside it; None where nothing does.

    A line is the polygons it is made of, which share no area.
    """
    from landkit.overlay.kernel.pairs import Wanted, find_pairs  # loads numba

    none = np.full(len(shapes), None, dtype=object)
    out = [(none if side == "inside" else shapes).copy() for _ in lines]
    drawn = [k for k, parts in enumerate(lines) if len(parts)]
    layer = read_shapes(shapes, "parcels", workers)
    found = find_pairs(layer, as_lines([lines[k] for k in drawn], workers), Wanted(side=side), workers)
    pieces = _pieces(found, shapes if side == "inside" else none, geometry=True)
    for at, k in enumerate(drawn):
        mine = found.zone == at
        out[k][found.parcel[mine]] = pieces[mine]
    return out


def line_and_zones_by_kernel(
    shapes: Shapes, parts: Shapes, zones: gpd.GeoSeries, workers: int | None
) -> tuple[Shapes, pd.DataFrame, Shapes]:
    """What of each shape lies in a line, and what in each of its zones, from one walk.

    `parts` are the line's polygons, as from `union_of(zones)`.  Gives the pieces in the line (None where
    none), then the pairs with single zones (`parcel`, `zone`: positions) and their pieces.
    """
    from landkit.overlay.kernel.pairs import Wanted, find_pairs  # loads numba
    from landkit.overlay.kernel.reading import stacked

    layer = read_shapes(shapes, "parcels", workers)
    both = stacked([layer_of(zones, "zones", workers), as_lines([parts], workers)])
    found = find_pairs(layer, both, Wanted(), workers)
    pieces = _pieces(found, shapes, geometry=True)
    of_line = found.zone == len(zones)
    inside = np.full(len(shapes), None, dtype=object)
    inside[found.parcel[of_line]] = pieces[of_line]
    rows = pd.DataFrame({"parcel": found.parcel[~of_line], "zone": found.zone[~of_line]})
    return inside, rows, pieces[~of_line]


def as_lines(lines: Sequence[Shapes], workers: int | None) -> Layer:
    """Each line as one polygon of many parts, read once to be met by any number of shapes."""
    from landkit.overlay.kernel.reading import stacked  # loads numba

    return stacked([one_line(read_shapes(parts, "zones", workers)) for parts in lines])


def one_line(layer: Layer) -> Layer:
    """The polygons of a line, read one by one, as the one polygon that `as_lines` makes of them."""
    from landkit.overlay.kernel.reading import as_one  # loads numba

    return as_one(layer)


def read_usable_shapes(shapes: Shapes, workers: int | None) -> tuple[Ints, Layer]:
    """Which of the shapes are usable (`shapes.usable`), and those read for the kernel."""
    from landkit.overlay.kernel.reading import read_usable, wkb_from  # loads numba

    return read_usable(wkb_from(shapes, workers), workers)


def read_shapes(shapes: Shapes, name: str, workers: int | None) -> Layer:
    """Shapes that are usable, read for the kernel.

    Raises: GeometryError where one is not.
    """
    from landkit.overlay.kernel.reading import read_layer, wkb_from  # loads numba

    return read_layer(wkb_from(shapes, workers), name, workers=workers)


def _pieces(found: Found, shapes: Shapes, *, geometry: bool) -> Shapes:
    """The pieces of the pairs as shapes; those of parcels that lie wholly in a zone are taken from `shapes`."""
    pieces = np.full(len(found.parcel), None, dtype=object)
    if geometry:
        pieces[found.whole] = shapes[found.parcel[found.whole]]
        there = np.flatnonzero(np.diff(found.pieces.start) > 0)
        pieces[there] = found.pieces.valid_rows(there)
    return pieces
