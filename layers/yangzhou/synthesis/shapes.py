"""Shapes that look grown: smooth noise, ragged edges, street meshes, growth over blocks, lots."""

from __future__ import annotations

import heapq
import zlib
from dataclasses import dataclass

import numpy as np

import shapely
from shapely import affinity

from .measure import GRID_M, ellipsoidal_area, on_grid, to_plane

SEED = 20201231


def rng(*names: object) -> np.random.Generator:
    """A random generator of its own for each named step, so that one step does not disturb another."""
    return np.random.default_rng([SEED, zlib.crc32("/".join(map(str, names)).encode())])


class Noise:
    """A smooth random displacement of the plane: sine waves of given length and height (m)."""

    def __init__(self, name: str, waves: list[tuple[float, float]], per_octave: int = 4):
        random = rng("noise", name)
        length = np.repeat([w for w, _ in waves], per_octave) * random.uniform(
            0.75, 1.3, per_octave * len(waves)
        )
        angle = random.uniform(0, 2 * np.pi, len(length))
        self._k = 2 * np.pi / length * np.array([np.cos(angle), np.sin(angle)])
        self._phase = random.uniform(0, 2 * np.pi, (2, len(length)))
        self._amplitude = np.repeat([a for _, a in waves], per_octave) / np.sqrt(per_octave)

    def __call__(self, xy: np.ndarray) -> np.ndarray:
        turn = np.asarray(xy, dtype=float) @ self._k
        return np.column_stack(
            [(np.sin(turn + self._phase[i]) * self._amplitude).sum(axis=1) for i in (0, 1)]
        )


SHORE = Noise("shore", [(9000, 420), (3600, 170), (1400, 65), (560, 24), (220, 8)])
INLET = Noise("inlet", [(2600, 190), (1100, 80), (420, 22)])
BANK = Noise("bank", [(700, 16), (260, 8), (130, 3)])
BEND = Noise("bend", [(6000, 260), (2300, 90)])
STREET = Noise("street", [(5200, 170), (2100, 45)])
FIELD = Noise("field", [(8000, 300), (2500, 90), (600, 12)])


def warp(geometry, noise: Noise, step_m: float):
    """The geometry, densified and displaced by the noise."""
    moved = shapely.transform(shapely.segmentize(geometry, step_m), lambda xy: xy + noise(xy))
    return moved if moved.is_valid else shapely.make_valid(moved, method="structure", keep_collapsed=False)


def smooth_line(lonlat, rounds: int = 4) -> shapely.LineString:
    """A line through the given points with its corners cut (Chaikin), in the plane."""
    xy = to_plane(lonlat)
    for _ in range(rounds):
        a, b = xy[:-1], xy[1:]
        middle = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        xy = np.vstack([xy[:1], middle[1:-1], xy[-1:]])
    return shapely.LineString(xy)


def river(lonlat, half_width_m: float, step_m: float = 60.0):
    """A river corridor with bends and ragged banks."""
    line = warp(smooth_line(lonlat), BEND, 150.0)
    return warp(
        line.buffer(half_width_m, cap_style="flat", join_style="round", quad_segs=4).simplify(2.0),
        BANK,
        step_m,
    )


def blob(lonlat, step_m: float = 90.0, noise: Noise = SHORE):
    """A lake or a wood: the outline given, rounded and made ragged."""
    corners = to_plane(lonlat)
    ring = np.vstack([corners, corners[:1]])
    for _ in range(3):
        ring = np.stack(
            [0.75 * ring[:-1] + 0.25 * ring[1:], 0.25 * ring[:-1] + 0.75 * ring[1:]], axis=1
        ).reshape(-1, 2)
        ring = np.vstack([ring, ring[:1]])
    return warp(warp(shapely.Polygon(ring).buffer(250).buffer(-100), noise, step_m), INLET, step_m)


