"""Arrays that grow, and rows of bytes copied from one place to another."""

from __future__ import annotations

import numpy as np

from landkit.overlay.kernel.compiled import compiled


@compiled
def longer(array, size):
    """The array if it has `size` places, else one twice as long with the same beginning."""
    if size <= len(array):
        return array
    out = np.empty(2 * size, array.dtype)
    out[: len(array)] = array
    return out


@compiled
def longer_rows(array, size):
    """As `longer`, for rows of two."""
    if size <= len(array):
        return array
    out = np.empty((2 * size, 2), array.dtype)
    out[: len(array)] = array
    return out


@compiled
def copy_rows(data, start, rows, out, out_start, places):
    """Copy the rows `rows` of bytes to the rows `places` of other bytes."""
    for k in range(len(rows)):
        first, end = start[rows[k]], start[rows[k] + 1]
        at = out_start[places[k]]
        out[at : at + end - first] = data[first:end]
