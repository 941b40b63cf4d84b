"""The checks of a first reading: geometry, ids, dates, areas.  Each gives Findings; none changes a frame."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import geopandas as gpd
import shapely

from landkit.checklist import SEVERITIES
from landkit.geometry import has_place
from landkit.model import NOWHERE, Code, Finding, Place, Reason, finding, why

# pairs of parcel dates that must come in this order
DATE_ORDER = (
    ("approval_date", "supply_date"),
    ("supply_date", "handover_date"),
    ("supply_date", "start_due_date"),
    ("start_date", "completion_date"),
    ("start_date", "suspended_from"),
    ("suspended_from", "suspended_to"),
)


def check_geometry(
    frame: gpd.GeoDataFrame, ids: pd.Series[Any], *, layer: str
) -> tuple[list[Finding], pd.Series[bool]]:
    """Null, empty, not-finite, wrong-kind and invalid geometry; and which rows may be measured and compared."""
    shapes: npt.NDArray[np.object_] = np.asarray(frame.geometry.array, dtype=object)
    null = shapely.is_missing(shapes)
    empty = ~null & shapely.is_empty(shapes)
    finite = has_place(shapes)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    lines = np.isin(shapely.get_type_id(shapes), (1, 5))
    wanted = lines if lines.sum() > areal.sum() else areal
    valid = np.ones(len(shapes), dtype=bool)
    rest = ~null & ~empty
    valid[rest] = shapely.is_valid(shapes[rest])
    bad = rest & finite & wanted & ~valid

    def say(
        check: str,
        which: npt.NDArray[np.bool_],
        reason: Callable[[Any], Reason],
        place: Callable[[Any], Place] | None = None,
    ) -> list[Finding]:
        rows = np.flatnonzero(which)
        at = place or _place
        return [finding(layer, check, reason(shapes[i]), ids.iloc[i], at=at(shapes[i])) for i in rows]

    findings = [
        *say("geometry.null", null, lambda _: why("geometry_null")),
        *say("geometry.empty", empty, lambda _: why("geometry_empty")),
        *say("geometry.not_finite", rest & ~finite, lambda _: why("geometry_not_finite")),
        *say("geometry.kind", rest & ~wanted, lambda s: why("geometry_kind", kind=s.geom_type)),
        *say(
            "geometry.invalid", bad, lambda s: why("geometry_invalid", detail=_why_invalid(s)), _invalid_place
        ),
    ]
    usable = rest & finite & wanted & valid
    return findings, pd.Series(usable, index=frame.index)


def _why_invalid(shape: shapely.Geometry) -> str:
    return str(shapely.is_valid_reason(shape)).split("[")[0].strip()


def _invalid_place(shape: shapely.Geometry) -> Place:
    """Where a shape is invalid, as GEOS says it in brackets; the middle of the shape where it does not."""
    said = re.search(r"\[(-?[\d.e+]+) (-?[\d.e+]+)\]", str(shapely.is_valid_reason(shape)))
    return (round(float(said[1]), 2), round(float(said[2]), 2)) if said else _place(shape)


def _place(shape: shapely.Geometry | None) -> Place:
    if shape is None or shape.is_empty:
        return NOWHERE
    x0, y0, x1, y1 = shape.bounds
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    return (round(middle[0], 2), round(middle[1], 2)) if np.isfinite(middle).all() else NOWHERE


def check_repaired(
    before: gpd.GeoSeries, after: gpd.GeoSeries, ids: pd.Series[Any], *, layer: str
) -> list[Finding]:
    """One note per repaired row: area before and after, in planar metres of the CRS."""
    shapes = np.asarray(before.array, dtype=object)
    changed = ~shapely.is_missing(shapes) & has_place(shapes) & ~shapely.is_valid(shapes)
    return [
        finding(
            layer,
            "geometry.repaired",
            why(
                "geometry_repaired",
                before=f"{abs(before.iloc[i].area):,.2f}",
                after=f"{after.iloc[i].area if after.iloc[i] is not None else 0:,.2f}",
            ),
            ids.iloc[i],
            at=_place(after.iloc[i]),
        )
        for i in np.flatnonzero(changed)
    ]


def check_inside(
    frame: gpd.GeoDataFrame,
    ids: pd.Series[Any],
    usable: pd.Series[bool],
    area: shapely.Geometry,
    *,
    layer: str,
) -> list[Finding]:
    """Rows that lie wholly outside the study area: another place, or another coordinate system."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    shapely.prepare(area)
    out = np.zeros(len(shapes), dtype=bool)
    out[usable.to_numpy()] = ~shapely.intersects(area, shapes[usable.to_numpy()])
    return [
        finding(layer, "geometry.outside_study", why("outside_study"), ids.iloc[i], at=_place(shapes[i]))
        for i in np.flatnonzero(out)
    ]


