"""From a source's columns to ours: what is written in an office is read as it was meant, or becomes a finding and no 0."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refused

from landkit.errors import LayerError, StudyError
from landkit.io.columns import role_fields, to_our_columns
from landkit.text import data_toml

WHEN = pd.Timestamp(2026, 1, 1)


def read(
    column: str, *values: Any, role: str = "parcels", unit: str | None = None
) -> tuple[pd.Series[Any], list[Any]]:
    """One column read as the role has it, and its findings."""
    key = next(n for n, f in role_fields(role).items() if f["kind"] == "id")
    more = {
        n: ["1"] * len(values)
        for n, f in role_fields(role).items()
        if f.get("needed") and n not in (key, column)
    }
    frame = pd.DataFrame(
        {key: [f"K{i}" for i in range(len(values))], column: pd.Series(values, dtype="object"), **more}
    )
    units = {column: unit} if unit else {}
    out, findings = to_our_columns(frame, layer="x", role=role, fields={}, units=units)
    return out[column], findings


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234.5", 1234.5),
        ("1,234.5", 1234.5),
        ("１２３４．５", 1234.5),
        ("１，２３４．５", 1234.5),
        (" 12 ", 12.0),
        ("\u300012\u3000", 12.0),
        ("-2.5", -2.5),
        ("－2.5", -2.5),
        ("+3", 3.0),
        ("1e3", 1000.0),
        ("0", 0.0),
        (7, 7.0),
        (2.5, 2.5),
        ("1,234,567", 1234567.0),
        ("\u200b12", 12.0),
    ],
)
def test_numbers_are_read_as_they_are_written_in_offices(written: object, meant: float) -> None:
    """Bad inputs 61: full-width digits and blanks, thousands separators, marks that show nothing."""
    values, findings = read("floor_area_m2", written)

    assert values[0] == meant
    assert findings == []


@pytest.mark.parametrize(
    "written", ["", " ", "-", "—", "——", "/", "无", "null", "None", "NaN", None, np.nan, "－", "\u3000"]
)
def test_what_stands_for_nothing_is_missing_and_no_finding(written: object) -> None:
    """Bad inputs 61, 107: missing is not 0."""
    values, findings = read("floor_area_m2", written)

    assert values.isna().all()
    assert findings == []


@pytest.mark.parametrize(
    "written",
    [
        "约100",
        "12亩多",
        "1.2.3",
        "#REF!",
        "1,23",
        "12,5",
        "1,2,3",
        "一百",
        "inf",
        "1e400",
        "0x10",
        "12%",
        "100~200",
        "=1+1",
    ],
)
def test_an_unreadable_number_is_a_finding_and_missing(written: str) -> None:
    """Never 0, and never another number: `12,5` is not 125."""
    values, findings = read("floor_area_m2", "5", written)

    assert values.tolist()[0] == 5.0
    assert np.isnan(values[1])
    ((layer, check, severity, row, value),) = {
        (f.layer, f.check, f.severity, f.row, f.value) for f in findings
    }
    assert (layer, check, severity, row, value) == ("x", "value.number", "error", "K1", written)
    assert "floor_area_m2" in findings[0].reason.say("zh")
    assert "taken as missing" in findings[0].reason.say("en")


def test_an_infinite_number_is_a_finding() -> None:
    """Bad inputs 13, in a column of floats."""
    frame = pd.DataFrame({"parcel_id": ["a", "b"], "floor_area_m2": [1.0, np.inf]})
    out, findings = to_our_columns(frame, layer="x", role="parcels", fields={}, units={})

    assert out["floor_area_m2"].isna().tolist() == [False, True]
    assert len(findings) == 1


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-01",
        "2026/1/1",
        "2026.1.1",
        "2026年1月1日",
        "20260101",
        "2026-1-1",
        "２０２６年１月１日",
        "2026-01-01 00:00:00",
        "2026-01-01T08:00:00",
        20260101,
        20260101.0,
        datetime.datetime(2026, 1, 1, 9),  # noqa: DTZ001  Excel knows no time zones
        datetime.date(2026, 1, 1),
    ],
)
def test_days_are_read_in_the_ways_offices_write_them(written: object) -> None:
    """Bad inputs 65."""
    values, findings = read("start_date", written)

    assert values[0] == WHEN
    assert findings == []


@pytest.mark.parametrize(
    "written",
    ["2026-13-01", "2026-02-30", "2026年1月", "1月1日", "46023", 46023, "明年", "26-1-1x", "20261301"],
)
def test_an_unreadable_day_is_a_finding(written: object) -> None:
    """Bad inputs 65: a serial number of Excel is no day that one may guess (1900 or 1904)."""
    values, findings = read("start_date", written)

    assert values.isna().all()
    assert [f.check for f in findings] == ["value.date"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("是", True),
        ("否", False),
        ("1", True),
        (0, False),
        ("√", True),
        ("Y", True),
        ("true", True),
        ("×", False),
        ("", None),
        ("—", None),
    ],
)
def test_flags_are_read_in_words_and_signs(written: object, meant: bool | None) -> None:
    """是否高企: 是."""
    values, findings = read("high_tech", written, role="enterprises")

    assert (values[0] is pd.NA) if meant is None else (values[0] == meant)
    assert findings == []


def test_an_unreadable_flag_is_a_finding() -> None:
    """And neither yes nor no."""
    values, findings = read("high_tech", "也许", role="enterprises")

    assert values.isna().all()
    assert [f.check for f in findings] == ["value.flag"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2020", 2020), (2020.0, 2020), ("２０２０", 2020), ("2020.5", None), ("二〇二〇", None)],
)
def test_whole_numbers_are_whole(written: object, meant: int | None) -> None:
    """A year and a half is a finding."""
    values, findings = read("year", written, role="enterprise_years")

    assert (values[0] == meant) if meant else values.isna().all()
    assert len(findings) == (0 if meant else 1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0012", "0012"),
        (" Ａ1 ", "A1"),
        (321000001.0, "321000001"),
        (12, "12"),
        ("1e5", "1e5"),
        ("a\u200bb", "ab"),
        ("\u202eab", "ab"),
        ("3.10", "3.10"),
        ("\ufeffL1", "L1"),
    ],
)
def test_codes_are_text_without_what_cannot_be_seen(written: object, meant: str) -> None:
    """Bad inputs 59, 60, 89: two codes that look alike are one; zeros stay; Excel's floats lose their point."""
    values, findings = read("use_code", written)

    assert values[0] == meant
    assert findings == []


