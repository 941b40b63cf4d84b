"""Tables in, and joins that lose nothing: codes keep their zeros, keys that do not meet are counted, sums are kept."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from refusals import refused

from landkit.errors import LayerError
from landkit.io.joins import join_table
from landkit.io.tables.read import read_table, read_table_source


def csv(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook as Excel writes it, with a table of shared strings."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


# --- CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_is_utf8_with_or_without_a_mark(tmp_path: Path, encoding: str) -> None:
    """The mark never becomes part of the first column's name."""
    found = read_table(csv(tmp_path / "x.csv", "宗地代码,名称\r\n001,甲\r\n", encoding))

    assert found.to_dict("list") == {"宗地代码": ["001"], "名称": ["甲"]}


def test_csv_in_gbk_is_read_by_its_text(tmp_path: Path) -> None:
    """What Excel saves as "CSV" in a Chinese office; the decision is a finding and a fact."""
    found = read_table_source(csv(tmp_path / "x.csv", "宗地代码,名称\n001,甲\n", "gbk"))

    assert found.frame.to_dict("list") == {"宗地代码": ["001"], "名称": ["甲"]}
    assert (found.facts["encoding"], found.facts["encoding_by"]) == ("GB18030", "text")
    assert [f.check for f in found.findings] == ["encoding.decided"]
    assert read_table(tmp_path / "x.csv", encoding="GBK").equals(found.frame)


def test_csv_with_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """By its name."""
    with refused(LayerError, "encoding_wrong", zh="GBX", en="GBX"):
        read_table(csv(tmp_path / "x.csv", "a\n1\n"), encoding="GBX")


def test_codes_of_a_csv_stay_as_they_are_written(tmp_path: Path) -> None:
    """Bad inputs 59, 60: leading zeros, 21 digits, what looks like a number in powers of ten."""
    codes = ["0012", "320000000000000000001", "1e5", "3.10", "00"]
    found = read_table(csv(tmp_path / "x.csv", "a\n" + "\n".join(codes)))

    assert list(found["a"]) == codes


def test_a_row_with_more_cells_than_the_header_is_refused_with_its_line(tmp_path: Path) -> None:
    """An unquoted comma in an address would shift all that follows."""
    with refused(LayerError, "table_ragged", zh="第 3 行多于表头的 2 列", en="Line 3.*more cells than the 2"):
        read_table(csv(tmp_path / "x.csv", "a,b\n1,2\n1,扬州市,邗江区\n"))


def test_short_rows_and_trailing_commas_are_filled_with_nothing(tmp_path: Path) -> None:
    """Excel drops empty cells at the end, or writes too many commas."""
    found = read_table(csv(tmp_path / "x.csv", "a,b,c\n1\n2,3,,,\n\n,,\n"))

    assert found.values.tolist() == [["1", None, None], ["2", "3", None]]


def test_a_quoted_comma_line_break_and_quote_belong_to_the_cell(tmp_path: Path) -> None:
    """As the format has it."""
    found = read_table(csv(tmp_path / "x.csv", 'a,b\n"扬州市,邗江区","第一行\n""第二行"""\n'))

    assert found.values.tolist() == [["扬州市,邗江区", '第一行\n"第二行"']]


