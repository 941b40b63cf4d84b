"""Conflicts (冲突): every parcel against every control line, with its verdict; the lines against each other; parks too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from landkit.model import ControlLine, Reason, Verdict, why
from landkit.overlay import LayerPair
from landkit.units import to_ha, to_mu

UNKNOWN = "—"
AT_ONCE: Final = 20_000  # rows whose sentences are made at a time
PAIR_COLUMNS = [
    "line", "stated_m", "measured_m", "runs", "understated", "strewn", "displaced", "dx_m", "dy_m", "rotation_arcsec",
    "scale_ppm", "displaced_runs", "tiles", "shifted_tiles", "waiting", "conflicts",
]  # fmt: skip
# facts of a verdict row that its sentence may quote, with the form they are quoted in
_QUOTED = {
    "depth_m": "{:.2f}",
    "gap_m": "{:.2f}",
    "threshold_m": "{:.2f}",
    "margin_m": "{:.2f}",
    "sigma_m": "{:.2f}",
    "encroached_m2": "{:,.1f}",
    "stretch_m": "{:.0f}",
    "review_score": "{:.2f}",
}


@dataclass(frozen=True)
class Chances:
    """The chance of a false certain conflict (误判概率): `alpha` of each verdict; where a run states one, `run_alpha` of all
    `verdicts` of the run together.
    """

    alpha: float
    run_alpha: float | None = None
    verdicts: int = 0


def conflict_table(
    judged: Mapping[str, pd.DataFrame],
    lines: Mapping[str, ControlLine],
    versions: Mapping[str, str],
    chances: Chances,
    generalised: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """One row per parcel x control line (冲突台账), from the verdict frames of the lines.

    `judged`: line id -> frame on the parcel ids, as `overlay.judge` gives it, with `zone_id`.  Row order: line, then parcel.
    `chances` are those of a false conflict that the verdicts were made with, `generalised` of a line how far simplifying may
    have moved it and the parcels (m).  The sentences are those of `conflict_reasons`.
    `severity` is the line's where the verdict is conflict or within_accuracy and a clause is in force, and missing else.
    """
    parts = []
    for name, frame in judged.items():
        line = lines[name]
        part = frame.copy(deep=False)
        part.insert(0, "parcel_id", part.index)
        part["line"] = _repeated(name, part.index)
        moved_m = (generalised or {}).get(name, 0.0)
        part["rules"] = _repeated(";".join((*line.rules, *_rules_used(chances, moved_m))), part.index)
        part["layer_version"] = _repeated(versions.get(name, ""), part.index)
        graded = part["verdict"].isin([Verdict.CONFLICT, Verdict.WITHIN_ACCURACY])
        part["severity"] = pd.array(np.where(graded, line.severity, 0), dtype="Int64")
        part["severity"] = part["severity"].where(graded & bool(line.rules))
        parts.append(part)
    out = pd.concat(parts, ignore_index=True)
    out["conflict_id"] = [conflict_id(p, n) for p, n in zip(out["parcel_id"], out["line"], strict=True)]
    out["encroached_mu"] = to_mu(out["encroached_m2"].astype(float))
    out["parcel_share"] = out.pop("share")
    return out


def _repeated(words: str, index: pd.Index[Any]) -> pd.Series[Any]:
    """One text in every row, held once: as text of each row it would fill the memory."""
    return pd.Series(np.full(len(index), words, dtype=object), index=index, dtype=object)


def conflict_reasons(
    table: pd.DataFrame, chances: Chances, generalised: Mapping[str, float] | None = None
) -> Iterator[tuple[Reason, ...]]:
    """The sentences behind each row of `conflict_table`, one row after the other: of millions they would fill the memory."""
    facts = ["line", "verdict", "why", "one_vertex", *_QUOTED]
    for at in range(0, len(table), AT_ONCE):
        for row in table.iloc[at : at + AT_ONCE][facts].to_dict("records"):
            yield reasons_of(row, chances, (generalised or {}).get(row["line"], 0.0))


def conflict_id(parcel_id: object, line: str) -> str:
    """A name for one parcel against one line that stays the same from run to run."""
    return "C" + hashlib.sha256(f"{parcel_id}\x1f{line}".encode()).hexdigest()[:12].upper()


def _rules_used(chances: Chances, moved_m: float) -> list[str]:
    """The rules of the verdict itself, beside those of the line."""
    used = ["conflict.alpha", "conflict.beta"]
    used += ["conflict.run_alpha"] if chances.run_alpha is not None else []
    return used + (["conflict.generalisation_share"] if moved_m else [])


def reasons_of(row: Mapping[Any, Any], chances: Chances, moved_m: float) -> tuple[Reason, ...]:
    """The sentences behind a verdict: what was measured, what the whole run promises, what simplifying may have done."""
    said = [reason_of(row, chances.alpha)]
    if chances.run_alpha is not None and row["verdict"] == Verdict.CONFLICT:
        said.append(why("verdict_run", count=f"{chances.verdicts:,}", chance=f"{chances.run_alpha:g}"))
    if moved_m and row["verdict"] != Verdict.NOT_CHECKED:
        said.append(why("verdict_generalised", metres=f"{moved_m:g}"))
    return tuple(said)


def reason_of(row: Mapping[Any, Any], alpha: float) -> Reason:
    """The sentence behind a verdict (结论卡), with the figures it rests on."""
    facts = {name: _quote(row.get(name), form) for name, form in _QUOTED.items()}
    margin = row.get("margin_m")
    facts["missing_m"] = _quote(-margin if margin is not None else None, "{:.2f}")
    facts["alpha"] = f"{alpha:g}"
    key = f"verdict_{row['why']}"
    if row["why"] == "deeper_than_error" and bool(row.get("one_vertex")):
        key = "verdict_deeper_one_vertex"
    if row["why"] in ("band", "depends_on_displacement") and facts["depth_m"] == UNKNOWN:
        key += "_gap"
    return why(key, **facts)


def _quote(value: object, form: str) -> str:
    return form.format(value) if isinstance(value, int | float) and np.isfinite(value) else UNKNOWN


def sum_conflicts(table: pd.DataFrame) -> pd.DataFrame:
    """Parcels and encroached area by line and verdict (冲突汇总): m2, mu, ha; NaN where nothing was measured, never 0.

    Areas of several lines are not additive.
    """
    order = {v: i for i, v in enumerate(Verdict)}
    groups = table.groupby(["line", "verdict"], sort=False)
    out = groups.agg(parcels=("parcel_id", "size"))
    out["encroached_m2"] = groups["encroached_m2"].sum(min_count=1)
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
    rows = (
        table[["parcel_id", "line", "verdict"]]
        .assign(_rank=rank)
        .sort_values(["parcel_id", "_rank", "line"], kind="stable")
    )
    worst = rows.drop_duplicates("parcel_id").set_index("parcel_id")[["verdict", "line"]]
    hit = rows[rows["_rank"] <= 1].groupby("parcel_id")["line"].agg(";".join)
    return worst.assign(lines=hit.reindex(worst.index).fillna(""))


def coverage_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Every parcel against every line for machines: one row per pair with its verdict, why, and the layer's version."""
    columns = ("parcel_id", "line", "verdict", "why", "layer_version")
    return pd.DataFrame({c: table[c] for c in columns}, copy=False).reset_index(drop=True)  # held once


