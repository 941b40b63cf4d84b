"""The coverage ledger: every parcel against every line, also the lines nobody delivered, so that silence
shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.model import Verdict
from landkit.overlay.verdict.judging import KINDS, VERDICT_COLUMNS, blank_row


def missing_line(parcels_index: pd.Index) -> gpd.GeoDataFrame:
    """The verdicts of a line whose layer is missing (图层缺失): all `not_checked`, nothing measured.

    Same columns as `judge`, on the index given.
    """
    blank = blank_row("layer_missing")
    columns: dict[str, Any] = {
        name: np.full(len(parcels_index), blank[name], dtype=KINDS.get(name, np.float64))
        for name in VERDICT_COLUMNS
    }
    return gpd.GeoDataFrame(columns, geometry="geometry", index=parcels_index)


def coverage_ledger(lines: Mapping[str, pd.DataFrame | None], parcels_index: pd.Index) -> pd.DataFrame:
    """State of every parcel against every line (检查覆盖台账): one row per pair, none left out.

    `lines` gives for each line the frame of `judge`, or None where its layer is missing.  Out: `parcel`,
    `line`, `verdict`, `why`, in the order of the lines, then of the parcels.

    Raises: ValueError where a frame is not on the index of the parcels.
    """
    blocks = []
    for line, judged in lines.items():
        frame = missing_line(parcels_index) if judged is None else judged
        if not frame.index.equals(parcels_index):
            raise ValueError(f"the verdicts of {line} are not on the index of the parcels")
        states = {"verdict": frame["verdict"].to_numpy(), "why": frame["why"].to_numpy()}
        blocks.append(pd.DataFrame({"parcel": parcels_index, "line": line, **states}))
    columns = ["parcel", "line", "verdict", "why"]
    return pd.concat(blocks, ignore_index=True)[columns] if blocks else pd.DataFrame(columns=columns)


def coverage_counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """How many parcels each line found in each state, one row per line, one column per verdict; rows sum to
    the parcels.
    """
    order = [verdict.value for verdict in Verdict]
    lines = pd.unique(ledger["line"])
    return pd.crosstab(ledger["line"], ledger["verdict"]).reindex(index=lines, columns=order, fill_value=0)
