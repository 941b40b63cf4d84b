"""A million ellipsoidal areas against a loop over pyproj.Geod, in the same run: at least 50 times as fast, and as right.

`pytest -m benchmark tests/benchmarks/test_area_speed.py -s`
"""

import time

import numpy as np
import pytest

import geopandas as gpd
import pyproj
import shapely

from landkit.geometry import area_m2

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


def looped(shapes):
    """What a careful analyst writes: to degrees, then one call for each polygon."""
    geod = CRS.get_geod()
    return np.array([abs(geod.geometry_area_perimeter(g)[0]) for g in shapes.to_crs(CRS.geodetic_crs)])


def timed(work, *given):
    """Seconds by the clock and of the processor, and the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work(*given)
    return time.perf_counter() - wall, time.process_time() - cpu, answer


@pytest.mark.parametrize("corners", [12, 18])
def test_a_million_areas_are_fifty_times_as_fast_as_a_loop_over_geod(corners):
    """The public function, which also finds out which polygons are valid; the loop does not ask."""
    shapes, ours, loop = parcels(POLYGONS, corners), [], []
    for _ in range(ROUNDS):
        *seconds, areas = timed(area_m2, shapes)
        ours.append(seconds)
        *seconds, expected = timed(looped, shapes[:LOOPED])
        loop.append(np.array(seconds) * POLYGONS / LOOPED)
    (wall, cpu), (loop_wall, loop_cpu) = (np.median(runs, axis=0) for runs in (ours, loop))
    ppm = np.abs(areas[:LOOPED] / expected - 1).max() * 1e6
    print(  # noqa: T201  the figures are what this is for
        f"\n{corners} corners: {wall:.3f} s, cpu {cpu:.3f}; loop {loop_wall:.1f} s, cpu {loop_cpu:.1f}; "
        f"{loop_wall / wall:.0f} x by the clock, {loop_cpu / cpu:.0f} x of the processor; {ppm:.3f} ppm"
    )
    assert ppm <= 0.5
    assert areas[:LOOPED].sum() == pytest.approx(expected.sum(), rel=1e-8)
    assert loop_wall / wall >= 50
