"""The kernel's machine code made ready: compiled on the first call on a machine, loaded from the cache later."""

from __future__ import annotations

import numpy as np

import shapely

from landkit.overlay.kernel.pairs import Wanted, find_pairs
from landkit.overlay.kernel.reading import read_layer, wkb_from


def warm() -> None:
    """Compile every loop of the kernel, or load it (预编译): some twenty seconds once, then under one."""
    corners = np.stack(np.divmod(np.arange(400.0), 20), axis=1) * 10
    parcels = read_layer(wkb_from(shapely.box(*corners.T, *(corners.T + 8))), "parcels", workers=1)
    rings = shapely.buffer(shapely.points([[50.0, 60.0], [140.0, 130.0]]), [40.0, 35.0])
    zones = read_layer(wkb_from(rings), "zones", workers=1)
    for side in ("inside", "outside"):
        find_pairs(parcels, zones, Wanted(side=side), workers=1)


if __name__ == "__main__":
    warm()
