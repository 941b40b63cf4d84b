"""True control lines of the noise bench (真值控制线): smooth, fractal, urban staircase; drawn left to right, area above."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from landkit.arrays import Floats

Random = np.random.Generator


def margin_m(front_m: float) -> float:
    """How far a line goes on beyond the parcel at either end."""
    return 0.3 * front_m + 30


def smooth(rng: Random, front_m: float, sigma_m: float) -> Floats:
    """Two sine waves (a shore, a contour)."""
    room, low, high = margin_m(front_m), max(10.0, 4 * sigma_m), max(40.0, 8 * sigma_m)
    xs = [-room]
    while xs[-1] < front_m + room:
        xs.append(xs[-1] + rng.uniform(low, high))
    x, height, phase = np.array(xs), min(1.0, front_m / 400), rng.uniform(0, 2 * np.pi, 2)
    return np.column_stack([x, height * (60 * np.sin(x / 300 + phase[0]) + 25 * np.sin(x / 70 + phase[1]))])


def fractal(rng: Random, front_m: float, sigma_m: float) -> Floats:
    """Midpoint displacement (a forest edge, a ridge)."""
    room = margin_m(front_m)
    length = front_m + 2 * room
    edges = max(8, int(length / rng.uniform(max(10.0, 4 * sigma_m), max(40.0, 8 * sigma_m))))
    y, height = np.zeros(2), 0.12 * length
    for _ in range(math.ceil(math.log2(edges))):
        finer = np.empty(2 * len(y) - 1)
        finer[::2] = y
        finer[1::2] = (y[1:] + y[:-1]) / 2 + rng.normal(0, height, len(y) - 1)
        y, height = finer, height * 0.5**0.85
    return np.column_stack([np.linspace(-room, front_m + room, len(y)), y])


def urban(rng: Random, front_m: float, sigma_m: float) -> Floats:
    """A staircase of right angles (street blocks)."""
    room = margin_m(front_m)
    corners = [(-room, 0.0)]
    while corners[-1][0] < front_m + room:
        x, y = corners[-1]
        along = rng.uniform(max(20, 5 * sigma_m), max(80, 10 * sigma_m))
        across = rng.choice([-1, 1]) * rng.uniform(max(6, 4 * sigma_m), max(30, 6 * sigma_m))
        corners += [(x + along, y), (x + along, y + across)]
    return np.array(corners)


LINES: Final[dict[str, Callable[[Random, float, float], Floats]]] = {
    "smooth": smooth,
    "fractal": fractal,
    "urban": urban,
}


def between(line: Floats, west: float, east: float) -> Floats:
    """The part of a line between two x, with points of its own at both."""
    x = line[:, 0]
    ends = [np.array([[at, np.interp(at, x, line[:, 1])]]) for at in (west, east)]
    return np.vstack([ends[0], line[(x > west) & (x < east)], ends[1]])
