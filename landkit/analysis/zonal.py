"""Zonal statistics (分区统计): what a raster's cells say of each parcel, weighted by the exact share of each cell.

Values arrive window by window; what is kept is a few numbers per parcel, so that memory does not grow with the raster.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landkit.arrays import Flags, Floats, Ints
from landkit.model import Reason, column_of, why


class Tally:
    """Sums over the cells of each parcel, still growing.

    `majority` is kept only where the values are whole numbers (classes): of measurements no two need be equal.
    """

    def __init__(self, count: int, *, whole: bool) -> None:
        """Of so many parcels, none seen yet."""
        self.cells, self.weight, self.total, self.weighted = np.zeros((4, count))
        self.no_data = np.zeros(count)
        self.least, self.most = np.full(count, np.inf), np.full(count, -np.inf)
        self._classes: pd.Series[float] | None = pd.Series(dtype=float) if whole else None

    def add(self, parcel: Ints, share: Floats, area: Floats, value: Floats, has_data: Flags) -> None:
        """Pairs of a parcel and a cell: the share of the cell that it covers, the cell's area, what the cell says."""
        count = len(self.cells)
        self.no_data += np.bincount(parcel[~has_data], weights=share[~has_data], minlength=count)
        parcel, share, area, value = parcel[has_data], share[has_data], area[has_data], value[has_data]
        self.cells += np.bincount(parcel, weights=share, minlength=count)
        self.weight += np.bincount(parcel, weights=share * area, minlength=count)
        self.total += np.bincount(parcel, weights=share * value, minlength=count)
        self.weighted += np.bincount(parcel, weights=share * area * value, minlength=count)
        np.minimum.at(self.least, parcel, value)
        np.maximum.at(self.most, parcel, value)
        if self._classes is not None:
            seen = pd.Series(share * area).groupby([parcel, value]).sum()
            self._classes = seen.add(self._classes, fill_value=0.0) if len(self._classes) else seen

    def table(self, size_cells: Floats, *, min_cells: float) -> pd.DataFrame:
        """One row per parcel; `size_cells` is how many cells large each parcel is.

        Columns: raster_mean (weighted by area), raster_sum (value x share of the cell), raster_min, raster_max,
        raster_majority (the class with most area, the lesser of equals), data_share and nodata_share of the parcel,
        cell_count (cells with data, parts counted as parts), too_small, reasons.
        """
        seen = self.cells > 0
        safe = np.where(seen, self.weight, 1.0)
        size = np.where(size_cells > 0, size_cells, np.nan)
        table = pd.DataFrame(
            {
                "raster_mean": np.where(seen, self.weighted / safe, np.nan),
                "raster_sum": np.where(seen, self.total, np.nan),
                "raster_min": np.where(seen, self.least, np.nan),
                "raster_max": np.where(seen, self.most, np.nan),
                "raster_majority": self._majority(),
                "data_share": np.minimum(self.cells / size, 1.0),
                "nodata_share": np.minimum(self.no_data / size, 1.0),
                "cell_count": self.cells,
                "too_small": self.cells < min_cells,
            }
        )
        table["reasons"] = column_of([_reasons(row, min_cells) for row in table.to_dict("records")])
        return table

    def _majority(self) -> Floats:
        out = np.full(len(self.cells), np.nan)
        if self._classes is not None and len(self._classes):
            ranked = self._classes.rename_axis(["parcel", "value"]).rename("area").reset_index()
            ranked = ranked.sort_values(["parcel", "area", "value"], ascending=[True, False, True])
            first = ranked.drop_duplicates("parcel")
            out[first["parcel"].to_numpy(dtype=np.int64)] = first["value"].to_numpy(dtype=float)
        return out


_WORTH_SAYING = 0.005  # of a parcel: what rounds to nothing on paper is not said


def _reasons(row: dict[Any, Any], min_cells: float) -> tuple[Reason, ...]:
    """What a reader must know before using a row; nothing where all is well."""
    if np.isnan(row["data_share"]):
        return (why("raster_no_shape"),)
    outside = 1.0 - row["data_share"] - row["nodata_share"]
    said = []
    if outside > _WORTH_SAYING:
        said.append(why("raster_outside", share=f"{outside:.0%}"))
    if row["nodata_share"] > _WORTH_SAYING:
        said.append(why("raster_nodata", share=f"{row['nodata_share']:.0%}"))
    if row["too_small"]:
        said.append(why("raster_too_small", cells=f"{row['cell_count']:.2f}", least=f"{min_cells:g}"))
    return tuple(said)


def by_raster(table: pd.DataFrame) -> pd.DataFrame:
    """One row per raster: parcels, those with data and those too small, least, mean (of the parcels by area) and most."""
    rows = []
    for key, part in table.groupby("raster", sort=False):
        seen = part[part["raster_mean"].notna()]
        land = seen["area_m2"] * seen["data_share"]
        rows.append(
            {
                "raster": key,
                "raster_name": part["raster_name"].iloc[0],
                "raster_unit": part["raster_unit"].iloc[0],
                "parcels": len(part),
                "parcels_measured": len(seen),
                "parcels_too_small": int(seen["too_small"].sum()),
                "raster_min": seen["raster_min"].min(),
                "raster_mean": (seen["raster_mean"] * land).sum() / land.sum() if len(seen) else np.nan,
                "raster_max": seen["raster_max"].max(),
            }
        )
    return pd.DataFrame(rows)
