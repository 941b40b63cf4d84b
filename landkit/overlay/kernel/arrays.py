"""Arrays that grow, and rows of bytes copied from one place to another."""

from __future__ import annotations

import numpy as np

from landkit.overlay.kernel.compiled import borrowing, compiled


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
    """As `longer`, for rows of several."""
    if size <= len(array):
        return array
    out = np.empty((2 * size, array.shape[1]), array.dtype)
    out[: len(array)] = array
    return out


@borrowing
def copy_run(data, first, end, out, at):
    """Copy `data[first:end]` to `out[at:]`; the two share no memory."""
    source, target = data[first:end], out[at : at + end - first]
    for k in range(len(source)):  # an assignment of slices would look for shared memory each time
        target[k] = source[k]


@borrowing
def copy_rows(data, start, rows, out, out_start, places):
    """Copy the rows `rows` of bytes to the rows `places` of other bytes."""
    for k in range(len(rows)):
        copy_run(data, start[rows[k]], start[rows[k] + 1], out, out_start[places[k]])
