"""What a parcel shares with the forbidden side, as pieces: how many parts, how wide, how fat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import shapely

from landkit.overlay.shapes import Flags, Floats, Ints, Shapes


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


def measure_pieces(shapes: Shapes) -> Pieces:
    """Widths and parts of pieces; NaN and 0 where there is none."""
    there = ~shapely.is_missing(shapes)
    width = np.full(len(shapes), np.nan)
    width[there] = 2 * shapely.area(shapes[there]) / shapely.length(shapes[there])
    parts, owner = shapely.get_parts(shapes, return_index=True)
    widest = np.zeros(len(shapes))
    np.maximum.at(widest, owner, 2 * shapely.area(parts) / np.maximum(shapely.length(parts), 1e-12))
    return Pieces(shapes, np.bincount(owner, minlength=len(shapes)), width, widest)


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
