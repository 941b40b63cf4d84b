"""Conflicts of any tool against what was planted in the demo city (冲突评分): what it missed, what it made up.

Planted along the red line are true encroachments, slivers that digitising leaves, and parcels that keep just clear; on
farmland, whole parcels.  No other parcel of the demo encroaches on these two lines.  The development boundary is not
scored: parcels outside of it are not planted one by one.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from landkit.model import Verdict

CASES: Final = {
    "red_line_encroached": ("ecological_redline", "encroachment"),
    "red_line_sliver": ("ecological_redline", "sliver"),
    "red_line_near": ("ecological_redline", "near_miss"),
    "in_farmland": ("permanent_basic_farmland", "encroachment"),
}
ELSEWHERE: Final = "elsewhere"
KINDS: Final = ("encroachment", "sliver", "near_miss", ELSEWHERE)
OPEN: Final = "open"
_RANK: Final = {Verdict.CLEAR: 0, Verdict.NOT_CHECKED: 1, Verdict.WITHIN_ACCURACY: 1, Verdict.CONFLICT: 2}
_CALLS: Final = (Verdict.CLEAR.value, OPEN, Verdict.CONFLICT.value)


def truth_of(planted: pd.DataFrame) -> pd.DataFrame:
    """The cases of planted.csv (`case`, `id`) that say whether a parcel encroaches: `parcel_id`, `line`, `planted`."""
    known = planted[planted["case"].isin(CASES)]
    lines = [CASES[case] for case in known["case"]]
    about = pd.DataFrame(lines, columns=["line", "planted"])
    about.insert(0, "parcel_id", known["id"].to_numpy())
    return about


def score_calls(truth: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """How a tool called what was planted: one row for each line and kind of case, and one for parcels without any.

    `calls` has `parcel_id`, `line`, `verdict` (Verdict), any number of rows for a pair, of which the gravest counts; a pair
    that is not in it was called clear.  Out: `parcels`, how many of them were called conflict, left open and clear,
    `missed` (encroachments not called conflict) and `false_conflict`.
    """
    counts = _counts(truth, calls)
    parcels, conflict = counts.sum(axis=1), counts[Verdict.CONFLICT.value]
    real = counts.index.get_level_values("planted") == KINDS[0]
    table = pd.DataFrame(
        {
            "parcels": parcels,
            "called_conflict": conflict,
            "called_open": counts[OPEN],
            "called_clear": counts[Verdict.CLEAR.value],
            "missed": (parcels - conflict).where(real, 0),
            "false_conflict": conflict.where(~real, 0),
        }
    )
    return table.reset_index()


def _counts(truth: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """Pairs of parcel and line by line, kind and call; every kind that was planted has a row, and so has none."""
    pairs = ["parcel_id", "line"]
    gravest = calls.assign(rank=calls["verdict"].map(_RANK)).groupby(pairs)["rank"].max().reset_index()
    both = truth.merge(gravest[gravest["line"].isin(truth["line"])], on=pairs, how="outer")
    both["planted"] = both["planted"].fillna(ELSEWHERE)
    both["call"] = both["rank"].fillna(0).astype(int).map(dict(enumerate(_CALLS)))
    counts = pd.crosstab([both["line"], both["planted"]], both["call"]).reindex(columns=_CALLS, fill_value=0)
    there = set(zip(truth["line"], truth["planted"], strict=True))
    lines = dict.fromkeys(truth["line"])
    wanted = [(line, kind) for line in lines for kind in KINDS if kind == ELSEWHERE or (line, kind) in there]
    return counts.reindex(pd.MultiIndex.from_tuples(wanted, names=["line", "planted"]), fill_value=0)
