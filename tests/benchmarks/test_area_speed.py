"""A million ellipsoidal areas against a loop over pyproj.Geod, in the same run: at least 50 times as fast, and as right.

Layers of one kind of parcel, and one as drawn: all numbers of corners, every twentieth with a hole, every twentieth in two parts.

`pytest -m benchmark tests/benchmarks/test_area_speed.py -s`
"""

import time

import numpy as np
import pytest

import geopandas as gpd
import pyproj
import shapely

from landkit.bench.memory import touch_memory
from landkit.geometry import area_m2, ellipsoidal_m2

pytestmark = [pytest.mark.benchmark, pytest.mark.slow]
POLYGONS, LOOPED, ROUNDS = 1_000_000, 20_000, 5
CRS = pyproj.CRS.from_epsg(4549)


def parcels(count, corners, seed=20261126):
    """Of so many corners each, 40 to 120 m across, all over Yangzhou in EPSG:4549."""
    rng = np.random.default_rng(seed)
    centre = np.column_stack([rng.uniform(410e3, 490e3, count), rng.uniform(3.57e6, 3.69e6, count)])
    angle = np.linspace(0, 2 * np.pi, corners + 1)[:-1]
    radius = rng.uniform(20, 60, (count, corners))
    ring = centre[:, None] + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return gpd.GeoSeries(shapely.polygons(np.concatenate([ring, ring[:, :1]], axis=1)), crs=CRS)


def drawn(count, seed=20261127):
    """Of 4 to some 60 corners, 12 as a rule; 5 % with a hole, 5 % in two parts."""
    rng = np.random.default_rng(seed)
    corners = np.minimum(3 + rng.geometric(0.11, count), 60)
    shapes = np.empty(count, dtype=object)
    for many in np.unique(corners):
        shapes[corners == many] = parcels(np.count_nonzero(corners == many), many, seed=seed + many).array
    for at in range(0, count, 20):
        x, y = shapely.get_coordinates(shapes[at])[:-1].mean(axis=0)
        # the loop takes a hole off only where it runs the other way round
        shapes[at] = shapely.Polygon(
            shapes[at].exterior, [shapely.box(x - 1, y - 1, x + 1, y + 1, ccw=False).exterior]
        )
        shapes[at + 1] = shapely.MultiPolygon([shapes[at + 1], shapely.box(x + 200, y, x + 240, y + 30)])
    return gpd.GeoSeries(shapes, crs=CRS)


def looped(shapes):
    """What a careful analyst writes: to degrees, then one call for each polygon."""
    geod = CRS.get_geod()
    return np.array([abs(geod.geometry_area_perimeter(g)[0]) for g in shapes.to_crs(CRS.geodetic_crs)])


def timed(work, *given):
    """Seconds by the clock and of the processor, and the answer."""
    touch_memory(most=2**31)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work(*given)
    return time.perf_counter() - wall, time.process_time() - cpu, answer


def compared(measure, shapes, rounds=ROUNDS):
    """Times as fast as the loop by the clock, and how far off in ppm; says both and the seconds."""
    ours, loop = [], []
    for _ in range(rounds):
        *seconds, areas = timed(measure, shapes)
        ours.append(seconds)
        *seconds, expected = timed(looped, shapes[:LOOPED])
        loop.append(np.array(seconds) * len(shapes) / LOOPED)
    (wall, cpu), (loop_wall, loop_cpu) = (np.median(runs, axis=0) for runs in (ours, loop))
    areas = np.asarray(areas)[:LOOPED]
    ppm = np.abs(areas / expected - 1).max() * 1e6
    print(  # noqa: T201  the figures are what this is for
        f"\n{wall:.3f} s (least {min(ours)[0]:.3f}), cpu {cpu:.3f}; loop {loop_wall:.1f} s, cpu {loop_cpu:.1f}; "
        f"{loop_wall / wall:.0f} x by the clock, {loop_cpu / cpu:.0f} x of the processor; {ppm:.3f} ppm"
    )
    assert areas.sum() == pytest.approx(expected.sum(), rel=1e-8)
    return loop_wall / wall, ppm


def known_valid(shapes):
    return ellipsoidal_m2(np.asarray(shapes.array, dtype=object), CRS)


@pytest.mark.parametrize("measure", [area_m2, known_valid])
@pytest.mark.parametrize("corners", [12, 18])
def test_a_million_areas_are_fifty_times_as_fast_as_a_loop_over_geod(corners, measure):
    """The public function also finds out which polygons are valid; the loop does not ask."""
    times, ppm = compared(measure, parcels(POLYGONS, corners))
    assert ppm <= 0.5
    assert times >= 50


@pytest.mark.parametrize("measure", [area_m2, known_valid])
def test_a_layer_with_holes_and_parts_falls_off_no_cliff(measure):
    """Of each in twenty GEOS asks every edge, and rings are taken out one by one."""
    times, ppm = compared(measure, drawn(POLYGONS // 5))
    assert ppm <= 0.5
    assert times >= 20
