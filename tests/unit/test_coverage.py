"""The coverage ledger: whatever happens to a layer on its way, no cell that was not clear turns clear."""

import numpy as np
import pandas as pd
import pytest

import geopandas as gpd
import shapely

from landkit.analysis.conflicts import coverage_rows, coverage_wide
from landkit.overlay import coverage_ledger, judge, missing_line

CRS = 4549
X, Y = 500_000.0, 3_570_000.0
LINES = {"ecological_redline": "inside", "urban_development_boundary": "outside"}


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


PARCELS = gpd.GeoSeries(
    [box(110 * i, 110 * j, 110 * i + 100, 110 * j + 100) for i in range(9) for j in range(9)], crs=CRS
)
EXTENT = box(-500, -500, 1500, 1500)
ZONES = {
    "ecological_redline": [box(0, 0, 330, 200), box(700, 600, 1200, 1200), box(400, 400, 430, 430)],
    "urban_development_boundary": [box(-400, -400, 1400, 700), box(300, 700, 1400, 1400)],
}


def state(line, zones, extent):
    table = judge(
        PARCELS, gpd.GeoSeries(zones, crs=CRS), breach=LINES[line], sigma_parcel_m=0.1, sigma_line_m=0.5, extent=extent
    )  # fmt: skip
    return coverage_ledger({line: table}, PARCELS.index)


def dropped(zones, extent):
    return zones[1:], extent.difference(shapely.buffer(zones[0], 1, join_style="mitre"))


def truncated(zones, extent):
    half = box(-500, -500, 500, 1500)
    return [z & half for z in zones if (z & half).area], extent & half


def emptied(_zones, extent):
    return [], extent


def unsaid(zones, _extent):
    return zones, None


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("harm", [dropped, truncated, emptied, unsaid], ids=lambda f: f.__name__)
def test_no_cell_turns_clear_where_a_layer_lost_something_and_its_extent_says_so(line, harm):
    whole = state(line, ZONES[line], EXTENT)
    less = state(line, *harm(ZONES[line], EXTENT))
    assert len(less) == len(whole) == len(PARCELS)
    turned = (less["verdict"] == "clear") & (whole["verdict"] != "clear")
    assert not turned.any()
    changed = less["verdict"] != whole["verdict"]
    assert changed.any()  # the harm is seen
    assert set(less.loc[changed, "verdict"]) == {"not_checked"}


def test_a_layer_that_is_not_delivered_leaves_every_cell_not_checked():
    ledger = coverage_ledger(dict.fromkeys(LINES), PARCELS.index)
    assert len(ledger) == 2 * len(PARCELS)
    assert set(ledger["verdict"]) == {"not_checked"}
    assert set(ledger["why"]) == {"layer_missing"}


def test_a_shifted_layer_with_its_extent_shifted_too_clears_nobody_beyond_it():
    """Both moved 600 m to the east: the western parcels now lie outside the extent."""

    def moved(shape):
        return shapely.transform(shape, lambda xy: xy + np.array([600, 0]))

    line = "ecological_redline"
    less = state(line, [moved(z) for z in ZONES[line]], moved(EXTENT))
    west = shapely.bounds(PARCELS.array)[:, 0] < X + 100
    assert "clear" not in set(less.loc[west, "verdict"])


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("zones", ["all of them", "one far off"])
def test_a_layer_far_from_its_own_extent_judges_nobody(line, zones):
    """Shifted by 100 km, as by a wrong central meridian, or all that was delivered is one polygon far off: the extent is
    as it was, and there is nothing drawn in it.
    """
    there = [shapely.transform(z, lambda xy: xy + np.array([100_000, 0])) for z in ZONES[line]]
    less = state(line, there if zones == "all of them" else there[-1:], EXTENT)
    assert set(less["verdict"]) == {"not_checked"}
    assert set(less["why"]) == {"no_zone_in_extent"}


def test_the_shapes_of_the_ledger_hold_every_pair_once():
    """Long for machines, wide for people: the same cells."""
    parts = []
    for line in LINES:
        frame = missing_line(PARCELS.index).assign(
            parcel_id=PARCELS.index.astype(str), line=line, layer_version=""
        )
        parts.append(pd.DataFrame(frame))
    rows = coverage_rows(pd.concat(parts, ignore_index=True))
    assert not rows.duplicated(["parcel_id", "line"]).any()
    wide = coverage_wide(rows)
    assert list(wide.columns) == ["parcel_id", *LINES]
    assert len(wide) == len(PARCELS)
    assert (wide[list(LINES)] == "not_checked:layer_missing").all().all()
