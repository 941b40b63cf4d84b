"""Two outlines of the same ground: a web map's offset is told from honest differences, whichever of the two is offset."""

from __future__ import annotations

import numpy as np
import pytest
from builders import X, Y

import pyproj
import shapely

from landkit.io.crs.outline import Limits, compare_outlines
from landkit.io.crs.web_coordinates import to_web

CRS = pyproj.CRS.from_epsg(4549)
DEGREES = pyproj.Transformer.from_crs(CRS, CRS.geodetic_crs, always_xy=True)


def county(seed: int = 1, *, noise_m: float = 0.0, cut: float = 0.0) -> shapely.Polygon:
    """A county of about 900 km2 with a ragged border; `noise_m` and `cut` make another honest drawing of it."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    radius = 17_000 + sum(
        rng.normal(0, 2500 / k) * np.cos(k * angle + rng.uniform(0, 6.28)) for k in range(2, 40)
    )
    other = np.random.default_rng(seed + 1000)
    radius = radius + other.normal(0, noise_m, len(angle)) if noise_m else radius
    shape = shapely.Polygon(
        np.column_stack([X + radius * np.cos(angle), Y + 20_000 + radius * np.sin(angle)])
    )
    if cut:
        shore = shapely.box(X - 40_000, Y + 20_000 + 17_000 * (1 - 2 * cut), X, Y + 60_000)
        shape = shape.difference(shore)
    return shape.buffer(0) if not shape.is_valid else shape


def web(shape: shapely.Geometry, system: str) -> shapely.Geometry:
    def move(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return DEGREES.transform(*to_web(*DEGREES.transform(x, y), system), direction="INVERSE")

    return shapely.transform(shape, move, interleaved=False)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise_m", [0.0, 40.0, 120.0])
def test_honest_differences_are_no_offset(seed: int, noise_m: float) -> None:
    """Noise of a coarse drawing, and up to 7 % of the area left out along one shore."""
    for cut in (0.0, 0.07):
        found = compare_outlines(county(seed, noise_m=noise_m, cut=cut), county(seed), CRS)
        assert found.cause == "none"


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
@pytest.mark.parametrize("noise_m", [0.0, 80.0])
def test_a_web_map_outline_is_named_with_its_shift(system: str, noise_m: float) -> None:
    """Either way round, also in a coarse drawing with a piece left out."""
    true, drawn = county(), county(noise_m=noise_m, cut=0.05)
    offset = compare_outlines(web(drawn, system), true, CRS)
    control = compare_outlines(true, web(drawn, system), CRS)
    moved = shapely.get_coordinates(web(true, system)) - shapely.get_coordinates(true)

    assert offset.cause == system
    assert control.cause == f"control_{system}"
    assert offset.east_m == pytest.approx(np.median(moved[:, 0]), abs=60)
    assert offset.north_m == pytest.approx(np.median(moved[:, 1]), abs=60)
    assert offset.moves[0].residual_m < 0.5 * next(m.residual_m for m in offset.moves if m.cause == "none")


def test_a_shift_of_another_kind_is_not_called_a_web_map() -> None:
    """100 m to the south-west, as an old datum that was only relabelled: a shift of no known cause."""
    found = compare_outlines(shapely.transform(county(), lambda xy: xy - 70.0), county(), CRS)

    assert found.cause == "shift"
    assert found.distance_m == pytest.approx(70 * 2**0.5, abs=2)


def test_a_shift_below_the_limit_is_honest() -> None:
    """20 m between two county outlines is drawing."""
    found = compare_outlines(shapely.transform(county(), lambda xy: xy + 14.0), county(), CRS)

    assert found.cause == "none"


def test_the_limits_are_the_studys_to_set() -> None:
    """Rules, not constants."""
    near = compare_outlines(
        shapely.transform(county(), lambda xy: xy + 14.0), county(), CRS, limits=Limits(shift_m=10.0)
    )

    assert near.cause == "shift"


@pytest.mark.parametrize(
    "other", [shapely.box(0, 0, 1000, 1000), shapely.Polygon(), shapely.Point(X, Y), None]
)
def test_other_ground_is_not_compared(other: shapely.Geometry | None) -> None:
    """And nothing is made up."""
    found = compare_outlines(county(), other, CRS)

    assert found.cause == "other_ground"
    assert found.moves == ()
