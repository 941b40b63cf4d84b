"""Is a layer displaced as a whole (图层整体偏移)?  Shift, rotation and scale of the layer, shifts of single tiles (map sheets).

Where parcels were drawn along a line, the mean depth d of each shared run is error; if the parcels are displaced by
u, it is n.u plus error, n the mean normal of the run into the breach.  From many runs in several directions u follows by
robust regression: first a vote over a grid of shifts, then Tukey's weights; its test is Wald's, with the sandwich covariance.
The parcels are moved back and walked again until nothing is left, since a distance is linear in u only near 0.

    u(x) = t + r J (x - x0) + s (x - x0), and t of its own in a tile where that is found

A displacement is found only with p < 1e-6 and more than half a sigma, on at least 30 runs.  With runs in one direction only
what lies along their normal is solved; and a common encroachment all along one straight line looks the same as a shift.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from landkit.overlay.profile import REACH_SIGMAS, Walk
from landkit.overlay.shapes import Flags, Floats, Ints

LEAST_RUNS: Final = 30
LEAST_RUN_M: Final = 15.0
FALSE_ALARM: Final = 1e-6
LEAST_SIGMAS: Final = 0.5  # a displacement smaller than this is left to the error model
SEARCH_SIGMAS: Final = 45.0
SEARCH_M: Final = 30.0
TILE_M: Final = 5000.0
ROUNDS: Final = 5
VOTERS: Final = 800
ONE_WAY: Final = 0.15  # least singular value of the normals for two directions
TUKEY: Final = 4.685
LARGE_SIGMAS: Final = 4.0  # a displacement from which on it must be seen in how many parcels lie at the line
MORE_AT_LINE: Final = 1.5
OTHER_WAY: Final = 10  # runs pushed one way from which on the other way must be explained too

Walker = Callable[
    [Floats, float], Walk
]  # parcels moved by rows of (n, 2), depths cut at a distance -> their walk


@dataclass(frozen=True)
class TileShift:
    """A tile whose parcels are displaced (图幅偏移): its south-west corner, the shift of the parcels in m, runs, p."""

    x: float
    y: float
    dx_m: float
    dy_m: float
    runs: int
    p: float


@dataclass(frozen=True)
class Displacement:
    """How the parcels lie displaced against the line (整体偏移).

    `dx_m`, `dy_m` at `centre`; `rotation_rad` counter-clockwise and `scale` (1e-6: one mm in a km) about it; `runs` it
    rests on, `p` the chance of as much without any displacement; `tiles` displaced on their own on top of it.
    """

    centre: Floats = field(default_factory=lambda: np.zeros(2))
    dx_m: float = 0.0
    dy_m: float = 0.0
    rotation_rad: float = 0.0
    scale: float = 0.0
    runs: int = 0
    p: float = 1.0
    tiles: tuple[TileShift, ...] = ()

    @property
    def of_layer(self) -> bool:
        """Whether the whole layer is displaced."""
        return bool(self.dx_m or self.dy_m or self.rotation_rad or self.scale)

    @property
    def found(self) -> bool:
        """Whether anything is displaced."""
        return self.of_layer or bool(self.tiles)

    def counted_from(self, origin: Floats) -> Displacement:
        """The same with places counted from another origin."""
        tiles = tuple(replace(t, x=t.x - origin[0], y=t.y - origin[1]) for t in self.tiles)
        return replace(self, centre=self.centre - origin, tiles=tiles)

    def at(self, places: Floats) -> Floats:
        """Displacement of parcels with these centres (n, 2), in m."""
        out = _field(np.array([self.dx_m, self.dy_m, self.rotation_rad, self.scale]), places - self.centre)
        if self.tiles:
            own = {(t.x, t.y): (t.dx_m, t.dy_m) for t in self.tiles}
            corner = tile_corner(places)
            out = out + np.array([own.get((x, y), (0.0, 0.0)) for x, y in corner.tolist()])
        return out


def tile_corner(places: Floats) -> Floats:
    """South-west corner of the tile that each place lies in."""
    return np.asarray(np.floor(places / TILE_M) * TILE_M)


def search_m(sigma_m: float) -> float:
    """How far displacements are searched for."""
    return max(REACH_SIGMAS * sigma_m, min(SEARCH_M, SEARCH_SIGMAS * sigma_m))


def find_displacement(walker: Walker, places: Floats, sigma_m: float) -> Displacement:
    """The displacement of parcels with these centres against a line; nothing displaced where nothing is found.

    `walker(moved_m, clip_m)` walks all of them, each moved by its row.
    """
    centre = places.mean(axis=0)
    found = _of_layer(walker, Displacement(centre), places, sigma_m)
    found = _turned(walker, found, places, sigma_m)
    corner = tile_corner(places)
    return _of_tiles(walker, found, places, corner, sigma_m) if len(np.unique(corner, axis=0)) > 1 else found


@dataclass(frozen=True)
class _Runs:
    """Shared runs good enough to be evidence: normal (n, 2) shortened by how far it varies, mean depth, place, parcel."""

    normal: Floats
    depth_m: Floats
    place: Floats
    parcel: Ints

    def only(self, keep: Floats | Ints) -> _Runs:
        return _Runs(self.normal[keep], self.depth_m[keep], self.place[keep], self.parcel[keep])


def _runs(walk: Walk, places: Floats) -> _Runs:
    good = (walk.core_m > LEAST_RUN_M) & (walk.straight > 0.5) & (walk.core_m > 0.5 * walk.run_m)
    at = np.flatnonzero(good)
    return _Runs(walk.normal[at] * walk.straight[at, None], walk.core_mean_m[at], places[at], at)


def _of_layer(walker: Walker, start: Displacement, places: Floats, sigma_m: float) -> Displacement:
    """The shift of the whole layer, if it has one."""
    runs = _runs(walker(-start.at(places), search_m(sigma_m)), places)
    if len(runs.depth_m) < LEAST_RUNS:
        return start
    shift = _voted_shift(runs, sigma_m, search_m(sigma_m))[0]
    covariance = np.eye(2)
    for _ in range(ROUNDS):
        now = replace(start, dx_m=float(shift[0]), dy_m=float(shift[1]))
        runs = _runs(walker(-now.at(places), REACH_SIGMAS * sigma_m), places)
        if len(runs.depth_m) < LEAST_RUNS:
            return start
        more, covariance = _voted_shift(runs, sigma_m, 3 * sigma_m)
        shift = shift + more
        if np.hypot(*more) < 0.02 * sigma_m:
            break
    p = _wald_p(shift, covariance)
    found = replace(start, dx_m=float(shift[0]), dy_m=float(shift[1]), runs=len(runs.depth_m), p=p)
    if p >= FALSE_ALARM or np.hypot(*shift) <= LEAST_SIGMAS * sigma_m:
        return start
    return found if _believable(walker, found, places, sigma_m) else start


def _turned(walker: Walker, start: Displacement, places: Floats, sigma_m: float) -> Displacement:
    """The same with rotation and scale, where they displace the layer by more than half a sigma (root mean square)."""
    extent = float(np.sqrt(((places - start.centre) ** 2).sum(axis=1).mean()))
    if extent <= 0:
        return start
    terms: Floats = np.array([start.dx_m, start.dy_m, 0.0, 0.0])
    unit = np.array([1.0, 1.0, extent, extent])  # all four in metres
    covariance, count = np.eye(4), 0
    for _ in range(ROUNDS):
        moved = _field(terms, places - start.centre)
        runs = _runs(walker(-moved, REACH_SIGMAS * sigma_m), places)
        count = len(runs.depth_m)
        if count < 2 * LEAST_RUNS:
            return start
        away = (runs.place - start.centre) / extent
        turn = np.column_stack([-away[:, 1], away[:, 0]])
        design = np.column_stack(
            [runs.normal, (runs.normal * turn).sum(axis=1), (runs.normal * away).sum(axis=1)]
        )
        more, covariance = _regression(design, runs.depth_m, np.zeros(4), sigma_m)
        terms = terms + more / unit
        if np.abs(more).max() < 0.02 * sigma_m:
            break
    metres = terms * unit
    p = _wald_p(metres[2:], covariance[2:, 2:])
    if p >= FALSE_ALARM or np.hypot(*metres[2:]) <= LEAST_SIGMAS * sigma_m:
        return start
    dx, dy, rotation, scale = terms.tolist()
    found = replace(
        start, dx_m=dx, dy_m=dy, rotation_rad=rotation, scale=scale, runs=count, p=min(p, start.p)
    )
    return found if _believable(walker, found, places, sigma_m) else start


def _of_tiles(
    walker: Walker, start: Displacement, places: Floats, corner: Floats, sigma_m: float
) -> Displacement:
    """The same with shifts of single tiles on top."""
    corners, tile = np.unique(corner, axis=0, return_inverse=True)
    shifts = np.zeros((len(corners), 2))
    found: dict[int, TileShift] = {}
    for turn in range(ROUNDS):
        reach = search_m(sigma_m) if turn == 0 else REACH_SIGMAS * sigma_m
        runs = _runs(walker(-(start.at(places) + shifts[tile]), reach), places)
        owner, found = tile[runs.parcel], {}
        for k in np.flatnonzero(np.bincount(owner, minlength=len(corners)) >= LEAST_RUNS):
            if turn and not shifts[k].any():
                continue
            mine = runs.only(np.flatnonzero(owner == k))
            more, covariance = _voted_shift(mine, sigma_m, reach if turn == 0 else 3 * sigma_m)
            shifts[k] += more
            p = _wald_p(shifts[k], covariance)
            if p * len(corners) >= FALSE_ALARM or np.hypot(*shifts[k]) <= LEAST_SIGMAS * sigma_m:
                shifts[k] = 0.0
                continue
            x, y = corners[k].tolist()
            dx, dy = shifts[k].tolist()
            found[int(k)] = TileShift(x, y, dx, dy, len(mine.depth_m), p)
        if not found:
            break
    tiles = tuple(
        t for t in found.values() if _believable(walker, replace(start, tiles=(t,)), places, sigma_m, t)
    )
    return replace(start, tiles=tiles)


def _believable(
    walker: Walker, found: Displacement, places: Floats, sigma_m: float, tile: TileShift | None = None
) -> bool:
    """Whether a displacement, undone, truly brings parcels to the line.

    It must bring those it had pushed out as well as those it had pushed in: parcels that all encroach look displaced to
    those on one side of a line only.  And a large one must bring half as many again as lay at the line before: parcels
    that never followed the line lie everywhere, and some of them at any place one looks.  With too few runs on either side
    nobody can say, and the displacement stands.  Of a tile only its own parcels are asked.
    """
    moved, reach = found.at(places), search_m(sigma_m)
    own = np.ones(len(places), dtype=bool)
    if tile is not None:
        own = (tile_corner(places) == (tile.x, tile.y)).all(axis=1)

    def look(by: Floats) -> tuple[_Runs, Flags]:
        runs, close = _runs(walker(by, reach), places), _runs(walker(by, REACH_SIGMAS * sigma_m), places)
        at_line = np.zeros(len(places), dtype=bool)
        at_line[close.parcel[np.abs(close.depth_m) < 3 * sigma_m]] = True
        runs = runs.only(np.flatnonzero(own[runs.parcel]))
        return runs, at_line[runs.parcel]

    runs, at_line = look(-moved)
    size = float(np.sqrt((moved[own] ** 2).sum(axis=1).mean()))
    if size > LARGE_SIGMAS * sigma_m and at_line.sum() < MORE_AT_LINE * look(np.zeros_like(moved))[1].sum():
        return False
    push = (runs.normal * moved[runs.parcel]).sum(axis=1)
    far = float(np.quantile(np.abs(push), 0.9)) / 2 if len(push) else 0.0
    ways = at_line[push > far], at_line[push < -far]
    if min(len(way) for way in ways) < OTHER_WAY:
        return True
    low, high = sorted(float(way.mean()) for way in ways)
    return low >= high / 2


def _field(terms: Floats, away: Floats) -> Floats:
    """Displacement t + r J away + s away of each row."""
    turn = np.column_stack([-away[:, 1], away[:, 0]])
    return np.asarray(terms[:2] + terms[2] * turn + terms[3] * away)


def _voted_shift(runs: _Runs, sigma_m: float, reach_m: float) -> tuple[Floats, Floats]:
    """The shift that explains most runs, refined, and its covariance."""
    normal = runs.normal
    _, least, way = np.linalg.svd(normal / math.sqrt(len(normal)), full_matrices=False)
    if least[-1] < ONE_WAY:  # one direction only: solve along it
        along, covariance = _regression(
            normal @ way[:1].T,
            runs.depth_m,
            _vote(normal @ way[:1].T, runs.depth_m, sigma_m, reach_m),
            sigma_m,
        )
        return along @ way[:1], way[:1].T @ covariance @ way[:1]
    return _regression(normal, runs.depth_m, _vote(normal, runs.depth_m, sigma_m, reach_m), sigma_m)


def _vote(design: Floats, depth_m: Floats, sigma_m: float, reach_m: float) -> Floats:
    """The shift on a grid that leaves the least, each run counting no more than one that is 3 sigma off."""
    pick = np.unique(np.linspace(0, len(depth_m) - 1, VOTERS).astype(int))
    steps = np.arange(-reach_m, reach_m + 1e-9, max(1.5 * sigma_m, reach_m / 30))
    grid = np.stack(np.meshgrid(*[steps] * design.shape[1], indexing="ij"), axis=-1).reshape(
        -1, design.shape[1]
    )
    left = (depth_m[pick] - grid @ design[pick].T) / (3 * sigma_m)
    loss = np.minimum(1.0, left**2).sum(axis=1)
    order = np.argsort(np.hypot.reduce(grid, axis=1), kind="stable")  # of equal ones the smallest shift
    return np.asarray(grid[order[np.argmin(np.round(loss[order], 9))]])


def _regression(design: Floats, depth_m: Floats, start: Floats, sigma_m: float) -> tuple[Floats, Floats]:
    """Tukey's regression from a start, and the sandwich covariance of what it finds."""
    terms: Floats = start
    ridge = 1e-9 * np.eye(design.shape[1])
    for _ in range(30):
        left = depth_m - design @ terms
        spread = min(max(1e-6, 1.4826 * float(np.median(np.abs(left)))), 2 * sigma_m)
        weight = np.clip(1 - (left / (TUKEY * spread)) ** 2, 0, None) ** 2
        normal = (design * weight[:, None]).T @ design + ridge
        fresh = np.asarray(np.linalg.solve(normal, (design * weight[:, None]).T @ depth_m), dtype=np.float64)
        done = np.abs(fresh - terms).max() < 1e-6
        terms = fresh
        if done:
            break
    left = depth_m - design @ terms
    inverse = np.linalg.inv(normal)
    meat = (design * (weight * left)[:, None]).T @ (design * (weight * left)[:, None])
    return terms, inverse @ meat @ inverse + 1e-12 * np.eye(len(terms))


def _wald_p(terms: Floats, covariance: Floats) -> float:
    """Chance of terms as large without any displacement (chi square with two degrees of freedom)."""
    return math.exp(-float(terms @ np.linalg.pinv(covariance, rtol=1e-9) @ terms) / 2)
