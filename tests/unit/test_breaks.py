"""Classes of a map: known answers, ties, pins that are kept, files that are wrong."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landkit.errors import ExportError
from landkit.present.breaks import (
    Pin,
    jenks_breaks,
    pinned,
    pins_toml,
    quantile_breaks,
    read_pins,
    standard_deviation_breaks,
)  # fmt: skip

TEN = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], float)
THREE_HEAPS = np.array([4, 5, 9, 10, 11, 40, 41, 45], float)


def classes_of(values, breaks):
    return np.searchsorted(np.array(breaks), values, side="right")


def spread(values, breaks):
    """Sum of squares within classes."""
    groups = classes_of(values, breaks)
    return sum(((values[groups == k] - values[groups == k].mean()) ** 2).sum() for k in set(groups))


def test_quantiles_put_equally_many_into_each_class():
    assert np.bincount(classes_of(TEN, quantile_breaks(TEN, 5))).tolist() == [2, 2, 2, 2, 2]


def test_natural_breaks_part_heaps_where_anybody_would():
    """Eight numbers in three heaps; the cuts lie between 5 and 9 and between 11 and 40."""
    assert classes_of(THREE_HEAPS, jenks_breaks(THREE_HEAPS, 3)).tolist() == [0, 0, 1, 1, 1, 2, 2, 2]


@given(st.lists(st.integers(0, 60), min_size=3, max_size=11), st.integers(2, 4))
def test_no_other_breaks_leave_less_within_the_classes_than_natural_ones(numbers, classes):
    """Against every possible choice of breaks."""
    values = np.array(numbers, float)
    places = np.unique(values)
    found = jenks_breaks(values, classes)
    wanted = min(classes, len(places)) - 1
    every = itertools.combinations(places[1:], wanted)

    assert spread(values, found) == pytest.approx(min(spread(values, cuts) for cuts in every), abs=1e-9)


def test_natural_breaks_of_many_values_lie_close_to_the_exact_ones():
    """100,000 values in four heaps far apart: the gathering into groups must not blur the gaps."""
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(middle, 1, 25_000) for middle in (0, 50, 100, 200)])

    assert np.bincount(classes_of(values, jenks_breaks(values, 4))).tolist() == [25_000] * 4


def test_standard_deviations_lie_around_the_mean():
    """Mean 5.5, deviation 2.8723: breaks near 1.19, 4.06, 6.94, 9.81, so 1 | 2-4 | 5-6 | 7-9 | 10."""
    assert np.bincount(classes_of(TEN, standard_deviation_breaks(TEN))).tolist() == [1, 3, 2, 3, 1]


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.integers(2, 7))
def test_breaks_always_rise_and_leave_no_class_empty(numbers, classes):
    values = np.array(numbers, float)
    for breaks in (
        quantile_breaks(values, classes),
        jenks_breaks(values, classes),
        standard_deviation_breaks(values),
    ):
        assert list(breaks) == sorted(set(breaks))
    for breaks in (quantile_breaks(values, classes), jenks_breaks(values, classes)):
        assert len(np.unique(classes_of(values, breaks))) == (len(breaks) + 1 if len(values) else 0)


def test_missing_values_and_infinities_have_no_say():
    noisy = np.concatenate([TEN, [np.nan, np.inf, -np.inf]])

    assert quantile_breaks(noisy, 5) == quantile_breaks(TEN, 5)
    assert quantile_breaks(np.array([np.nan]), 5) == jenks_breaks(np.array([np.nan]), 5) == ()


def test_breaks_are_written_with_as_few_digits_as_part_the_values_alike():
    assert quantile_breaks(np.array([1.02, 1.9731, 7.11, 9.2345]), 2) == (5.0,)


def test_pinned_breaks_are_used_again_on_other_data():
    """Next year's values must not move last year's classes."""
    first = pinned(Pin("quantile"), TEN, column="tax", of="2023", rules={})
    again = pinned(first, TEN * 100, column="tax", of="2024", rules={})

    assert again == first
    assert again.kept("2024")
    assert not first.kept("2023")


def test_a_pin_without_breaks_is_worked_out_anew():
    assert pinned(Pin("quantile", classes=2), TEN * 100, column="tax", of="2024", rules={}).breaks == (600.0,)


def test_a_rule_gives_its_threshold():
    pin = pinned(
        Pin("rule", rule="stock.inefficient.tax_floor"),
        TEN,
        column="tax",
        of="",
        rules={"stock.inefficient.tax_floor": 0.8},
    )

    assert pin.breaks == (0.8,)


@pytest.mark.parametrize(("pin", "key"), [(Pin("rule", rule="r.none"), "map_breaks_rule"), (Pin("rule", rule="r.text"), "map_breaks_rule"), (Pin("given"), "map_breaks_given")])  # noqa: E501  # fmt: skip
def test_what_gives_no_threshold_is_refused(pin, key):
    with pytest.raises(ExportError) as caught:
        pinned(pin, TEN, column="tax", of="", rules={"r.text": "plenty", "r.yes": True})

    assert caught.value.key == key


def test_a_file_of_pins_comes_back_as_it_was(tmp_path):
    pins = {
        "tax_wan_yuan_per_mu": Pin("given", (1.0, 5.5), 3, "", "2020-12-31"),
        "亩均投资": Pin("rule", (0.1 + 0.2,), 2, "stock.x", "2021-12-31"),
    }
    path = tmp_path / "breaks.toml"
    path.write_text(pins_toml(pins), encoding="utf-8")

    assert read_pins(path) == pins


@pytest.mark.parametrize(
    "text",
    [
        "[tax", "[tax]\nmethod = 'guess'", "[tax]\nmethod = 'quantile'\nbreaks = [3, 2]", "tax = 3",
        "[tax]\nmethod = 'quantile'\nclasses = 1", "[tax]\nmethod = 'given'\nbreaks = ['a']",
        "[tax]\nmethod = 'quantile'\nbraeks = [1]", "[tax]\nmethod = 'given'\nbreaks = [1, nan]",
    ],
    ids=["not toml", "method", "falling", "no table", "one class", "text", "misspelt", "nan"],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_by_name(tmp_path, text):
    """A misread file would silently change every class."""
    path = tmp_path / "breaks.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExportError) as caught:
        read_pins(path)

    assert caught.value.key == "map_breaks_file"
    assert "breaks.toml" in caught.value.say("zh")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ExportError) as caught:
        read_pins(tmp_path / "none.toml")

    assert caught.value.key == "map_breaks_file"
