"""What there is to see of every parcel before anything is decided: depths, gaps, and what is left of them after error."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

import shapely

from landkit.overlay.case import Case
from landkit.overlay.displacement import TILE_M
from landkit.overlay.edge_tree import Tree, moved, some, tree_of
from landkit.overlay.extent import Within, within_extent
from landkit.overlay.layer_pair import LayerPair, compare_layers
from landkit.overlay.pieces import Pieces, inner_radius_m, measure_pieces
from landkit.overlay.profile import REACH_SIGMAS, Walk, walk_along
from landkit.overlay.review import review_scores
from landkit.overlay.scatter import Scatter, stated_scatter
from landkit.overlay.shapes import Flags, Floats, Ints, Shapes, areal
from landkit.overlay.thresholds import Proof, prove

SINGLE_SIGMAS: Final = 3.0  # an overlap vertex deeper than this bears evidence


@dataclass(frozen=True)
class Look:
    """What was seen of each parcel.

    `walk` as delivered; `depth_m` where something believable is shared and `gap_m` where nothing is, else NaN; `proof` what
    is left as delivered and as aligned, the lesser; `split` where the two disagree; `aligned_gap_m` the gap in the aligned
    place (0: it overlaps there), infinite where the parcel is not displaced.
    """

    walk: Walk
    depth_m: Floats
    gap_m: Floats
    proof: Proof
    split: Flags
    aligned_gap_m: Floats
    one_vertex: Flags
    score: Floats
    within: Within
    scatter: Scatter
    pair: LayerPair | None


@dataclass(frozen=True)
class _Scene:
    """Parcels and line as trees from one origin, and what the two say of each other."""

    parcels: Tree
    centres: Floats
    line: Tree
    scatter: Scatter
    case: Case

    def walk(self, rows: Ints | None = None, by: Floats | None = None, line: Tree | None = None) -> Walk:
        """Walk all parcels, or some of them, moved or along another line."""
        parcels = self.parcels if rows is None else some(self.parcels, rows)
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


def look_at(shapes: Shapes, parts: Shapes, piece: Pieces, case: Case) -> Look:
    """Look at every parcel; `parts` make up the line's area and are not none, `piece` is what parcels share in breach."""
    origin = _origin(shapes)
    parcels, line = tree_of(shapes, origin), tree_of(parts, origin, by_place=True)
    box = shapely.bounds(shapes)
    centres = (box[:, :2] + box[:, 2:]) / 2 - origin
    pair = None
    if not case.unstated:
        pair = compare_layers(
            parcels, centres, line, sign=case.sign, sigma_m=case.sigma_m, workers=case.workers
        )
    scatter = pair.scatter if pair else stated_scatter(case.step_sigma_m)
    scene = _Scene(parcels, centres, line, scatter, case)
    within = within_extent(shapes, case.extent, case.clear_m(scatter.point_m))
    believed, walk = _believed(shapes, parts, piece, within, scene)
    depth, round_it = _depths(walk, believed, scatter, case)
    signed = np.where(believed.there, depth, np.where(piece.there, np.nan, -walk.gap_m))
    proof, final = prove(walk, signed, scatter, alpha=case.alpha), walk
    split, aligned_gap = np.zeros(len(shapes), dtype=bool), np.full(len(shapes), np.inf)
    if pair and pair.displacement.found:
        proof, final, split, aligned_gap = _aligned(walk, signed, believed, pair, scene)
    if pair:
        pair = replace(pair, displacement=pair.displacement.counted_from(-origin))
    near = piece.there | (walk.gap_m <= case.reach_m(scatter.point_m))
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
        score=review_scores(final.ratio, near),
        within=within,
        scatter=scatter,
        pair=pair,
    )


def _origin(shapes: Shapes) -> Floats:
    """A corner of the tiles below and left of all shapes."""
    return np.asarray(np.floor(shapely.total_bounds(shapes)[:2] / TILE_M) * TILE_M)


def _believed(
    shapes: Shapes, parts: Shapes, piece: Pieces, within: Within, scene: _Scene
) -> tuple[Pieces, Walk]:
    """The pieces as far as the layer may be believed, and the walk along what then is the line.

    A zone that is drawn is evidence wherever it lies.  That no zone is drawn is evidence only inside the
    extent: there the extent's rim counts as a line behind which everything may be allowed.
    """
    walk, extent = scene.walk(), scene.case.extent
    if scene.case.breach == "inside":
        return piece, walk
    held = piece.shapes.copy()
    held[~within.some] = None
    cut = np.flatnonzero(within.some & ~within.whole & piece.there)
    if len(cut):
        held[cut] = areal(shapely.intersection(held[cut], extent))
        cut = cut[~shapely.is_missing(held[cut])]
        around = shapely.box(*shapely.total_bounds(shapes[cut])) if len(cut) else shapely.Polygon()
        room = shapely.buffer(around, scene.case.reach_m(scene.scatter.point_m) + 1, join_style="mitre")
        forbidden = shapely.difference(shapely.intersection(extent, room), shapely.union_all(parts))
        rim = tree_of(areal(np.array([forbidden])), scene.parcels.origin)
        if len(cut) and len(rim.seg):
            walk = walk.put(cut, scene.walk(cut, line=rim))
    return measure_pieces(held), walk


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
    walk: Walk, signed: Floats, believed: Pieces, pair: LayerPair, scene: _Scene
) -> tuple[Proof, Walk, Flags, Floats]:
    """The same once the displaced parcels are moved back: what is left in both places, and where they disagree."""
    case, by = scene.case, -pair.displacement.at(scene.centres)
    rows = np.flatnonzero(by.any(axis=1))
    again = walk.put(rows, scene.walk(rows, by[rows]))
    deep = np.maximum(again.depth_m, np.minimum(again.through_m, _cap(believed, case)))
    far = np.hypot(*by.T)
    deep = np.maximum(deep, np.where(signed > np.maximum(walk.depth_m, walk.through_m), signed - far, 0.0))
    overlaps = deep > 0
    there = prove(again, np.where(overlaps, deep, -again.gap_m), scene.scatter, alpha=case.alpha)
    here = prove(walk, signed, stated_scatter(case.sigma_m), alpha=case.alpha)
    displaced = np.asarray(by.any(axis=1))
    split = displaced & ((here.margin_m > 0) != (there.margin_m > 0))
    gap = np.where(displaced, np.where(overlaps, 0.0, again.gap_m), np.inf)
    return there.least(here, displaced), again, split, gap
