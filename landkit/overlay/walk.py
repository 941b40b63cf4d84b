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
from landkit.overlay.kernel.compiled import borrowing, compiled, inlined
from landkit.overlay.near import (
    FEW,
    blocks_in_box,
    deepest_below,
    deepest_in,
    depth_at,
    depth_laid,
    edges_d2,
    inward,
    lay_out,
)

SCALES = 9  # lengths of stretches
WINDOW = 4  # steps of the shortest stretch
FEW_SIGMAS = 3.0  # a vertex of the overlap deeper than this bears evidence
FARTHEST = 8.0  # scatters of a mean from which on its likelihood ratio grows no more
PER_SCATTER = 512
# sqrt(pi / 2) exp(z2 / 2) erfc(-z / sqrt 2), for z from -FARTHEST to FARTHEST
EVIDENCE = np.array([
    math.sqrt(math.pi / 2) * math.exp(z * z / 2) * math.erfc(-z / math.sqrt(2))
    for z in np.arange(-FARTHEST * PER_SCATTER, FARTHEST * PER_SCATTER + 2) / PER_SCATTER
])  # fmt: skip

# columns of the result, as profile.Walk calls them
NAMES = (
    "depth_m", "through_m", "gap_m", "vertices", "deep", "deep_through", "run_m", "inside_m", "longest_m", "mean_m", "core_m",
    "core_mean_m", "normal_x", "normal_y", "straight", "ratio",
)  # fmt: skip
COLUMNS = len(NAMES)
(
    DEPTH, THROUGH, GAP, VERTICES, DEEP, DEEP_THROUGH, RUN, INSIDE, LONGEST, MEAN, CORE, CORE_MEAN, NORMAL_X, NORMAL_Y,
    STRAIGHT, RATIO,
) = range(COLUMNS)  # fmt: skip


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


@borrowing
def box_of(seg, lo, hi):
    """The box of the edges lo to hi."""
    x0 = y0 = np.inf
    x1 = y1 = -np.inf
    for i in range(lo, hi):
        x0, y0 = min(x0, seg[i, 0]), min(y0, seg[i, 1])
        x1, y1 = max(x1, seg[i, 0]), max(y1, seg[i, 1])
    return x0, y0, x1, y1


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


@inlined
def edge_length(seg, i):
    """Length of an edge."""
    return math.hypot(seg[i, 2] - seg[i, 0], seg[i, 3] - seg[i, 1])


@borrowing
def run_of(depths, sums, clip, out):
    """The longest shared run of one ring, its length and begin in steps; fills in the sums of the depths up to each step."""
    n = len(depths)
    begin = 0
    for i in range(n):
        if depths[i] <= -clip:
            begin = i
            break
    sums[0] = 0.0
    run = run_begin = longest = longest_begin = inside = 0
    for k in range(n):
        d = depths[(begin + k) % n]
        sums[k + 1] = sums[k] + d
        out[RUN] += d > -clip
        out[INSIDE] += d > 0
        inside = inside + 1 if d > 0 else 0
        out[LONGEST] = max(out[LONGEST], inside)
        if abs(d) < clip:
            run_begin = k if run == 0 else run_begin
            run += 1
            if run > longest:
                longest, longest_begin = run, run_begin
        else:
            run = 0
    return longest, longest_begin


@borrowing
def middle_of(sums, longest, begin, middle):
    """The mean depth of each stretch length in the middle of the longest shared run."""
    for k in range(SCALES):
        width = WINDOW << k
        if width <= longest:
            i = begin + (longest - width) // 2
            middle[k] = (sums[i + width] - sums[i]) / width


@borrowing
def scan(sums, n, clip, sd, best, fit):
    """The stretches of one ring of n steps: greatest mean depth of each length, and the evidence.

    `fit` sums, for each length, the mean over its stretches of the likelihood ratio of a depth between 0 and `clip`
    (all alike likely) against 0, the scatter being `sd`; it orders the review and decides nothing.
    """
    for k in range(SCALES):
        width = WINDOW << k
        if width > n:
            break
        ratios, count = 0.0, 0
        for i in range(0, n - width + 1, max(1, width // 4)):
            mean = (sums[i + width] - sums[i]) / width
            if mean > -0.999 * clip:
                best[k] = max(best[k], mean)
                place = (max(-FARTHEST, min(mean / sd[k], FARTHEST)) + FARTHEST) * PER_SCATTER
                at = int(place)
                ratios += EVIDENCE[at] + (place - at) * (EVIDENCE[at + 1] - EVIDENCE[at])
                count += 1
        if count:
            fit[0] += ratios / count * sd[k] / clip
            fit[1] += 1.0
