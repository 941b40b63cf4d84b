"""What there is to see of every parcel before anything is decided: depths, gaps, and what is left of them after error."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.overlay.displacement.model import TILE_M
from landkit.overlay.edge_tree import Drawn, Tree, moved, some, tree_of
from landkit.overlay.engine import read_shapes
from landkit.overlay.shapes import areal, collected
from landkit.overlay.verdict.case import Case
from landkit.overlay.verdict.extent import Within, within_extent
from landkit.overlay.verdict.layer_pair import LayerPair, centres_of, compare_layers
from landkit.overlay.verdict.pieces import Pieces, inner_radius_m, measure_pieces
from landkit.overlay.verdict.scatter import Scatter, stated_scatter
from landkit.overlay.verdict.thresholds import Proof, prove
from landkit.overlay.walk.profile import REACH_SIGMAS, Walk, walk_along

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer

SINGLE_SIGMAS: Final = 3.0  # an overlap vertex deeper than this bears evidence


@dataclass(frozen=True)
class Look:
    """What was seen of each parcel.

    `walk` as delivered; `depth_m` where something believable is shared and `gap_m` where nothing is, else NaN; `proof` what
    is left as delivered and as aligned, the lesser; `split` where the two disagree; `aligned_gap_m` the gap in the aligned
    place (0: it overlaps there), infinite where the parcel is not displaced; `ratio` the likelihood of an encroachment
    against none and `near` whether the parcel has a say in the order of review.
    """

    walk: Walk
    depth_m: Floats
    gap_m: Floats
    proof: Proof
    split: Flags
    aligned_gap_m: Floats
    one_vertex: Flags
    ratio: Floats
    near: Flags
    within: Within


@dataclass(frozen=True)
class Scene:
    """The line as a tree, and what it and the whole layer of parcels say of each other: made once, whoever looks.

    `rim` is the edge of what is forbidden within the extent, where parcels in breach reach beyond it; else None.
    """

    line: Tree
    rim: Tree | None
    scatter: Scatter
    pair: LayerPair | None
    case: Case

    def walk(self, parcels: Tree, by: Floats | None = None, line: Tree | None = None) -> Walk:
        """Walk parcels, moved by rows of `by`, along the line or another one."""
        sigma = self.case.step_sigma_m
        return walk_along(
            parcels if by is None else moved(parcels, by),
            line or self.line,
            sign=self.case.sign if line is None else 1.0,
            sigma_m=sigma,
            clip_m=REACH_SIGMAS * max(sigma, float(self.scatter.used_m.max())),
            scatter_m=self.scatter.used_m,
            workers=self.case.workers,
        )

    def pair_in_place(self) -> LayerPair | None:
        """What the layers say of each other, with places in the coordinates of the layers."""
        if self.pair is None:
            return None
        return replace(
            self.pair, displacement=self.pair.displacement.counted_from(-np.asarray(self.line.origin))
        )


def scene_of(shapes: Shapes, box: Floats, parts: Shapes, zones: Layer, case: Case) -> Scene:
    """The scene of parcels and a line: `box` (parcels, 4) are the parcels' boxes; `parts` make up the line's area, not none, and
    are read as `zones`.
    """
    origin = np.asarray(
        np.floor(box[:, :2].min(axis=0) / TILE_M) * TILE_M
    )  # a corner of the tiles below and left

    def edges_of(rows: Ints) -> Tree:
        return tree_of(read_shapes(shapes[rows], "parcels", case.workers), origin)

    line, pair = tree_of(zones, origin, by_place=True), None
    if not case.unstated:
        pair = compare_layers(box, edges_of, line, sign=case.sign, sigma_m=case.sigma_m, workers=case.workers)
    scatter = pair.scatter if pair else stated_scatter(case.step_sigma_m)
    return Scene(line, _rim(shapes, parts, scatter, case, line.origin), scatter, pair, case)


def look_at(shapes: Shapes, piece: Pieces, scene: Scene, parcels: Drawn, walk: Walk) -> Look:
    """Look at parcels of a scene, all of them or some; `piece` is what they share in breach, `parcels` the shapes drawn,
    `walk` their walk along the line.
    """
    case, scatter, pair = scene.case, scene.scatter, scene.pair
    within = within_extent(shapes, case.extent, case.clear_m(scatter.point_m))
    believed, walk = _believed(piece, within, scene, parcels.tree, walk)
    depth, round_it = _depths(walk, believed, scatter, case)
    signed = np.where(believed.there, depth, np.where(piece.there, np.nan, -walk.gap_m))
    proof, final = prove(walk, signed, scatter, alpha=case.alpha, generalised_m=case.generalised_m), walk
    split, aligned_gap = np.zeros(len(shapes), dtype=bool), np.full(len(shapes), np.inf)
    if pair and pair.displacement.found:
        by = -pair.displacement.at(centres_of(parcels.layer.polygons.box, parcels.tree.origin))
        proof, final, split, aligned_gap = _aligned(walk, signed, believed, by, scene, parcels.tree)
    cap = _cap(believed, case)
    bearing = walk.deep + np.where(cap > SINGLE_SIGMAS * case.step_sigma_m, walk.deep_through, 0)
    return Look(
        walk=walk,
        depth_m=np.where(believed.there, depth, np.nan),
        gap_m=np.where(piece.there, np.nan, walk.gap_m),
        proof=proof,
        split=split,
        aligned_gap_m=aligned_gap,
        one_vertex=believed.there & (bearing == 1) & ~round_it,
        ratio=final.ratio,
        near=piece.there | (walk.gap_m <= case.reach_m(scatter.point_m)),
        within=within,
    )


def _rim(shapes: Shapes, parts: Shapes, scatter: Scatter, case: Case, origin: Floats) -> Tree | None:
    """The edge of what is forbidden within the extent, around the parcels that reach beyond it."""
    if case.breach == "inside" or case.extent is None:
        return None
    within = within_extent(shapes, case.extent, 0.0)
    cut = within.some & ~within.whole
    if not cut.any():
        return None
    around = shapely.box(*shapely.total_bounds(shapes[cut]))
    room = shapely.buffer(around, case.reach_m(scatter.point_m) + 1, join_style="mitre")
    ground = shapely.intersection(case.extent, room)
    allowed = collected(parts[shapely.intersects(room, parts)])  # parts share no area: no union is needed
    forbidden = ground if allowed is None else shapely.difference(ground, allowed)
    edge = areal(np.array([forbidden]))
    return None if edge[0] is None else tree_of(read_shapes(edge, "extent", 1), origin)


def _believed(piece: Pieces, within: Within, scene: Scene, parcels: Tree, walk: Walk) -> tuple[Pieces, Walk]:
    """The pieces as far as the layer may be believed, and the walk along what then is the line.

    A zone that is drawn is evidence wherever it lies.  That no zone is drawn is evidence only inside the
    extent: there the extent's rim counts as a line behind which everything may be allowed.
    """
    if scene.case.breach == "inside":
        return piece, walk
    held = piece.shapes.copy()
    held[~within.some] = None
    cut = np.flatnonzero(within.some & ~within.whole & piece.there)
    if len(cut):
        held[cut] = areal(shapely.intersection(held[cut], scene.case.extent))
        cut = cut[~shapely.is_missing(held[cut])]
        if len(cut) and scene.rim is not None:
            walk = walk.put(cut, scene.walk(some(parcels, cut), line=scene.rim))
    return measure_pieces(held, scene.case.workers), walk


def _cap(believed: Pieces, case: Case) -> Floats:
    """How deep the line's edge inside a parcel may count: outside a permitted zone no more than the gap there is wide.

    A crack between two permitted zones may be an error of drawing, however far it lies from the parcel's edge.
    """
    return believed.widest_m if case.breach == "outside" else np.full(len(believed.shapes), np.inf)


def _depths(walk: Walk, believed: Pieces, scatter: Scatter, case: Case) -> tuple[Floats, Flags]:
    """Greatest depth of each parcel, and where it is the radius of a circle in the piece."""
    depth = np.maximum(walk.depth_m, np.minimum(walk.through_m, _cap(believed, case)))
    limit = SINGLE_SIGMAS * scatter.point_m
    rows = np.flatnonzero(believed.there & (depth <= 2 * limit))
    radius = np.zeros(len(depth))
    radius[rows] = inner_radius_m(believed.shapes[rows], np.maximum(limit, depth[rows]))
    return np.maximum(depth, radius), radius > depth


def _aligned(
    walk: Walk, signed: Floats, believed: Pieces, by: Floats, scene: Scene, parcels: Tree
) -> tuple[Proof, Walk, Flags, Floats]:
    """The same once the displaced parcels are moved back by their rows: what is left in both places, where they disagree."""
    case, rows = scene.case, np.flatnonzero(by.any(axis=1))
    again = walk.put(rows, scene.walk(some(parcels, rows), by[rows])) if len(rows) else walk
    deep = np.maximum(again.depth_m, np.minimum(again.through_m, _cap(believed, case)))
    far = np.hypot(*by.T)
    deep = np.maximum(deep, np.where(signed > np.maximum(walk.depth_m, walk.through_m), signed - far, 0.0))
    overlaps = deep > 0
    there = prove(
        again,
        np.where(overlaps, deep, -again.gap_m),
        scene.scatter,
        alpha=case.alpha,
        generalised_m=case.generalised_m,
    )
    here = prove(walk, signed, stated_scatter(case.sigma_m), alpha=case.alpha)
    displaced = np.asarray(by.any(axis=1))
    split = displaced & ((here.margin_m > 0) != (there.margin_m > 0))
    gap = np.where(displaced, np.where(overlaps, 0.0, again.gap_m), np.inf)
    return there.least(here, displaced), again, split, gap
