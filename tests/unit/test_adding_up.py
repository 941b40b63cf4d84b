"""Parts add up to their total, group by group, and no part moves by more than one unit of its last digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landkit.units import round_to_total
from landkit.workflow.adding_up import (
    printed_assemblies,
    printed_by_line,
    printed_conflicts,
    printed_groups,
    printed_parks,
)

AREAS = st.lists(st.floats(0, 1e6), min_size=1, max_size=30)


@given(AREAS, st.data())
def test_parts_of_groups_add_up_to_groups_and_groups_to_the_whole(
    areas: list[float], data: st.DataObject
) -> None:
    groups = data.draw(st.lists(st.integers(0, 3), min_size=len(areas), max_size=len(areas)))
    frame = pd.DataFrame({"stock_class": groups, "area_mu": areas, "area_ha": areas})
    out = printed_groups(frame, ["stock_class"])

    assert round(out["area_mu"].sum() * 100) == round(sum(areas) * 100)
    exact, said = (f.groupby("stock_class")["area_mu"].sum() for f in (frame, out))
    assert (said - exact).abs().max() < 0.01 + 1e-6
    assert (out["area_mu"] - frame["area_mu"]).abs().max() < 0.02 + 1e-6
    assert (out["area_mu"] * 100 - (out["area_mu"] * 100).round()).abs().max() < 1e-6


def test_a_total_that_was_printed_is_kept() -> None:
    """0.4 three times is 1.2: printed as 1 it is 1, 0, 0; as 2 (by another table) 1, 1, 0; as 0 nothing is left."""
    thirds = np.array([0.4, 0.4, 0.4])

    assert round_to_total(thirds, 0).tolist() == [1, 0, 0]
    assert round_to_total(thirds, 0, total=2).tolist() == [1, 1, 0]
    assert round_to_total(np.array([1.4, 0.4]), 0, total=0).tolist() == [0, 0]


def test_what_is_not_known_stays_so_and_does_not_count() -> None:
    frame = pd.DataFrame({"stock_class": ["a", "a", "b"], "net_area_m2": [1.005, np.nan, np.nan]})
    out = printed_groups(frame, ["stock_class"])["net_area_m2"].tolist()

    assert out[0] in (1.0, 1.01)
    assert np.isnan(out[1:]).all()


def test_the_stock_of_a_park_is_what_its_printed_rows_make() -> None:
    """Two parks of 10.004 confirmed and 10.004 candidate mu each: 40.016 in all, 20.01 of either status."""
    by_park = pd.DataFrame(
        {
            "park_id": ["A", "A", "B", "B"],
            "stock_class": ["idle"] * 4,
            "stock_status": ["confirmed", "candidate"] * 2,
            "area_mu": [10.004] * 4,
        }
    )
    parks = pd.DataFrame({"park_id": ["A", "B", "C"], "stock_mu": [20.008, 20.008, 0.0]})
    out = printed_parks(parks, by_park)

    assert out["stock_confirmed_mu"].tolist() == [10.01, 10.0, 0.0]
    assert (out["stock_confirmed_mu"] + out["stock_candidate_mu"]).tolist() == out["stock_mu"].tolist()
    assert round(out["stock_mu"].sum(), 2) == 40.02


def test_an_assembly_is_the_sum_of_its_printed_parts() -> None:
    out = printed_assemblies(
        pd.DataFrame(
            {"confirmed_mu": [1.004, 1.004], "candidate_mu": [2.004, 2.004], "area_mu": [3.008, 3.008]}
        )
    )

    assert out["area_mu"].tolist() == [3.02, 3.0]


def test_hundreds_of_small_conflicts_add_up_to_their_line() -> None:
    """300 pieces of 0.004 mu each print 1.20 mu together, not 0.00; and the verdicts of a line the line."""
    frame = pd.DataFrame(
        {
            "line": ["redline"] * 300 + ["farmland"] * 3,
            "verdict": ["conflict"] * 150 + ["within_accuracy"] * 150 + ["conflict"] * 3,
            "encroached_mu": [0.004] * 300 + [1 / 3, 1 / 3, float("nan")],
        }
    )
    by_line = frame.groupby(["line", "verdict"], as_index=False)["encroached_mu"].sum()
    rows, said = printed_conflicts(frame), printed_by_line(by_line)
    sums = rows.groupby(["line", "verdict"])["encroached_mu"].sum()

    assert sums.to_dict() == pytest.approx(said.set_index(["line", "verdict"])["encroached_mu"].to_dict())
    assert said.groupby("line")["encroached_mu"].sum().to_dict() == pytest.approx(
        {"redline": 1.2, "farmland": 0.67}
    )
    assert rows["encroached_mu"].isna().sum() == 1
