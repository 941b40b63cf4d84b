"""True scenes of the noise bench (真值场景): one parcel at one control line, and whether it truly encroaches.

Fronts of 30 to 2,000 m.  The kinds and their shares:

    coincident 42 %, gap of 0.5 to 30 m 10 %, strip of 0.5 to 50 m on 10 to 600 m 20 %, bite 7 %, deep all along 5 %, inside 3 %,
    a parcel of two parts that coincides 3 % or has a strip 3 %, an enclave that the parcel fills 3 % or exceeds 3 %, a small
    zone inside the parcel 2 %
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Floats
from landkit.bench.noise_lines import LINES, Random, between

KINDS: Final = {
    "coincident": 0.42, "gap": 0.10, "strip": 0.20, "bite": 0.07, "deep": 0.05, "inside": 0.03, "parts_coincident": 0.03,
    "parts_strip": 0.03, "enclave_coincident": 0.03, "enclave_strip": 0.02, "patch": 0.02,
}  # fmt: skip
CORRIDORS: Final = 0.12  # share of lines that bound a corridor of 8 to 20 m


@dataclass(frozen=True)
class Scene:
    """Rings of the control area (each a shell with holes) and of the parcel, and the truth."""

    zones: list[tuple[Floats, list[Floats]]]
    parcel: list[Floats]
    encroaches: bool
    kind: str
    depth_m: float = 0.0
    length_m: float = 0.0


@dataclass(frozen=True)
class _Site:
    """A true line, the front at it, how far the parcel goes back, and the width of the corridor above it if it is one."""

    line: Floats
    front_m: float
    back_m: float
    corridor_m: float | None
    sigma_m: float

    def parcel(self, front: Floats) -> Floats:
        """The ring of a parcel with this front."""
        bottom = self.line[:, 1].min() - self.back_m
        ring = np.vstack([[front[0, 0], bottom], front, [front[-1, 0], bottom]])
        return np.asarray(ring[::-1])

    @property
    def zone(self) -> Floats:
        """The ring of the control area."""
        if self.corridor_m:
            return np.vstack([self.line, self.line[::-1] + np.array([0, self.corridor_m])])
        top = self.line[:, 1].max() + self.back_m + 100
        return np.vstack([self.line, [[self.line[-1, 0], top], [self.line[0, 0], top]]])

    def pushed(self, rng: Random, depth_m: float, length_m: float) -> Floats:
        """The front with a stretch of it pushed across the line, somewhere along it."""
        start = rng.uniform(0, self.front_m - length_m)
        pieces = [between(self.line, start, start + length_m) + np.array([0, depth_m])]
        if start > 0.01:
            pieces.insert(0, between(self.line, 0, start))
        if start + length_m < self.front_m - 0.01:
            pieces.append(between(self.line, start + length_m, self.front_m))
        return np.vstack(pieces)


def draw_scene(rng: Random, sigma_m: float, kind: str | None = None) -> Scene:
    """A scene of some kind, or of a kind drawn by share; `sigma_m` keeps true detail larger than the noise will be."""
    front = _log_uniform(rng, 30, 2000)
    kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
    line = LINES[str(rng.choice(list(LINES)))](rng, front, sigma_m)
    narrow = rng.random() < CORRIDORS and kind not in ("inside", "patch", "deep")
    corridor = max(rng.uniform(8, 20), 6 * sigma_m) if narrow else None
    site = _Site(line, front, float(np.clip(front * 0.8, 40, 600)), corridor, sigma_m)
    return _DRAW[kind](rng, site, kind)


def _log_uniform(rng: Random, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _along(rng: Random, site: _Site, kind: str) -> Scene:
    front, gap = between(site.line, 0, site.front_m), 0.0
    if kind == "gap":
        gap = _log_uniform(rng, 0.5, 30)
    return Scene([(site.zone, [])], [site.parcel(front - [0, gap])], False, kind, -gap)


def _strip(rng: Random, site: _Site, kind: str) -> Scene:
    if kind == "bite":
        length, depth = rng.uniform(10, 30), _log_uniform(rng, 3, 20)
        length = min(0.9 * site.front_m, length)
    else:
        length, depth = min(_log_uniform(rng, 10, 600), site.front_m), _log_uniform(rng, 0.5, 50)
    depth = min(depth, site.corridor_m or depth)
    rings = [site.parcel(site.pushed(rng, depth, length))]
    if kind == "parts_strip":
        bottom = site.line[:, 1].min() - site.back_m
        half = site.front_m / 2
        rings.append(np.array([[0, bottom - 60], [half, bottom - 60], [half, bottom - 20], [0, bottom - 20]]))
    return Scene([(site.zone, [])], rings, True, kind, depth, length)


def _deep(rng: Random, site: _Site, kind: str) -> Scene:
    depth = rng.uniform(20, 60)
    front = between(site.line, 0, site.front_m) + np.array([0, depth])
    return Scene([(site.zone, [])], [site.parcel(front)], True, kind, depth, site.front_m)


def _inside(rng: Random, site: _Site, kind: str) -> Scene:
    away, size = rng.uniform(5, 50), rng.uniform(10, 60)
    y = site.line[:, 1].max() + away
    ring = np.array([[0, y], [size, y], [size, y + 0.6 * size], [0, y + 0.6 * size]])
    return Scene([(site.zone, [])], [ring], True, kind, away + 0.6 * size, size)


def _parts(_rng: Random, site: _Site, kind: str) -> Scene:
    middle = site.front_m / 2
    rings = [site.parcel(between(site.line, *x)) for x in ((0, middle - 3), (middle + 3, site.front_m))]
    return Scene([(site.zone, [])], rings, False, kind)


def _enclave(rng: Random, site: _Site, kind: str) -> Scene:
    size, corners = max(30.0, min(site.front_m, 400.0)), int(rng.integers(5, 14))
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(-0.2, 0.2, corners)
    radius = size / 2 * rng.uniform(0.8, 1.2, corners)
    hole = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    shell = 1.5 * size * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1.0]])
    zones = [(shell, [hole[::-1]])]
    if kind == "enclave_coincident":
        return Scene(zones, [hole], False, kind)
    depth = _log_uniform(rng, 0.5, min(50, 0.3 * size))
    larger = shapely.buffer(shapely.Polygon(hole), depth, join_style="mitre")
    half = shapely.intersection(larger, shapely.box(0, -2 * size, 2 * size, 2 * size))
    ring = shapely.union(shapely.Polygon(hole), half).exterior
    return Scene(zones, [shapely.get_coordinates(ring)[:-1]], True, kind, depth, size / 3)


def _patch(rng: Random, site: _Site, kind: str) -> Scene:
    """A parcel far from the line with a small zone in its middle."""
    size, wide = rng.uniform(8, 40), site.front_m
    high = max(site.back_m, 80 + 2 * size)
    top = site.line[:, 1].min() - 60 - 8 * site.sigma_m
    parcel = np.array([[wide, top - high], [wide, top], [0, top], [0, top - high]])
    x, y = 0.3 * wide, top - 0.6 * high
    across = min(size, 0.4 * wide)
    zone = np.array([[x, y], [x + across, y], [x + across, y + size], [x, y + size]])
    depth = min(0.3 * wide, 0.4 * high)
    return Scene([(site.zone, []), (zone, [])], [parcel], True, kind, depth, size)


_DRAW: Final[dict[str, Callable[[Random, _Site, str], Scene]]] = {
    "coincident": _along, "gap": _along, "strip": _strip, "bite": _strip, "parts_strip": _strip, "deep": _deep,
    "inside": _inside, "parts_coincident": _parts, "enclave_coincident": _enclave, "enclave_strip": _enclave, "patch": _patch,
}  # fmt: skip
