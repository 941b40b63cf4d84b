"""The rows of one layer as the checks take them: shapes, ids, which of them can be used; and findings made from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import geopandas as gpd
import shapely

from landkit.arrays import Flags
from landkit.model import NOWHERE, Finding, Place, Reason, finding

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Rows:
    """One layer or table to be checked: its frame (layers in the study CRS), the id of each row, whether it can be measured."""

    layer: str
    frame: pd.DataFrame
    ids: npt.NDArray[np.object_]
    usable: Flags

    @classmethod
    def of(cls, layer: str, frame: gpd.GeoDataFrame, ids: pd.Series[Any], usable: pd.Series[bool]) -> Rows:
        """From series on the frame's index."""
        return cls(layer, frame, ids.to_numpy(object), usable.to_numpy(bool))

    @property
    def shapes(self) -> npt.NDArray[np.object_]:
        """The geometries as an array; None for each row of a table."""
        if not isinstance(self.frame, gpd.GeoDataFrame):
            return np.full(len(self.frame), None, dtype=object)
        return np.asarray(self.frame.geometry.array, dtype=object)

    @property
    def crs(self) -> Any:
        """The CRS of a layer; None of a table."""
        return self.frame.crs if isinstance(self.frame, gpd.GeoDataFrame) else None

    def find(
        self,
        check: str,
        where: Flags | Positions,
        reason: Callable[[int], Reason],
        *,
        value: Callable[[int], object] | None = None,
        at: Callable[[int], Place] | None = None,
    ) -> list[Finding]:
        """A Finding for each of these rows (a mask or positions), at the middle of its shape where nothing nearer is known."""
        shapes = self.shapes
        positions = np.flatnonzero(where) if where.dtype == bool else where
        return [
            finding(
                self.layer,
                check,
                reason(int(i)),
                self.ids[i],
                value=value(int(i)) if value else "",
                at=at(int(i)) if at else middle(shapes[i]),
            )
            for i in positions
        ]


def middle(shape: shapely.Geometry | None) -> Place:
    """The middle of a shape's bounds, to the centimetre; NOWHERE where it has none."""
    if shape is None or shape.is_empty:
        return NOWHERE
    x0, y0, x1, y1 = shape.bounds
    return placed((x0 + x1) / 2, (y0 + y1) / 2)


def placed(x: float, y: float) -> Place:
    """A place, to the centimetre; NOWHERE where it is no number."""
    return (round(float(x), 2), round(float(y), 2)) if np.isfinite((x, y)).all() else NOWHERE
