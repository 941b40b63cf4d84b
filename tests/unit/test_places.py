"""Where a parcel lies (归属): shares that sum to it."""

import numpy as np
import pandas as pd
import pytest

from landkit.analysis.places import OUTSIDE, find_places

AREAS = pd.Series({"L1": 10_000.0, "L2": 20_000.0, "L3": 5000.0, "L4": np.nan})


def places(*rows):
    return find_places(AREAS, pd.DataFrame(rows, columns=["parcel", "zone", "area_m2"]))


def test_a_parcel_across_two_parks_is_split_and_its_home_is_the_larger_part():
    """A4 item: parcels over two parks are split by share; reports name one park, sums use both."""
    found = places(("L1", "P1", 6200.0), ("L1", "P2", 3800.0))
    assert found.of_parcel.loc["L1"].to_dict() == {
        "unit": "P1",
        "share": 0.62,
        "units": 2,
        "shares": "P1=0.620000;P2=0.380000",
    }


def test_what_lies_in_no_unit_has_a_piece_of_its_own():
    """A parcel partly outside the park is flagged, not cut."""
    found = places(("L1", "P1", 6200.0))
    assert found.of_parcel.at["L1", "shares"] == "P1=0.620000;=0.380000"
    outside = found.pieces[found.pieces["unit"] == OUTSIDE].set_index("parcel")["area_m2"]
    assert outside.to_dict() == pytest.approx(
        {"L1": 3800.0, "L2": 20_000.0, "L3": 5000.0, "L4": np.nan}, nan_ok=True
    )


def test_a_parcel_mostly_outside_still_belongs_to_the_park_it_touches():
    """Its home is the unit with the largest share of it; the share says how little that is."""
    row = places(("L1", "P1", 100.0)).of_parcel.loc["L1"]
    assert (row["unit"], row["share"]) == ("P1", 0.01)


def test_a_parcel_in_no_unit_has_none():
    """ "" and a missing share, not a park called nan."""
    row = places().of_parcel.loc["L2"]
    assert row["unit"] == OUTSIDE
    assert np.isnan(row["share"])
    assert (row["units"], row["shares"]) == (0, "=1.000000")


def test_the_parts_sum_to_the_parcel():
    """Shares are 1 in all, areas the parcel's, for every parcel that has an area."""
    pieces = places(("L1", "P1", 6200.0), ("L2", "P1", 1.0), ("L2", "P2", 2.0)).pieces
    known = pieces.dropna().groupby("parcel")[["area_m2", "share"]].sum()
    assert known["area_m2"].to_dict() == pytest.approx(AREAS.dropna().to_dict())
    assert known["share"].tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_units_that_overlap_each_other_are_scaled_and_reported():
    """Two parks on the same land: 10,000 + 5,000 on a parcel of 10,000 are two thirds and a third, and a finding."""
    found = places(("L1", "P1", 10_000.0), ("L1", "P2", 5000.0))
    assert found.overlapping == ("L1",)
    pieces = found.pieces[found.pieces["parcel"] == "L1"].set_index("unit")["area_m2"]
    assert pieces.to_dict() == pytest.approx({"P1": 10_000 * 2 / 3, "P2": 10_000 / 3})


def test_rounding_noise_is_no_overlap_and_no_outside():
    """The parts of a split parcel never sum to it to the last bit."""
    found = places(("L1", "P1", 6200.000001), ("L1", "P2", 3799.9999999))
    assert found.overlapping == ()
    assert set(found.pieces.loc[found.pieces["parcel"] == "L1", "unit"]) == {"P1", "P2"}


def test_a_parcel_without_area_has_no_share_anywhere():
    """Bad geometry: its place is unknown, not outside with certainty."""
    found = places()
    piece = found.pieces[found.pieces["parcel"] == "L4"]
    assert piece["unit"].tolist() == [OUTSIDE]
    assert piece[["area_m2", "share"]].isna().all(axis=None)


def test_several_pieces_of_a_pair_are_added():
    """A park of several parts meets a parcel twice."""
    assert places(("L1", "P1", 3000.0), ("L1", "P1", 4000.0)).of_parcel.at["L1", "share"] == 0.7


def test_equal_shares_go_to_the_first_unit_by_name():
    """Ties must not hang on the order of the file."""
    first, second = (
        places(("L1", "P2", 5000.0), ("L1", "P1", 5000.0)),
        places(("L1", "P1", 5000.0), ("L1", "P2", 5000.0)),
    )
    assert first.of_parcel.at["L1", "unit"] == second.of_parcel.at["L1", "unit"] == "P1"


def test_order_and_index_are_the_parcels():
    """Results are joined by label and read in the file's order."""
    found = places(("L3", "P1", 5000.0), ("L1", "P1", 1.0))
    assert found.of_parcel.index.tolist() == AREAS.index.tolist()
    assert found.pieces["parcel"].drop_duplicates().tolist() == AREAS.index.tolist()


def test_totals_split_by_unit_sum_to_the_totals():
    """Encroached land by park: 620 + 380 of 1,000."""
    rows = places(("L1", "P1", 6200.0), ("L1", "P2", 3800.0)).split(pd.Series({"L1": 1000.0, "L2": 50.0}))
    by = rows.dropna().groupby("unit")["value"].sum()
    assert by.to_dict() == pytest.approx({"P1": 620.0, "P2": 380.0, OUTSIDE: 50.0})
