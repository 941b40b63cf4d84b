"""Nothing is lost and nothing is made up: money to the fen (分), land to 0.01 m2."""

import numpy as np
import pandas as pd
from builders import AS_OF
from hypothesis import given, settings
from hypothesis import strategies as st

from landkit.analysis.intensity import allocate, land_of_enterprises, measure_parcels, to_fen
from landkit.analysis.places import OUTSIDE, find_places

PARCELS = [f"L{i}" for i in range(6)]
AREAS = pd.Series(10_000.0, index=PARCELS)
FEN = st.one_of(st.none(), st.integers(-(10**12), 10**12))
M2 = st.one_of(st.none(), st.just(0.0), st.floats(0.01, 20_000))
ROWS = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from([*PARCELS, "X"]), M2), min_size=1, max_size=15
)


def _land(rows):
    table = pd.DataFrame(rows, columns=["enterprise_id", "parcel_id", "occupied_m2"])
    return land_of_enterprises(
        table.assign(occupied_m2=table["occupied_m2"].astype(float)), AREAS, AS_OF, over_share=0.01
    )


@given(ROWS, st.lists(FEN, min_size=4, max_size=4))
@settings(max_examples=20)
def test_the_parcels_hold_what_the_enterprises_on_them_paid_to_the_fen(rows, totals):
    """Every fen of an enterprise with land in the study lies on exactly one parcel; who has none is not smeared about."""
    land = _land(rows)
    fen = pd.Series(totals, index=list("ABCD"), dtype="Int64")
    parts = allocate(land, fen)
    unknown = land.loc[land["occupied_m2"].isna(), "enterprise_id"]
    usable = land["enterprise_id"].isin(land.loc[land["occupied_m2"] > 0, "enterprise_id"])
    usable &= ~land["enterprise_id"].isin(unknown)
    placed = [e for e in land.loc[usable, "enterprise_id"].unique() if pd.notna(fen[e])]
    assert int(parts.dropna().sum()) == int(fen[placed].sum())
    for enterprise in placed:
        assert int(parts[land["enterprise_id"] == enterprise].dropna().sum()) == int(fen[enterprise])
    assert parts[~usable].isna().all()
    year = pd.DataFrame({"tax_wan_yuan": fen.astype("Float64") / 1e6})
    known = parts[land["known_parcel"]].groupby(land["parcel_id"]).agg(lambda v: v.sum(skipna=False))
    measured = measure_parcels(pd.DataFrame({"area_m2": AREAS}), land, year)["tax_wan_yuan"]
    assert np.allclose(
        measured.reindex(known.index), known.astype("Float64").astype(float) / 1e6, equal_nan=True, atol=1e-9
    )


@given(ROWS, st.lists(FEN, min_size=4, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_a_parcel_s_money_does_not_hang_on_the_order_of_the_occupancy_table_but_for_one_fen_a_row(
    rows, totals, random
):
    """Ties of the last fen go to the earlier row; nothing else may move."""
    year = pd.DataFrame({"tax_wan_yuan": pd.Series(totals, index=list("ABCD"), dtype="Float64") / 1e6})
    shuffled = list(rows)
    random.shuffle(shuffled)
    frame = pd.DataFrame({"area_m2": AREAS})
    first, second = (measure_parcels(frame, _land(r), year)["tax_wan_yuan"] for r in (rows, shuffled))
    assert (first.isna() == second.isna()).all()
    assert (first - second).abs().fillna(0.0).max() <= 1e-6 * len(rows) + 1e-9


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=20))
def test_money_in_whole_fen_survives_the_way_to_wan_yuan_and_back(fen):
    """A million fen are a wan yuan; a ledger in fen must come back as it went in."""
    wan = pd.Series(fen, dtype="float64") / 1e6
    assert to_fen(wan).tolist() == fen


SHARES = st.lists(
    st.tuples(st.sampled_from(PARCELS), st.sampled_from("UVW"), st.floats(0.001, 12_000)), max_size=15
)


@given(SHARES)
@settings(max_examples=20)
def test_the_pieces_of_a_parcel_sum_to_it_whatever_overlaps_are_reported(rows):
    """Units that overlap each other (parks do) are scaled; land in none has a piece of its own."""
    places = find_places(AREAS, pd.DataFrame(rows, columns=["parcel", "zone", "area_m2"]))
    assert np.allclose(
        places.pieces.groupby("parcel")["area_m2"].sum().reindex(PARCELS), AREAS, atol=0.01, rtol=0
    )
    assert np.allclose(places.pieces.groupby("parcel")["share"].sum(), 1.0, atol=1e-6)
    assert (places.pieces["area_m2"] >= 0).all()


@given(SHARES, st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6))
@settings(max_examples=20)
def test_totals_split_by_place_sum_to_the_totals(rows, values):
    """Encroached land and money by park add up to the city's."""
    places = find_places(AREAS, pd.DataFrame(rows, columns=["parcel", "zone", "area_m2"]))
    split = places.split(pd.Series(values, index=PARCELS))
    assert abs(split["value"].sum() - sum(values)) <= 1e-6 * max(1.0, sum(map(abs, values)))


def _allocate_by_rounding(land, fen):
    share = land["occupied_m2"] / land.groupby("enterprise_id")["occupied_m2"].transform("sum")
    return (land["enterprise_id"].map(fen).astype(float) * share).round()


def test_the_law_refuses_shares_that_are_rounded_one_by_one():
    """Negative control: 100 fen over three equal parcels become 99, and the first law sees it."""
    land = _land([("A", "L0", 10.0), ("A", "L1", 10.0), ("A", "L2", 10.0)])
    fen = pd.Series({"A": 100}, dtype="Int64")
    assert _allocate_by_rounding(land, fen).sum() != 100
    assert int(allocate(land, fen).sum()) == 100


def _pieces_without_scaling(areas, overlaps):
    inside = overlaps.groupby("parcel")["area_m2"].sum()
    return inside.add((areas - inside).clip(lower=0), fill_value=0)


def test_the_law_refuses_places_that_count_overlapping_units_twice():
    """Negative control: two parks over the same parcel give 20,000 m2 of a 10,000 m2 parcel."""
    rows = pd.DataFrame([("L0", "U", 10_000.0), ("L0", "V", 10_000.0)], columns=["parcel", "zone", "area_m2"])
    assert _pieces_without_scaling(AREAS, rows)["L0"] == 20_000.0
    places = find_places(AREAS, rows)
    assert places.pieces.groupby("parcel")["area_m2"].sum()["L0"] == 10_000.0
    assert places.overlapping == ("L0",)
    assert OUTSIDE not in set(places.pieces.loc[places.pieces["parcel"] == "L0", "unit"])
