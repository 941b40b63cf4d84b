"""The list that reviewers sign: every verdict that waits for a person, gravest first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landkit.model import Verdict
from landkit.workflow.show.sign_off import sign_off_list


def verdicts() -> pd.DataFrame:
    rows = [
        ("c1", "p1", Verdict.CLEAR, 0.0, np.nan),
        ("c2", "p2", Verdict.WITHIN_ACCURACY, 9.0, 0.2),
        ("c3", "p3", Verdict.CONFLICT, 10.0, np.nan),
        ("c4", "p4", Verdict.NOT_CHECKED, 5.0, np.nan),
        ("c5", "p5", Verdict.WITHIN_ACCURACY, 1.0, 0.9),
        ("c6", "p6", Verdict.CONFLICT, 400.0, np.nan),
    ]
    frame = pd.DataFrame(
        rows, columns=["conflict_id", "parcel_id", "verdict", "encroached_m2", "review_score"]
    )
    return frame.assign(line="ecological_redline", parcel_share=0.1, width_m=2.0, margin_m=1.0)


def test_certain_conflicts_come_first_by_area_then_what_is_within_accuracy_by_its_score() -> None:
    assert sign_off_list(verdicts())["conflict_id"].tolist() == ["c6", "c3", "c5", "c2"]


def test_what_people_write_is_empty_and_nothing_else_is_dropped() -> None:
    listed = sign_off_list(verdicts())

    assert listed[["decision", "reviewer", "decided_on"]].isna().all().all()
    assert listed.loc[0, ["parcel_id", "encroached_m2"]].tolist() == ["p6", 400.0]