def check_parcels(
    parcels: gpd.GeoDataFrame, as_of: datetime.date, *, layer: str, differs_share: float, overlap_m2: float
) -> list[Finding]:
    """Dates in order and not in the future, areas that agree, parcels that lie on each other."""
    found = [*_dates(parcels, as_of, layer), *_areas(parcels, layer, differs_share)]
    return [*found, *_overlapping(parcels, layer, overlap_m2)]


def _dates(parcels: gpd.GeoDataFrame, as_of: datetime.date, layer: str) -> list[Finding]:
    findings = []
    names = [n for n in {n for pair in DATE_ORDER for n in pair} if n in parcels.columns]
    for name in sorted(names):
        if name == "start_due_date":
            continue  # a start may well be due after the study day
        late = parcels[name] > pd.Timestamp(as_of)
        findings += _rows(
            parcels,
            late,
            layer,
            "dates.future",
            lambda i, n=name: why("date_future", column=Code("column", n), day=f"{parcels[n][i]:%Y-%m-%d}"),
        )
    for first, second in DATE_ORDER:
        if first in parcels.columns and second in parcels.columns:
            wrong = parcels[second] < parcels[first]
            findings += _rows(
                parcels,
                wrong,
                layer,
                "dates.order",
                lambda _, a=first, b=second: why(
                    "date_order", first=Code("column", a), second=Code("column", b)
                ),
            )
    return findings


def _areas(parcels: gpd.GeoDataFrame, layer: str, differs_share: float) -> list[Finding]:
    if "registered_area_m2" not in parcels.columns:
        return []
    said, measured = parcels["registered_area_m2"].astype(float), parcels["area_m2"].astype(float)
    off = (said / measured - 1).abs() > differs_share
    return _rows(
        parcels,
        off & said.notna(),
        layer,
        "area.registered",
        lambda i: why(
            "area_differs",
            said=f"{said[i]:,.1f}",
            measured=f"{measured[i]:,.1f}",
            share=f"{(said[i] / measured[i] - 1) * 100:+.0f} %",
        ),
    )


def _overlapping(parcels: gpd.GeoDataFrame, layer: str, more_than_m2: float) -> list[Finding]:
    good = parcels[parcels["area_m2"].notna()]
    shapes = np.asarray(good.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="overlaps")
    c, d = tree.query(shapes, predicate="covers")
    pairs = {
        (min(i, j), max(i, j))
        for i, j in zip(np.concatenate([a, c]), np.concatenate([b, d]), strict=True)
        if i != j
    }
    findings = []
    for i, j in sorted(pairs):
        shared = shapely.area(shapely.intersection(shapes[i], shapes[j]))
        if shared > more_than_m2:
            other = str(good["parcel_id"].iloc[j])
            findings.append(
                finding(
                    layer,
                    "overlap.parcels",
                    why("parcels_overlap", other=other, area=f"{shared:,.1f}"),
                    good["parcel_id"].iloc[i],
                    value=other,
                    at=_place(shapes[i]),
                )
            )
    return findings


def _rows(
    parcels: gpd.GeoDataFrame, which: pd.Series[bool], layer: str, check: str, reason: Any
) -> list[Finding]:
    return [
        finding(layer, check, reason(i), parcels["parcel_id"][i], at=_place(parcels.geometry[i]))
        for i in parcels.index[which.fillna(False).to_numpy(bool)]
    ]


def check_repeated(ids: pd.Series[Any]) -> list[str]:
    """Ids that stand on more than one row."""
    return sorted(map(str, ids[ids.duplicated()].dropna().unique()))


def check_lines_apart(named: Sequence[tuple[str, str, float]], *, overlap_m2: float) -> list[Finding]:
    """The three lines must not overlap (不交叉不重叠不冲突): `named` holds two line ids and their shared m2."""
    return [
        finding(
            "control_lines",
            "lines.overlap",
            why("lines_overlap", first=Code("line", a), second=Code("line", b), area=f"{m2 / 1e4:,.2f}"),
        )
        for a, b, m2 in named
        if m2 > overlap_m2
    ]


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table, gravest first, then in their order."""
    columns = ["severity", "layer", "row", "check", "value", "x", "y", "reasons"]
    rows = [(f.severity, f.layer, f.row, f.check, f.value, f.x, f.y, (f.reason,)) for f in findings]
    table = pd.DataFrame(rows, columns=columns)
    order = sorted(range(len(table)), key=lambda i: (SEVERITIES.index(str(table["severity"][i])), i))
    return table.iloc[order].reset_index(drop=True)
