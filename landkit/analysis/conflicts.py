"""Conflicts (冲突): every parcel against every control line, with its verdict; the lines against each other; parks too."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from landkit.model import ControlLine, Reason, Verdict, column_of, why
from landkit.units import to_ha, to_mu

# facts of a verdict row that its sentence may quote, with the form they are quoted in
_QUOTED = {
    "depth_m": "{:.2f}",
    "gap_m": "{:.2f}",
    "threshold_m": "{:.2f}",
    "margin_m": "{:+.2f}",
    "sigma_m": "{:.2f}",
    "encroached_m2": "{:,.1f}",
}


def conflict_table(
    judged: Mapping[str, pd.DataFrame], lines: Mapping[str, ControlLine], versions: Mapping[str, str]
) -> pd.DataFrame:
    """One row per parcel x control line (冲突台账), from the verdict frames of the lines.

    `judged`: line id -> frame on the parcel ids, as `overlay.judge` gives it, with `zone_id`.  Row order: line, then parcel.
    `severity` is the line's where the verdict is conflict or within_accuracy and a clause is in force, and missing else.
    """
    parts = []
    for name, frame in judged.items():
        line = lines[name]
        part = frame.copy()
        part.insert(0, "parcel_id", part.index)
        part["line"] = name
        part["rules"] = ";".join((*line.rules, "conflict.alpha", "conflict.beta"))
        part["layer_version"] = versions.get(name, "")
        graded = part["verdict"].isin([Verdict.CONFLICT, Verdict.WITHIN_ACCURACY])
        part["severity"] = pd.array(np.where(graded, line.severity, 0), dtype="Int64")
        part["severity"] = part["severity"].where(graded & bool(line.rules))
        part["reasons"] = column_of([(reason_of(row),) for row in part.to_dict("records")], part.index)
        parts.append(part)
    out = pd.concat(parts, ignore_index=True)
    out["conflict_id"] = [conflict_id(p, n) for p, n in zip(out["parcel_id"], out["line"], strict=True)]
    out["encroached_mu"] = to_mu(out["encroached_m2"].astype(float))
    out["parcel_share"] = out.pop("share")
    return out


def conflict_id(parcel_id: object, line: str) -> str:
    """A name for one parcel against one line that stays the same from run to run."""
    return "C" + hashlib.sha256(f"{parcel_id}\x1f{line}".encode()).hexdigest()[:12].upper()


def reason_of(row: Mapping[Any, Any]) -> Reason:
    """The sentence behind a verdict, with the figures it rests on."""
    facts = {name: _quote(row.get(name), form) for name, form in _QUOTED.items()}
    key = f"verdict_{row['why']}"
    if row["why"] == "deeper_than_error" and bool(row.get("one_vertex")):
        key = "verdict_deeper_one_vertex"
    return why(key, **facts)


def _quote(value: object, form: str) -> str:
    return form.format(value) if isinstance(value, int | float) and np.isfinite(value) else "—"


def sum_conflicts(table: pd.DataFrame) -> pd.DataFrame:
    """Parcels and encroached area by line and verdict (冲突汇总): m2, mu, ha.  Areas of several lines are not additive."""
    order = {v: i for i, v in enumerate(Verdict)}
    out = table.groupby(["line", "verdict"], sort=False).agg(
        parcels=("parcel_id", "size"), encroached_m2=("encroached_m2", "sum")
    )
    out = out.reset_index()
    out["encroached_mu"], out["encroached_ha"] = to_mu(out["encroached_m2"]), to_ha(out["encroached_m2"])
    return out.sort_values(
        ["line", "verdict"], key=lambda s: s.map(order).fillna(0) if s.name == "verdict" else s, kind="stable"
    ).reset_index(drop=True)


def coverage_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """What was checked (覆盖台账): by line and reason, how many parcels were checked, and how many were not."""
    rows = table.assign(checked=table["verdict"] != Verdict.NOT_CHECKED)
    return (
        rows.groupby(["line", "checked", "why"], sort=True).agg(parcels=("parcel_id", "size")).reset_index()
    )


def worst_verdict(table: pd.DataFrame) -> pd.DataFrame:
    """Per parcel the gravest verdict over all lines, in the order conflict, within_accuracy, not_checked, clear."""
    order = [Verdict.CONFLICT, Verdict.WITHIN_ACCURACY, Verdict.NOT_CHECKED, Verdict.CLEAR]
    rank = table["verdict"].map({v: i for i, v in enumerate(order)})
    rows = table.assign(_rank=rank).sort_values(["parcel_id", "_rank", "line"], kind="stable")
    worst = rows.drop_duplicates("parcel_id").set_index("parcel_id")[["verdict", "line"]]
    hit = rows[rows["_rank"] <= 1].groupby("parcel_id")["line"].agg(";".join)
    return worst.assign(lines=hit.reindex(worst.index).fillna(""))
