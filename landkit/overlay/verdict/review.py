"""The order in which people should look at the band: likelihood of an encroachment against none, with a prior from the layer."""

from __future__ import annotations

from typing import Final

import numpy as np

from landkit.arrays import Flags, Floats

PRIOR: Final = 0.10  # share of true encroachments, where too few parcels are near to tell
LEAST_PRIOR: Final = 0.01
GREATEST_PRIOR: Final = 0.5
ENOUGH: Final = 50


def review_scores(ratio: Floats, near: Flags) -> Floats:
    """Score of each parcel, 0 to 1 (核查次序分): an order, and no probability below about 0.4.

    `ratio` as from the walk; the share of true encroachments among the parcels near the line is found by expectation and
    maximisation.
    """
    prior = PRIOR
    if near.sum() > ENOUGH:
        for _ in range(50):
            share = float(np.mean(prior * ratio[near] / (prior * ratio[near] + 1 - prior)))
            prior = min(max(share, LEAST_PRIOR), GREATEST_PRIOR)
    return np.asarray(prior * ratio / (prior * ratio + 1 - prior))
