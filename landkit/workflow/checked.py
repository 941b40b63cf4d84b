"""What the checks are handed: limits from the rules, rows from the layers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landkit.io.columns import role_fields
from landkit.model import Layer, Rule
from landkit.quality.neighbours import NeighbourLimits
from landkit.quality.rows import Rows
from landkit.quality.shapes import DrawingLimits


def neighbour_limits(rules: Mapping[str, Rule]) -> NeighbourLimits:
    """When neighbours are a finding."""
    return NeighbourLimits(
        overlap_m2=float(rules["check.overlap_m2"].value),
        alike_share=float(rules["check.alike_share"].value),
        gap_width_m=float(rules["check.gap_width_m"].value),
        gap_m2=float(rules["check.gap_m2"].value),
    )


def drawing_limits(rules: Mapping[str, Rule]) -> DrawingLimits:
    """When the way a shape is drawn is a finding."""
    return DrawingLimits(
        same_vertex_m=float(rules["check.same_vertex_m"].value),
        spike_degrees=float(rules["check.spike_degrees"].value),
        sliver_width_m=float(rules["check.sliver_width_m"].value),
    )


def rows_of(layer: Layer) -> Rows:
    """A layer as the checks take it: its ids (or the row's number), and which rows have an area."""
    frame = layer.frame
    name = next((n for n, f in role_fields(layer.role).items() if f["kind"] == "id" and n in frame), None)
    ids = frame[name] if name else pd.Series([str(i + 1) for i in frame.index], index=frame.index)
    usable = frame["area_m2"].notna() if "area_m2" in frame else pd.Series(True, index=frame.index)
    ids = ids.astype("object").where(ids.notna(), [f"@{int(i) + 1}" for i in frame.index])
    return Rows(layer.id, frame, ids.to_numpy(object), np.asarray(usable, dtype=bool))


def table_rows(key: str, role: str, table: pd.DataFrame) -> Rows:
    """A table as the checks take it: rows are called by their ids, of years and occupancies by all of them."""
    names = [n for n, f in role_fields(role).items() if f["kind"] == "id" and n in table]
    if role == "enterprise_years":
        names.append("year")
    if role == "enterprises":
        names = names[:1]
    ids = [" ".join(map(str, row)) for row in table[names].itertuples(index=False)]
    return Rows(key, table, np.array(ids, dtype=object), np.ones(len(table), dtype=bool))
