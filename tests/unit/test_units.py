"""Units: exact factors, and parts that sum to their whole."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landkit.units import (
    FACTORS,
    M2_PER_MU,
    MU_PER_HA,
    round_to_total,
    share_out,
    share_out_groups,
    to_ha,
    to_mu,
)

FEN = 10**15  # ten trillion yuan in fen: more than any city's yearly output


def test_fifteen_mu_are_one_hectare_to_the_last_digit():
    """1 mu = 2000/3 m2 exactly (not 666.67): a hectare comes out as 15, not 14.9999."""
    assert to_mu(10_000.0) == 15.0
    assert to_ha(10_000.0) == 1.0
    assert MU_PER_HA * M2_PER_MU == 10_000.0
    assert Fraction(M2_PER_MU).limit_denominator(10) == Fraction(2000, 3)


def test_the_plan_s_158_5_square_kilometres_are_237_750_mu():
    """Plan: 158.5 km2 built; domain.md A3 divides 3921 yi yuan by it and gets 164.9 wan yuan per mu."""
    built_mu = to_mu(158.5e6)
    assert built_mu == pytest.approx(237_750, abs=1e-9)
    assert 3921e4 / built_mu == pytest.approx(164.9, abs=0.05)


def test_arrays_and_series_convert_like_scalars_and_missing_stays_missing():
    """Analyses convert whole columns; a parcel without area must not become 0 mu."""
    series = pd.Series([10_000.0, np.nan], index=["a", "b"])
    assert to_mu(series)["a"] == 15.0
    assert np.isnan(to_mu(series)["b"])
    assert to_mu(np.array([2000.0])).tolist() == pytest.approx([3.0])


@pytest.mark.parametrize(
    ("ours", "theirs", "factor"),
    [("m2", "mu", 2000 / 3), ("m2", "ha", 1e4), ("m2", "km2", 1e6), ("wan_yuan", "yi_yuan", 1e4),
     ("wan_yuan", "yuan", 1e-4), ("ratio", "percent", 0.01), ("tce", "wan_tce", 1e4)],
)  # fmt: skip
def test_a_source_in_another_unit_is_turned_into_ours(ours, theirs, factor):
    """STBHHX writes QYMJ in km2 and supply records in ha (domain.md 7.3, domain-additions.md 9): the unit is data."""
    assert FACTORS[ours][theirs] == pytest.approx(factor, rel=1e-15)
    assert FACTORS[ours][ours] == 1.0


WEIGHTS = st.lists(st.floats(0, 1e9), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-6)


@given(st.integers(-FEN, FEN), WEIGHTS)
def test_shares_are_whole_and_sum_to_the_total(total, weights):
    """强制调平: an enterprise's tax shared among its parcels must not lose or gain a fen; rebates are negative."""
    parts = share_out(total, np.array(weights))
    assert parts.dtype == np.int64
    assert int(parts.sum()) == total


@given(st.integers(0, FEN), WEIGHTS)
def test_no_share_is_a_whole_fen_away_from_the_exact_one(total, weights):
    """The largest-remainder method moves no part by a fen or more (to floating point of a large sum)."""
    parts = share_out(total, np.array(weights))
    whole = sum(map(Fraction, weights))
    exact = [total * Fraction(w) / whole for w in weights]
    assert all(abs(p - e) <= 1 + total * 1e-14 for p, e in zip(parts.tolist(), exact, strict=True))


@given(st.integers(-FEN, FEN), WEIGHTS)
def test_a_weight_of_zero_gets_nothing_of_a_total_that_the_others_can_bear(total, weights):
    """An enterprise with zero land on a parcel puts no output there."""
    parts = share_out(total, np.array([0.0, *weights]))
    assert int(parts[0]) == 0


GROUPS = st.lists(st.tuples(st.integers(0, 3), st.floats(0.01, 1e6)), min_size=1, max_size=25)


@given(GROUPS, st.lists(st.integers(-(10**12), 10**12), min_size=4, max_size=4))
def test_many_totals_shared_at_once_give_what_each_gives_alone(rows, totals):
    """The fast way for a city's enterprises must be the slow way, fen by fen."""
    named = sorted({g for g, _ in rows})
    group = np.array([named.index(g) for g, _ in rows])
    weights = np.array([w for _, w in rows])
    parts = share_out_groups(np.array(totals[: len(named)]), weights, group)
    for i, _ in enumerate(named):
        assert parts[group == i].tolist() == share_out(totals[i], weights[group == i]).tolist()


def test_a_group_without_weight_is_refused():
    """As for a single total."""
    with pytest.raises(ValueError, match="weights must be finite"):
        share_out_groups(np.array([1, 2]), np.array([1.0, 0.0]), np.array([0, 1]))


def test_a_rebate_is_shared_like_a_payment_with_the_sign_turned():
    """A negative tax (出口退税) must not be floored towards minus infinity."""
    assert share_out(-100, np.array([1.0, 1.0, 1.0])).tolist() == [-34, -33, -33]
    assert share_out(100, np.array([1.0, 1.0, 1.0])).tolist() == [34, 33, 33]


def test_ties_go_to_the_earlier_part():
    """The same inputs must give the same bytes on every machine."""
    assert share_out(1, np.array([5.0, 5.0])).tolist() == [1, 0]


@pytest.mark.parametrize("weights", [[0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0], []])
def test_weights_that_cannot_share_are_refused(weights):
    """Land of zero or unknown size cannot carry money; a silent equal split would invent a figure."""
    with pytest.raises(ValueError, match="weights must be finite"):
        share_out(10, np.array(weights))


VALUES = st.lists(st.integers(0, 10**9).map(lambda n: n / 10_000), min_size=1, max_size=30)


@given(VALUES, st.integers(0, 3))
def test_rounded_parts_sum_to_the_rounded_total(values, decimals):
    """A report whose rows do not add up to its total line is sent back (强制调平, domain.md 7.5)."""
    parts = round_to_total(np.array(values), decimals)
    assert abs(float(parts.sum()) - sum(values)) <= 10.0**-decimals / 2 + 1e-6
    scaled = parts * 10.0**decimals
    assert np.allclose(scaled, np.round(scaled), atol=1e-4)


@given(VALUES, st.integers(0, 3))
def test_rounding_moves_no_part_by_a_unit_or_more(values, decimals):
    """Levelling touches the last digit only."""
    parts = round_to_total(np.array(values), decimals)
    assert np.abs(parts - np.array(values)).max() < 10.0**-decimals * (1 + 1e-6)


def test_three_thirds_are_shown_as_one():
    """0.33 + 0.33 + 0.33 = 0.99 is the classic complaint."""
    assert sorted(round_to_total(np.array([1 / 3] * 3), 2).tolist()) == [0.33, 0.33, 0.34]


def test_a_part_that_is_missing_stays_missing_and_the_rest_is_plainly_rounded():
    """There is no total to level to where a part is unknown."""
    parts = round_to_total(np.array([1.006, np.nan]), 2)
    assert parts[0] == 1.01
    assert np.isnan(parts[1])
    assert round_to_total(np.array([]), 2).size == 0


def _floor_shares(total, weights):
    return np.floor(total * weights / weights.sum()).astype(np.int64)


def test_the_property_refuses_shares_that_are_merely_rounded_down():
    """Negative control: the obvious implementation loses money, and the property above would see it."""
    assert int(_floor_shares(100, np.array([1.0, 1.0, 1.0])).sum()) != 100
