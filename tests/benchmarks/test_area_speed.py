"""A million ellipsoidal areas against a loop over pyproj.Geod, in the same run: at least 50 times as fast, and as right.

`ellipsoidal_m2` answers what the loop answers, `area_m2` finds out first which polygons are valid; so its peer asks GEOS that
before it measures.  How it stands beside the loop alone is said, too.

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


def looped_if_valid(shapes):
    """The same, and what is not valid has no area."""
    return np.where(shapes.is_valid, looped(shapes), np.nan)


def timed(work, *given):
    """Seconds by the clock and of the processor, and the answer."""
    touch_memory()
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work(*given)
    return time.perf_counter() - wall, time.process_time() - cpu, answer


def compared(measure, peer, shapes, rounds=ROUNDS):
    """Times as fast as the peer by the clock, and how far off in ppm; says both and the seconds, and those of the loop alone."""
    ours, theirs, loop = [], [], []
    for _ in range(rounds):
        *seconds, areas = timed(measure, shapes)
        ours.append(seconds)
        for runs, work in ((theirs, peer), (loop, looped)):
            *seconds, expected = timed(work, shapes[:LOOPED])
            runs.append(np.array(seconds) * len(shapes) / LOOPED)
    (wall, cpu), (peer_wall, peer_cpu), (loop_wall, _) = (
        np.median(runs, axis=0) for runs in (ours, theirs, loop)
    )
    areas = np.asarray(areas)[:LOOPED]
    ppm = np.abs(areas / expected - 1).max() * 1e6
    print(  # noqa: T201  the figures are what this is for
        f"\n{wall:.3f} s (least {min(ours)[0]:.3f}), cpu {cpu:.3f}; peer {peer_wall:.1f} s, cpu {peer_cpu:.1f}; "
        f"{peer_wall / wall:.0f} x by the clock, {peer_cpu / cpu:.0f} x of the processor; {ppm:.3f} ppm; "
        f"the loop alone {loop_wall:.1f} s, {loop_wall / wall:.0f} x"
    )
    assert areas.sum() == pytest.approx(expected.sum(), rel=1e-8)
    return peer_wall / wall, ppm


def known_valid(shapes):
    return ellipsoidal_m2(np.asarray(shapes.array, dtype=object), CRS)


# the goal of 50 is for the question that the loop answers
ALIKE = pytest.mark.parametrize(
    ("measure", "peer", "goal"), [(area_m2, looped_if_valid, 40), (known_valid, looped, 50)]
)


@ALIKE
@pytest.mark.parametrize("corners", [12, 18])
def test_a_million_areas_are_fifty_times_as_fast_as_a_loop_over_geod(corners, measure, peer, goal):
    times, ppm = compared(measure, peer, parcels(POLYGONS, corners))
    assert ppm <= 0.5
    assert times >= goal


@ALIKE
def test_a_layer_with_holes_and_parts_falls_off_no_cliff(measure, peer, goal):
    """Of each in twenty GEOS asks every edge, and rings are taken out one by one."""
    times, ppm = compared(measure, peer, drawn(POLYGONS // 5))
    assert ppm <= 0.5
    assert times >= goal * 0.4
