"""The question of conflicts (冲突): parcels, parks and the lines themselves against the control lines."""

from __future__ import annotations

from typing import Any

import pandas as pd

import geopandas as gpd
import shapely

from landkit import overlay
from landkit.analysis import conflicts
from landkit.model import Conflicts
from landkit.quality.layer_pairs import check_layer_pairs
from landkit.quality.lines import check_lines_apart
from landkit.units import to_ha
from landkit.workflow.common import Common
from landkit.workflow.memory import give_back

MANY = 50_000  # zones
LONG = 50_000  # vertices of a zone
OWN_RULES = ("conflict.alpha", "conflict.beta", "conflict.review_first", "conflict.review_next")


def answer(common: Common) -> Conflicts:
    """冲突: parcels against lines, lines against each other, parks against lines."""
    lines, parks = _lines_against_lines(common), _parks_against_lines(common)
    give_back()
    versions = {x.line: x.version for x in common.ground.layers.values() if x.line}
    table = conflicts.conflict_table(
        common.judged, common.lines, versions, common.chances, common.generalised(common.ground.parcels)
    )
    table["review"] = _review(common, table["review_score"])
    table["park_id"] = table["parcel_id"].map(common.park_of)
    table["accuracy_note"] = table["line"].map({n: _accuracy_note(common, n) for n in common.lines})
    table["reason"] = common.say(
        conflicts.conflict_reasons(table, common.chances, common.generalised(common.ground.parcels))
    )
    table = common.word(table, "conflicts", drop=("share",))
    common.keep_verdicts()
    give_back()
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=common.parcels.crs)
    used = {r for line in common.lines.values() for r in line.rules} | set(OWN_RULES)
    used |= {r for said in table["rules"].unique() for r in said.split(";")}
    pairs = conflicts.layer_pairs(common.pairs, table)
    apart = lines[lines["must_be_apart"].astype(bool)]
    common.findings_later += check_lines_apart(
        list(zip(apart["line"], apart["other_line"], apart["shared_m2"], strict=True)),
        overlap_m2=float(common.rule("check.overlap_m2").value),
    )
    common.findings_later += check_layer_pairs(pairs.to_dict("records"))
    return Conflicts(
        frame,
        rules=common.rules_used(used),
        layers=common.versions(lambda x: x.line is not None or x.role == "parcels"),
        lines=common.lines,
        tables={
            "by_line": conflicts.sum_conflicts(table),
            "by_kind": conflicts.sum_overlaps(table),
            "coverage": conflicts.coverage_matrix(table),
            "coverage_matrix": conflicts.coverage_rows(table),
            "layer_pairs": pairs,
            "lines": lines,
            "parks": parks,
            "worst": conflicts.worst_verdict(table),
        },
    )


def _review(common: Common, score: pd.Series[float]) -> pd.Series[Any]:
    """Order of review by the limits of the profile; none where it has no such limits."""
    first, next_ = (common.ground.rules.get(f"conflict.review_{name}") for name in ("first", "next"))
    if first is None or next_ is None:
        return pd.Series("", index=score.index, dtype="object")
    return conflicts.review_groups(score, first=float(first.value), next_=float(next_.value))


def _accuracy_note(common: Common, line: str) -> str:
    layer, mine = common.ground.line(line), common.ground.parcels
    said = [
        f"{x.accuracy_m:g} m ({x.accuracy_note})" if x is not None and x.accuracy_m else "?"
        for x in (mine, layer)
    ]
    return " / ".join(said)


def _lines_against_lines(common: Common) -> pd.DataFrame:
    """Shared ground of each pair of lines (三线两两叠加): zones of one inside the zones of the other."""
    names = [n for n in common.lines if common.ground.line(n) is not None]
    rows = []
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            left, right = _cut_by(common.line_area(first), common.line_area(second))
            shared = (
                float(overlay.overlaps(left, right, geometry=False)["area_m2"].sum())
                if len(left) and len(right)
                else 0.0
            )
            grave = common.lines[first].severity == 1 and common.lines[second].severity == 1
            rows.append((first, second, shared, to_ha(shared), grave))
    return pd.DataFrame(rows, columns=["line", "other_line", "shared_m2", "shared_ha", "must_be_apart"])


def _cut_by(one: gpd.GeoSeries, other: gpd.GeoSeries) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Two lines, first the one that is cut, then the one that it is cut by.

    Many zones are cut by few, which the kernel does: few by many take minutes.  Among few, short outlines are cut by very
    long ones: to cut one of half a million vertices took 1.4 GB, to cut by it 80 MB.
    """
    longest, longest_other = (int(shapely.get_num_coordinates(x.array).max(initial=0)) for x in (one, other))
    many = len(other) >= max(len(one), MANY)
    long = max(len(one), len(other)) < MANY and longest > max(longest_other, LONG)
    return (other, one) if many or long else (one, other)


def _parks_against_lines(common: Common) -> pd.DataFrame:
    """The parks themselves against every line, by the same rule."""
    units, layer = common.units("parks", "park_id"), common.ground.of_role("parks")
    if units is None or layer is None:
        return pd.DataFrame(columns=["park_id", "line", "verdict", "encroached_m2"])
    judged = {
        name: common.judge(line, units.geometry, layer).table.assign(zone_id="")
        for name, line in common.lines.items()
    }
    generalised = common.generalised(layer)
    table = conflicts.conflict_table(judged, common.lines, {}, common.chances, generalised)
    table["reason"] = common.say(conflicts.conflict_reasons(table, common.chances, generalised))
    table = table.rename(columns={"parcel_id": "park_id"})
    table["park_name"] = table["park_id"].map(units["park_name"]) if "park_name" in units.columns else ""
    table["encroached_ha"] = table["encroached_m2"].astype(float).pipe(to_ha)
    columns = [
        "park_id",
        "park_name",
        "line",
        "verdict",
        "severity",
        "encroached_m2",
        "encroached_ha",
        "parcel_share",
        "reason",
    ]
    return table[columns].rename(columns={"parcel_share": "park_share"})
