"""The tiny study of builders.py is what its description says: all questions asked of files on disk, worked out by hand."""

import datetime
import tomllib

import pandas as pd
import pytest
from builders import box, layer, tiny_parcels, tiny_study

import landkit


@pytest.fixture(scope="module")
def asked(study_folder):
    """All answers of the study, made once."""
    return {
        name: getattr(landkit, name)(study_folder, lang="en")
        for name in ("stock", "conflicts", "layout", "intensity", "parks", "capacity")
    }


def by_parcel(result):
    return result.table.set_index("parcel_id")


def test_stock_is_what_the_description_says(asked):
    """One parcel for each class; L7 has no enterprise, L8's main enterprise E4 is the last of its county twice."""
    table = by_parcel(asked["stock"])
    assert table["stock_class"].tolist() == [
        "idle", "idle", "approved_unsupplied", "", "inefficient", "", "inefficient", "inefficient",
    ]  # fmt: skip
    assert table["stock_status"].tolist() == [
        "confirmed", "confirmed", "confirmed", "not_stock", "confirmed", "not_stock", "undecided", "confirmed",
    ]  # fmt: skip
    assert table["idle_outcome"].tolist()[:3] == ["fee", "article_12", ""]
    assert table.at["L1", "idle_fee_wan_yuan"] == 200.0


@pytest.mark.parametrize("unit", ["by_park", "by_county", "by_cluster", "by_class"])
def test_stock_by_any_unit_sums_to_the_whole(asked, unit):
    """L6 lies half in either park, county and cluster; L8 in no park: nothing is lost or counted twice."""
    whole = asked["stock"].table
    sums = asked["stock"].tables[unit]
    assert sums["area_m2"].sum() == pytest.approx(whole["area_m2"].sum(), abs=0.01)
    assert sums["area_mu"].sum() == pytest.approx(whole["area_mu"].sum(), abs=1e-4)
    assert sums["net_area_m2"].sum() == pytest.approx(whole["net_area_m2"].sum(), abs=0.01)
    by_class = sums.groupby("stock_class")["area_m2"].sum()
    expected = whole.groupby("stock_class")["area_m2"].sum()
    pd.testing.assert_series_equal(by_class, expected, rtol=0, atol=0.01, check_names=False)


def test_net_area_leaves_out_what_control_lines_forbid_once(asked):
    """L7: the red line and the hole of the boundary are the same 80 m; L8: 5,000 m2 outside, farmland within them."""
    table = by_parcel(asked["stock"])
    share = table["net_area_m2"] / table["area_m2"]
    assert share.to_dict() == pytest.approx(
        {"L1": 1, "L2": 1, "L3": 1, "L4": 1, "L5": 1, "L6": 1, "L7": 0.2, "L8": 0.5}, abs=1e-6
    )


def test_conflicts_are_the_four_that_were_drawn(asked):
    """80 m of L7 in the red line and outside the boundary; half of L8 outside it, a quarter on farmland."""
    table = asked["conflicts"].table
    assert len(table) == 8 * 4
    found = table[table["verdict"] != "clear"]
    assert set(found["verdict"]) == {"conflict"}
    drawn = {
        (p, n): s for p, n, s in zip(found["parcel_id"], found["line"], found["parcel_share"], strict=True)
    }
    assert drawn == pytest.approx(
        {
            ("L7", "ecological_redline"): 0.8, ("L7", "urban_development_boundary"): 0.8,
            ("L8", "urban_development_boundary"): 0.5, ("L8", "permanent_basic_farmland"): 0.25,
        },
        abs=1e-6,
    )  # fmt: skip


def test_money_is_kept_to_the_fen_and_who_has_no_enterprise_has_none(asked):
    """300.01 wan yuan of E3 over 9,000 and 3,000 m2: 225.0075 on L6 and 75.0025 on L8."""
    table = by_parcel(asked["intensity"])
    assert table["tax_wan_yuan"].dropna().to_dict() == pytest.approx(
        {"L4": 600.0, "L5": 15.0, "L6": 225.0075, "L8": 175.0025}, abs=1e-9
    )
    kept = asked["intensity"].tables["conservation"].set_index("figure")
    assert kept["difference"].abs().max() == 0
    assert kept.at["tax_wan_yuan", "parcel_total"] == kept.at["tax_wan_yuan", "enterprise_total"] == 1015.01


def test_layout_and_corridor(asked):
    """L4 makes cars in the west park; L5 paper there; L8 is in no park."""
    table = by_parcel(asked["layout"])
    assert table.loc[["L4", "L5", "L8"], "layout_verdict"].tolist() == [
        "fits",
        "partly",
        "text_does_not_decide",
    ]
    assert table.at["L1", "axis_distance_m"] == 600.0
    assert not table.at["L1", "in_corridor"]
    assert table.at["L2", "in_corridor"]


def test_parks_and_capacity(asked):
    """P1: 1,000 x 1,400 m built of 1,800 x 1,400; spare = planned - built - the hole of 200 x 200 m (0.6 in 10,000 off)."""
    parks, room = asked["parks"].table.set_index("park_id"), asked["capacity"].table.set_index("park_id")
    assert parks.at["P1", "built_share"] == pytest.approx(1000 / 1800, abs=1e-5)
    assert parks.at["P1", "stock_mu"] == pytest.approx(60.0, abs=0.01)  # L1, L2, L3, L5
    assert room.at["P1", "spare_m2"] == pytest.approx(1800 * 1400 - 1000 * 1400 - 200 * 200, rel=1e-4)
    assert room.at["P1", "yearly_supply_m2"] == pytest.approx(
        2 * 10_000 / 5, rel=1e-4
    )  # L1, L2 in five years
    assert room.at["P2", "reserve"] == "unknown"


