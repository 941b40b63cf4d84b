"""Is a layer displaced as a whole (图层整体偏移)?  Shift, rotation and scale of the layer, shifts of single tiles (map sheets).

Where parcels were drawn along a line, the mean depth d in the middle of each shared run is error; if the parcels are displaced by
u, it is n.u plus error, n the mean normal of the run into the breach.  From many runs in several directions u follows by
robust regression: first a vote over a grid of shifts, then Tukey's weights; its test is Wald's, with the sandwich covariance.
The parcels are moved back and walked again until nothing is left, since a distance is linear in u only near 0.

    u(x) = t + r J (x - x0) + s (x - x0), and t of its own in a tile where that is found

A displacement is found only with p < 1e-6 and more than half a sigma, on at least 30 runs.  With runs in one direction only
what lies along their normal is solved; and a common encroachment all along one straight line looks the same as a shift.

How well it is known: each parcel's own shift does not average out along its run, so 200 runs of the noise bench's mixed model
know each coordinate to 0.08 joint sigma; least squares on the runs that truly coincide, which nobody knows, give 0.11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from landkit.arrays import Floats
from landkit.overlay.displacement.check import believable
from landkit.overlay.displacement.fit import regression, shared_runs, voted_shift, wald_p
from landkit.overlay.displacement.model import (
    Displacement,
    TileShift,
    Walker,
    displaced_by,
    search_m,
    tile_corner,
)
from landkit.overlay.walk.profile import REACH_SIGMAS

LEAST_RUNS: Final = 30
FALSE_ALARM: Final = 1e-6
LEAST_SIGMAS: Final = 0.5  # a displacement smaller than this is left to the error model
ROUNDS: Final = 5
SEARCH_SHORTER: Final = 2  # halvings: far from the line a run is mostly sides, and the middle of it the front


def layer_displacement(walker: Walker, places: Floats, sigma_m: float) -> Displacement:
    """The displacement of all parcels with these centres against a line; nothing displaced where nothing is found.

    `walker(moved_m, clip_m)` walks all of them, each moved by its row.
    """
    found = _of_layer(walker, Displacement(places.mean(axis=0)), places, sigma_m)
    return _turned(walker, found, places, sigma_m)


def _of_layer(walker: Walker, start: Displacement, places: Floats, sigma_m: float) -> Displacement:
    """The shift of the whole layer, if it has one."""
    runs = shared_runs(walker(-start.at(places), search_m(sigma_m)), places, shorter=SEARCH_SHORTER)
    if len(runs.depth_m) < LEAST_RUNS:
        return start
    shift = voted_shift(runs, sigma_m, search_m(sigma_m))[0]
    covariance = np.eye(2)
    for _ in range(ROUNDS):
        now = replace(start, dx_m=float(shift[0]), dy_m=float(shift[1]))
        runs = shared_runs(walker(-now.at(places), REACH_SIGMAS * sigma_m), places)
        if len(runs.depth_m) < LEAST_RUNS:
            return start
        more, covariance = voted_shift(runs, sigma_m, 3 * sigma_m)
        shift = shift + more
        if np.hypot(*more) < 0.02 * sigma_m:
            break
    p = wald_p(shift, covariance)
    found = replace(start, dx_m=float(shift[0]), dy_m=float(shift[1]), runs=len(runs.depth_m), p=p)
    if p >= FALSE_ALARM or np.hypot(*shift) <= LEAST_SIGMAS * sigma_m:
        return start
    return found if believable(walker, found, places, sigma_m) else start


def _turned(walker: Walker, start: Displacement, places: Floats, sigma_m: float) -> Displacement:
    """The same with rotation and scale, where they displace the layer by more than half a sigma (root mean square)."""
    extent = float(np.sqrt(((places - start.centre) ** 2).sum(axis=1).mean()))
    if extent <= 0:
        return start
    terms: Floats = np.array([start.dx_m, start.dy_m, 0.0, 0.0])
    unit = np.array([1.0, 1.0, extent, extent])  # all four in metres
    covariance, count = np.eye(4), 0
    for _ in range(ROUNDS):
        moved = displaced_by(terms, places - start.centre)
        runs = shared_runs(walker(-moved, REACH_SIGMAS * sigma_m), places)
        count = len(runs.depth_m)
        if count < 2 * LEAST_RUNS:
            return start
        away = (runs.place - start.centre) / extent
        turn = np.column_stack([-away[:, 1], away[:, 0]])
        design = np.column_stack(
            [runs.normal, (runs.normal * turn).sum(axis=1), (runs.normal * away).sum(axis=1)]
        )
        more, covariance = regression(design, runs.depth_m, np.zeros(4), sigma_m)
        terms = terms + more / unit
        if np.abs(more).max() < 0.02 * sigma_m:
            break
    metres = terms * unit
    p = wald_p(metres[2:], covariance[2:, 2:])
    if p >= FALSE_ALARM or np.hypot(*metres[2:]) <= LEAST_SIGMAS * sigma_m:
        return start
    dx, dy, rotation, scale = terms.tolist()
    found = replace(
        start, dx_m=dx, dy_m=dy, rotation_rad=rotation, scale=scale, runs=count, p=min(p, start.p)
    )
    return found if believable(walker, found, places, sigma_m) else start


def tile_displacements(walker: Walker, start: Displacement, places: Floats, sigma_m: float) -> Displacement:
    """The same with shifts of single tiles on top; as it was where all parcels lie in one tile."""
    corners, tile = np.unique(tile_corner(places), axis=0, return_inverse=True)
    if len(corners) == 1:
        return start
    shifts = np.zeros((len(corners), 2))
    found: dict[int, TileShift] = {}
    for turn in range(ROUNDS):
        reach, shorter = (search_m(sigma_m), SEARCH_SHORTER) if turn == 0 else (REACH_SIGMAS * sigma_m, 0)
        runs = shared_runs(walker(-(start.at(places) + shifts[tile]), reach), places, shorter=shorter)
        owner, found = tile[runs.parcel], {}
        for k in np.flatnonzero(np.bincount(owner, minlength=len(corners)) >= LEAST_RUNS):
            if turn and not shifts[k].any():
                continue
            mine = runs.only(np.flatnonzero(owner == k))
            more, covariance = voted_shift(mine, sigma_m, reach if turn == 0 else 3 * sigma_m)
            shifts[k] += more
            p = wald_p(shifts[k], covariance)
            if p * len(corners) >= FALSE_ALARM or np.hypot(*shifts[k]) <= LEAST_SIGMAS * sigma_m:
                shifts[k] = 0.0
                continue
            x, y = corners[k].tolist()
            dx, dy = shifts[k].tolist()
            found[int(k)] = TileShift(x, y, dx, dy, len(mine.depth_m), p)
        if not found:
            break
    tiles = tuple(
        t for t in found.values() if believable(walker, replace(start, tiles=(t,)), places, sigma_m, t)
    )
    return replace(start, tiles=tiles)