@pytest.mark.parametrize("text", ["a,a\n1,2\n", "a, a\n1,2\n", "a,,\n1,2,3\n"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, text: str) -> None:
    """Bad inputs 62: which of the two would be a guess.  Also two nameless ones with something in them."""
    with pytest.raises(LayerError) as caught:
        read_table(csv(tmp_path / "x.csv", text))

    assert caught.value.key in ("table_column_twice", "table_ragged")


@pytest.mark.parametrize("text", ["", "\n", ",,\n1,2,3\n"])
def test_a_table_without_a_header_is_refused(tmp_path: Path, text: str) -> None:
    """Nothing is called column 1."""
    with refused(LayerError, "table_empty", zh="没有表头", en="no header row"):
        read_table(csv(tmp_path / "x.csv", text))


def test_a_table_with_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    """It may well be that nothing is to be said."""
    assert read_table(csv(tmp_path / "x.csv", "a,b\n")).shape == (0, 2)


def test_a_tab_separated_table_is_read(tmp_path: Path) -> None:
    """.tsv"""
    assert list(read_table(csv(tmp_path / "x.tsv", "a\tb\n1,5\t2\n"))["a"]) == ["1,5"]


def test_a_csv_with_a_cell_of_megabytes_is_one_sentence(tmp_path: Path) -> None:
    """A quote that never closes."""
    with refused(LayerError, "file_unreadable", zh="无法读取", en="cannot be read"):
        read_table(csv(tmp_path / "x.csv", 'a\n"' + "x" * 200_000 + '"\n'))


# --- Excel


def test_a_sheet_must_be_named_where_there_are_several(tmp_path: Path) -> None:
    """The first is not taken in silence."""
    file = book(tmp_path / "x.xlsx", 占用关系=[["a"], ["1"]], 说明=[["b"], ["2"]])

    with refused(LayerError, "layer_not_named", zh="占用关系/说明.*sheet", en="占用关系/说明.*`sheet`"):
        read_table(file)
    with refused(LayerError, "layer_missing", zh="占用关系", en="占用关系"):
        read_table(file, sheet="占用")
    assert list(read_table(file, sheet="说明")["b"]) == ["2"]


def test_excel_cells_keep_text_numbers_and_days(tmp_path: Path) -> None:
    """A code kept as text keeps its zeros."""
    day = datetime.datetime(2020, 1, 2)  # noqa: DTZ001  Excel knows no time zones
    found = read_table(
        book(tmp_path / "x.xlsx", 表=[["a", "b", "c"], ["001", 2.5, day], [None, None, None], ["x", 1, None]])
    )

    assert found.values.tolist() == [["001", 2.5, day], ["x", 1, None]]


def test_empty_columns_that_were_once_formatted_do_no_harm(tmp_path: Path) -> None:
    """Seen: two of them were "two columns of one name"."""
    found = read_table(book(tmp_path / "x.xlsx", 表=[["a", "b", None, None], ["1", "2", None, None]]))

    assert list(found.columns) == ["a", "b"]


def test_cells_beyond_the_header_are_not_dropped(tmp_path: Path) -> None:
    """A note typed beside the table."""
    with refused(LayerError, "table_ragged", zh="第 2 行", en="Line 2"):
        read_table(book(tmp_path / "x.xlsx", 表=[["a", None], ["1", "备注"]]))


def test_a_workbook_with_a_password_is_one_sentence(tmp_path: Path) -> None:
    """Bad inputs 64: an encrypted workbook is an OLE file."""
    (tmp_path / "x.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)

    with refused(LayerError, "xlsx_unreadable", zh="损坏或有密码", en="damaged or password-protected"):
        read_table(tmp_path / "x.xlsx")


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.7, 0.98])
def test_a_cut_workbook_is_one_sentence(tmp_path: Path, kept: float) -> None:
    """Half a download."""
    file = book(tmp_path / "x.xlsx", 表=[["a"], ["1"]])
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])

    with refused(LayerError, "xlsx_unreadable", zh="无法作为", en="cannot be opened"):
        read_table(file)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("content", [b"", b"<broken", b"<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>"])
def test_a_workbook_with_a_broken_part_is_one_sentence(tmp_path: Path, part: str, content: bytes) -> None:
    """Seen: sheets are read late, and the XML parser's own error came through."""
    file = book(tmp_path / "x.xlsx", 表=[["a"], ["1"]])
    with zipfile.ZipFile(file) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, content if name == part else data)

    with pytest.raises(LayerError) as caught:
        read_table(file)

    assert caught.value.key in ("xlsx_unreadable", "table_empty")


def test_entities_of_a_workbook_are_not_blown_up(tmp_path: Path) -> None:
    """Bad inputs 80: a billion laughs in sharedStrings.xml ends in one sentence, at once."""
    laughs = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 11)
    )
    file = book(tmp_path / "x.xlsx", 表=[["a"], ["1"]])
    with zipfile.ZipFile(file) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    bomb = f"{laughs}]><sst><si><t>&a10;</t></si></sst>".encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, bomb if name.endswith("sharedStrings.xml") else data)

    with refused(LayerError, "xlsx_unreadable", zh="xlsx", en="xlsx"):
        read_table(file)


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    """A table is .csv or .xlsx."""
    (tmp_path / "x.ods").write_bytes(b"x")

    with refused(LayerError, "table_kind_unknown", zh=r"\.csv", en=r"\.csv"):
        read_table(tmp_path / "x.ods")


# --- joins

PARCELS = pd.DataFrame(
    {"parcel_id": ["a", "b", "b", "c"], "area_m2": [100.0, 100.0, 300.0, 50.0]}, index=[9, 8, 7, 6]
)
NAMES = ("books", "parcels")


def join(table: pd.DataFrame, frame: pd.DataFrame = PARCELS, **combine: str) -> Any:
    return join_table(frame, table, key="parcel_id", combine=combine, names=NAMES)


def test_several_rows_of_a_key_become_one_as_the_study_says() -> None:
    """One parcel, several contracts."""
    table = pd.DataFrame(
        {"parcel_id": ["a", "a"], "s": [1.0, 2.0], "f": ["x", "y"], "n": [5.0, 4.0], "d": ["q", "p"]}
    )
    out, match = join(table, s="sum", f="first", n="min", d="distinct")

    assert out.loc[9, ["s", "f", "n", "d"]].tolist() == [3.0, "x", 4.0, "p;q"]
    assert match.repeated_keys == 1


