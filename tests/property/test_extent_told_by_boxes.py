"""Where parcels lie against a valid extent is told by their boxes where that is certain, and never otherwise than by GEOS."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import shapely

from landkit.overlay.verdict.extent import within_extent

NOTCHED = shapely.Polygon(
    [(0, 0), (100, 0), (100, 100), (60, 100), (50, 40), (40, 100), (0, 100)], [[(10, 10), (20, 10), (15, 20)]]
)


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
    assert within.whole.tolist() == whole.tolist()
    assert within.some.tolist() == (shapely.relate_pattern(NOTCHED, shapes, "T********")).tolist()
    assert within.around.tolist() == (whole & (shapely.distance(NOTCHED.boundary, shapes) > reach_m)).tolist()
