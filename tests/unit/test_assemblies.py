"""Assemblies (连片存量): which stock parcels adjoin, and whether they make a block of the reserve's size."""

from __future__ import annotations

import pytest
from builders import box, polygons, square
from hypothesis import given, settings
from hypothesis import strategies as st

import geopandas as gpd
import shapely

from landkit.analysis.assemblies import find_assemblies

MU = 2000 / 3


def stock(*parcels: tuple[str, shapely.Geometry, str], **columns: list[object]) -> gpd.GeoDataFrame:
    """Parcels as (id, shape, status); areas on the plane, so that they can be worked out by hand."""
    ids, shapes, status = zip(*parcels, strict=True)
    frame = {
        "parcel_id": list(ids), "park_id": ["P1"] * len(ids), "stock_class": ["idle"] * len(ids),
        "stock_status": list(status), "area_m2": [s.area for s in shapes],
    }  # fmt: skip
    return gpd.GeoDataFrame({**frame, **columns}, geometry=polygons(*shapes))


def groups(table: gpd.GeoDataFrame) -> list[str]:
    return table["parcel_ids"].tolist()


def test_parcels_in_a_row_are_one_though_the_ends_are_far_apart() -> None:
    """100 m squares with lanes of 10 m: A-B-C; D stands 16 m off, alone and smaller than the reserve."""
    table = find_assemblies(
        stock(
            ("B", square(110, 0), "candidate"), ("A", square(0, 0), "confirmed"), ("C", square(220, 0), "confirmed"),
            ("D", square(336, 0), "confirmed"),
        ),
        gap_m=15, min_mu=300, max_mu=500,
    )  # fmt: skip

    assert groups(table) == ["A;B;C"]
    row = table.iloc[0]
    assert (row["assembly_id"], row["parcels"], row["reserve_size"]) == ("A-A", 3, "smaller")
    assert (row["area_mu"], row["confirmed_mu"], row["candidate_mu"]) == pytest.approx((45, 30, 15))
    assert row["reasons"][0].say("en").startswith("45.0 mu of adjoining stock, less than the 300–500 mu")


@pytest.mark.parametrize(("gap_m", "count"), [(9.99, 0), (10.0, 1)])
def test_the_gap_decides_and_touching_needs_none(gap_m: float, count: int) -> None:
    table = find_assemblies(
        stock(("A", square(0, 0), "confirmed"), ("B", square(110, 0), "confirmed")), gap_m=gap_m
    )

    assert len(table) == count


def test_land_that_is_no_stock_joins_nothing() -> None:
    """A and C lie on both sides of a works that stays; undecided land counts for nothing either."""
    for between in ("not_stock", "undecided"):
        table = find_assemblies(
            stock(("A", square(0, 0), "confirmed"), ("B", square(100, 0), between), ("C", square(200, 0), "confirmed")),
            gap_m=15,
        )  # fmt: skip

        assert len(table) == 0


@pytest.mark.parametrize(
    ("mu", "size"), [(299.99, None), (300.0, "within"), (500.0, "within"), (500.01, "larger")]
)
def test_one_parcel_of_the_reserves_size_is_a_block_of_its_own(mu: float, size: str | None) -> None:
    """300-500 mu are the bounds, both included."""
    shape = box(0, 0, 500, mu * MU / 500)
    table = find_assemblies(
        stock(("A", shape, "confirmed"), area_m2=[mu * MU]), gap_m=15, min_mu=300, max_mu=500
    )

    assert table["reserve_size"].tolist() == ([size] if size else [])


def test_a_day_without_the_goal_names_no_size() -> None:
    table = find_assemblies(
        stock(("A", square(0, 0), "confirmed"), ("B", square(100, 0), "confirmed")), gap_m=15
    )

    assert table["reserve_size"].tolist() == [""]
    assert table["reasons"].tolist() == [()]


cell = st.tuples(st.integers(0, 6), st.integers(0, 6))


@settings(max_examples=30)
@given(st.lists(cell, min_size=1, max_size=25, unique=True), st.randoms(use_true_random=False))
def test_groups_are_those_that_a_buffer_makes(cells: list[tuple[int, int]], random: object) -> None:
    """A second opinion: squares on a grid with lanes of 10 m, melted by a buffer of half the gap; any order of rows."""
    parcels = [(f"{x}-{y}", square(110 * x, 110 * y), "confirmed") for x, y in cells]
    melted = shapely.union_all([p.buffer(5.001) for _, p, _ in parcels])
    wanted = sorted(
        ";".join(sorted(i for i, p, _ in parcels if part.contains(p.centroid)))
        for part in shapely.get_parts(melted)
    )
    wanted = [w for w in wanted if ";" in w]
    random.shuffle(parcels)  # type: ignore[attr-defined]
    table = find_assemblies(stock(*parcels), gap_m=10.0)

    assert sorted(groups(table)) == wanted
    assert table["area_m2"].sum() == pytest.approx(1e4 * sum(w.count(";") + 1 for w in wanted))
