"""Runs and stretches of one ring of depths: where it shares the line, mean depths by length, and the evidence; compiled."""

from __future__ import annotations

import math

import numpy as np

from landkit.overlay.kernel.compiled import borrowing
from landkit.overlay.walk.columns import INSIDE, LONGEST, RUN, SCALES, WINDOW

FARTHEST = 8.0  # scatters of a mean from which on its likelihood ratio grows no more
PER_SCATTER = 512
# sqrt(pi / 2) exp(z2 / 2) erfc(-z / sqrt 2), for z from -FARTHEST to FARTHEST
EVIDENCE = np.array([
    math.sqrt(math.pi / 2) * math.exp(z * z / 2) * math.erfc(-z / math.sqrt(2))
    for z in np.arange(-FARTHEST * PER_SCATTER, FARTHEST * PER_SCATTER + 2) / PER_SCATTER
])  # fmt: skip


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
        d = depths[begin + k if begin + k < n else begin + k - n]
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
