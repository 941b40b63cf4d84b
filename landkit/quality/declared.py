"""Declared area (申报面积) of the plots of a coordinate text against the area that its points enclose."""

from __future__ import annotations

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.geometry import area_m2, planar_area_m2
from landkit.model import Code, Finding, finding, why
from landkit.text import data_toml
from landkit.units import FACTORS


def check_declared_areas(
    frame: gpd.GeoDataFrame, *, layer: str, differs_share: float, differs_m2: float
) -> list[Finding]:
    """Plots whose declared hectares are not their planar area in the file's own zone (申报面积与平面面积不符).

    The frame is as it was read from a coordinate text, in its own CRS; a difference of less than both limits is none.  An
    area that fits in another unit (m2, mu) is named with that unit; a blank one is no finding.
    """
    column = data_toml("coordinate_text.toml")["plot"]["area"]
    said = frame[column]
    declared = pd.to_numeric(said, errors="coerce").astype(float)
    measured = planar_area_m2(frame.geometry) if frame.crs.is_projected else area_m2(frame.geometry)
    limit = np.maximum(differs_m2, differs_share * measured)
    found: list[Finding] = []
    for number, (words, value, land, allowed) in enumerate(
        zip(said, declared, measured, limit, strict=True), 1
    ):
        if pd.isna(words) or not np.isfinite(land):
            continue
        fits = [u for u, factor in _UNITS.items() if abs(value * factor - land) <= allowed]
        if "ha" in fits:
            continue
        unit = Code("unit", fits[0]) if fits else None
        facts = {"said": words, "measured": f"{land / _UNITS['ha']:.4f}"}
        reason = why("boundary_area_unit", unit=unit, **facts) if unit else why("boundary_area", **facts)
        found.append(finding(layer, "boundary.area", reason, number, value=words))
    return found


_UNITS = {unit: FACTORS["m2"][unit] for unit in ("ha", "m2", "mu", "km2")}