def coverage_wide(table: pd.DataFrame) -> pd.DataFrame:
    """Every parcel against every line (检查覆盖台账): a row per parcel, a column per line, cells `verdict:why`."""
    state = table["verdict"].astype(str) + ":" + table["why"].astype(str)
    order = pd.unique(table["parcel_id"])
    wide = table.assign(state=state).pivot_table(
        index="parcel_id", columns="line", values="state", aggfunc="first"
    )
    return wide.reindex(index=order, columns=pd.unique(table["line"])).rename_axis(columns=None).reset_index()


def sum_overlaps(table: pd.DataFrame) -> pd.DataFrame:
    """Overlaps by line and kind (重叠分类): deep ones, slivers (细碎重叠, not deeper than error), near misses; none left out.

    Rows are parcels against lines; areas in m2, mu, ha; areas of several lines are not additive.
    """
    rows = table[table["overlap_kind"].astype(str) != ""]
    out = rows.groupby(["line", "overlap_kind"], sort=False).agg(
        parcels=("parcel_id", "size"), parts=("parts", "sum"), encroached_m2=("encroached_m2", "sum")
    )
    out = out.reset_index().sort_values(["line", "overlap_kind"], kind="stable").reset_index(drop=True)
    out["encroached_mu"], out["encroached_ha"] = to_mu(out["encroached_m2"]), to_ha(out["encroached_m2"])
    return out


def review_groups(score: pd.Series[float], *, first: float, next_: float) -> pd.Series[Any]:
    """Order of review of what waits for a person (核查次序): first, next, last; "" for what does not wait."""
    groups = np.select([score >= first, score >= next_, score.notna()], ["first", "next", "last"], "")
    return pd.Series(groups, index=score.index, dtype="object")


def layer_pairs(pairs: Mapping[str, LayerPair], table: pd.DataFrame) -> pd.DataFrame:
    """What the parcels and each line say of each other (图层对): scatter stated and measured in m, displacement.

    `strewn` counts the parcels near a line that do not follow it, for which no scatter could be measured; `dx_m`, `dy_m` at
    the middle of the layer, rotation in arc seconds, scale in parts per million; `shifted_tiles` lists tiles displaced on
    their own; `waiting` counts the parcels whose verdict depends on it.
    """
    rows = []
    for line, pair in pairs.items():
        moved, scatter = pair.displacement, pair.scatter
        mine = table[table["line"] == line]
        rows.append(
            {
                "line": line,
                "stated_m": scatter.stated_m,
                "measured_m": scatter.measured_m,
                "runs": scatter.runs,
                "understated": scatter.understated,
                "strewn": scatter.strewn,
                "displaced": moved.found,
                "dx_m": moved.dx_m,
                "dy_m": moved.dy_m,
                "rotation_arcsec": np.degrees(moved.rotation_rad) * 3600,
                "scale_ppm": moved.scale * 1e6,
                "displaced_runs": moved.runs or sum(t.runs for t in moved.tiles),
                "tiles": len(moved.tiles),
                "shifted_tiles": "; ".join(
                    f"({t.x:.0f}, {t.y:.0f}): {t.dx_m:+.2f}, {t.dy_m:+.2f} m" for t in moved.tiles
                ),
                "waiting": int((mine["why"] == "depends_on_displacement").sum()),
                "conflicts": int((mine["verdict"] == Verdict.CONFLICT).sum()),
            }
        )
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)
