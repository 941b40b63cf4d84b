"""The area of a line made ready to be cut out of many shapes, by the engine that pays for all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landkit.arrays import Shapes
from landkit.overlay.engine import cut_by_kernel, kernel_pays, one_line
from landkit.overlay.union.dissolve import pieces_in_breach

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer


@dataclass(frozen=True)
class LineArea:
    """Polygons that share no area and make up a line; `layer` is the same for the kernel, where the kernel pays.

    With a layer the polygons themselves are no longer needed and may be missing.
    """

    parts: Shapes
    layer: Layer | None


def area_of_line(shapes: Shapes, parts: Shapes, layer: Layer) -> LineArea:
    """The area of a line for these shapes and any part of them; `parts` as from `union_of`, not none, read as `layer`."""
    if kernel_pays(shapes, parts, None):
        return LineArea(np.empty(0, dtype=object), one_line(layer))
    return LineArea(parts, None)


def pieces_in_area(
    shapes: Shapes, layer: Layer, area: LineArea, breach: str, workers: int | None = None
) -> Shapes:
    """Of each shape what breaks the line: lies inside its area, or outside it; None where none (压占部分).

    `layer` are the shapes as they were read.
    """
    if area.layer is None:
        return pieces_in_breach(shapes, area.parts, breach, workers)
    return cut_by_kernel(shapes, layer, area.layer, breach, workers)[0]
