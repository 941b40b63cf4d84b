"""What is made once for a layer of parcels and a line, before any parcel is judged: for one process or for many workers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import geopandas as gpd

from landkit.arrays import Floats, Ints, Shapes
from landkit.overlay.edge_tree import Tree
from landkit.overlay.engine import read_shapes, read_usable_shapes
from landkit.overlay.shapes import array_of, blocks_of, both, require_metres, require_same_crs, threads_of
from landkit.overlay.union.dissolve import union_of
from landkit.overlay.verdict.case import Case
from landkit.overlay.verdict.extent import none_within
from landkit.overlay.verdict.line_area import LineArea, area_of_line
from landkit.overlay.verdict.look import Scene, scene_of

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer

AT_ONCE: Final = 100_000  # parcels that are judged at a time: more would fill the memory
HELD: Final = 400_000  # so many are kept as they were read until they are judged


@dataclass(frozen=True)
class Prepared:
    """A judgement that is prepared (待判): what all parcels share, measured once, whoever judges which of them.

    `good` are the positions of the parcels that can be judged; `scene` is None where there is nothing to judge; `elsewhere`
    says that no zone lies in the extent which the line's layer is said to cover.  May be pickled and sent to other processes.
    """

    case: Case
    crs: Any
    good: Ints
    area: LineArea
    unusable: Shapes
    scene: Scene | None
    elsewhere: bool = False

    @property
    def may_spread(self) -> bool:
        """Whether parts come out byte for byte as in the whole: where the kernel cuts the pieces, each by itself."""
        return self.scene is not None and self.area.layer is not None


def prepare_judgement(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, case: Case, unusable_zones: gpd.GeoSeries | None = None
) -> Prepared:
    """Everything that `judge_rows` needs besides the parcels themselves; layers as `judge_layer` takes them.

    Raises: CRSError, GeometryError (zones or extent unusable).
    """
    return prepare_and_read(parcels, zones, case, unusable_zones)[0]


def prepare_and_read(
    parcels: gpd.GeoSeries, zones: gpd.GeoSeries, case: Case, unusable_zones: gpd.GeoSeries | None = None
) -> tuple[Prepared, list[Layer]]:
    """The same, and the good parcels as they were read on the way, part by part; none where they are too many to be held."""
    require_same_crs(parcels, zones)
    require_metres(parcels)
    shapes = array_of(parcels)
    (good, box, layers), parts = both(
        lambda: _read(shapes, case.workers), lambda: union_of(zones), case.workers
    )
    scene, area = None, LineArea(parts, None)
    if len(parts) and len(good):
        line = read_shapes(parts, "zones", case.workers)
        area, scene = both(
            lambda: area_of_line(shapes[good], parts, line),
            lambda: scene_of(shapes[good], box, parts, line, case),
            case.workers,
        )
    unusable = array_of(unusable_zones) if unusable_zones is not None else np.empty(0, dtype=object)
    return Prepared(case, parcels.crs, good, area, unusable, scene, none_within(parts, case.extent)), layers


def in_parts(count: int, at_once: int) -> list[slice]:
    """The parts in which so many parcels are read and judged: one, or even ones of which so many are judged at once."""
    if count <= AT_ONCE:
        return [slice(0, count)]
    parts = -(-count // AT_ONCE) * at_once
    return blocks_of(count, -(-count // parts))


def _read(shapes: Shapes, workers: int | None) -> tuple[Ints, Floats, list[Layer]]:
    """Which shapes are usable, their boxes, and those read for the kernel, part by part; of too many no more than the boxes."""
    rows, boxes, layers = [], [], []
    for part in in_parts(len(shapes), threads_of(workers)):
        good, layer = read_usable_shapes(shapes[part], workers)
        rows.append(good + part.start)
        boxes.append(layer.polygons.box)
        if len(good) and len(shapes) <= HELD:
            layers.append(layer)
    return np.concatenate(rows), np.concatenate(boxes), layers


def alone(prepared: Prepared) -> Prepared:
    """The same for a single thread."""
    case, scene = replace(prepared.case, workers=1), prepared.scene
    return replace(prepared, case=case, scene=scene and replace(scene, case=case))


def for_worker(prepared: Prepared) -> Prepared:
    """The same after a journey between processes: arrays that compiled code may be given, and a single thread."""
    prepared = alone(prepared)
    scene, layer, area = prepared.scene, prepared.area.layer, prepared.area
    if layer is not None:
        from landkit.overlay.kernel.arrow import writable  # loads numba

        area = LineArea(area.parts, writable(layer))
    if scene is not None:
        rim = None if scene.rim is None else _writable(scene.rim)
        scene = replace(scene, line=_writable(scene.line), rim=rim)
    return replace(prepared, scene=scene, area=area)


def _writable(tree: Tree) -> Tree:
    columns: list[Any] = [np.require(column, requirements="W") for column in tree]
    return Tree(*columns)
