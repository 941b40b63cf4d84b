"""Mending shapes on request (图形修复): each repair is a row that says what it would change; large changes wait for a person."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.geometry import area_m2, ellipsoidal_m2, has_place, repair_structure
from landkit.model import column_of, why
from landkit.quality.rows import Rows, middle
from landkit.quality.shapes import why_invalid

COLUMNS = (
    "repair_id", "repair_state", "layer", "row", "repair_method", "reasons", "area_before_m2", "area_after_m2", "change_m2",
    "parts_before", "parts_after", "x", "y",
)  # fmt: skip


class RepairLimits(NamedTuple):
    """A repair may change the area by the larger of both; more is for a person to decide."""

    area_change_m2: float
    area_change_share: float


def plan_repairs(
    rows: Rows, limits: RepairLimits, accepted: Collection[str]
) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """The repairs that a layer of polygons needs, as rows, and its geometry with those that are applied.

    Areas are ellipsoidal, before as the rings are drawn (a bow-tie encloses as much as it takes away: 0).  `repair_state`:
    applied (within the limits), accepted (its id is in `accepted`), waiting (the shape stays as it is).
    """
    shapes = rows.shapes
    kinds = np.isin(shapely.get_type_id(shapes), (3, 6))
    bad = np.flatnonzero(kinds & has_place(shapes) & ~shapely.is_valid(shapes))
    mended = np.asarray(repair_structure(gpd.GeoSeries(shapes[bad], crs=rows.crs)).array, dtype=object)
    before = np.maximum(ellipsoidal_m2(shapes[bad], rows.crs), 0.0)
    after = np.nan_to_num(area_m2(gpd.GeoSeries(mended, crs=rows.crs)).to_numpy())
    table = pd.DataFrame(index=range(len(bad)), columns=list(COLUMNS))
    table["layer"], table["row"] = rows.layer, rows.ids[bad]
    table["repair_id"] = [
        _repair_id(rows.layer, row, shape) for row, shape in zip(table["row"], shapes[bad], strict=True)
    ]
    table["repair_method"] = "structure"
    said = [(why("repair_invalid", detail=why_invalid(shape)),) for shape in shapes[bad]]
    table["reasons"] = column_of(said)
    table["area_before_m2"], table["area_after_m2"] = before, after
    table["change_m2"] = after - before
    table["parts_before"] = shapely.get_num_geometries(shapes[bad])
    table["parts_after"] = shapely.get_num_geometries(mended)
    places = [middle(shape) for shape in shapes[bad]]
    table["x"], table["y"] = [p[0] for p in places], [p[1] for p in places]
    small = np.abs(after - before) <= np.maximum(limits.area_change_m2, limits.area_change_share * before)
    known = table["repair_id"].isin(set(accepted)).to_numpy(bool)
    table["repair_state"] = np.where(small, "applied", np.where(known, "accepted", "waiting"))
    done = small | known
    shapes = shapes.copy()
    shapes[bad[done]] = mended[done]
    return table, gpd.GeoSeries(shapes, index=rows.frame.index, crs=rows.crs)


def _repair_id(layer: str, row: object, shape: shapely.Geometry) -> str:
    """Of this shape and no other: a decision about it does not hold for what it becomes later."""
    about = f"{layer}\x1f{row}\x1f".encode("utf-8", "surrogatepass") + shapely.to_wkb(shape)
    return hashlib.sha256(about).hexdigest()[:12]
