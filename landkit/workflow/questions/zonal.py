"""The question of rasters (分区统计): what the cells of the study's rasters say of each parcel."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.analysis.zonal import Tally, by_raster
from landkit.arrays import Floats, Shapes
from landkit.errors import LayerError, StudyError
from landkit.geometry import area_m2
from landkit.geometry.cells import Grid, cells_of_shapes
from landkit.geometry.tiles import Tile, tiles_of_shapes
from landkit.io.crs import reproject
from landkit.io.raster import RasterBand
from landkit.model import Zonal
from landkit.study import RasterSpec
from landkit.workflow.common import Common
from landkit.workflow.reading.rasters import open_study_raster

_LONGEST_EDGE_M: Final = (
    1000.0  # an edge that is straight on the study's plane bends by less than 2 cm in another
)


def answer(common: Common) -> Zonal:
    """分区统计: one row per parcel x raster.   Raises: StudyError where the study names no rasters; LayerError, CRSError."""
    specs = common.ground.study.rasters
    if not specs:
        raise StudyError("study_without_rasters", file=common.ground.study.file.name)
    least = common.rule("zonal.min_cells")
    tables = []
    for done, (key, spec) in enumerate(specs.items()):
        common.progress("rasters", done, len(specs))
        tables.append(measure(common, key, spec, float(least.value)))
    common.progress("rasters", len(specs), len(specs))
    table = pd.concat(tables, ignore_index=True)
    worded = common.word(table, "zonal")
    shapes = np.tile(common.parcels.geometry.to_numpy(), len(specs))
    return Zonal(
        gpd.GeoDataFrame(worded, geometry=shapes, crs=common.parcels.crs),
        rules=(least,),
        layers=common.versions(lambda x: x.role == "parcels") | {k: s.version for k, s in specs.items()},
        tables={"by_raster": by_raster(table)},
    )


def measure(common: Common, key: str, spec: RasterSpec, min_cells: float) -> pd.DataFrame:
    """One raster on the parcels: a row for each, with reasons.   Raises: LayerError, CRSError."""
    parcels = common.parcels
    with open_study_raster(common.ground, key, spec) as band:
        shapes = _in_crs_of(band, parcels, key)
        _check_place(band, shapes, key)
        tally = Tally(len(shapes), whole=band.whole)
        for tile in tiles_of_shapes(band.grid, shapes):
            _add(tally, band, tile)
        size = shapely.area(shapes) / (band.grid.cell_width * band.grid.cell_height)
        found = tally.table(np.asarray(size, dtype=float), min_cells=min_cells)
        unit = spec.unit or band.unit
    said = {
        "parcel_id": parcels.index,
        "park_id": common.park_of.to_numpy(),
        "area_m2": parcels["area_m2"].to_numpy(dtype=float),
        "raster": key,
        "raster_name": (spec.zh if common.lang == "zh" else spec.en) or key,
        "raster_unit": unit,
    }
    return pd.DataFrame(said).join(found)


def _in_crs_of(band: RasterBand, parcels: gpd.GeoDataFrame, key: str) -> Shapes:
    """The parcels that could be measured, in the raster's system: the raster itself is never resampled."""
    good = parcels.geometry.where(parcels["area_m2"].notna())
    fine = gpd.GeoSeries(shapely.segmentize(good.to_numpy(), _LONGEST_EDGE_M), crs=parcels.crs)
    moved, _ = reproject(gpd.GeoDataFrame(geometry=fine), band.crs.to_wkt(), layer=key)
    return np.asarray(moved.geometry.array, dtype=object)


def _check_place(band: RasterBand, shapes: Shapes, key: str) -> None:
    """Raises: LayerError where the raster lies elsewhere: its CRS is wrong, or it is another city's."""
    extent = band.grid.box
    if not shapely.intersects(extent, shapes).any():
        places = [" ".join(f"{v:.6g}" for v in box) for box in (extent.bounds, shapely.total_bounds(shapes))]
        raise LayerError(
            "raster_elsewhere", layer=key, crs=band.crs.name, raster=places[0], parcels=places[1]
        )


def _add(tally: Tally, band: RasterBand, tile: Tile) -> None:
    """What the cells of one tile say of the parcels in it."""
    values, has_data = band.read(tile.row, tile.column, tile.grid.height, tile.grid.width)
    area = _row_areas(band, tile.grid)
    for found in cells_of_shapes(tile.shapes, tile.grid):
        at: tuple[Any, Any] = found.row, found.column
        tally.add(tile.places[found.shape], found.share, area[found.row], values[at], has_data[at])


def _row_areas(band: RasterBand, grid: Grid) -> Floats:
    """The area of a cell in each row: cells in degrees shrink towards the pole, those of a plane are alike."""
    if not band.crs.is_geographic:
        return np.ones(grid.height)
    edges = grid.top - np.arange(grid.height + 1) * grid.cell_height
    boxes = shapely.box(grid.left, edges[1:], grid.left + grid.cell_width, edges[:-1])
    return np.asarray(area_m2(gpd.GeoSeries(boxes, crs=band.crs)).to_numpy(dtype=float))
