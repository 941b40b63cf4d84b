"""One walk around each parcel: how deep, how wide apart, and the mean depth of every stretch of its boundary; compiled.

depth      where the parcel's edge runs in the area of the line, its distance to the line; where the line's edge
           runs in the parcel, its distance to the parcel's edge (a patch, finger or corridor may pass through a
           parcel whose own edge is nowhere deep)
profile    the parcel's rings walked in steps of h, the depth at each step, cut at +-clip so that one spike cannot
           carry a stretch
stretches  of 4, 8, ... 1024 steps: the greatest mean depth of each length, and one in the middle of the longest
           shared run, from which the scatter of the layers is measured
"""

from __future__ import annotations

import math

import numpy as np

from landkit.overlay.kernel.compiled import borrowing, compiled, inlined
from landkit.overlay.walk.columns import (
    CORE,
    CORE_MEAN,
    DEEP,
    DEPTH,
    FEW_SIGMAS,
    GAP,
    INSIDE,
    LONGEST,
    MEAN,
    NORMAL_X,
    NORMAL_Y,
    RATIO,
    RUN,
    STRAIGHT,
    WINDOW,
)  # fmt: skip
from landkit.overlay.walk.meeting import box_of, edge_length, edges_met, meet_line
from landkit.overlay.walk.near import blocks_in_box, inward
from landkit.overlay.walk.sight import deepest, depth_along, new_sight, open_sight
from landkit.overlay.walk.stretches import middle_of, run_of, scan


@compiled
def walk_parcels(rows, line, parcels, how, sd, out, best, middle):
    """`walk_parcel` for some parcels."""
    sight, own = new_sight(), new_sight()
    for p in rows:
        walk_parcel(p, line, parcels, how, sd, out[p], best[p], middle[p], sight, own)


@compiled
def boxes_near(boxes, line, room, near):
    """Fill in which boxes come within `room` of a block of the line's edges."""
    stack, found = np.empty((256, 2), np.int64), np.empty(1, np.int64)
    for p in range(len(boxes)):
        x0, y0, x1, y1 = boxes[p]
        near[p] = blocks_in_box(line, x0 - room, y0 - room, x1 + room, y1 + room, stack, found) > 0


@compiled
def walk_parcel(p, line, parcels, how, sd, out, best, middle, sight, own):
    """Fill the row of one parcel, zeros at first.

    `how`: sign (+1: the area of the line is forbidden, -1: what lies outside it), sigma, step h, clip, reach of the shared
    run, whether all is asked for or the shared run alone; `sd`: scatter of the mean of each stretch length.  `best`,
    `middle`: mean depth by stretch length; `sight` of the line and `own` of the parcel are room to work in.
    """
    _, _, step, clip, reach, whole = how
    lo, hi = parcels.first[p], parcels.first[p + 1]
    box = box_of(parcels.seg, lo, hi)
    open_sight(line, 0, len(line.seg), box, max(clip, reach) + 4 * WINDOW * step, sight)
    out[GAP] = np.inf
    if comes_near(lo, hi, line, parcels, how, out, sight):
        out[DEEP] = 0.0
        count = steps_at_most(lo, hi, parcels, step)
        depths, sums, work = np.empty(count), np.empty(count + 1), np.zeros(5)
        profile(lo, hi, line, parcels, how, sd, out, best, middle, depths, sums, work[:3], work[3:], sight)
    if whole:
        met = edges_met(line, box, max(reach, out[GAP]), sight)
        mine, close = np.zeros(hi - lo, np.bool_), np.zeros(len(met), np.bool_)
        meet_line(lo, hi, line, parcels, box, met, how, out, mine, close, own)


@borrowing
def comes_near(lo, hi, line, parcels, how, out, sight):
    """Whether any edge can come within `clip` of the line, by the depths of its ends; counts the vertices it looks at."""
    sign, sigma, step, clip, _, _ = how
    ring, first, last, length = lo, 0.0, 0.0, 0.0
    for i in range(lo, hi):
        before, length = length, edge_length(parcels.seg, i)
        d, _ = depth_along(parcels.seg, i, 0.0, length, WINDOW * step, line, sight)
        count_vertex(sign * d, sigma, out)
        if i > ring and abs(last) + abs(d) - before < 2 * clip:
            return True
        first = d if i == ring else first
        if parcels.after[i] != i + 1:  # the ring is closed
            if abs(d) + abs(first) - length < 2 * clip:
                return True
            ring = i + 1
        last = d
    return False


