"""Polygons that are hard on an overlay: stars, combs, holes in holes, collinear and repeated vertices, borders
shared exactly or up to a noise, coordinates as large as Gauss-Krueger eastings with their zone number.

Every builder makes many at once, on a grid of squares of SIDE metres, valid by construction; `placed` moves them
to where maps are.
"""

from __future__ import annotations

import numpy as np

import shapely

SIDE = 100.0
ORIGINS = {"plain": (500_000.0, 3_570_000.0), "with zone number": (40_500_000.0, 3_570_000.0)}
POLYGON = shapely.GeometryType.POLYGON


def cells(count: int) -> np.ndarray:
    """Lower left corners of the first `count` squares of a square grid."""
    across = int(np.ceil(np.sqrt(count)))
    return SIDE * np.stack(np.divmod(np.arange(count), across)[::-1], axis=1)


def from_rings(rings: np.ndarray, holes: np.ndarray | None = None) -> np.ndarray:
    """Polygons of (n, vertices, 2) open rings, each with one hole where `holes` are given."""
    stacks = [rings] if holes is None else [rings, holes]
    closed = [np.concatenate([ring, ring[:, :1]], axis=1) for ring in stacks]
    flat = np.concatenate(closed, axis=1).reshape(-1, 2)
    sizes = np.tile([ring.shape[1] for ring in closed], len(rings))
    rings_of = np.arange(0, len(rings) * len(stacks) + 1, len(stacks))
    return shapely.from_ragged_array(POLYGON, flat, (np.concatenate([[0], np.cumsum(sizes)]), rings_of))


def stars(rng: np.random.Generator, count: int, corners: int = 14, reach: float = 0.8) -> np.ndarray:
    """Ragged rings around the middle of each square, out to `reach` of its side."""
    turn = (np.arange(corners) + rng.uniform(0, 0.8, (count, corners))) * 2 * np.pi / corners
    far = SIDE * reach * rng.uniform(0.2, 1, (count, corners))
    middle = cells(count)[:, None] + SIDE / 2
    return from_rings(middle + far[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1))


def rims(rng: np.random.Generator, count: int, corners: int = 9) -> np.ndarray:
    """Stars with a star-shaped hole well inside."""
    turn = (np.arange(corners) + rng.uniform(0, 0.8, (count, corners))) * 2 * np.pi / corners
    unit = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    middle = cells(count)[:, None] + SIDE / 2
    outer = middle + unit * SIDE * rng.uniform(0.6, 0.9, (count, corners, 1))
    inner = middle + unit * SIDE * rng.uniform(0.05, 0.3, (count, corners, 1))
    return from_rings(outer, inner[:, ::-1])


def combs(rng: np.random.Generator, count: int, teeth: int = 5) -> np.ndarray:
    """A back along the lower side and teeth of random height; whole metres, so edges often lie on one line."""
    left = np.broadcast_to(np.arange(teeth) * 20.0, (count, teeth))
    height = 10.0 + rng.integers(1, 90, (count, teeth))
    xs = np.repeat(np.stack([left, left + rng.integers(5, 15, (count, teeth))], axis=-1), 2, axis=-1)
    ys = np.stack([np.full_like(height, 10.0), height, height, np.full_like(height, 10.0)], axis=-1)
    top = np.stack([xs.reshape(count, -1), ys.reshape(count, -1)], axis=-1)
    foot = np.broadcast_to(np.array([[100.0, 10.0], [100.0, 0.0], [0.0, 0.0]]), (count, 3, 2))
    return from_rings(cells(count)[:, None] + np.concatenate([top, foot], axis=1))


def boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Rectangles on whole metres with a collinear and a repeated vertex on every side."""
    low, high = rng.integers(-20, 50, (count, 2)), rng.integers(51, 130, (count, 2))
    x0, y0, x1, y1 = low[:, 0], low[:, 1], high[:, 0], high[:, 1]
    mx, my = (x0 + x1) // 2, (y0 + y1) // 2
    xs = np.stack([x0, mx, mx, x1, x1, x1, mx, x0, x0], axis=1)
    ys = np.stack([y0, y0, y0, y0, my, y1, y1, y1, my], axis=1)
    return from_rings(cells(count)[:, None] + np.stack([xs, ys], axis=-1).astype(float))


def nudged(rng: np.random.Generator, shapes: np.ndarray, noise_m: float) -> np.ndarray:
    """The same shapes with every vertex moved a little, those still valid: borders shared up to a noise."""
    kind, xy, (ring_start, *above) = shapely.to_ragged_array(shapes)
    moved = xy + rng.normal(0, noise_m, xy.shape)
    moved[ring_start[1:] - 1] = moved[ring_start[:-1]]
    made = shapely.from_ragged_array(kind, moved, (ring_start, *above))
    return made[shapely.is_valid(made)]


def placed(shapes: np.ndarray, origin: tuple[float, float]) -> np.ndarray:
    """The shapes moved to an origin, those still valid after the rounding there."""
    moved = shapely.transform(shapes, lambda xy: xy + np.array(origin))
    return moved[shapely.is_valid(moved)]


def everything(
    rng: np.random.Generator, count: int, origin: tuple[float, float] = ORIGINS["plain"]
) -> np.ndarray:
    """All kinds together, `count` of each."""
    return placed(np.concatenate([kind(rng, count) for kind in (stars, rims, combs, boxes)]), origin)
