"""The line as a parcel meets it: how near it comes, how deep its edges run in the parcel, what the two share; compiled."""

from __future__ import annotations

import math

import numpy as np

from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing, compiled, inlined
from landkit.overlay.walk.columns import DEEP_THROUGH, FEW_SIGMAS, GAP, THROUGH, VERTICES, WINDOW
from landkit.overlay.walk.near import blocks_in_box, edge_meets, edges_d2
from landkit.overlay.walk.sight import BLOCKS, ROOM, WIDE, deepest, depth_along, open_all


@borrowing
def meet_line(lo, hi, line, parcels, box, met, how, out, mine, close, own):
    """The line seen from the parcel: distance, how deep its edges run in the parcel, how many of its vertices are deep there.

    `met`: the line's edges whose boxes come within reach, and within `gap`, of the parcel's, in ascending order; `own` a sight
    of the parcel's edges.  Also counts the vertices of both boundaries on the run they share: both ends of each edge that comes
    within reach of the other boundary (`mine`, `close`: false at first).  Between the ends of an edge depth is looked for at
    every shortest stretch.
    """
    _, sigma, step, _, reach, _ = how
    gap, through, deep, at_edge, at_foot = out[GAP], 0.0, 0, -1, 0.0
    open_all(parcels, lo, hi, own)
    for k in range(len(met)):
        i = met[k]
        d = -outside_by(line.seg[i, 0], line.seg[i, 1], box)
        length = edge_length(line.seg, i)
        if d >= -gap:  # else it lies outside, and farther than the gap
            d, _ = depth_along(line.seg, i, 0.0, length, WINDOW * step, parcels, own)
            gap = min(gap, abs(d))
            deep += d > FEW_SIGMAS * sigma
            through = max(through, d)
        if d + length > through:
            d, t = deep_between(line.seg, i, length, box, parcels, through, WINDOW * step, own)
            if t >= 0.0:
                through, at_edge, at_foot = d, i, t
        close[k] = mark_close(lo, hi, parcels, line, i, reach, mine)
    if at_edge >= 0:
        share = WINDOW * step / edge_length(line.seg, at_edge)
        through = deepest(line.seg, at_edge, at_foot, share, through, parcels, 1.0, own)
    vertices = 0
    for k in range(len(met)):
        if close[k]:
            after = line.after[met[k]]
            at = np.searchsorted(met, after)
            vertices += 1 if at < len(met) and met[at] == after and close[at] else 2
    for e in range(hi - lo):
        if mine[e]:
            vertices += 1 if mine[parcels.after[lo + e] - lo] else 2
    out[VERTICES] = max(vertices, 2)
    out[GAP], out[THROUGH], out[DEEP_THROUGH] = gap, through, deep


@compiled
def edges_met(line, box, room, sight):
    """The edges of the line whose boxes come within `room` of a box, in ascending order."""
    laid_out = room <= sight.number[ROOM]
    some = sight.which[0, : sight.size[WIDE]] if laid_out else edges_around(line, box, room, sight.stack)
    met, n = np.empty_like(some), 0
    for i in some:
        met[n] = i
        n += edge_meets(line.seg, i, box, room)
    return met[:n]


@compiled
def edges_around(line, box, room, stack):
    """The edges of the line in blocks that come within `room` of a box, in ascending order."""
    x0, y0, x1, y1 = box
    size = BLOCKS
    while True:
        blocks = np.empty(size, np.int64)
        count = blocks_in_box(line, x0 - room, y0 - room, x1 + room, y1 + room, stack, blocks)
        if count <= size:
            break
        size *= 4
    edges = np.empty(count * FAN, np.int64)
    n = 0
    for block in blocks[:count]:
        for i in range(block * FAN, min(len(line.seg), block * FAN + FAN)):
            edges[n] = i
            n += 1
    return edges[:n]


@inlined
def outside_by(x, y, box):
    """How far a point lies outside a box; 0 inside."""
    return math.hypot(max(box[0] - x, x - box[2], 0.0), max(box[1] - y, y - box[3], 0.0))


@borrowing
def mark_close(lo, hi, parcels, line, i, reach, mine):
    """Mark the parcel's edges within `reach` of edge i of the line; whether there are any."""
    found = False
    for block in range(lo // FAN, (hi - 1) // FAN + 1):
        if not box_near_edge(parcels.box, block, line.seg, i, reach):
            continue
        for e in range(max(lo, block * FAN), min(hi, block * FAN + FAN)):
            if (found and mine[e - lo]) or not edges_meet(parcels.seg, e, line.seg, i, reach):
                continue
            if edges_d2(parcels.seg, e, line.seg, i) <= reach * reach:
                mine[e - lo] = found = True
    return found


@inlined
def edges_meet(a, i, b, j, room):
    """Whether the boxes of two edges come within `room` of each other."""
    box = (min(a[i, 0], a[i, 2]), min(a[i, 1], a[i, 3]), max(a[i, 0], a[i, 2]), max(a[i, 1], a[i, 3]))
    return edge_meets(b, j, box, room)


@borrowing
def box_near_edge(box, b, seg, i, room):
    """Whether box b comes within `room` of the box of an edge."""
    return edge_meets(seg, i, (box[b, 0], box[b, 1], box[b, 2], box[b, 3]), room)


@borrowing
def deep_between(seg, i, length, box, parcels, most, step, own):
    """Where between its ends edge i runs deeper in the parcel than `most`: that depth and its place on the edge.

    Depth changes no faster than one walks, so from a point that is not deep the next one looked at lies as far on as it
    takes to become so, and at least `step`.
    """
    begin, end = 0.0, 1.0
    for axis in range(2):  # the part of the edge in the parcel's box
        a, b = seg[i, axis], seg[i, axis + 2]
        if a != b:
            s, t = (box[axis] - a) / (b - a), (box[axis + 2] - a) / (b - a)
            begin, end = max(begin, min(s, t)), min(end, max(s, t))
    t, at = begin, -1.0
    while t <= end:
        d, _ = depth_along(seg, i, t, length, step, parcels, own)
        if d > most:
            most, at = d, t
        t += max(step, -d if d < 0 else most - d) / length
    return most, at


@inlined
def edge_length(seg, i):
    """Length of an edge."""
    return math.hypot(seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1])


@borrowing
def box_of(seg, lo, hi):
    """The box of the edges lo to hi."""
    x0 = y0 = np.inf
    x1 = y1 = -np.inf
    for i in range(lo, hi):
        x0, y0 = min(x0, seg[i, 0]), min(y0, seg[i, 1])
        x1, y1 = max(x1, seg[i, 0]), max(y1, seg[i, 1])
    return x0, y0, x1, y1