@inlined
def count_vertex(depth, sigma, out):
    """Take a vertex into the distance, the depth and the number of deep ones."""
    out[GAP] = min(out[GAP], abs(depth))
    out[DEPTH] = max(out[DEPTH], depth)
    out[DEEP] += depth > FEW_SIGMAS * sigma


@borrowing
def steps_at_most(lo, hi, parcels, step):
    """No profile of the edges lo to hi has more steps."""
    total = 0
    for i in range(lo, hi):
        wide, high = parcels.seg[i, 2] - parcels.seg[i, 0], parcels.seg[i, 3] - parcels.seg[i, 1]
        total += int((abs(wide) + abs(high)) / step) + 2
    return total


@borrowing
def profile(lo, hi, line, parcels, how, sd, out, best, middle, depths, sums, peak, fit, sight):
    """Walk the rings and fill in what is known of the boundary, the run and its stretches.

    `depths` and `sums` are room for the steps; `peak`, zeros: the greatest depth met, its edge and its place there; `fit`,
    zeros: likelihood ratios of the stretch lengths, how many lengths.
    """
    sign, _, step, clip, _, whole = how
    ring = lo
    for i in range(lo, hi):
        if parcels.after[i] != i + 1:  # the ring is closed
            n = walk_ring(ring, i + 1, line, parcels, how, out, depths, peak, sight)
            longest, begin = run_of(depths[:n], sums, clip, out)
            middle_of(sums, longest, begin, middle)
            if whole:
                scan(sums, n, clip, sd, best, fit)
            ring = i + 1
    core, straight = max(1.0, out[CORE]), math.hypot(out[NORMAL_X], out[NORMAL_Y])
    out[MEAN] /= max(1.0, out[INSIDE])
    out[CORE_MEAN] /= core
    out[STRAIGHT], out[RATIO] = straight / core, fit[0] / max(1.0, fit[1])
    out[NORMAL_X] /= max(straight, 1e-9)
    out[NORMAL_Y] /= max(straight, 1e-9)
    for name in (RUN, INSIDE, LONGEST, CORE):
        out[name] *= step
    out[DEPTH] = max(out[DEPTH], peak[0])
    if whole and peak[0] > 0.0:
        edge = int(peak[1])
        share = step / edge_length(parcels.seg, edge)
        out[DEPTH] = deepest(parcels.seg, edge, peak[2], share, out[DEPTH], line, sign, sight)


@borrowing
def walk_ring(lo, hi, line, parcels, how, out, depths, peak, sight):
    """Fill in the depths at the steps of one ring, sum up what is met on the way, and give back how many steps there are."""
    sign, sigma, step, clip, _, _ = how
    n = hold = 0
    position, nexts, last = 0.0, 0.0, -clip
    for i in range(lo, hi):
        length = edge_length(parcels.seg, i)
        d, _ = depth_along(parcels.seg, i, 0.0, length, WINDOW * step, line, sight)
        count_vertex(sign * d, sigma, out)
        while nexts < position + length:
            hold -= 1
            if hold < 0:
                t = (nexts - position) / length
                d, nearest = depth_along(parcels.seg, i, t, length, WINDOW * step, line, sight)
                last = sign * d
                if last > peak[0]:
                    peak[0], peak[1], peak[2] = last, i, t
                if abs(last) <= clip:
                    nx, ny = inward(line, nearest)
                    out[CORE] += 1.0
                    out[CORE_MEAN] += last
                    out[NORMAL_X] += sign * nx
                    out[NORMAL_Y] += sign * ny
                elif last < 0:  # too far outside for the next steps to be near
                    hold = int((-last - clip) / step)
            if last > 0:
                out[MEAN] += last
            depths[n] = min(clip, max(-clip, last))
            n += 1
            nexts += step
        position += length
    return n
