"""What holds for all parcels of one judgement: the rule's parameters and the joint accuracy of the two layers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely

from landkit.errors import LayerError
from landkit.overlay.union.dissolve import BREACHES
from landkit.overlay.verdict.thresholds import normal_z
from landkit.overlay.walk.profile import REACH_SIGMAS


@dataclass(frozen=True)
class Case:
    """One judgement: which side is forbidden, the joint accuracy, the two probabilities, what the layer covers."""

    breach: str
    sigma_m: float  # joint; NaN where a side does not state it
    alpha: float
    beta: float
    unstated: str  # why there is no joint accuracy, or ""
    extent: shapely.Geometry | None
    workers: int | None
    generalised_m: float = 0.0  # how far generalising may have moved both lines together

    @property
    def sign(self) -> float:
        """+1 where the line's area is forbidden, -1 where what lies outside it is."""
        return 1.0 if self.breach == "inside" else -1.0

    @property
    def step_sigma_m(self) -> float:
        """The accuracy that sets the steps of the walk: any will do where none is stated and only facts are wanted."""
        return 1.0 if self.unstated else self.sigma_m

    def clear_m(self, scatter_m: float) -> float:
        """A gap wider than this proves that nothing is shared, points scattering by `scatter_m`."""
        return (
            0.0 if self.unstated else normal_z(self.beta) * max(self.sigma_m, scatter_m) + self.generalised_m
        )

    def reach_m(self, scatter_m: float) -> float:
        """How far the neighbourhood of a parcel goes."""
        return 0.0 if self.unstated else max(self.clear_m(scatter_m), REACH_SIGMAS * self.sigma_m)


def case_of(
    breach: str,
    sigmas_m: tuple[float | None, float | None],
    chances: tuple[float, float],
    extent: shapely.Geometry | None,
    *,
    generalised_m: float = 0.0,
    workers: int | None = None,
) -> Case:
    """The case of parcels and a line with these accuracies and these chances of a false conflict and a false clear.

    Raises: LayerError where an accuracy is zero or less.
    """
    alpha, beta = chances
    if breach not in BREACHES or not 0 < alpha < 0.5 or not 0 < beta < 0.5:
        raise ValueError("breach is 'inside' or 'outside'; alpha and beta lie between 0 and 0.5")
    sigma, unstated = joint_sigma(*sigmas_m)
    return Case(breach, sigma, alpha, beta, unstated, extent, workers, generalised_m)


def joint_sigma(parcel_m: float | None, line_m: float | None) -> tuple[float, str]:
    """Joint accuracy across the line (合成中误差), sqrt(a2 + b2); NaN and the reason where one is not stated.

    Raises: LayerError where one is zero or less.
    """
    for layer, sigma in (("parcels", parcel_m), ("line", line_m)):
        if sigma is None or math.isnan(sigma):
            return math.nan, f"no_accuracy_{layer}"
        if sigma <= 0 or math.isinf(sigma):
            raise LayerError("accuracy_not_positive", layer=layer, value=sigma)
    return math.hypot(parcel_m or 0.0, line_m or 0.0), ""