@pytest.mark.parametrize(
    ("column", "role", "unit", "factor"),
    [
        ("floor_area_m2", "parcels", "m2", 1.0),
        ("floor_area_m2", "parcels", "mu", 2000 / 3),
        ("floor_area_m2", "parcels", "ha", 1e4),
        ("floor_area_m2", "parcels", "km2", 1e6),
        ("tax_wan_yuan", "enterprise_years", "yuan", 1e-4),
        ("tax_wan_yuan", "enterprise_years", "wan_yuan", 1.0),
    ],
)
def test_units_of_the_source_are_brought_to_ours(column: str, role: str, unit: str, factor: float) -> None:
    """Bad inputs 104, 107: km2 beside m2; yuan where wan yuan is meant."""
    values, _ = read(column, "3", role=role, unit=unit)

    assert values[0] == pytest.approx(3 * factor, rel=1e-15)


@pytest.mark.parametrize(
    ("column", "unit"), [("floor_area_m2", "acre"), ("floor_area_m2", "yuan"), ("use_code", "m2")]
)
def test_a_unit_that_does_not_fit_is_refused(column: str, unit: str) -> None:
    """With those that do."""
    with refused(
        StudyError, "unit_unknown", zh=f"单位 {unit} 不认识", en=f"unit {unit} of {column} is unknown"
    ):
        read(column, "1", unit=unit)


def test_a_needed_column_that_is_missing_is_named_with_the_alias_found() -> None:
    """The line to write stands in the message."""
    frame = pd.DataFrame({"ZDDM": ["1"], "x": ["2"]})

    with refused(
        LayerError, "column_missing", zh='宗地代码.*"ZDDM" = "parcel_id"', en='"ZDDM" = "parcel_id"'
    ):
        to_our_columns(frame, layer="parcels", role="parcels", fields={}, units={})


def test_a_mapped_column_that_the_file_lacks_is_named_with_the_nearest() -> None:
    """A column renamed since the last delivery."""
    frame = pd.DataFrame({"宗地编码": ["1"]})

    with refused(
        LayerError, "column_not_in_file", zh="没有列 宗地代码.*宗地编码", en="no column 宗地代码.*宗地编码"
    ):
        to_our_columns(frame, layer="parcels", role="parcels", fields={"宗地代码": "parcel_id"}, units={})


def test_two_columns_that_become_one_are_refused() -> None:
    """The file has parcel_id, and the study maps another onto it."""
    frame = pd.DataFrame({"parcel_id": ["1"], "宗地代码": ["2"]})

    with refused(LayerError, "column_twice", zh="两列 parcel_id", en="two columns parcel_id"):
        to_our_columns(frame, layer="parcels", role="parcels", fields={"宗地代码": "parcel_id"}, units={})


def test_columns_that_nobody_knows_stay_and_the_source_is_not_changed() -> None:
    """Nothing is lost on the way in."""
    frame = pd.DataFrame({"parcel_id": ["1"], "备注": ["甲"], "floor_area_m2": ["1,000"]})
    before = frame.copy()
    out, _ = to_our_columns(frame, layer="parcels", role="parcels", fields={}, units={})

    assert out["备注"].tolist() == ["甲"]
    pd.testing.assert_frame_equal(frame, before)


def test_a_part_of_a_role_may_be_read_without_its_needed_columns() -> None:
    """A table to be joined brings only some columns of the parcels, and they are read by the same rules."""
    frame = pd.DataFrame({"parcel_id": [" Ａ1"], "floor_area_m2": ["1,5"]})
    out, findings = to_our_columns(frame, layer="t", role="parcels", fields={}, units={}, whole=False)

    assert out["parcel_id"].tolist() == ["A1"]
    assert len(findings) == 1
    to_our_columns(frame[["floor_area_m2"]], layer="t", role="parcels", fields={}, units={}, whole=False)


@pytest.mark.parametrize("role", data_toml("fields/roles.toml"))
def test_every_column_of_every_role_can_be_read_from_nothing(role: str) -> None:
    """A column of blanks gives a column of missing values, of the same length, on the same index."""
    frame = pd.DataFrame({n: pd.Series(["", None], dtype="object") for n in role_fields(role)}, index=[5, 3])
    out, findings = to_our_columns(frame, layer="x", role=role, fields={}, units={})

    assert list(out.index) == [5, 3]
    assert out.isna().all().all()
    assert findings == []


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats()), min_size=1, max_size=8)
)
def test_no_value_stops_the_reading(values: list[object]) -> None:
    """Whatever stands in a cell: a number, missing with a finding, or missing because nothing stood there."""
    frame = pd.DataFrame(
        {
            "parcel_id": [str(i) for i in range(len(values))],
            "floor_area_m2": pd.Series(values, dtype="object"),
            "start_date": pd.Series(values, dtype="object"),
        }
    )
    out, findings = to_our_columns(frame, layer="x", role="parcels", fields={}, units={})

    assert not np.isinf(out["floor_area_m2"].dropna()).any()
    assert len(findings) <= 2 * len(values)
