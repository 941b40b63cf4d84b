"""The compiled walk around parcels against the same walk taken with shapely, point by point."""

import numpy as np
import pytest

import shapely

from landkit.overlay.edge_tree import tree_of
from landkit.overlay.kernel.reading import read_layer, wkb_from
from landkit.overlay.walk.near import side
from landkit.overlay.walk.profile import SCALES, step_m, walk_along

SIGMA_M = 0.5
CLIP_M = 6 * SIGMA_M
ORIGIN = np.array([500_000.0, 3_570_000.0])


def zone(name):
    """A square; a lake whose shore has an edge every 0.2 m; an area of many small patches."""
    if name == "square":
        return shapely.box(0, 0, 300, 300)
    if name == "shore":
        turn = np.linspace(0, 2 * np.pi, 9000, endpoint=False)
        r = 290 + 8 * np.sin(23 * turn)
        return shapely.Polygon(np.column_stack([150 + r * np.cos(turn), 150 + r * np.sin(turn)]))
    x, y = np.divmod(np.arange(900), 30)
    return shapely.MultiPolygon(list(shapely.box(x * 12, y * 12, x * 12 + 8 + x % 3, y * 12 + 7 + y % 4)))


def drawn(count=60):
    """Parcels of all sizes, some with a hole, that lie inside, outside and across, near and far, from a fixed seed."""
    rng = np.random.default_rng(7)
    centre, size = rng.uniform(-150, 450, (count, 2)), rng.uniform(4, 120, count)
    shells = []
    for (x, y), r in zip(centre, size, strict=True):
        turn = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 30)))
        far = r * rng.uniform(0.6, 1, len(turn))
        shells.append(shapely.Polygon(np.column_stack([x + far * np.cos(turn), y + far * np.sin(turn)])))
    holes = shapely.buffer(shapely.point_on_surface(shells), 0.05 * size, quad_segs=2)
    return np.array([s - h if k % 3 == 0 else s for k, (s, h) in enumerate(zip(shells, holes, strict=True))])


def depths_of(parcel, area, sign):
    """Signed distance to the boundary of an area every step along each ring, as the walk takes them."""
    depths = []
    for ring in shapely.get_rings(shapely.orient_polygons(parcel, exterior_cw=False)):
        points = shapely.line_interpolate_point(ring, np.arange(0, ring.length, step_m(SIGMA_M)))
        within = np.where(
            shapely.intersects_xy(area, shapely.get_x(points), shapely.get_y(points)), sign, -sign
        )
        depths.append(within * shapely.distance(points, area.boundary))
    return depths


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("name", ["square", "shore", "patches"])
def test_every_step_of_the_walk_is_as_deep_as_shapely_measures_it(name, sign):
    area, parcels = zone(name), drawn()
    shapely.prepare(area)
    moved = [shapely.transform(shapes, lambda xy: xy + ORIGIN) for shapes in (parcels, np.array([area]))]
    walk = walk_along(
        *(tree_of(read_layer(wkb_from(shapes), "parcels", workers=1), ORIGIN) for shapes in moved),
        sign=sign,
        sigma_m=SIGMA_M,
        clip_m=CLIP_M,
        scatter_m=np.full(SCALES, SIGMA_M),
        workers=1,
    )
    near = 0
    for k, parcel in enumerate(parcels):
        rings = depths_of(parcel, area, sign)
        depth = np.concatenate(rings)
        if not parcel.boundary.intersects(area.boundary):
            assert walk.gap_m[k] == pytest.approx(parcel.boundary.distance(area.boundary), abs=1e-6)
        if np.abs(depth).min() > CLIP_M:
            continue  # no stretch of it is near: nothing is walked, and only the gap and the depth are filled in
        near += 1
        inside = depth[depth > 0]
        assert walk.inside_m[k] == len(inside) * step_m(SIGMA_M)
        assert walk.mean_m[k] == pytest.approx(inside.mean() if len(inside) else 0.0, abs=1e-6)
        assert walk.depth_m[k] >= max(depth.max(), 0.0) - 1e-6
        assert walk.run_m[k] == (depth > -CLIP_M).sum() * step_m(SIGMA_M)
        core = depth[np.abs(depth) <= CLIP_M]
        assert walk.core_m[k] == len(core) * step_m(SIGMA_M)
        assert walk.core_mean_m[k] == pytest.approx(core.mean(), abs=1e-6)
    assert near > 20


def nearest_edges(points, seg):
    """The nearest of some edges to each point, the first where several are, and where its foot lies."""
    start, way = seg[:, :2], seg[:, 2:] - seg[:, :2]
    off = points[:, None] - start
    foot = np.clip((off * way).sum(axis=2) / (way**2).sum(axis=1), 0.0, 1.0)
    edge = np.hypot(*np.moveaxis(off - foot[..., None] * way, 2, 0)).argmin(axis=1)
    return edge, foot[np.arange(len(points)), edge]


@pytest.mark.parametrize("bend_m", [0.0, 1e-9, 1e-6, 1e-2, 3.0])
def test_a_point_is_told_to_lie_in_an_area_whatever_the_corners_that_are_nearest_to_it(bend_m):
    """Sharp corners both ways, and corners in the middle of edges that are hardly bent or not at all."""
    rng = np.random.default_rng(11)
    asked = wrong = 0
    for _ in range(20):
        turn = np.sort(rng.uniform(0, 2 * np.pi, 9))
        ring = rng.uniform(20, 100, 9)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        between = (ring + np.roll(ring, -1, axis=0)) / 2 + rng.normal(0, bend_m, ring.shape)
        area = shapely.Polygon(np.stack([ring, between], axis=1).reshape(-1, 2))
        if not area.is_valid:
            continue
        there = shapely.transform(np.array([area]), lambda xy: xy + ORIGIN)
        tree = tree_of(read_layer(wkb_from(there), "zones", workers=1), ORIGIN)
        corners = tree.seg[:, :2]
        points = np.concatenate([corners + rng.normal(0, s, corners.shape) for s in (1e-3, 0.3, 5.0, 40.0)])
        points = points[shapely.distance(shapely.points(points), area.boundary) > 1e-5]
        for (x, y), i, t in zip(points, *nearest_edges(points, tree.seg), strict=True):
            asked += 1
            wrong += (side.py_func(x, y, tree, i, t) > 0) != shapely.contains_xy(area, x, y)
    assert asked > 500
    assert wrong == 0
