"""Corrections: a value is changed where it still is what the correction says; else that is a finding."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from refusals import refused

from landkit.errors import LayerError
from landkit.quality.corrections import Correction, as_corrections, correct


def source() -> pd.DataFrame:
    """As a file gives it: its own names and units."""
    return pd.DataFrame(
        {
            "ZDDM": ["A", "B", "C"],
            "QLR": ["甲公司", "乙公司", None],
            "MJ": [15.0, 20.5, 30.0],
            "NF": [2018, 2019, 2020],
            "RQ": pd.to_datetime(["2019-01-01", "2019-02-01", None]),
        }
    )


FIELDS = {"ZDDM": "parcel_id", "MJ": "registered_area_m2"}


def one(feature: str, field: str, old: str, new: str) -> Correction:
    return Correction("", feature, field, old, new, "录入错误", "王工", "2025-03-01")


def corrected(*corrections: Correction) -> tuple[pd.DataFrame, list[tuple[str, str, str]]]:
    frame, findings = correct(source(), "parcels", list(corrections), ids="ZDDM", fields=FIELDS)
    return frame, [(f.check, f.row, f.severity) for f in findings]


@pytest.mark.parametrize(
    ("field", "old", "new", "column", "value"),
    [
        ("QLR", "甲公司", "丙公司", "QLR", "丙公司"),
        ("MJ", "15", "16.5", "MJ", 16.5),
        ("MJ", "15.0", "16", "MJ", 16.0),
        ("registered_area_m2", "15", "16", "MJ", 16.0),
        ("NF", "2018", "2017", "NF", 2017),
        ("NF", "2018", "2017.5", "NF", 2017.5),
        ("RQ", "2019-01-01", "2020-01-01", "RQ", pd.Timestamp("2020-01-01")),
        ("QLR", "甲公司", "", "QLR", None),
    ],
)
def test_a_value_that_is_as_said_is_changed(
    field: str, old: str, new: str, column: str, value: object
) -> None:
    """By the source's name of the column or ours; numbers and days as such; blank takes the value away."""
    frame, findings = corrected(one("A", field, old, new))

    assert findings == [("corrections.applied", "A", "note")]
    assert frame[column][0] == value if value is not None else pd.isna(frame[column][0])
    assert frame.drop(columns=column).equals(source().drop(columns=column))
    assert (
        frame[column][1:].astype(str).tolist()
        == source()[column][1:].astype(frame[column].dtype).astype(str).tolist()
    )


def test_a_blank_old_value_fills_in_what_is_missing() -> None:
    """And only where it is missing."""
    frame, findings = corrected(one("C", "QLR", "", "丁公司"), one("B", "QLR", "", "丁公司"))

    assert findings == [("corrections.applied", "C", "note"), ("corrections.stale", "B", "warning")]
    assert frame["QLR"].tolist() == ["甲公司", "乙公司", "丁公司"]


@pytest.mark.parametrize(
    ("correction", "check", "zh"),
    [
        (one("B", "MJ", "99", "20"), "corrections.stale", "现为 20.5，不是更正文件所写的 99"),
        (one("B", "MJ", "20", "20.5"), "corrections.done", "已是 20.5"),
        (one("Z", "MJ", "1", "2"), "corrections.no_feature", "已不存在"),
        (one("B", "无此列", "1", "2"), "corrections.stale", "没有列 无此列"),
        (one("B", "MJ", "20.5", "二十"), "corrections.stale", "不是数值"),
    ],
)
def test_a_correction_that_does_not_apply_changes_nothing_and_is_said(
    correction: Correction, check: str, zh: str
) -> None:
    """The file moved on, or the correction was never right."""
    frame, findings = correct(source(), "parcels", [correction], ids="ZDDM", fields=FIELDS)

    assert [f.check for f in findings] == [check]
    assert zh in findings[0].reason.say("zh")
    assert frame.equals(source())


def test_what_was_corrected_by_whom_is_said() -> None:
    """In the ledger of findings."""
    _, (found,) = correct(
        source(), "parcels", [one("A", "QLR", "甲公司", "丙公司")], ids="ZDDM", fields=FIELDS
    )

    assert found.reason.say("zh") == "QLR：甲公司 → 丙公司(王工，2025-03-01：录入错误)"


def test_a_corrections_table_is_read_by_either_names() -> None:
    """As Excel and CSV give it: numbers, days, text."""
    table = pd.DataFrame(
        {
            "要素": ["A", 7.0],
            "字段": ["MJ", "MJ"],
            "原值": [15, None],
            "新值": [16.5, "2"],
            "原因": ["x", "y"],
            "更正人": ["王", "李"],
            "日期": [datetime.date(2025, 3, 1), "2025-03-02"],
        }
    )
    first, second = as_corrections(table, path="更正.xlsx")

    assert first == Correction("", "A", "MJ", "15", "16.5", "x", "王", "2025-03-01")
    assert second == Correction("", "7", "MJ", "", "2", "y", "李", "2025-03-02")


def test_a_corrections_table_without_its_reason_is_refused() -> None:
    """A change that nobody gives a reason for is none."""
    with refused(LayerError, "corrections_column", zh="缺少列 reason", en="lack the column reason"):
        as_corrections(pd.DataFrame(columns=["feature", "field", "old", "new", "who", "date"]), path="c.csv")
