"""How parcels lie displaced against a line: shift, rotation and scale of the layer, shifts of single tiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from landkit.arrays import Floats
from landkit.overlay.walk.profile import REACH_SIGMAS, Walk

SEARCH_SIGMAS: Final = 45.0
SEARCH_M: Final = 30.0
TILE_M: Final = 5000.0

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
        out = displaced_by(
            np.array([self.dx_m, self.dy_m, self.rotation_rad, self.scale]), places - self.centre
        )
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


def displaced_by(terms: Floats, away: Floats) -> Floats:
    """Displacement t + r J away + s away of each row."""
    turn = np.column_stack([-away[:, 1], away[:, 0]])
    return np.asarray(terms[:2] + terms[2] * turn + terms[3] * away)
