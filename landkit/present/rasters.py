"""Intensity as a raster (强度栅格): a cloud-optimised GeoTIFF in memory, the same bytes for the same input.

Band 1 holds value per mu of the whole cell, so that cells add up to what the parcels add up to; band 2 the
share of the cell that has data, so that band 1 / band 2 is the intensity of the land itself.  Shares are
exact: each edge is cut at the grid lines, and the signed area beside each piece is summed along the row (no
sampling).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import geopandas as gpd
import rasterio
import rasterio.shutil
import shapely
from rasterio import Affine
from rasterio.io import MemoryFile

from landkit.errors import ExportError
from landkit.geometry import area_m2, repair_structure
from landkit.text import Lang, has_text, known_columns, text
from landkit.units import M2_PER_MU

NODATA: Final = -9999.0
MOST_CELLS: Final = 30_000_000
_COARSEST: Final = 16  # how many times the asked cell a raster may be coarsened to fit
_LEAST_SHARE: Final = 1e-6
_PIECES_AT_ONCE: Final = 4_000_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """North-up cells of one size; the origin stands on a whole multiple of the cell."""

    left: float
    top: float
    cell_m: float
    width: int
    height: int


def intensity_raster(
    frame: gpd.GeoDataFrame, column: str, *, cell_m: float, lang: Lang, tags: Mapping[str, str] | None = None
) -> bytes:
    """A raster of a per-mu column of parcels (地块) with a projected CRS in metres.

    Sum of cell value x cell area in mu = sum of parcel value x parcel area in mu (`area_m2` where the frame
    has it, else measured), within the precision of float32.  Parcels without a value count as without data,
    never as zero.  Where cells of `cell_m` would be too many the cell is doubled until they fit; tag CELL_M
    says what was used. `tags` go into the file (AS_OF, SYNTHETIC, STUDY).

    Raises: ExportError where there is no geometry, no metric CRS, or coordinates lie too far apart.
    """
    if not (math.isfinite(cell_m) and cell_m > 0):
        raise ExportError("raster_cell", cell_m=cell_m)
    if (
        frame.crs is None
        or not frame.crs.is_projected
        or frame.crs.axis_info[0].unit_conversion_factor != 1.0
    ):
        raise ExportError("raster_crs", column=column)
    shapes = _polygons(frame.geometry)
    grid = grid_of(shapes, cell_m=cell_m, column=column)
    values = frame[column].to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values) & ~shapely.is_missing(shapes)
    planar = shapely.area(shapes[known])
    land = _land_area(frame)[known]
    per_m2 = np.divide(values[known] * land / M2_PER_MU, planar, out=np.zeros(len(planar)), where=planar > 0)
    # the parcel's total over its drawn area, per mu of cell
    total, share = coverage(shapes[known], grid, weights=per_m2 * M2_PER_MU)
    covered = share > _LEAST_SHARE
    bands = np.stack([np.where(covered, total, NODATA), np.where(covered, share, NODATA)]).astype(np.float32)
    facts = {
        "COLUMN": column,
        "CELL_M": f"{grid.cell_m:g}",
        "CELL_M_ASKED": f"{cell_m:g}",
        "SYNTHETIC": "unknown",
        "PARCELS": str(len(frame)),
        "PARCELS_WITHOUT_VALUE": str(int(len(frame) - known.sum())),
        "NOTE": text("raster.note", lang),
        **(tags or {}),
    }
    return _cog(
        bands, grid, frame.crs, names=_names(column, lang), units=(_unit(column, lang), ""), tags=facts
    )


def grid_of(shapes: npt.NDArray[np.object_], *, cell_m: float, column: str = "") -> Grid:
    """The cells that cover all shapes, coarser than asked where they would be too many.

    Raises: ExportError where there is nothing to cover, or even coarse cells are too many.
    """
    left, bottom, right, top = shapely.total_bounds(shapes)
    if not np.isfinite([left, bottom, right, top]).all():
        raise ExportError("raster_no_geometry", column=column)
    cell = cell_m
    while cell <= cell_m * _COARSEST:
        west, south = math.floor(left / cell), math.floor(bottom / cell)
        width, height = max(1, math.ceil(right / cell) - west), max(1, math.ceil(top / cell) - south)
        if width * height <= MOST_CELLS:
            return Grid(west * cell, (south + height) * cell, cell, width, height)
        cell *= 2
    raise ExportError(
        "raster_too_large",
        column=column,
        cell_m=cell_m,
        cells=width * height,
        limit=MOST_CELLS,
        coarsest_m=cell_m * _COARSEST,
    )


def coverage(shapes: npt.NDArray[np.object_], grid: Grid, *, weights: Floats) -> tuple[Floats, Floats]:
    """Per cell: the sum of weight x covered share, and the covered share (overlapping shapes count twice).

    Exact up to rounding: the area of a polygon in a cell is the sum over its edges of the signed area
    between the edge and the right side of the cell, and the whole height of the edge for all cells further
    right.
    """
    known = ~shapely.is_missing(shapes)
    shapes = shapely.orient_polygons(shapes[known], exterior_cw=False)
    weights = np.asarray(weights, dtype=float)[known]
    cells = np.zeros((2, grid.height * (grid.width + 1)))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    sizes = shapely.get_num_coordinates(parts) if len(parts) else np.zeros(0, dtype=int)
    for chosen in np.split(np.arange(len(parts)), _breaks(parts, sizes, grid)):
        if len(chosen):
            _add_edges(cells, parts[chosen], weights[owner[chosen]], grid)
    sums = np.cumsum(cells.reshape(2, grid.height, grid.width + 1), axis=2)[:, :, :-1]
    return sums[0], sums[1]


def _breaks(parts: npt.NDArray[np.object_], sizes: npt.NDArray[Any], grid: Grid) -> npt.NDArray[np.int64]:
    """Where to split the work so that no step holds too many pieces of edges."""
    expected = sizes + 4 * shapely.length(parts) / grid.cell_m
    return np.flatnonzero(np.diff(np.floor(np.cumsum(expected) / _PIECES_AT_ONCE)) > 0) + 1


def _add_edges(cells: Floats, parts: npt.NDArray[np.object_], weights: Floats, grid: Grid) -> None:
    rings, owner = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = (xy[:, 0] - grid.left) / grid.cell_m, (grid.top - xy[:, 1]) / grid.cell_m
    inside = ring[1:] == ring[:-1]
    x0, y0, x1, y1 = x[:-1][inside], y[:-1][inside], x[1:][inside], y[1:][inside]
    edge_weight = weights[owner[ring[:-1][inside]]]
    edge, start, end = _cut_at_grid(x0, y0, x1, y1)
    dx, dy = (x1 - x0)[edge], (y1 - y0)[edge]
    middle = (start + end) / 2
    mid_x, mid_y = x0[edge] + dx * middle, y0[edge] + dy * middle
    col = np.clip(np.floor(mid_x).astype(np.int64), 0, grid.width - 1)
    row = np.clip(np.floor(mid_y).astype(np.int64), 0, grid.height - 1)
    height = dy * (end - start)  # rows count down: the left side of a counter-clockwise shell adds
    beside = height * (mid_x - col)
    place = row * (grid.width + 1) + col
    for band, weight in enumerate((edge_weight[edge], 1.0)):
        cells[band] += np.bincount(place, weights=(height - beside) * weight, minlength=cells.shape[1])
        cells[band] += np.bincount(place + 1, weights=beside * weight, minlength=cells.shape[1])


def _cut_at_grid(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Edges cut where they cross a grid line: (edge, start of the piece, its end), both from 0 to 1."""
    edges, places = [], []
    for a, b in ((x0, x1), (y0, y1)):
        low, high = np.floor(np.minimum(a, b)), np.floor(np.maximum(a, b))
        count = (high - low).astype(np.int64)
        edge = np.repeat(np.arange(len(a)), count)
        step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        line = low[edge] + 1 + step
        edges.append(edge)
        places.append((line - a[edge]) / (b - a)[edge])
    ends = np.arange(len(x0))
    edge = np.concatenate([*edges, ends, ends])
    place = np.clip(np.concatenate([*places, np.zeros(len(x0)), np.ones(len(x0))]), 0.0, 1.0)
    order = np.lexsort((place, edge))
    edge, place = edge[order], place[order]
    same = edge[1:] == edge[:-1]
    return edge[:-1][same], place[:-1][same], place[1:][same]