def street_lines(
    name: str, middle, angle_deg: float, half_x_m: float, half_y_m: float, spacing=(400, 720)
) -> list:
    """The edges of a warped, turned grid of streets, some of them missing so that blocks vary."""
    random = rng("mesh", name)
    x = np.cumsum(random.uniform(*spacing, int(2 * half_x_m / np.mean(spacing)) + 1))
    y = np.cumsum(random.uniform(*spacing, int(2 * half_y_m / np.mean(spacing)) + 1))
    grid = np.stack(np.meshgrid(x - x.mean(), y - y.mean(), indexing="ij"), axis=-1)
    grid += random.normal(0, 14, grid.shape)
    turn = np.radians(angle_deg)
    grid = (
        grid @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + to_plane(middle)[0]
    )
    grid = np.round(grid + STREET(grid.reshape(-1, 2)).reshape(grid.shape), 2)
    edges = []
    for i in range(len(x)):
        for j in range(len(y)):
            border_i, border_j = i in (0, len(x) - 1), j in (0, len(y) - 1)
            if i + 1 < len(x) and (border_j or random.random() > 0.09):
                edges.append(shapely.LineString([grid[i, j], grid[i + 1, j]]))
            if j + 1 < len(y) and (border_i or random.random() > 0.09):
                edges.append(shapely.LineString([grid[i, j], grid[i, j + 1]]))
    return edges


def faces(lines, allowed, smallest_m2: float) -> list:
    """The blocks that streets and natural edges cut out of the allowed land; scraps join a neighbour."""
    shapely.prepare(allowed)
    noded = shapely.unary_union([*lines, shapely.boundary(allowed)], grid_size=GRID_M)
    found = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    found = [p for p in found if allowed.contains(p.representative_point())]
    return _join_scraps(found, smallest_m2)


def _join_scraps(blocks: list, smallest_m2: float) -> list:
    blocks = sorted(blocks, key=lambda p: (round(p.centroid.x, 2), round(p.centroid.y, 2)))
    tree = shapely.STRtree(blocks)
    alive = dict(enumerate(blocks))
    for i in sorted(alive, key=lambda i: blocks[i].area):
        if alive[i].area >= smallest_m2:
            break
        near = [j for j in sorted(tree.query(blocks[i])) if j != i and j in alive]
        shared = [alive[i].intersection(alive[j]).length for j in near]
        if near and max(shared) > 5:
            j = near[int(np.argmax(shared))]
            merged = shapely.unary_union([alive[i], alive[j]])
            if merged.geom_type == "Polygon" and not merged.interiors:
                alive[j] = merged
        del alive[i]
    return list(alive.values())


@dataclass
class Blocks:
    """City blocks that tile some land; a growing area takes whole blocks and cuts the last one to size."""

    shapes: list
    angle: float

    def __post_init__(self):
        self.area = list(ellipsoidal_area(self.shapes))

    def _near(self, tree, i: int) -> list[int]:
        near = [j for j in sorted(int(j) for j in tree.query(self.shapes[i])) if j != i]
        shared = (
            shapely.length(shapely.intersection([self.shapes[j] for j in near], self.shapes[i]))
            if near
            else []
        )
        return [j for j, length in zip(near, shared, strict=True) if length > 25]

    def grow(self, chosen: set[int], free: set[int], start, target_m2: float, score) -> set[int]:
        """Blocks that make up exactly the target area, grown from those chosen or from the start."""
        tree = shapely.STRtree(self.shapes)
        chosen, free = set(chosen), set(free)
        if not chosen:
            first = min(free, key=lambda i: (self.shapes[i].distance(start), i))
            chosen, free = {first}, free - {first}
        total = sum(self.area[i] for i in chosen)
        queue: list[tuple[float, int]] = []
        touching: dict[int, int] = {}

        def offer(i: int) -> None:
            for j in self._near(tree, i):
                if j in free and j not in chosen:
                    touching[j] = touching.get(j, 0) + 1
                    heapq.heappush(queue, (score(self.shapes[j]) * 0.80 ** touching[j], j))

        for i in sorted(chosen):
            offer(i)
        while queue:
            _, j = heapq.heappop(queue)
            if j in chosen:
                continue
            if total + self.area[j] > target_m2:
                chosen.add(self._cut(tree, j, chosen, target_m2 - total))
                return chosen
            chosen.add(j)
            total += self.area[j]
            offer(j)
        raise RuntimeError(f"no room: {total / 1e6:.1f} of {target_m2 / 1e6:.1f} km2")

    def _cut(self, tree, j: int, chosen: set[int], wanted_m2: float) -> int:
        """Cut block j along a street so that the part beside the chosen blocks has the wanted area."""
        block = self.shapes[j]
        beside = max(
            (i for i in self._near(tree, j) if i in chosen),
            key=lambda i: self.shapes[i].intersection(block).length,
        )
        edge = self.shapes[beside].intersection(block)
        middle, centre = edge.centroid, block.centroid
        heading = np.arctan2(centre.y - middle.y, centre.x - middle.x)
        quarter = np.radians(self.angle) + np.pi / 2 * np.round(
            (heading - np.radians(self.angle)) / (np.pi / 2)
        )
        low, high = -3000.0, 3000.0
        for _ in range(45):
            at = (low + high) / 2
            kept = block.intersection(half_plane(centre, quarter, at))
            low, high = (at, high) if ellipsoidal_area([kept])[0] < wanted_m2 else (low, at)
        kept = on_grid(block.intersection(half_plane(centre, quarter, high)))
        rest = on_grid(block.difference(kept))
        corners = shapely.MultiPoint(
            np.vstack([shapely.get_coordinates(kept), shapely.get_coordinates(rest)])
        )
        for i in [int(i) for i in tree.query(block) if i != j]:
            self.shapes[i] = shapely.snap(self.shapes[i], corners, 0.03)
        kept, rest = shapely.snap(kept, corners, 0.005), shapely.snap(rest, corners, 0.005)
        self.shapes[j] = kept
        self.area[j] = float(ellipsoidal_area([kept])[0])
        if not rest.is_empty:
            self.shapes.append(rest)
            self.area.append(float(ellipsoidal_area([rest])[0]))
        return j


