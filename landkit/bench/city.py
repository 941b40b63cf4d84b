"""A made city of 75 x 88 km: parcels, farmland, red lines, towns and clusters, the same for the same seed.

Nothing in it is real.  Shapes are as rough as the drawn ones: red lines of up to a million vertices with islands,
parcels of 5 to 50 vertices in no order, farmland in 200,000 small pieces.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Floats, Ints, Shapes, ranges, starts

CRS: Final = "EPSG:4549"
WIDTH_M: Final = 75_000.0
HEIGHT_M: Final = 88_000.0
CORNER: Final = np.array([406_073.0, 3_542_300.0])  # lower left, near 119.4 E 32.4 N
CITY_CELLS: Final = 330_000  # cells of the whole city, of which fewer parcels are drawn
BLOCK: Final = 250_000
MILLIMETRE: Final = 3  # decimals


def parcels(count: int, seed: int = 21) -> Shapes:
    """Disjoint parcels in no order: about 1 ha each, up to 52 vertices (地块)."""
    return np.concatenate(list(parcel_blocks(count, seed)))


def parcel_blocks(count: int, seed: int = 21) -> Iterator[Shapes]:
    """The same in blocks, so that a million more cost no more memory."""
    rng = np.random.default_rng(seed)
    corners = lattice(rng, max(count, CITY_CELLS))
    cells = rng.permutation((corners.shape[0] - 1) * (corners.shape[1] - 1))[:count]
    for first in range(0, len(cells), BLOCK):
        yield patches(rng, corners, cells[first : first + BLOCK], fill=0.62, extra=3.3)


def farmland(count: int = 200_000, seed: int = 31) -> Shapes:
    """Disjoint pieces of farmland over half of the city (永久基本农田)."""
    rng = np.random.default_rng(seed)
    corners = lattice(rng, count)
    cells = rng.permutation((corners.shape[0] - 1) * (corners.shape[1] - 1))[:count]
    return patches(rng, corners, cells, fill=0.5, extra=2.8)


def lattice(rng: np.random.Generator, cells: int) -> Floats:
    """Corners (rows + 1, columns + 1, 2) of at least so many cells, each corner moved by up to a quarter of a
    cell.
    """
    columns = int(np.ceil(np.sqrt(cells * WIDTH_M / HEIGHT_M)))
    rows = int(np.ceil(cells / columns))
    x, y = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
    moved = np.stack([x, y], axis=-1) + rng.uniform(-0.25, 0.25, (rows + 1, columns + 1, 2))
    return np.asarray(CORNER + moved * [WIDTH_M / columns, HEIGHT_M / rows])


def patches(rng: np.random.Generator, corners: Floats, cells: Ints, *, fill: float, extra: float) -> Shapes:
    """One patch in each cell: the cell shrunk to about `fill` of its area, `extra` vertices to a side, each
    moved inwards a little.
    """
    row, column = np.divmod(cells, corners.shape[1] - 1)
    quad = np.stack(
        [
            corners[row, column],
            corners[row, column + 1],
            corners[row + 1, column + 1],
            corners[row + 1, column],
        ],
        axis=1,
    )
    middle = quad.mean(axis=1, keepdims=True)
    size = np.sqrt(fill * rng.lognormal(0, 0.75, len(cells))).clip(0.15, 0.97)
    quad = middle + (quad - middle) * size[:, None, None]
    more = rng.poisson(extra, (len(cells), 4)).clip(0, 12)
    side = np.repeat(np.arange(4 * len(cells)), more.ravel() + 1)
    step = ranges(np.zeros(len(more.ravel()), np.int64), more.ravel() + 1)
    share = (step / (more.ravel()[side] + 1))[:, None]
    begin, end = quad.reshape(-1, 2), np.roll(quad, -1, axis=1).reshape(-1, 2)
    points = begin[side] + (end - begin)[side] * share
    centre = middle[side // 4, 0]
    inward = np.where(step > 0, 1 - rng.uniform(0, 0.06, len(side)), 1.0)
    points = np.round(centre + (points - centre) * inward[:, None], MILLIMETRE)
    return closed_polygons(points, more.sum(axis=1) + 4)


def closed_polygons(points: Floats, sizes: Ints) -> Shapes:
    """Polygons of one ring each, from open rings one after another."""
    first = starts(sizes)
    place = np.arange(len(points)) + np.repeat(np.arange(len(sizes)), sizes)
    closed = np.empty((len(points) + len(sizes), 2))
    closed[place] = points
    closed[first[1:] + np.arange(len(sizes))] = points[first[:-1]]
    rings = starts(sizes + 1)
    kind = shapely.GeometryType.POLYGON
    return np.asarray(shapely.from_ragged_array(kind, closed, (rings, np.arange(len(rings)))), dtype=object)


# lines ----------------------------------------------------------------------------------------------------------------


def rough(rng: np.random.Generator, count: int, slope: float) -> Floats:
    """Noise with as much roughness as a coast has, between -1 and 1: wave k has the height k^-slope."""
    wave = np.arange(1, count // 2)
    spectrum = np.zeros(count // 2 + 1, complex)
    spectrum[1 : count // 2] = (rng.normal(size=wave.size) + 1j * rng.normal(size=wave.size)) * wave**-slope
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / np.abs(noise).max())


def blob(rng: np.random.Generator, middle: Floats, radius_m: float, vertices: int, swing: float) -> Floats:
    """A ragged ring around a point, seen whole from it, so that it never crosses itself."""
    count = max(vertices // 2 * 2, 8)
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    far = radius_m * (1 + swing * rough(rng, count, 1.25))
    return np.asarray(middle + far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def lake(rng: np.random.Generator, middle: Floats, radius_m: float, vertices: int, islands: int) -> Shapes:
    """A ragged lake with islands, no two of which touch."""
    shore = blob(rng, middle, radius_m, int(vertices * 0.7), 0.4)
    turn = np.arange(islands) * 2.4  # the golden angle: islands on a spiral keep apart
    far = radius_m * 0.5 * np.sqrt((np.arange(islands) + 1) / (islands + 1))
    places = middle + far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    size = radius_m * 0.25 / np.sqrt(islands + 1)
    rims = [
        blob(rng, place, size * rng.uniform(0.2, 1), int(vertices * 0.3 / islands), 0.4) for place in places
    ]
    return np.array([shapely.Polygon(shore, rims)], dtype=object)


def river(rng: np.random.Generator, ends: Floats, vertices: int, bend_m: float, width_m: float) -> Shapes:
    """A corridor between two ragged banks from one end to the other; it never turns back."""
    count = max(vertices // 4 * 2, 16)
    along = ends[1] - ends[0]
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    middle = ends[0] + np.linspace(0, 1, count)[:, None] * along
    course = bend_m * rough(rng, count, 1.4)
    banks = [width_m * (1 + 0.6 * rough(rng, count, 1.1)) * side for side in (1, -1)]
    left, right = (middle + (course + bank)[:, None] * across for bank in banks)
    return np.array([shapely.Polygon(np.concatenate([left, right[::-1]]))], dtype=object)


def red_lines(vertices: int = 1_000_000, count: int = 147, seed: int = 11) -> Shapes:
    """Disjoint red lines with about so many vertices in all, half of them in three great ones (生态保护红线)."""
    rng = np.random.default_rng(seed)

    def at(x: float, y: float) -> Floats:
        return np.asarray(CORNER + np.array([x * WIDTH_M, y * HEIGHT_M]))

    drawn = [
        river(rng, np.array([at(-0.01, 0.18), at(1.01, 0.10)]), int(vertices * 0.22), 2500, 1600),
        river(rng, np.array([at(0.52, -0.01), at(0.47, 1.01)]), int(vertices * 0.16), 1800, 350),
        lake(rng, at(0.3, 0.72), 10_500, int(vertices * 0.12), 60),
    ]
    weight = rng.pareto(1.1, count - len(drawn)) + 0.05
    sizes = (weight / weight.sum() * vertices * 0.5).clip(60, vertices * 0.05).astype(int)
    for nth, size in enumerate(sizes.tolist()):
        place = at(*rng.uniform(0, 1, 2))
        if nth % 5 == 0:
            turn, length = rng.uniform(0, np.pi), rng.uniform(4000, 25_000)
            ends = np.array([place, place + length * np.array([np.cos(turn), np.sin(turn)])])
            drawn.append(river(rng, ends, size, length * 0.04, rng.uniform(40, 160)))
        elif nth % 5 < 3:
            drawn.append(lake(rng, place, rng.lognormal(6.6, 0.6), size, int(rng.integers(1, 8))))
        else:
            drawn.append(np.array([shapely.Polygon(blob(rng, place, rng.lognormal(6.8, 0.7), size, 0.55))]))
    return without_overlap(np.concatenate(drawn))


def without_overlap(shapes: Shapes) -> Shapes:
    """The shapes made valid, each without what an earlier one holds, as in an official layer."""
    shapes = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for place in range(len(shapes)):
        earlier = other[(one == place) & (other < place)]
        if len(earlier):
            shapes[place] = shapely.difference(shapes[place], shapely.union_all(shapes[earlier]))
    parts = [shapely.get_parts([shape]) for shape in shapes]
    kept = [part[shapely.area(part) > 0] for part in parts]  # neither lines nor nothing
    return np.array([shapely.multipolygons(part) for part in kept if len(part)], dtype=object)


def towns(vertices: int = 200_000, seed: int = 12) -> Shapes:
    """Ragged towns, one to a square of 10 x 12, one of them with half the vertices (城镇开发边界)."""
    rng = np.random.default_rng(seed)
    squares = np.stack(np.meshgrid(np.arange(10), np.arange(12)), axis=-1).reshape(-1, 2)
    weight = rng.pareto(1.2, len(squares)) + 0.1
    weight[0] = weight.sum()
    sizes = (weight / weight.sum() * vertices).clip(60).astype(int)
    middle = CORNER + (squares + 0.5) * [WIDTH_M / 10, HEIGHT_M / 12]
    far = np.minimum(rng.lognormal(7.6, 0.4, len(squares)), 2400)
    rings = [blob(rng, *one, 0.5) for one in zip(middle, far.tolist(), sizes.tolist(), strict=True)]
    return without_overlap(np.array([shapely.Polygon(ring) for ring in rings], dtype=object))


def clusters(vertices: int = 28_000, seed: int = 41) -> Shapes:
    """Six strips that tile the city, with ragged borders that neighbours share (片区)."""
    rng = np.random.default_rng(seed)
    count = vertices // 10 // 2 * 2
    y = CORNER[1] + np.linspace(0, HEIGHT_M, count)
    fronts = [np.full(count, CORNER[0])]
    fronts += [CORNER[0] + WIDTH_M * (k + 0.25 * rough(rng, count, 1.4)) / 6 for k in range(1, 6)]
    fronts += [np.full(count, CORNER[0] + WIDTH_M)]
    borders = [np.stack([x, y], axis=1) for x in fronts]
    rings = [np.concatenate([left, right[::-1]]) for left, right in itertools.pairwise(borders)]
    return np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
