"""What must hold of verdicts whatever the parcels, the line and its extent."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

import geopandas as gpd
import shapely

from landkit.overlay import judge

CRS = 4549
X, Y = 500_000.0, 3_570_000.0
EVERYWHERE = shapely.box(X - 99, Y - 99, X + 999, Y + 999)
few = settings(max_examples=60, deadline=None)


@st.composite
def rectangles(draw, largest=120):
    x, y = draw(st.integers(0, 400)), draw(st.integers(0, 400))
    wide, high = draw(st.integers(5, largest)), draw(st.integers(5, largest))
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + high)


extents = st.lists(rectangles(largest=500), min_size=0, max_size=2).map(shapely.union_all)


def verdicts(parcels, zones, extent, breach="inside", sigma=0.5):
    return judge(
        gpd.GeoSeries(parcels, crs=CRS),
        gpd.GeoSeries(zones, crs=CRS),
        breach=breach,
        sigma_parcel_m=sigma,
        sigma_line_m=sigma,
        extent=extent,
    )


@few
@given(
    st.lists(rectangles(), min_size=1, max_size=6),
    st.lists(rectangles(), min_size=1, max_size=3),
    extents,
    extents,
    st.sampled_from(["inside", "outside"]),
)
def test_a_smaller_extent_never_clears_a_parcel(parcels, zones, extent, cut, breach):
    whole = EVERYWHERE if extent.is_empty else extent
    large = verdicts(parcels, zones, whole, breach)
    smaller = shapely.union_all([p for p in shapely.get_parts(whole & cut) if p.geom_type == "Polygon"])
    for less in (None, shapely.Polygon(), smaller):
        small = verdicts(parcels, zones, less, breach)
        assert not ((small["verdict"] == "clear") & (large["verdict"] != "clear")).any()
        if breach == "outside":
            assert not ((small["verdict"] == "conflict") & (large["verdict"] != "conflict")).any()


@few
@given(
    st.lists(rectangles(), min_size=1, max_size=6),
    st.lists(rectangles(), min_size=1, max_size=3),
    st.sampled_from(["inside", "outside"]),
)
def test_a_clear_parcel_shares_nothing_and_a_conflict_does(parcels, zones, breach):
    table = verdicts(parcels, zones, EVERYWHERE, breach)
    assert (table.loc[table["verdict"] == "clear", "encroached_m2"] == 0).all()
    assert (table.loc[table["verdict"] == "conflict", "encroached_m2"] > 0).all()
    assert (table.loc[table["verdict"].isin(["clear", "conflict"]), "margin_m"] > 0).all()
    assert (table["depth_m"].isna() | table["gap_m"].isna()).all()


@few
@given(st.lists(rectangles(), min_size=1, max_size=6), st.lists(rectangles(), min_size=1, max_size=3))
def test_worse_accuracy_never_makes_a_parcel_certain(parcels, zones):
    extent = EVERYWHERE
    fine, coarse = verdicts(parcels, zones, extent, sigma=0.5), verdicts(parcels, zones, extent, sigma=1.5)
    for certain in ("clear", "conflict"):
        assert not ((coarse["verdict"] == certain) & (fine["verdict"] != certain)).any()


@few
@given(
    st.lists(rectangles(), min_size=1, max_size=6),
    st.lists(rectangles(), min_size=1, max_size=4),
    st.randoms(),
)
def test_order_and_duplicates_of_the_zones_change_nothing(parcels, zones, chance):
    extent = EVERYWHERE
    mixed = zones + zones[:1]
    chance.shuffle(mixed)
    one, other = verdicts(parcels, zones, extent), verdicts(parcels, mixed, extent)
    assert one["verdict"].tolist() == other["verdict"].tolist()
    assert np.allclose(one["encroached_m2"], other["encroached_m2"], atol=1e-3)


@few
@given(st.lists(rectangles(), min_size=1, max_size=6), st.lists(rectangles(), min_size=0, max_size=3))
def test_without_accuracy_no_parcel_is_clear_or_in_conflict(parcels, zones):
    table = verdicts(parcels, zones, EVERYWHERE, sigma=None)
    assert set(table["verdict"]) == {"not_checked"}
