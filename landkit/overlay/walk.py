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

from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing, compiled
from landkit.overlay.near import FEW, blocks_in_box, deepest_below, depth_laid, inward, lay_out
from landkit.overlay.walk_columns import (
    CORE,
    CORE_MEAN,
    DEEP,
    DEEP_THROUGH,
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
    THROUGH,
    WINDOW,
)  # fmt: skip
from landkit.overlay.walk_meeting import box_near_edge, box_of, edge_length, meet_line
from landkit.overlay.walk_stretches import middle_of, run_of, scan


@compiled
def walk_parcels(begin, end, line, parcels, how, sd, out, best, middle):
    """`walk_parcel` for the parcels begin to end."""
    stack, laid, which = np.empty((256, 2), np.int64), np.empty((6, FEW * FAN)), np.empty(FEW * FAN, np.int64)
    for p in range(begin, end):
        walk_parcel(p, line, parcels, how, sd, out[p], best[p], middle[p], laid, which, stack)


@compiled
def boxes_near(parcels, line, room):
    """Which parcels' boxes come within `room` of a block of the line's edges."""
    stack, found = np.empty((256, 2), np.int64), np.empty(1, np.int64)
    near = np.zeros(len(parcels.first) - 1, np.bool_)
    for p in range(len(near)):
        x0, y0, x1, y1 = box_of(parcels.seg, parcels.first[p], parcels.first[p + 1])
        near[p] = blocks_in_box(line, x0 - room, y0 - room, x1 + room, y1 + room, stack, found) > 0
    return near


@compiled
def walk_parcel(p, line, parcels, how, sd, out, best, middle, laid, which, stack):
    """Fill the row of one parcel.

    `how`: sign (+1: the area of the line is forbidden, -1: what lies outside it), sigma, step h, clip, reach of the shared
    run, whether all is asked for or the shared run alone; `sd`: scatter of the mean of each stretch length.  `best`,
    `middle`: mean depth by stretch length; `laid`, `which`, `stack` are room to work in.
    """
    _, _, step, clip, reach, whole = how
    lo, hi = parcels.first[p], parcels.first[p + 1]
    box = box_of(parcels.seg, lo, hi)
    room = max(clip, reach) + WINDOW * step
    around = blocks_around(line, box, room, stack)
    vertex = np.empty(hi - lo)
    gap, depth, deep = vertices_at(lo, line, parcels, around, room, how, vertex, laid, which, stack)
    if whole:
        if gap > room:
            around = blocks_around(line, box, gap, stack)
        mine, close = np.zeros(hi - lo, np.bool_), np.zeros(len(around) * FAN, np.bool_)
        gap, through, other = meet_line(lo, hi, line, parcels, gap, box, around, how, out, mine, close, stack)
        out[THROUGH], out[DEEP], out[DEEP_THROUGH] = through, deep, other
    if comes_near(lo, parcels, vertex, clip):
        count, aside = steps_at_most(lo, hi, parcels, step), np.empty_like(around)
        depths, sums, fit = np.empty(count), np.empty(count + 1), np.zeros(2)
        most = profile(
            lo, hi, line, parcels, vertex, around, aside, room, how, sd, out, best, middle, depths, sums, fit, laid, which, stack
        )  # fmt: skip
        depth = max(depth, most)
    out[DEPTH], out[GAP] = depth, gap


@borrowing
def vertices_at(lo, line, parcels, around, room, how, vertex, laid, which, stack):
    """Fill in the depth of each vertex; the least distance, the greatest depth, how many are deep."""
    sign, sigma, _, _, _, _ = how
    gap, depth, deep, guess = np.inf, 0.0, 0, -1
    count = lay_out(line, around, laid, which)
    for i in range(lo, lo + len(vertex)):
        x, y = parcels.seg[i, 0], parcels.seg[i, 1]
        d, guess = depth_laid(x, y, line, laid, which, count, room, guess, stack)
        gap = min(gap, abs(d))
        d *= sign
        depth, deep = max(depth, d), deep + (d > FEW_SIGMAS * sigma)
        vertex[i - lo] = d
    return gap, depth, deep


@borrowing
def comes_near(lo, parcels, vertex, clip):
    """Whether any edge can come within `clip` of the line, by the depths of its ends."""
    near = False
    for i in range(lo, lo + len(vertex)):
        both = abs(vertex[i - lo]) + abs(vertex[parcels.after[i] - lo])
        near |= both - edge_length(parcels.seg, i) < 2 * clip
    return near