def test_a_sum_is_shared_by_parcels_of_one_key_in_proportion_to_their_area() -> None:
    """Two parts of one lot: 100 and 300 m2 of 40 are 10 and 30; what is not a sum stands on both."""
    out, match = join(pd.DataFrame({"parcel_id": ["b"], "s": [40.0], "f": ["x"]}), s="sum", f="first")

    assert out.loc[[8, 7], "s"].tolist() == [10.0, 30.0]
    assert out.loc[[8, 7], "f"].tolist() == ["x", "x"]
    assert match.shared_keys == 1


def test_rows_and_index_of_the_layer_stay_as_they_were() -> None:
    """And the layer that was handed over is not changed."""
    before = PARCELS.copy()
    out, _ = join(pd.DataFrame({"parcel_id": ["c", "zz"], "s": [1.0, 2.0]}), s="sum")

    assert list(out.index) == [9, 8, 7, 6]
    pd.testing.assert_frame_equal(PARCELS, before)


def test_the_match_report_counts_both_sides() -> None:
    """Keys only here, only there, and rows that have none."""
    table = pd.DataFrame({"parcel_id": ["a", "x", "y", None], "s": [1.0, 2.0, 3.0, 4.0]})
    _, match = join(table, s="sum")

    assert (match.rows, match.matched_keys, match.keyless) == (4, 1, 1)
    assert match.table_only == ("x", "y")
    assert match.layer_only == ("b", "c")
    assert match.unmatched_share == pytest.approx(2 / 3)


def test_what_has_no_partner_stays_missing_and_is_not_zero() -> None:
    """No tax record is not tax 0 (bad inputs 107)."""
    out, _ = join(pd.DataFrame({"parcel_id": ["a", "b"], "s": [0.0, None]}), s="sum")

    assert out.loc[9, "s"] == 0.0
    assert out.loc[[8, 7, 6], "s"].isna().all()


@pytest.mark.parametrize("how", ["max", "min"])
def test_the_largest_of_numbers_as_text_is_the_largest_number(how: str) -> None:
    """Seen: in a CSV all cells are text, and "9" was more than "10"."""
    table = pd.DataFrame({"parcel_id": ["a", "a"], "n": ["9", "10"]}, dtype="object")
    out, _ = join(table, n=how)

    assert float(out.loc[9, "n"]) == {"max": 10.0, "min": 9.0}[how]


def test_text_cannot_be_summed() -> None:
    """It is said which value, in place of an internal fault."""
    table = pd.DataFrame({"parcel_id": ["a", "a"], "s": ["1", "约2"]}, dtype="object")

    with refused(LayerError, "not_a_number", zh="约2 不是数值", en="约2 is not a number"):
        join(table, s="sum")


def test_a_column_is_never_overwritten() -> None:
    """area_m2 of a book would replace the measured one."""
    with refused(LayerError, "column_twice", zh="area_m2", en="two columns area_m2"):
        join(pd.DataFrame({"parcel_id": ["a"], "area_m2": [1.0]}), area_m2="sum")


@pytest.mark.parametrize(
    ("table", "missing"),
    [({"parcel": ["a"], "s": [1.0]}, "parcel_id"), ({"parcel_id": ["a"], "t": [1.0]}, "s")],
)
def test_a_key_or_column_that_is_not_there_is_named(table: dict[str, list[Any]], missing: str) -> None:
    """With the nearest that is."""
    with refused(LayerError, "column_not_in_file", zh=f"没有列 {missing}", en=f"no column {missing}"):
        join(pd.DataFrame(table), s="sum")


keys = st.sampled_from("abcdef")
amounts = st.floats(0, 1e6, allow_nan=False).map(lambda v: round(v, 2))


@given(
    st.lists(st.tuples(keys, st.floats(1, 1e5)), min_size=1, max_size=12),
    st.lists(st.tuples(keys, amounts), max_size=12),
)
def test_sums_are_conserved(parcels: list[tuple[str, float]], rows: list[tuple[str, float]]) -> None:
    """What the table says of keys that the layer has is what the layer's rows add up to, however they share it."""
    frame = pd.DataFrame(parcels, columns=["parcel_id", "area_m2"])
    table = pd.DataFrame(rows, columns=["parcel_id", "s"]).astype({"parcel_id": "object", "s": float})
    out, match = join(table, frame, s="sum")
    met = table[table["parcel_id"].isin(frame["parcel_id"])]["s"].sum()

    assert out["s"].sum() == pytest.approx(met, abs=1e-6)
    assert match.sums["s"] == (pytest.approx(table["s"].sum()), pytest.approx(met, abs=1e-6))
    assert set(match.table_only).isdisjoint(frame["parcel_id"])
    assert np.isfinite(out["s"].fillna(0)).all()