def _polygons(geometry: gpd.GeoSeries) -> npt.NDArray[np.object_]:
    """Valid polygons; what is no polygon or empty is None."""
    shapes = np.asarray(repair_structure(geometry).array, dtype=object)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    shapes[~areal] = None
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def _land_area(frame: gpd.GeoDataFrame) -> Floats:
    """Area of each parcel as the results count it."""
    if "area_m2" in frame.columns:
        return np.asarray(frame["area_m2"].to_numpy(dtype=float, na_value=np.nan))
    return np.asarray(area_m2(gpd.GeoSeries(_polygons(frame.geometry), crs=frame.crs)).to_numpy(dtype=float))


def _cog(
    bands: npt.NDArray[np.float32],
    grid: Grid,
    crs: Any,
    *,
    names: tuple[str, str],
    units: tuple[str, str],
    tags: Mapping[str, str],
) -> bytes:
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 2,
        "width": grid.width,
        "height": grid.height,
        "crs": crs.to_wkt(),
        "transform": Affine(grid.cell_m, 0.0, grid.left, 0.0, -grid.cell_m, grid.top),
        "nodata": NODATA,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
    }
    with rasterio.Env(GDAL_NUM_THREADS="1"), MemoryFile() as plain, MemoryFile(ext=".tif") as packed:
        with plain.open(**profile) as out:
            out.write(bands)
            out.descriptions = names
            out.units = units
            out.update_tags(**{k: str(v) for k, v in sorted(tags.items())})
        with plain.open() as source:
            options = {"compress": "DEFLATE", "predictor": "3", "level": "6", "blocksize": 256}
            overviews = {"overviews": "AUTO", "overview_resampling": "AVERAGE"}
            options = {"compress": "DEFLATE", "predictor": "3", "level": "6", "blocksize": 256}
            overviews = {"overviews": "AUTO", "overview_resampling": "AVERAGE"}
            rasterio.shutil.copy(
                source, packed.name, driver="COG", num_threads="1", bigtiff="IF_SAFER", **options, **overviews
            )
        packed.seek(0)
        return bytes(packed.read())


def _names(column: str, lang: Lang) -> tuple[str, str]:
    return str(known_columns().get(column, {}).get(lang, column)), text("raster.share", lang)


def _unit(column: str, lang: Lang) -> str:
    key = f"unit.{known_columns().get(column, {}).get('unit', '')}"
    return text(key, lang) if has_text(key) else ""