@borrowing
def blocks_at_edge(line, around, seg, i, room, aside):
    """Put into `aside` those of the blocks `around` that come within `room` of the box of an edge, and count them."""
    count = 0
    for block in around:
        if box_near_edge(line.box, block, seg, i, room):
            aside[count] = block
            count += 1
    return count


@borrowing
def steps_at_most(lo, hi, parcels, step):
    """No profile of the edges lo to hi has more steps."""
    total = 0
    for i in range(lo, hi):
        total += int(edge_length(parcels.seg, i) / step) + 2
    return total


@compiled
def blocks_around(line, box, room, stack):
    """The blocks of the line's edges that come within `room` of a box, in ascending order."""
    x0, y0, x1, y1 = box
    around = np.empty(64, np.int64)
    count = blocks_in_box(line, x0 - room, y0 - room, x1 + room, y1 + room, stack, around)
    if count > len(around):
        around = np.empty(count, np.int64)
        blocks_in_box(line, x0 - room, y0 - room, x1 + room, y1 + room, stack, around)
    return around[:count]


@borrowing
def profile(
    lo, hi, line, parcels, vertex, around, aside, room, how, sd, out, best, middle, depths, sums, fit, laid, which, stack
):  # fmt: skip
    """Walk the rings, fill what is known of the run and its stretches, and give back the greatest depth met.

    `vertex` is the depth of each vertex; `aside`, `depths` and `sums` are room for blocks and steps; `fit`, zeros: likelihood
    ratios of the stretch lengths, how many lengths.
    """
    sign, _, step, clip, _, whole = how
    core = 0  # steps on the run, and sums over them
    core_sum = normal_x = normal_y = 0.0
    most, at_edge, at_foot = 0.0, lo, 0.0
    n = ring = hold = 0
    guess, position, nexts, last = -1, 0.0, 0.0, -clip
    inside_sum = 0.0
    for i in range(lo, hi):
        length = edge_length(parcels.seg, i)
        ends = abs(vertex[i - lo]) + abs(vertex[parcels.after[i] - lo])
        near = aside[: blocks_at_edge(line, around, parcels.seg, i, (ends + length) / 2, aside)]
        count = lay_out(line, near, laid, which)
        while nexts < position + length:
            hold -= 1
            if hold < 0:
                t = (nexts - position) / length
                x = parcels.seg[i, 0] + t * (parcels.seg[i, 2] - parcels.seg[i, 0])
                y = parcels.seg[i, 1] + t * (parcels.seg[i, 3] - parcels.seg[i, 1])
                last, guess = depth_laid(x, y, line, laid, which, count, room, guess, stack)
                last *= sign
                if last > most:
                    most, at_edge, at_foot = last, i, t
                if abs(last) <= clip:
                    nx, ny = inward(line, guess)
                    core, core_sum = core + 1, core_sum + last
                    normal_x, normal_y = normal_x + sign * nx, normal_y + sign * ny
                elif last < 0:  # too far outside for the next steps to be near
                    hold = int((-last - clip) / step)
            if last > 0:
                inside_sum += last
            depths[n] = min(clip, max(-clip, last))
            n += 1
            nexts += step
        position += length
        if parcels.after[i] != i + 1:  # the ring is closed
            longest, begin = run_of(depths[ring:n], sums, clip, out)
            middle_of(sums, longest, begin, middle)
            if whole:
                scan(sums, n - ring, clip, sd, best, fit)
            ring, hold, guess, position, nexts = n, 0, -1, 0.0, 0.0
    out[MEAN] = inside_sum / max(1.0, out[INSIDE])
    straight = math.hypot(normal_x, normal_y)
    out[CORE], out[CORE_MEAN] = core * step, core_sum / max(1, core)
    out[NORMAL_X], out[NORMAL_Y] = normal_x / max(straight, 1e-9), normal_y / max(straight, 1e-9)
    out[STRAIGHT], out[RATIO] = straight / max(1, core), fit[0] / max(1.0, fit[1])
    for name in (RUN, INSIDE, LONGEST):
        out[name] *= step
    if whole and most > 0.0:
        share = step / edge_length(parcels.seg, at_edge)
        count = lay_out(line, around, laid, which)
        most = deepest_below(
            parcels.seg, at_edge, at_foot, share, most, line, laid, which, count, room, sign, stack
        )
    return most
