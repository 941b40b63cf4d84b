"""What the compiled walk fills in, column by column, and the lengths of its stretches."""

from __future__ import annotations

SCALES = 9  # lengths of stretches
WINDOW = 4  # steps of the shortest stretch
FEW_SIGMAS = 3.0  # a vertex of the overlap deeper than this bears evidence

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
