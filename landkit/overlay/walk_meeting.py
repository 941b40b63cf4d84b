"""The line as a parcel meets it: how near it comes, how deep its edges run in the parcel, what the two share; compiled."""

from __future__ import annotations

import math

import numpy as np

from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing, inlined
from landkit.overlay.near import deepest_in, depth_at, edges_d2
from landkit.overlay.walk_columns import FEW_SIGMAS, VERTICES, WINDOW


@borrowing
def meet_line(lo, hi, line, parcels, gap, box, around, how, out, mine, close, stack):
    """The line seen from the parcel: distance, how deep its edges run in the parcel, how many of its vertices are deep there.

    Also counts the vertices of both boundaries on the run they share: both ends of each edge that comes within reach of
    the other boundary (`mine`, `close`: false at first).  Between the ends of an edge depth is looked for at every shortest
    stretch.
    """
    _, sigma, step, _, reach, _ = how
    room = max(reach, gap)
    through, deep, guess, at_edge, at_foot = 0.0, 0, -1, -1, 0.0
    for k in range(len(around) * FAN):
        i = around[k // FAN] * FAN + k % FAN
        if i >= len(line.seg) or not edge_meets(line.seg, i, box, room):
            continue
        d = -outside_by(line.seg[i, 0], line.seg[i, 1], box)
        if d >= -gap:  # else it lies outside, and farther than the gap
            d, guess = depth_at(line.seg[i, 0], line.seg[i, 1], parcels, lo, hi, guess, stack)
            gap = min(gap, abs(d))
            deep += d > FEW_SIGMAS * sigma
            through = max(through, d)
        if d + edge_length(line.seg, i) > through:
            d, t = deep_between(line.seg, i, box, parcels, lo, hi, through, WINDOW * step, stack)
            if t >= 0.0:
                through, at_edge, at_foot = d, i, t
        close[k] = mark_close(lo, hi, parcels, line, i, reach, mine)
    if at_edge >= 0:
        share = WINDOW * step / edge_length(line.seg, at_edge)
        through = deepest_in(line.seg, at_edge, at_foot, share, through, parcels, lo, hi, stack)
    vertices = 0
    for k in range(len(close)):
        if close[k]:
            after = line.after[around[k // FAN] * FAN + k % FAN]
            at = np.searchsorted(around, after // FAN)
            follows = at < len(around) and around[at] == after // FAN and close[at * FAN + after % FAN]
            vertices += 1 if follows else 2
    for e in range(hi - lo):
        if mine[e]:
            vertices += 1 if mine[parcels.after[lo + e] - lo] else 2
    out[VERTICES] = max(vertices, 2)
    return gap, through, deep


@inlined
def outside_by(x, y, box):
    """How far a point lies outside a box; 0 inside."""
    return math.hypot(max(box[0] - x, x - box[2], 0.0), max(box[1] - y, y - box[3], 0.0))


@inlined
def edge_meets(seg, i, box, room):
    """Whether the box of an edge comes within `room` of a box."""
    return (
        min(seg[i, 0], seg[i, 2]) <= box[2] + room
        and max(seg[i, 0], seg[i, 2]) >= box[0] - room
        and min(seg[i, 1], seg[i, 3]) <= box[3] + room
        and max(seg[i, 1], seg[i, 3]) >= box[1] - room
    )


@borrowing
def mark_close(lo, hi, parcels, line, i, reach, mine):
    """Mark the parcel's edges within `reach` of edge i of the line; whether there are any."""
    found = False
    for block in range(lo // FAN, (hi - 1) // FAN + 1):
        if not box_near_edge(parcels.box, block, line.seg, i, reach):
            continue
        for e in range(max(lo, block * FAN), min(hi, block * FAN + FAN)):
            if (found and mine[e - lo]) or edges_d2(parcels.seg, e, line.seg, i) <= reach * reach:
                mine[e - lo] = found = True
    return found


@borrowing
def box_near_edge(box, b, seg, i, room):
    """Whether box b comes within `room` of the box of an edge."""
    return edge_meets(seg, i, (box[b, 0], box[b, 1], box[b, 2], box[b, 3]), room)


@borrowing
def deep_between(seg, i, box, parcels, lo, hi, most, step, stack):
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
    dx, dy = seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1]
    length, at, guess = edge_length(seg, i), -1.0, -1
    t = begin
    while t <= end:
        d, guess = depth_at(seg[i, 0] + dx * t, seg[i, 1] + dy * t, parcels, lo, hi, guess, stack)
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
