"""Whether parcels follow a line at all, before their scatter about it is believed."""

import dataclasses

import numpy as np
import pytest

import geopandas as gpd
import shapely

from landkit.bench.noise import Surveyed, judged
from landkit.overlay.verdict.layer_pair import LayerPair
from landkit.overlay.verdict.scatter import core_spread, stated_scatter, strewn_runs
from landkit.quality.layer_pairs import check_layer_pairs

CLIP = 6.0


def drawn_along(rng, spread, count):
    """Errors of that spread, as far as the clip lets see."""
    x = rng.normal(0, spread, 3 * count)
    return x[np.abs(x) < CLIP][:count]


def test_of_strewn_parcels_one_layer_in_740_passes_for_parcels_that_follow_the_line():
    """2,000 layers of 60: 2.7 are expected, 8 or more happen once in a hundred times."""
    rng = np.random.default_rng(11)
    passed = sum(strewn_runs(rng.uniform(-CLIP, CLIP, 60), CLIP) == 0 for _ in range(2000))
    assert passed < 8


@pytest.mark.parametrize(
    ("spread", "strewn", "count"), [(1.0, 0.5, 100), (2.0, 0.3, 100), (2.0, 0.5, 250), (3.0, 0.0, 150)]
)
def test_parcels_that_follow_it_are_seen_among_strewn_ones(spread, strewn, count):
    """Also where they do so with two or three times the error stated; in 200 draws at most 4 are missed."""
    rng = np.random.default_rng(12)
    few = int(strewn * count)
    draws = (
        np.concatenate([drawn_along(rng, spread, count - few), rng.uniform(-CLIP, CLIP, few)])
        for _ in range(200)
    )
    assert sum(strewn_runs(x, CLIP) > 0 for x in draws) <= 4


def test_the_core_of_strewn_parcels_reads_as_an_accuracy_of_half_the_clip():
    """Why the question must be asked: their core has a spread of three sigma and more, which nobody's error is."""
    x = np.random.default_rng(13).uniform(-CLIP, CLIP, 300)
    assert core_spread(x)[0] > CLIP / 2
    assert strewn_runs(x, CLIP) == 300


def test_what_was_not_seen_and_the_unit_of_length_do_not_count():
    x = np.random.default_rng(14).uniform(-CLIP, CLIP, 80)
    assert strewn_runs(np.concatenate([x, [np.nan] * 40]), CLIP) == 80
    assert strewn_runs(1000 * x, 1000 * CLIP) == 80
    assert strewn_runs(np.full(5, np.nan), CLIP) == 0


def set_back(seed, sigma, deepest) -> Surveyed:
    """90 plots of 150 m frontage on zones of their own, surveyed to `sigma`; each keeps off its line or crosses it by up to
    `deepest`, every distance being as likely as any other.
    """
    rng = np.random.default_rng(seed)
    along, parcels, zones, by = np.arange(0, 151, 15.0), [], [], rng.uniform(-deepest, deepest, 90)
    for k, depth in enumerate(by):
        place, turn = 500 + 500 * np.array([k % 10, k // 10]), rng.uniform(0, 2 * np.pi)
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        for shapes, front, back in ((parcels, depth, 80), (zones, 0.0, -80)):
            ring = np.array([*zip(along, np.full(len(along), -front), strict=True), (150, back), (0, back)])
            shapes.append(
                shapely.Polygon(
                    (ring + rng.normal(0, sigma, ring.shape)) @ matrix + place + [460_000, 3_560_000]
                )
            )
    kinds = np.full(90, "set_back")
    return Surveyed(*(gpd.GeoSeries(s, crs=4549) for s in (parcels, zones)), by > 0, kinds, sigma)


def test_where_parcels_do_not_follow_the_line_what_is_stated_stands():
    """Plots at any distance up to six sigma say nothing of the accuracy; deep ones are proven by what is stated, none falsely."""
    layers = set_back(5, 0.5, 4.2)
    found = judged(layers)
    scatter = found.pair.scatter
    assert scatter.strewn > 60
    assert scatter.runs == 0
    assert not scatter.understated
    assert scatter.used_m == pytest.approx(0.7071, abs=1e-4)
    conflict = (found.table["verdict"] == "conflict").to_numpy()
    assert conflict.sum() >= 10
    assert not (conflict & ~layers.encroaches).any()


def test_plots_drawn_along_the_line_are_measured():
    scatter = judged(set_back(6, 0.5, 0.0)).pair.scatter
    assert scatter.strewn == 0
    assert scatter.runs >= 50
    assert scatter.measured_m < 0.7071


def test_that_nothing_could_be_measured_is_said_in_both_languages():
    from landkit.analysis.conflicts import layer_pairs

    table = gpd.GeoDataFrame({"line": [], "why": [], "verdict": []})
    pairs = layer_pairs({"ecological_redline": LayerPair(stated_scatter(0.7, strewn=90))}, table)
    [one] = check_layer_pairs(pairs.to_dict("records"))
    assert (one.check, one.severity) == ("accuracy.unmeasured", "note")
    assert "90" in one.reason.say("zh")
    assert "0.70 m" in one.reason.say("en")
    silent = layer_pairs({"ecological_redline": LayerPair(dataclasses.replace(stated_scatter(0.7)))}, table)
    assert not check_layer_pairs(silent.to_dict("records"))
