"""The list that reviewers sign (会签清单): what needs a decision, gravest first, few enough columns for paper."""

from __future__ import annotations

from typing import Final

import pandas as pd

from landkit.model import Verdict

_TO_DECIDE: Final = (Verdict.CONFLICT, Verdict.WITHIN_ACCURACY)
_KNOWN: Final = (
    "conflict_id",
    "parcel_id",
    "line",
    "verdict",
    "encroached_m2",
    "parcel_share",
    "width_m",
    "margin_m",
)
TO_WRITE: Final = {"decision": 22.0, "reviewer": 12.0, "decided_on": 12.0}  # empty columns, and their widths


def sign_off_list(conflicts: pd.DataFrame) -> pd.DataFrame:
    """The verdicts that wait for a person: certain conflicts, largest first, then those within accuracy, likeliest first.

    `conflicts` is the table of verdicts; the columns to be written in by hand are empty.
    """
    rows = conflicts[conflicts["verdict"].isin(_TO_DECIDE)]
    rank = pd.DataFrame(
        {
            "uncertain": rows["verdict"] != Verdict.CONFLICT,
            "score": -rows["review_score"].where(rows["verdict"] != Verdict.CONFLICT, 0.0),
            "area": -rows["encroached_m2"],
        }
    )
    order = rank.sort_values(["uncertain", "score", "area"], kind="stable").index
    out = pd.DataFrame(rows.loc[order, list(_KNOWN)]).reset_index(drop=True)
    return out.assign(**dict.fromkeys(TO_WRITE))
