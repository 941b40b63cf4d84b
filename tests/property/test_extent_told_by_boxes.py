"""Where parcels lie against a valid extent is told by their boxes where that is certain, and never otherwise than by GEOS."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import shapely

from landkit.overlay.verdict.extent import within_extent

NOTCHED = shapely.Polygon(
    [(0, 0), (100, 0), (100, 100), (60, 100), (50, 40), (40, 100), (0, 100)], [[(10, 10), (20, 10), (15, 20)]]
)

PREPARED = shapely.from_wkb(shapely.to_wkb(NOTCHED))
shapely.prepare(PREPARED)


@given(
    st.lists(
        st.tuples(st.integers(-10, 110), st.integers(-10, 110), st.integers(1, 30)), min_size=1, max_size=30
    ),
    st.sampled_from([0.0, 1.0, 5.0]),
)
@settings(max_examples=100, deadline=None)
def test_parcels_against_an_extent_with_a_notch_and_a_hole(parcels, reach_m):
    x, y, size = np.array(parcels, dtype=float).T
    shapes = shapely.transform(
        shapely.box(x, y, x + size, y + size), lambda xy: xy @ [[0.8, 0.6], [-0.6, 0.8]] + [20, 0]
    )
    within = within_extent(shapes, NOTCHED, reach_m)
    whole = shapely.covers(NOTCHED, shapes)
    sure = whole == shapely.covers(
        PREPARED, shapes
    )  # where a corner lies on an edge but for rounding, GEOS says both
    assert within.whole[sure].tolist() == whole[sure].tolist()
    assert within.some.tolist() == (shapely.relate_pattern(NOTCHED, shapes, "T********")).tolist()
    around = whole & (shapely.distance(NOTCHED.boundary, shapes) > reach_m)
    assert within.around[sure].tolist() == around[sure].tolist()


def test_a_parcel_on_whose_edge_a_corner_of_the_extent_lies_is_never_said_to_have_room_around_it():
    """The parcel at (18, 0), 30 m wide and turned, has the tip of the notch on its edge: GEOS says both of `whole`."""
    parcel = shapely.transform(
        shapely.box(18, 0, 48, 30), lambda xy: xy @ [[0.8, 0.6], [-0.6, 0.8]] + [20, 0]
    )
    assert shapely.covers(NOTCHED, parcel) != shapely.covers(PREPARED, parcel)
    within = within_extent(np.array([parcel]), NOTCHED, 0.5)
    assert within.some.all()
    assert not within.around.any()
