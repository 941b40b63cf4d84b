"""Checks of ids and codes: missing, given twice, not in their scheme."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import CRS, X, square

import geopandas as gpd

from landkit.quality.ids import check_codes, check_ids, check_repeated, code_list, unique_ids
from landkit.quality.rows import Rows


def rows(given: pd.Series, **columns: list[object]) -> Rows:
    frame = gpd.GeoDataFrame(columns, geometry=[square(200 * i, 0) for i in range(len(given))], crs=CRS)
    return Rows("parcels", frame, unique_ids(given).to_numpy(object), np.ones(len(given), dtype=bool))


def test_repeated_ids_are_listed_once_in_order() -> None:
    """And a missing id is not a repeated one."""
    assert check_repeated(pd.Series(["b", "a", "b", "a", "b", None, None, "c"])) == ["a", "b"]


@pytest.mark.bad_input(27)
def test_a_repeated_id_says_where_both_stand() -> None:
    """The row and the place of the second, the row of the first; whether it is the same shape."""
    given = pd.Series(["A", "B", "A", None, "A"])
    found = check_ids(rows(given), given)

    assert [(f.check, f.severity, f.row, f.value, f.x) for f in found] == [
        ("ids.missing", "error", "@4", "", X + 650),
        ("ids.repeated", "error", "A@3", "3", X + 450),
        ("ids.repeated", "error", "A@5", "5", X + 850),
    ]
    assert "第 3 行的代码 A 与第 1 行相同，图形不同" in found[1].reason.say("zh")
    assert "row 5 has the id A of row 1, with another shape" in found[2].reason.say("en")


def test_a_repeated_row_is_known_by_its_shape() -> None:
    """Then one of the two can simply go."""
    given = pd.Series(["A", "A"])
    frame = gpd.GeoDataFrame(geometry=[square(0, 0), square(0, 0)], crs=CRS)
    (found,) = check_ids(Rows("x", frame, unique_ids(given).to_numpy(object), np.ones(2, dtype=bool)), given)

    assert "图形也相同" in found.reason.say("zh")


def test_ids_made_to_differ_keep_the_first_as_it_is() -> None:
    """So that all rows can be named while the ids are mended."""
    assert unique_ids(pd.Series(["A", "B", "A", None])).tolist() == ["A", "B", "A@3", "@4"]


@pytest.mark.bad_input(111)
@pytest.mark.parametrize(
    ("scheme", "code", "unknown"),
    [
        ("ydyh-2023", "1001", False),
        ("ydyh-2023", "100101", False),
        ("ydyh-2023", "0601;1001", False),
        ("ydyh-2023", "05H1", True),
        ("ydyh-2023", "090301", True),
        ("dlbm-sandiao", "05H1", False),
        ("dlbm-sandiao", "100101", True),
        ("gbt4754-2017", "3620", False),
        ("gbt4754-2017", "C36", False),
        ("gbt4754-2017", "9999", True),
        ("of-my-own", "anything", False),
    ],
)
def test_a_code_must_be_in_its_scheme(scheme: str, code: str, unknown: bool) -> None:
    """090301 was in the trial of 2020 and is not in the guideline of 2023; an unknown scheme cannot be checked."""
    given = pd.Series(["A"])
    found = check_codes(rows(given, use_code=[code]), "use_code", scheme)

    assert [(f.check, f.value) for f in found] == ([("codes.unknown", code)] if unknown else [])


def test_the_lists_of_codes_are_whole() -> None:
    """As many as their sources have."""
    assert len(code_list("ydyh-2023")) == 175
    assert len(code_list("dlbm-sandiao")) == 81
    assert len(code_list("gbt4754-2017")) >= 20 + 97 + 275 + 1380