def test_the_order_of_parcels_in_the_file_changes_no_answer(asked, tmp_path):
    """The same city exported twice must be the same city."""
    turned = tiny_study(tmp_path, parcels=lambda p: p.iloc[::-1])
    for name in ("stock", "conflicts"):
        ours, theirs = (
            r.table.drop(columns="geometry") for r in (asked[name], getattr(landkit, name)(turned, lang="en"))
        )
        key = ["parcel_id"] if name == "stock" else ["parcel_id", "line"]
        ours, theirs = (t.sort_values(key).reset_index(drop=True) for t in (ours, theirs))
        pd.testing.assert_frame_equal(ours, theirs)


def test_a_missing_line_is_not_checked_and_a_forbidding_one_leaves_net_area_unknown(tmp_path):
    """What nobody looked at is not free to build on."""
    study = tiny_study(tmp_path, without=["permanent_basic_farmland"])
    assert landkit.stock(study).table["net_area_m2"].isna().all()
    rows = landkit.conflicts(study).table
    assert set(rows.loc[rows["line"] == "permanent_basic_farmland", "verdict"]) == {"not_checked"}


def test_a_missing_boundary_leaves_capacity_without_a_number(tmp_path):
    """No development boundary: NaN and a reason, not zero years."""
    table = landkit.capacity(tiny_study(tmp_path, without=["urban_development_boundary"]), lang="en").table
    assert table["spare_m2"].isna().all()
    assert set(table["reserve"]) == {"unknown"}
    assert table["reason"].str.contains("cannot be computed").all()


def test_rules_that_did_not_exist_yet_leave_their_test_out_and_every_row_says_so(tmp_path):
    """Land of 2020 by the rules of 2020: Order 53 is in force, Yangzhou's own definitions are not; neither blocks the other."""
    result = landkit.stock(tiny_study(tmp_path, head={"rules_on": datetime.date(2020, 12, 31)}), lang="en")
    table = by_parcel(result)
    assert table.at["L1", "stock_class"] == "idle"
    assert table.at["L5", "stock_status"] == "undecided"
    said = "(stock.inefficient.d_years) was not in force that day"
    assert table["reason"].str.contains(said, regex=False).all()
    assert not any(r.id.startswith("stock.inefficient") for r in result.rules)


def test_money_of_land_that_the_study_does_not_have_is_on_no_parcel(tmp_path):
    """E1 with as much land on an unknown parcel: half of its tax is on L4, half is shown as being elsewhere, none is lost."""
    usual = landkit.intensity(tiny_study(tmp_path / "a")).table.set_index("parcel_id")["tax_wan_yuan"]

    def with_unknown(table):
        mine = table[(table["enterprise_id"] == "E1") & (table["parcel_id"] == "L4")]
        rest = table.drop(index=mine.index)
        both = [mine.assign(occupied_m2=10_000.0), mine.assign(parcel_id="L99", occupied_m2=10_000.0)]
        return pd.concat([rest, *both], ignore_index=True)

    result = landkit.intensity(tiny_study(tmp_path / "b", occupancy=with_unknown))
    assert result.table.set_index("parcel_id").at["L4", "tax_wan_yuan"] == pytest.approx(usual["L4"] / 2)
    tax = result.tables["conservation"].set_index("figure").loc["tax_wan_yuan"]
    assert tax["unknown_parcels"] == pytest.approx(usual["L4"] / 2)
    parts = tax[["parcel_total", "without_land", "unknown_parcels"]].sum()
    assert tax["enterprise_total"] == pytest.approx(parts + tax["difference"], abs=1e-6)


def test_ground_that_two_parks_claim_counts_once_and_is_a_finding(tmp_path):
    """Bad input 102: P2 drawn 100 m into P1; L6 lies in both, and the parks together are no larger than it."""
    parks = layer(
        {"P1": box(200, 200, 2000, 1600), "P2": box(1900, 200, 3600, 1600)},
        "park_id",
        park_name=["西园", "东园"],
    )
    folder = tiny_study(tmp_path, parks=parks)
    stock = landkit.stock(folder)
    total = stock.tables["by_park"]["area_m2"].sum()
    assert total == pytest.approx(stock.table["area_m2"].sum(), abs=0.01)
    findings = landkit.check(folder, lang="en").table
    assert findings.loc[findings["check"] == "units.overlap", "reason"].str.contains("counted in P1").any()


def test_changes_are_written_and_a_name_that_is_not_there_is_refused(tmp_path):
    """The builder itself: a slip in a test's own change must not pass for a result."""
    folder = tiny_study(
        tmp_path, head={"plan": None}, spec={"parcels": {"accuracy_m": None}}, without=["axes"],
        parcels=lambda p: p[p["parcel_id"] == "L1"],
    )  # fmt: skip
    text = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    assert "plan" not in text["study"]
    assert "accuracy_m" not in text["layers"]["parcels"]
    assert "axes" not in text["layers"]
    assert len(landkit.stock(folder).table) == 1
    with pytest.raises(KeyError):
        tiny_study(tmp_path / "b", parcel=tiny_parcels())
    with pytest.raises(KeyError):
        tiny_study(tmp_path / "c", without=["axis"])


def test_a_park_wholly_inside_another_keeps_no_ground_of_its_own(tmp_path):
    """Its ground is counted for the first by id; nothing is said twice and no library complains on the way."""
    parks = layer(
        {"P1": box(200, 200, 2000, 1600), "P2": box(300, 300, 900, 900)},
        "park_id",
        park_name=["西园", "园中园"],
    )
    run = landkit.stock(tiny_study(tmp_path, parks=parks))

    assert set(run.table["park_id"]) <= {"P1", ""}
