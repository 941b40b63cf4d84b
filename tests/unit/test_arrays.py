"""Rows of different lengths, one after another in one array."""

import numpy as np

from landkit.arrays import ranges, starts


def test_rows_begin_where_those_before_them_end():
    assert starts(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]
    assert starts(np.array([], dtype=np.int64)).tolist() == [0]


def test_ranges_stand_one_after_the_other_and_empty_ones_leave_nothing():
    assert ranges(np.array([5, 9, 0]), np.array([8, 9, 2])).tolist() == [5, 6, 7, 0, 1]
    assert ranges(np.array([], dtype=np.int64), np.array([], dtype=np.int64)).tolist() == []
