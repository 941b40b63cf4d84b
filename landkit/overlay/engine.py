"""Which engine does a job: GEOS for small ones, where loading compiled code would cost more than the job, and
the kernel for large ones.

Both give the same rows and, to a micrometre along an edge, the same pieces; the tests run over both.
"""

from __future__ import annotations

import functools
import importlib.util
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import pyproj
import shapely

from landkit.overlay.shapes import Shapes, array_of

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer

# Measured on 2 cores: up to here GEOS is done before the kernel's machine code is loaded (about 1 s).
KERNEL_FROM_PARCELS: Final = 20_000
KERNEL_FROM_VERTICES: Final = 400_000


def kernel_pays(parcels: Shapes, zones: Shapes, crs: object) -> bool:
    """Whether the kernel should do this job: large enough, in metres, and numba is there (选用引擎)."""
    if not _in_metres(crs) or not numba_is_there() or not len(parcels) or not len(zones):
        return False
    if len(parcels) >= KERNEL_FROM_PARCELS:
        return True
    return int(shapely.get_num_coordinates(parcels).sum() + shapely.get_num_coordinates(zones).sum()) >= (
        KERNEL_FROM_VERTICES
    )


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

    Raises: GeometryError that names how many are not usable, and the first one's label.
    """
    from landkit.overlay.kernel.reading import read_layer, wkb_from  # loads numba

    return read_layer(wkb_from(array_of(series)), name, list(series.index), workers)


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
    shapes = array_of(parcels)
    pieces = np.full(len(found.parcel), None, dtype=object)
    if geometry:
        pieces[found.whole] = shapes[found.parcel[found.whole]]
        part = np.flatnonzero(~found.whole)
        pieces[part] = found.pieces.rows(part)
    rows = {"parcel": found.parcel, "zone": found.zone, "area": found.area, "whole": found.whole}
    return pd.DataFrame(rows), pieces


def pieces_by_kernel(shapes: Shapes, parts: Shapes, side: str, workers: int | None) -> Shapes:
    """Of each shape what lies inside the area of all parts together, or outside it; None where nothing does."""
    from landkit.overlay.kernel.pairs import Wanted, find_pairs  # loads numba
    from landkit.overlay.kernel.reading import as_one, read_layer, wkb_from

    layer = read_layer(wkb_from(shapes), "parcels", workers=workers)
    line = as_one(read_layer(wkb_from(parts), "zones", workers=workers))
    found = find_pairs(layer, line, Wanted(side=side), workers)
    out = np.full(len(shapes), None, dtype=object) if side == "inside" else shapes.copy()
    out[found.parcel] = None
    if side == "inside":
        out[found.parcel[found.whole]] = shapes[found.parcel[found.whole]]
    part = np.flatnonzero(~found.whole)
    out[found.parcel[part]] = found.pieces.rows(part)
    return out
