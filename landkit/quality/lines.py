"""Checks of control lines (控制线): against each other, old and new in one layer, older than the rule they serve."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable, Sequence

import numpy as np

import shapely

from landkit.model import Code, Finding, Layer, Rule, finding, why
from landkit.quality.neighbours import SharedGround
from landkit.quality.rows import Rows

_WRITTEN_DAY = re.compile(r"(?<!\d)(19|20)(\d{2})(?:\D?(0[1-9]|1[0-2])(?:\D?(0[1-9]|[12]\d|3[01]))?)?")


def check_lines_apart(named: Sequence[tuple[str, str, float]], *, overlap_m2: float) -> list[Finding]:
    """The three lines must not overlap (不交叉不重叠不冲突): `named` holds two line ids and their shared m2."""
    return [
        finding(
            "control_lines",
            "lines.overlap",
            why("lines_overlap", first=Code("line", a), second=Code("line", b), area=f"{m2 / 1e4:,.2f}"),
            value=f"{a} {b}",
        )
        for a, b, m2 in named
        if m2 > overlap_m2
    ]


def check_delivered_twice(rows: Rows, pairs: SharedGround, *, twice_share: float) -> list[Finding]:
    """A layer in which much of the area stands twice: old and new version together.  `pairs` as of `shared_ground`."""
    area = rows.frame["area_m2"].to_numpy(float)
    whole = float(np.nansum(area))
    shared = float(pairs.area_m2.sum())
    if not whole or shared / (whole - shared) <= twice_share:
        return []
    facts = {"share": f"{shared / (whole - shared) * 100:.0f} %", "pairs": len(pairs.first)}
    return [finding(rows.layer, "lines.delivered_twice", why("delivered_twice", **facts))]


def check_vintage(layer: Layer, rules: Iterable[Rule], as_of: datetime.date) -> list[Finding]:
    """A layer older than the rules by which it is judged, or of a state that nobody wrote down."""
    if not (day := last_day(layer.version)):
        reason = why("vintage_unknown", version=layer.version) if layer.version else why("vintage_unsaid")
        return [finding(layer.id, "vintage.unknown", reason)]
    out = []
    for rule in rules:
        if rule.since is not None and day < rule.since:
            facts = {"version": layer.version, "rule": rule.id, "since": str(rule.since)}
            out.append(
                finding(layer.id, "vintage.older_than_rule", why("vintage_older", **facts), value=rule.id)
            )
    if _first_day(layer.version) > as_of:
        facts = {"version": layer.version, "day": str(as_of)}
        out.append(finding(layer.id, "vintage.after_study_day", why("vintage_after", **facts)))
    return out


def last_day(version: str) -> datetime.date | None:
    """The last day that a version as written can mean: `2022` is 2022-12-31; None where it holds no year."""
    if not (said := _WRITTEN_DAY.search(version)):
        return None
    year = int(said[1] + said[2])
    month = int(said[3] or 12)
    last = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, min(int(said[4] or last), last))


def _first_day(version: str) -> datetime.date:
    said = _WRITTEN_DAY.search(version)
    if said is None:
        return datetime.date.min
    last = last_day(version) or datetime.date.min
    return datetime.date(last.year, int(said[3] or 1), last.day if said[4] else 1)


def check_extent(layer: Layer, parcels: Sequence[shapely.Geometry], *, of: int) -> list[Finding]:
    """How many parcels lie (partly) outside the valid extent of a layer: they are not checked, never clear."""
    if layer.extent is None or not len(parcels):
        return []
    shapely.prepare(layer.extent)
    covered = shapely.covers(layer.extent, np.asarray(parcels, dtype=object))
    if covered.all():
        return []
    reason = why("extent_partial", count=int((~covered).sum()), of=of)
    return [finding(layer.id, "extent.partial", reason)]
