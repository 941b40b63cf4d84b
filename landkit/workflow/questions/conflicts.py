"""The question of conflicts (冲突): parcels, parks and the lines themselves against the control lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

import geopandas as gpd

from landkit import overlay
from landkit.analysis import conflicts
from landkit.model import Conflicts, ControlLine, say_all
from landkit.quality import checks
from landkit.units import to_ha

if TYPE_CHECKING:
    from landkit.workflow.ask import Answers


def answer(answers: Answers) -> Conflicts:
    """冲突: parcels against lines, lines against each other, parks against lines."""
    versions = {x.line: x.version for x in answers.ground.layers.values() if x.line}
    table = conflicts.conflict_table(answers.judged, answers.lines, versions)
    table["park_id"] = table["parcel_id"].map(answers.park_of)
    table["accuracy_note"] = table["line"].map(lambda line: _accuracy_note(answers, line))
    worded = answers.word(table, "conflicts", drop=("share",))
    frame = gpd.GeoDataFrame(worded, geometry="geometry", crs=answers.parcels.crs)
    used = {r for line in answers.lines.values() for r in line.rules} | {"conflict.alpha", "conflict.beta"}
    lines = _lines_against_lines(answers)
    answers.findings_later += checks.check_lines_apart(
        [
            (a, b, m2)
            for a, b, m2, apart in zip(
                lines["line"],
                lines["other_line"],
                lines["shared_m2"],
                lines["must_be_apart"],
                strict=True,
            )
            if apart
        ]
    )
    return Conflicts(
        frame,
        rules=answers.rules_used(used),
        layers=answers.versions(lambda x: x.line is not None or x.role == "parcels"),
        tables={
            "by_line": conflicts.sum_conflicts(table),
            "coverage": conflicts.coverage_matrix(table),
            "lines": lines,
            "parks": _parks_against_lines(answers),
            "worst": conflicts.worst_verdict(table),
        },
    )


def judge(
    answers: Answers, line: ControlLine, shapes: gpd.GeoSeries, sigma_m: float | None
) -> gpd.GeoDataFrame:
    """Verdicts of shapes against one line; all not_checked where the study has no layer of it."""
    layer = answers.ground.line(line.id)
    if layer is None:
        return overlay.missing_line(shapes.index)
    good = layer.frame["area_m2"].notna()
    return overlay.judge(
        shapes,
        answers.line_area(line.id),
        breach=line.breach,
        sigma_parcel_m=sigma_m,
        sigma_line_m=layer.accuracy_m,
        extent=layer.extent,
        alpha=float(answers.rule("conflict.alpha").value),
        beta=float(answers.rule("conflict.beta").value),
        unusable_zones=layer.frame.geometry[~good],
    )


def zones_hit(answers: Answers, name: str, line: ControlLine) -> pd.Series[Any]:
    """Ids of the zones that a parcel lies in, the largest share first; "" for a line that is breached outside."""
    layer = answers.ground.line(name)
    blank = pd.Series("", index=answers.parcels.index, dtype="object")
    if layer is None or line.breach == "outside":
        return blank
    zones = layer.frame[layer.frame["area_m2"].notna()]
    ids = (
        zones["zone_id"].astype(str)
        if "zone_id" in zones.columns
        else pd.Series(zones.index.astype(str), index=zones.index)
    )
    good = answers.parcels[answers.parcels["area_m2"].notna()]
    if not len(zones) or not len(good):
        return blank
    hits = pd.DataFrame(overlay.overlaps(good, zones, geometry=False))
    hits["id"] = hits["zone"].map(ids)
    hits = hits.sort_values(["parcel", "area_m2", "id"], ascending=[True, False, True], kind="stable")
    said = hits.groupby("parcel", sort=False)["id"].agg(lambda v: ";".join(dict.fromkeys(v)))
    return said.reindex(answers.parcels.index).fillna("").astype("object")


def _accuracy_note(answers: Answers, line: str) -> str:
    layer, mine = answers.ground.line(line), answers.ground.parcels
    said = [
        f"{x.accuracy_m:g} m ({x.accuracy_note})" if x is not None and x.accuracy_m else "?"
        for x in (mine, layer)
    ]
    return " / ".join(said)


def _lines_against_lines(answers: Answers) -> pd.DataFrame:
    """Shared ground of each pair of lines (三线两两叠加): zones of one inside the zones of the other."""
    names = [n for n in answers.lines if answers.ground.line(n) is not None]
    rows = []
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            left = gpd.GeoDataFrame(geometry=answers.line_area(first))
            right = gpd.GeoDataFrame(geometry=answers.line_area(second))
            shared = (
                float(overlay.overlaps(left, right, geometry=False)["area_m2"].sum())
                if len(left) and len(right)
                else 0.0
            )
            grave = answers.lines[first].severity == 1 and answers.lines[second].severity == 1
            rows.append((first, second, shared, to_ha(shared), grave))
    return pd.DataFrame(rows, columns=["line", "other_line", "shared_m2", "shared_ha", "must_be_apart"])


def _parks_against_lines(answers: Answers) -> pd.DataFrame:
    """The parks themselves against every line, by the same rule."""
    units, layer = answers.units("parks", "park_id"), answers.ground.of_role("parks")
    if units is None or layer is None:
        return pd.DataFrame(columns=["park_id", "line", "verdict", "encroached_m2"])
    judged = {
        name: judge(answers, line, units.geometry, layer.accuracy_m).assign(zone_id="")
        for name, line in answers.lines.items()
    }
    table = conflicts.conflict_table(judged, answers.lines, {}).rename(columns={"parcel_id": "park_id"})
    table["park_name"] = table["park_id"].map(units["park_name"]) if "park_name" in units.columns else ""
    table["encroached_ha"] = table["encroached_m2"].astype(float).pipe(to_ha)
    table["reason"] = [say_all(r, answers.lang) for r in table["reasons"]]
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
