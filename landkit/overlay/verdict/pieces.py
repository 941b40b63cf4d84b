"""What a parcel shares with the forbidden side, as pieces: how many parts, how wide, how fat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.overlay.shapes import in_blocks

AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Pieces:
    """Of each parcel the shared piece (None where none), its number of parts, mean width (2A/P) and its widest part's."""

    shapes: Shapes
    parts: Ints
    width_m: Floats
    widest_m: Floats

    @property
    def there(self) -> Flags:
        """Which parcels share anything."""
        return np.asarray(~shapely.is_missing(self.shapes))


def measure_pieces(shapes: Shapes, workers: int | None = None) -> Pieces:
    """Widths and parts of pieces; NaN and 0 where there is none."""
    found = in_blocks(lambda rows: _measured(shapes[rows]), max(1, len(shapes)), workers, AT_ONCE)
    parts, width, widest = (np.concatenate(column) for column in zip(*found, strict=True))
    return Pieces(shapes, parts, width, widest)


def _measured(shapes: Shapes) -> tuple[Ints, Floats, Floats]:
    """Number of parts, mean width and width of the widest part."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    area, length, count = shapely.area(parts), shapely.length(parts), len(shapes)
    widest = np.zeros(count)
    np.maximum.at(widest, owner, 2 * area / np.maximum(length, 1e-12))
    with np.errstate(invalid="ignore"):  # nothing there
        width = 2 * np.bincount(owner, area, count) / np.bincount(owner, length, count)
    return np.bincount(owner, minlength=count), width, widest


def inner_radius_m(shapes: Shapes, more_than_m: Floats) -> Floats:
    """Radius of the widest circle in each piece (内切圆半径); 0 where no part of it is on the mean wider than `more_than_m`.

    Where both boundaries run together around the same ground neither goes far into the other, and yet its middle lies
    a radius deep in both.  Thin parts are left out: their circle is costly and never that wide.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    wide = 2 * shapely.area(parts) / np.maximum(shapely.length(parts), 1e-12) > more_than_m[owner]
    radius = np.zeros(len(shapes))
    circles = shapely.length(shapely.maximum_inscribed_circle(parts[wide]))
    np.maximum.at(radius, owner[wide], circles)
    return radius
