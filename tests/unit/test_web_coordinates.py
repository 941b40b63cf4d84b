"""GCJ-02 and BD-09: the community's formulas, as their published examples have them, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landkit.io.crs.web_coordinates import SYSTEMS, from_web, to_web


def test_the_published_example_of_gcj02() -> None:
    """116.404 E 39.915 N, as the readme of the widely copied `coordtransform` prints it."""
    lon, lat = to_web(np.array([116.404]), np.array([39.915]), "gcj02")

    assert lon[0] == pytest.approx(116.41024449916938, abs=1e-12)
    assert lat[0] == pytest.approx(39.91640428150164, abs=1e-12)


def test_the_published_example_of_bd09() -> None:
    """The same source: GCJ-02 116.404, 39.915 is 116.41036949371029, 39.92133699351021 on BD-09."""
    lon, lat = from_web(np.array([116.404]), np.array([39.915]), "gcj02")
    x, y = to_web(lon, lat, "bd09")

    assert x[0] == pytest.approx(116.41036949371029, abs=1e-9)
    assert y[0] == pytest.approx(39.92133699351021, abs=1e-9)


@pytest.mark.parametrize("system", SYSTEMS)
@given(lon=st.floats(74, 134), lat=st.floats(4, 53))
def test_there_and_back_is_the_same_place(system: str, lon: float, lat: float) -> None:
    """To a tenth of a millimetre (1e-9 degrees)."""
    x, y = from_web(*to_web(np.array([lon]), np.array([lat]), system), system)

    assert abs(x[0] - lon) < 1e-9
    assert abs(y[0] - lat) < 1e-9


def test_the_offset_at_yangzhou_is_half_a_kilometre() -> None:
    """About 516 m east and 208 m south of where it is: a parcel lands on the other side of the road."""
    lon, lat = to_web(np.array([119.4]), np.array([32.4]), "gcj02")
    east = (lon[0] - 119.4) * 111_320 * np.cos(np.radians(32.4))
    north = (lat[0] - 32.4) * 110_900

    assert east == pytest.approx(516, abs=5)
    assert north == pytest.approx(-208, abs=5)


def test_outside_the_country_nothing_is_offset() -> None:
    """Cambridge, Massachusetts."""
    lon, lat = to_web(np.array([-71.1]), np.array([42.37]), "gcj02")

    assert (lon[0], lat[0]) == (-71.1, 42.37)
