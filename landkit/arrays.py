"""Arrays as every room names them, and rows of different lengths that lie one after another in one array."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Shapes: TypeAlias = npt.NDArray[np.object_]
Flags: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bounds: TypeAlias = tuple[float, float, float, float]  # west, south, east, north


def starts(counts: Ints) -> Ints:
    """Where each row begins that takes so many places (起始位置), and at last where all end: one more than rows."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def ranges(begins: Ints, ends: Ints) -> Ints:
    """The whole numbers from each begin up to its end, which is not among them, one range after the other (连续区间)."""
    size = ends - begins
    return np.asarray(np.arange(int(size.sum())) + np.repeat(begins - (np.cumsum(size) - size), size))
