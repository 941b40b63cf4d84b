"""A judgement prepared once and made part by part is, byte for byte, the judgement made at once."""

import pickle

import numpy as np
import pandas as pd
import pytest

import shapely

from landkit.bench.noise import survey
from landkit.overlay import engine
from landkit.overlay.shapes import array_of
from landkit.overlay.verdict.case import case_of
from landkit.overlay.verdict.judging import judge_layer, judge_rows, judgement_of
from landkit.overlay.verdict.prepared import prepare_judgement


@pytest.fixture(autouse=True)
def kernel_for_few(monkeypatch):
    monkeypatch.setattr(engine, "KERNEL_FROM_PARCELS", 1)


@pytest.fixture(scope="module")
def layers():
    """120 parcels displaced by 4 m, so that aligned places are looked at too."""
    return survey("mix", 0.5, 77, 120, shift_m=(4.0, 1.0))


def in_parts(parcels, zones, how):
    """Judged in three parts that are drawn at random, each through a pickle as on its way to a worker."""
    case = case_of(how["breach"], (0.5, 0.5), (0.001, 0.001), how["extent"])
    prepared = prepare_judgement(parcels, zones, case)
    assert prepared.may_spread
    shapes = array_of(parcels)[prepared.good]
    order = np.random.default_rng(3).permutation(len(shapes))
    rows = np.array_split(order, 3)
    columns = [judge_rows(pickle.loads(pickle.dumps(prepared)), shapes[part]) for part in rows]
    back = np.argsort(np.concatenate(rows))
    whole = {name: np.concatenate([c[name] for c in columns])[back] for name in columns[0]}
    return judgement_of(prepared, parcels, whole)


@pytest.mark.parametrize("breach", ["inside", "outside"])
def test_verdicts_do_not_depend_on_how_the_parcels_are_dealt_out(layers, breach):
    """Also where parcels reach beyond the extent: a third of them lies outside it."""
    x0, y0, x1, y1 = layers.zones.total_bounds
    extent = shapely.box(x0 - 100, y0 - 100, x0 + 0.6 * (x1 - x0), y1 + 100)
    how = {"breach": breach, "extent": extent}
    one = judge_layer(layers.parcels, layers.zones, sigma_parcel_m=0.5, sigma_line_m=0.5, **how)
    many = in_parts(layers.parcels, layers.zones, how)

    pd.testing.assert_frame_equal(
        one.table.drop(columns="geometry"), many.table.drop(columns="geometry"), check_exact=True
    )
    assert one.table.geometry.to_wkb().tolist() == many.table.geometry.to_wkb().tolist()
    assert repr(one.pair) == repr(many.pair)
    assert one.table["verdict"].nunique() >= 3
    assert one.table["why"].isin(["outside_extent", "partly_outside_extent"]).any()