def half_plane(origin, heading: float, offset: float, size: float = 20000.0):
    """All land behind the line that crosses the heading at the given offset from the origin."""
    box = shapely.box(offset - size, -size, offset, size)
    return affinity.translate(
        affinity.rotate(box, heading, origin=(0, 0), use_radians=True), origin.x, origin.y
    )


def leaning_score(pull, angle_deg: float, stretch: float, noise: Noise):
    """How soon a block is taken: its distance, shorter along the streets, with some chance."""
    turn = np.radians(angle_deg)

    def score(block) -> float:
        c = block.centroid
        dx, dy = c.x - pull[0], c.y - pull[1]
        along, across = dx * np.cos(turn) + dy * np.sin(turn), -dx * np.sin(turn) + dy * np.cos(turn)
        chance = noise(np.array([[c.x, c.y]]))[0, 0]
        return float(np.hypot(along / stretch, across) * (1 + 0.22 * np.clip(chance, -1.5, 1.5)))

    return score


def lots(block, random: np.random.Generator, lot_m2: float, road_m: float) -> list:
    """A block split into lots along its long side again and again; large pieces are parted by a road."""
    inner = block.buffer(-road_m / 2, join_style="mitre", mitre_limit=2)
    leaves: list = []
    todo = list(shapely.get_parts(inner))
    while todo:
        piece = todo.pop()
        if piece.area < lot_m2 * random.uniform(1.05, 1.9):
            leaves.append(piece)
        else:
            todo += _halve(piece, random, gap_m=random.uniform(10, 16) if piece.area > 110_000 else 0.0)
    leaves = [p for p in leaves if p.area > 2500 and p.area / p.length > 14]
    return coverage(leaves)


def _halve(piece, random: np.random.Generator, gap_m: float) -> list:
    corners = shapely.get_coordinates(piece.minimum_rotated_rectangle)
    sides = np.diff(corners[:3], axis=0)
    long_side = sides[int(np.argmax(np.hypot(*sides.T)))]
    heading = np.arctan2(long_side[1], long_side[0]) + random.normal(0, 0.015)
    at = random.uniform(-0.12, 0.12) * np.hypot(*long_side)
    middle = shapely.Point(corners[:4].mean(axis=0))
    left = piece.intersection(half_plane(middle, heading, at - gap_m / 2))
    right = piece.difference(half_plane(middle, heading, at + gap_m / 2))
    return [p for half in (left, right) for p in shapely.get_parts(half) if p.geom_type == "Polygon"]


def coverage(pieces: list) -> list:
    """The pieces on the centimetre grid, with shared edges shared exactly."""
    if not pieces:
        return []
    lines = shapely.unary_union([p.exterior for p in pieces], grid_size=GRID_M)
    tree = shapely.STRtree(pieces)
    found = [
        face
        for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
        if face.area > 400 and len(tree.query(face.representative_point(), predicate="intersects"))
    ]
    return sorted(found, key=lambda p: (round(p.centroid.x, 1), round(p.centroid.y, 1)))
