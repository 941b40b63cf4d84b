"""Places where gaps up to a seam's width may lie between polygons: where edges of two of them come near in the open."""

from __future__ import annotations

from typing import Final

import numpy as np

import shapely

from landkit.arrays import Flags, Floats, Ints, Shapes
from landkit.overlay.union.contacts import Runs, near_runs, pairs_by_box

# Out and in again with mitred corners fills nothing of a corner wider than 2 * asin(1 / mitre limit) = 23.1 degrees.
MITRE_LIMIT: Final = 5.0
OUTWARD: Final = np.array([-1, -1, 1, 1])
WIDE_SINE: Final = 0.5  # 30 degrees: well clear of it


def gap_places(polygons: Shapes, runs: Runs, lines: Shapes, seam: float, room: float) -> Floats:
    """Boxes in which all gaps between polygons lie that are no wider than a seam (接边缝隙), one for each stretch of
    a run beside another; `lines` are the runs'.

    None where edges of both sides bound ground, cross at a wide angle, or where one polygon covers all within `room`.
    """
    near = near_runs(runs, lines, seam)
    involved = np.zeros(len(lines), dtype=bool)
    involved[near.one[near.apart]] = involved[near.other[near.apart]] = True
    at, run = runs.edges(involved)
    has_length = (runs.xy[at] != runs.xy[at + 1]).any(axis=1)  # a vertex may stand twice
    alone = has_length & ~_both_ways(runs.xy[at], runs.xy[at + 1])
    at, run = at[alone], run[alone]
    edges = np.stack([runs.xy[at], runs.xy[at + 1]], axis=1)
    one, other = _near_edges(edges, runs.owner[run], seam)
    stretch = _beside(edges[one], edges[other], 2 * seam), _beside(edges[other], edges[one], 2 * seam)
    places = _common_boxes(*stretch)
    open_ground = ~_covered(places + room * OUTWARD, polygons)
    one, other, places = one[open_ground], other[open_ground], places[open_ground]
    return _by_stretch(places, at[one], run[one], run[other])


def _both_ways(start: Floats, stop: Floats) -> Flags:
    """Edges that stand in another ring the other way round: borders that neighbours share, ground on both sides."""
    forth = (start[:, 0] < stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] < stop[:, 1]))
    edge = np.where(forth[:, None], np.hstack([start, stop]), np.hstack([stop, start])) + 0.0
    same = np.unique(edge.view(np.void(edge.shape[1] * edge.itemsize).dtype).ravel(), return_inverse=True)[1]
    both = (np.bincount(same, forth) > 0) & (np.bincount(same, ~forth) > 0)
    return np.asarray(both[same])


def _near_edges(edges: Floats, owner: Ints, seam: float) -> tuple[Ints, Ints]:
    """Pairs of edges of two polygons within a seam of each other, but for those that cross at a wide angle."""
    lines = shapely.linestrings(edges)
    one, other = pairs_by_box(lines, seam)
    apart = owner[one] != owner[other]
    one, other = one[apart], other[apart]
    kept = ~_cross_widely(edges[one], edges[other], seam)
    one, other = one[kept], other[kept]
    near = shapely.dwithin(lines[one], lines[other], seam)
    return one[near], other[near]


def _cross_widely(one: Floats, other: Floats, seam: float) -> Flags:
    """Edges that cross, more than a seam from their ends, at an angle whose corner closing leaves as it is."""
    along, across = one[:, 1] - one[:, 0], other[:, 1] - other[:, 0]
    wide = np.abs(_cross(along, across)) >= WIDE_SINE * np.hypot(*along.T) * np.hypot(*across.T)
    return np.asarray(wide & _on_both_sides(one, other, seam) & _on_both_sides(other, one, seam))


def _on_both_sides(edges: Floats, of: Floats, by: float) -> Flags:
    """Whether edges begin more than `by` on one side of the lines along others, and end so on their other side."""
    along = of[:, 1] - of[:, 0]
    begin, end = (_cross(along, edges[:, k] - of[:, 0]) for k in (0, 1))
    return np.asarray((begin * end < 0) & (np.minimum(np.abs(begin), np.abs(end)) > by * np.hypot(*along.T)))


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _common_boxes(one: Floats, other: Floats) -> Floats:
    """The box that the boxes of two edges share, or that lies between them."""
    low, high = np.maximum(one.min(axis=1), other.min(axis=1)), np.minimum(one.max(axis=1), other.max(axis=1))
    return np.hstack([np.minimum(low, high), np.maximum(low, high)])


def _beside(edges: Floats, others: Floats, by: float) -> Floats:
    """The stretch of each edge that lies within `by` of another one's line, and no farther beyond its ends."""
    along, across = edges[:, 1] - edges[:, 0], others[:, 1] - others[:, 0]
    length = np.hypot(*across.T)
    to_edge = edges[:, 0] - others[:, 0]
    aside = _cross(across, to_edge) / length, _cross(across, along) / length
    ahead = (across * to_edge).sum(axis=1) / length, (across * along).sum(axis=1) / length
    begin, end = np.zeros(len(edges)), np.ones(len(edges))
    for (start, slope), most in ((aside, by), (ahead, length + by)):
        with np.errstate(divide="ignore", invalid="ignore"):
            at = np.sort(np.stack([(-by - start) / slope, (most - start) / slope]), axis=0)
        begin, end = np.fmax(begin, at[0]), np.fmin(end, at[1])
    return edges[:, :1] + np.stack([begin, np.maximum(begin, end)], axis=1)[:, :, None] * along[:, None]


def _covered(boxes: Floats, polygons: Shapes) -> Flags:
    """Which boxes lie in one polygon: there nothing is open."""
    out = np.zeros(len(boxes), dtype=bool)
    tree = shapely.STRtree(shapely.box(*boxes.T))
    out[tree.query(polygons, predicate="contains")[1]] = True
    return out


def _by_stretch(places: Floats, at: Ints, run: Ints, other: Ints) -> Floats:
    """One box for the places of edges of a run that follow each other beside the same other run; each once."""
    order = np.lexsort((at, other, run))
    places, at, run, other = places[order], at[order], run[order], other[order]
    goes_on = (np.diff(at) <= 1) & (np.diff(run) == 0) & (np.diff(other) == 0)
    first = np.flatnonzero(np.append(True, ~goes_on)[: len(at)])
    if not len(first):
        return places
    low, high = np.minimum.reduceat(places[:, :2], first), np.maximum.reduceat(places[:, 2:], first)
    return np.unique(np.hstack([low, high]), axis=0)
