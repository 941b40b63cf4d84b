"""Rasters of a study (栅格成果): cloud-optimised GeoTIFFs in memory, the same bytes for the same input.

What parcels hold is spread over the cells by the exact share of each cell that they cover, so that cells add up to what the
parcels add up to.  The last band is the share of the cell that has data: a cell without any is without data, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

import geopandas as gpd
import rasterio
import rasterio.shutil
import shapely
from rasterio import Affine
from rasterio.io import MemoryFile

from landkit.arrays import Flags, Floats, Shapes
from landkit.errors import ExportError
from landkit.geometry import area_m2, repair_structure
from landkit.geometry.cells import Grid, cover_cells
from landkit.model import StockStatus
from landkit.text import Lang, has_text, known_columns, text
from landkit.units import M2_PER_MU, to_ha

NODATA: Final = -9999.0
MOST_CELLS: Final = 30_000_000
_COARSEST: Final = 16  # how many times the asked cell a raster may be coarsened to fit
_LEAST_SHARE: Final = 1e-9
_CACHE_BYTES: Final = 64 * 2**20  # of blocks that GDAL keeps; it would take a twentieth of the machine
_STOCK: Final = (StockStatus.CONFIRMED, StockStatus.CANDIDATE)


class _Band(NamedTuple):
    """What a band holds, and in which unit."""

    cells: Floats
    name: str
    unit: str


def intensity_raster(
    frame: gpd.GeoDataFrame, column: str, *, cell_m: float, lang: Lang, tags: Mapping[str, str] | None = None
) -> bytes:
    """A raster of a per-mu column of parcels (强度栅格), in a projected CRS in metres.

    Band 1 is the value per mu of the whole cell, band 2 the share of the cell that has a value: band 1 / band 2 is the
    intensity of the land itself.  Sum of cell value x cell area in mu = sum of parcel value x parcel area in mu (`area_m2`
    where the frame has it, else measured).  Where cells of `cell_m` would be too many the cell is doubled until they fit;
    tag CELL_M says what was used.  `tags` go into the file (AS_OF, SYNTHETIC, STUDY).

    Raises: ExportError where there is no geometry, no metric CRS, or coordinates lie too far apart.
    """
    shapes, grid = _laid_out(frame, cell_m=cell_m, column=column)
    values = frame[column].to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values) & ~shapely.is_missing(shapes)
    totals, share = _spread(shapes, grid, known, [values * _land_area(frame) / M2_PER_MU])
    totals /= grid.cell_width * grid.cell_height / M2_PER_MU
    label = str(known_columns().get(column, {}).get(lang, column))
    bands = [_Band(totals[0], label, _unit(column, lang)), _Band(share, text("raster.share", lang), "")]
    facts = {
        "COLUMN": column,
        "PARCELS_WITHOUT_VALUE": str(int(len(frame) - known.sum())),
        "NOTE": text("raster.note", lang),
    }
    return _cog(bands, grid, frame.crs, tags=_tags(frame, grid, cell_m) | facts | dict(tags or {}))


def stock_raster(
    frame: gpd.GeoDataFrame, *, cell_m: float, lang: Lang, tags: Mapping[str, str] | None = None
) -> bytes:
    """A raster of how dense redevelopment stock lies (存量密度), from parcels with `stock_status` and `area_m2`.

    Band 1 is confirmed stock and band 2 candidate stock, both in ha per km2 of cell; band 3 the share of the cell whose
    parcels are decided.  Parcels that are undecided count as without data, never as no stock.  Sum of cell value x cell
    area in km2 = hectares of the parcels.  Cells and tags as in `intensity_raster`.

    Raises: ExportError as `intensity_raster`.
    """
    shapes, grid = _laid_out(frame, cell_m=cell_m, column="stock_status")
    status, land = frame["stock_status"].astype(str).to_numpy(), to_ha(_land_area(frame))
    known = (status != StockStatus.UNDECIDED) & np.isfinite(land) & ~shapely.is_missing(shapes)
    totals, share = _spread(shapes, grid, known, [np.where(status == s, land, 0.0) for s in _STOCK])
    totals /= grid.cell_width * grid.cell_height / 1_000_000
    unit = text("unit.ha_per_km2", lang)
    bands = [
        _Band(dense, text(f"raster.stock_{s}", lang), unit) for s, dense in zip(_STOCK, totals, strict=True)
    ]
    bands.append(_Band(share, text("raster.decided", lang), ""))
    facts = {
        "PARCELS_UNDECIDED": str(int(len(frame) - known.sum())),
        "NOTE": text("raster.stock_note", lang),
    }
    return _cog(bands, grid, frame.crs, tags=_tags(frame, grid, cell_m) | facts | dict(tags or {}))


def _laid_out(frame: gpd.GeoDataFrame, *, cell_m: float, column: str) -> tuple[Shapes, Grid]:
    """Valid polygons, and the cells over them.   Raises: ExportError."""
    if not (math.isfinite(cell_m) and cell_m > 0):
        raise ExportError("raster_cell", cell_m=cell_m)
    metric = frame.crs is not None and frame.crs.is_projected
    if not metric or frame.crs.axis_info[0].unit_conversion_factor != 1.0:
        raise ExportError("raster_crs", column=column)
    shapes = _polygons(frame.geometry)
    return shapes, grid_of(shapes, cell_m=cell_m, column=column)


def _spread(shapes: Shapes, grid: Grid, known: Flags, totals: Sequence[Floats]) -> tuple[Floats, Floats]:
    """What the known parcels hold, spread evenly over their drawn area: the sums in each cell, and its covered share."""
    planar = shapely.area(shapes[known])
    held = np.stack(totals)[:, known] * (grid.cell_width * grid.cell_height)
    return cover_cells(
        shapes[known], grid, weights=np.divide(held, planar, out=np.zeros(held.shape), where=planar > 0)
    )


def _tags(frame: gpd.GeoDataFrame, grid: Grid, cell_m: float) -> dict[str, str]:
    return {
        "CELL_M": f"{grid.cell_width:g}",
        "CELL_M_ASKED": f"{cell_m:g}",
        "SYNTHETIC": "unknown",
        "PARCELS": str(len(frame)),
    }


def grid_of(shapes: Shapes, *, cell_m: float, column: str = "") -> Grid:
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
            return Grid(west * cell, (south + height) * cell, cell, cell, width, height)
        cell *= 2
    raise ExportError(
        "raster_too_large",
        column=column,
        cell_m=cell_m,
        cells=width * height,
        limit=MOST_CELLS,
        coarsest_m=cell_m * _COARSEST,
    )


def _polygons(geometry: gpd.GeoSeries) -> Shapes:
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


def _cog(bands: Sequence[_Band], grid: Grid, crs: Any, *, tags: Mapping[str, str]) -> bytes:
    """The bands as one file, without data where the last of them, the share that has data, is nothing.

    Those cells are marked in the bands themselves.
    """
    bare = ~(bands[-1].cells > _LEAST_SHARE)
    profile = {
        "driver": "GTiff",
        "dtype": "float64",
        "count": len(bands),
        "width": grid.width,
        "height": grid.height,
        "crs": crs.to_wkt(),
        "transform": Affine(grid.cell_width, 0.0, grid.left, 0.0, -grid.cell_height, grid.top),
        "nodata": NODATA,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "sparse_ok": True,  # blocks without data take no room on the way
    }
    options = {"compress": "DEFLATE", "predictor": "3", "level": "6", "blocksize": 256}
    overviews = {"overviews": "AUTO", "overview_resampling": "AVERAGE"}
    with (
        rasterio.Env(GDAL_NUM_THREADS="1", GDAL_CACHEMAX=_CACHE_BYTES),
        MemoryFile() as plain,
        MemoryFile(ext=".tif") as packed,
    ):
        with plain.open(**profile) as out:
            for number, band in enumerate(bands, 1):
                band.cells[bare] = NODATA
                out.write(band.cells, number)
            out.descriptions = tuple(band.name for band in bands)
            out.units = tuple(band.unit for band in bands)
            out.update_tags(**{k: str(v) for k, v in sorted(tags.items())})
        with plain.open() as source:
            rasterio.shutil.copy(
                source, packed.name, driver="COG", num_threads="1", bigtiff="IF_SAFER", **options, **overviews
            )
        packed.seek(0)
        return bytes(packed.read())


def _unit(column: str, lang: Lang) -> str:
    key = f"unit.{known_columns().get(column, {}).get('unit', '')}"
    return text(key, lang) if has_text(key) else ""
