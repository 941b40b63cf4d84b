"""Labels that are empty or repeated are counted alike in every way in which pandas holds them."""

import pandas as pd
import pyarrow as pa
import pytest

from landkit.overlay.labels import OddLabels, odd_labels

LABELS = ["A1", "\u3000 ", None, "A1", "", " A1", "\t"]


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category"])
def test_blank_and_missing_labels_are_empty_and_those_that_come_again_repeated(dtype):
    assert odd_labels(pd.Series(LABELS, dtype=dtype)) == OddLabels(4, 1, 1, "A1")


def test_those_of_a_file_are_counted_as_in_a_frame():
    column = pa.chunked_array([pa.array(LABELS)])
    for held in (column, column.dictionary_encode()):
        assert odd_labels(held.to_pandas()) == OddLabels(4, 1, 1, "A1")


def test_numbers_are_never_blank():
    assert odd_labels(pd.Series([3, 0, 3, 0, 3])) == OddLabels(0, -1, 2, "3")
    assert odd_labels(pd.Series([1.5, None, 1.5])) == OddLabels(1, 1, 1, "1.5")
