"""Tables as offices keep them: what Excel did to a cell is said with its sheet and place; nothing is lost, nothing guessed."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlwt
from builders import tiny_study
from refusals import refused

import landkit
from landkit.errors import LayerError
from landkit.io.columns import to_our_columns
from landkit.io.tables.read import TableReading, read_table, read_table_source
from landkit.io.vector import describe_layers
from landkit.model import Finding


def book(path: Path, rows: list[list[Any]], *, sheet: str = "台账", **formats: str) -> Path:
    """A workbook by openpyxl, which keeps formulas without a value; `formats` are number formats by cell."""
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    for cell, form in formats.items():
        made.active[cell].number_format = form
    made.save(path)
    return path


def changed(path: Path, change: Any) -> Path:
    """The book after `change(sheet)`."""
    made = openpyxl.load_workbook(path)
    change(made.active)
    made.save(path)
    return path


def checks(found: TableReading) -> list[tuple[str, str]]:
    return [(f.check, f.row) for f in found.findings]


def said(found: Finding) -> str:
    return found.reason.say("zh")


# --- 59, 60: codes


@pytest.mark.bad_input(59)
def test_a_code_of_21_digits_kept_as_a_number_is_an_error_with_its_cell(tmp_path: Path) -> None:
    """Excel keeps 15 digits: the others are gone, and only the owner has them."""
    found = read_table_source(
        book(tmp_path / "x.xlsx", [["宗地代码", "名称"], [321003001001000000000, "甲"], ["1", "乙"]])
    )

    assert checks(found) == [("table.long_number", "2")]
    assert found.findings[0].severity == "error"
    assert "工作表“台账”：列 宗地代码 有 1 个 15 位以上的数(如 A2" in said(found.findings[0])
    assert len(found.frame) == 2


@pytest.mark.bad_input(59)
def test_a_code_of_21_digits_as_text_is_whole(tmp_path: Path) -> None:
    """As it should be."""
    found = read_table_source(book(tmp_path / "x.xlsx", [["宗地代码", "b"], ["321003001001000000000", 1]]))

    assert found.frame["宗地代码"].tolist() == ["321003001001000000000"]
    assert found.findings == ()


@pytest.mark.bad_input(60)
def test_zeros_that_a_format_shows_are_kept(tmp_path: Path) -> None:
    """The cell holds 12 and shows 000012: the code is what is shown."""
    found = read_table(
        book(tmp_path / "x.xlsx", [["代码", "b"], [12, 1], [320001, 2]], A2="000000", A3="000000")
    )

    assert found["代码"].tolist() == ["000012", "320001"]


@pytest.mark.bad_input(60)
def test_codes_of_unequal_length_are_a_warning() -> None:
    """Excel ate the zeros of two of them; ids that count from 1 are no codes with zeros."""
    codes = pd.DataFrame({"parcel_id": ["320001", "320002", "1234", "98765"]}, dtype="object")
    counted = pd.DataFrame({"parcel_id": [str(i) for i in range(1, 1200)]}, dtype="object")
    whole = pd.DataFrame({"parcel_id": ["320001", "320002", "001234", "98765"]}, dtype="object")
    mostly_short = pd.DataFrame({"parcel_id": ["320001", "12", "345", "98765"]}, dtype="object")
    found = [ours(f)[1] for f in (codes, counted, whole, mostly_short)]

    assert [[f.check for f in each] for each in found] == [["value.zeros_eaten"], [], [], []]
    assert "2 个短于 6 位(如 1234)" in said(found[0][0])


@pytest.mark.bad_input(60)
def test_codes_of_two_digits_a_level_may_differ_in_length() -> None:
    """1101 beside 100102 is whole; 70102 has lost the zero of 070102."""
    whole = pd.DataFrame({"parcel_id": list("abc"), "use_code": ["100102", "100102", "1101"]}, dtype="object")
    eaten = whole.assign(use_code=["100102", "100102", "70102"])

    assert ours(whole)[1] == []
    assert [f.check for f in ours(eaten)[1]] == ["value.zeros_eaten"]


def ours(frame: pd.DataFrame, **units: str) -> tuple[pd.DataFrame, list[Finding]]:
    return to_our_columns(frame, layer="台账", role="parcels", fields={}, units=units, whole=False)


@pytest.mark.bad_input(60)
def test_a_code_in_powers_of_ten_is_an_error_and_one_that_looks_like_it_is_not(tmp_path: Path) -> None:
    """`3.2E+20` is what Excel made of a code; `1e5` is a code."""
    (tmp_path / "x.csv").write_text("代码,b\n3.21003E+20,1\n1e5,2\n", encoding="utf-8")
    found = read_table_source(tmp_path / "x.csv")

    assert found.frame["代码"].tolist() == ["3.21003E+20", "1e5"]
    assert checks(found) == [("table.long_number", "2")]
    assert "A2 的 3.21003E+20" in said(found.findings[0])


# --- 61: width, units, dashes


@pytest.mark.bad_input(61)
def test_full_width_characters_are_read_and_said(tmp_path: Path) -> None:
    """Typed in a Chinese input method: the number is the number, the code is the code."""
    rows = [["parcel_id", "floor_area_m2"], ["Ａ０１", "１２．５"], ["B02", "　3 "]]
    found = read_table_source(book(tmp_path / "x.xlsx", rows))
    frame, complaints = ours(found.frame)

    assert frame["parcel_id"].tolist() == ["A01", "B02"]
    assert frame["floor_area_m2"].tolist() == [12.5, 3.0]
    assert complaints == []
    assert checks(found) == [("table.full_width", "2"), ("table.full_width", "2")]


@pytest.mark.bad_input(61)
def test_units_written_into_cells_are_converted_and_counted() -> None:
    """1.5 mu are 1,000 m2 and 0.2 ha are 2,000 m2, whatever unit the column has; each unit is said."""
    cells = ["1.5亩", "800㎡", "0.2公顷", "700", "1,000 平方米", "—"]
    frame, found = ours(pd.DataFrame({"floor_area_m2": cells}, dtype="object"))

    assert frame["floor_area_m2"].tolist()[:5] == pytest.approx([1000, 800, 2000, 700, 1000])
    assert pd.isna(frame["floor_area_m2"][5])
    assert [(f.check, f.value) for f in found] == [
        ("value.unit_in_cell", "1.5亩"),
        ("value.unit_in_cell", "800㎡"),
        ("value.unit_in_cell", "0.2公顷"),
    ]
    assert "2 个值带单位平方米" in said(found[1])


@pytest.mark.bad_input(61)
def test_units_in_cells_stand_beside_the_unit_of_the_column() -> None:
    """The study says mu; a cell that says ㎡ means ㎡."""
    frame, _ = ours(pd.DataFrame({"floor_area_m2": ["3", "3㎡"]}, dtype="object"), floor_area_m2="mu")

    assert frame["floor_area_m2"].tolist() == pytest.approx([2000, 3])


@pytest.mark.bad_input(61)
@pytest.mark.parametrize("cell", ["12亩左右", "约12亩", "12元", "12 13"])
def test_words_that_are_no_unit_are_not_guessed(cell: str) -> None:
    """Missing, and a finding."""
    frame, found = ours(pd.DataFrame({"floor_area_m2": [cell]}, dtype="object"))

    assert frame["floor_area_m2"].isna().all()
    assert [f.check for f in found] == ["value.number"]


# --- 62: names of columns


@pytest.mark.bad_input(62)
def test_two_columns_of_one_name_are_refused_with_their_cells(tmp_path: Path) -> None:
    """Which of them would be a guess."""
    with refused(LayerError, "table_column_twice", zh="面积.*B1/D1", en="面积.*B1/D1"):
        read_table(book(tmp_path / "x.xlsx", [["代码", "面积", "名称", "面积 "], ["1", 2, "甲", 3]]))


@pytest.mark.bad_input(62)
def test_columns_that_differ_in_case_or_width_are_kept_apart_and_said(tmp_path: Path) -> None:
    """A format with short names would make one of them."""
    found = read_table_source(
        book(tmp_path / "x.xlsx", [["DKBH", "dkbh", "面积(㎡)", "面积（㎡）"], ["1", "2", 3, 4]])
    )

    assert [f.check for f in found.findings] == ["table.alike", "table.alike"]
    assert found.frame.iloc[0].tolist() == ["1", "2", 3, 4]


# --- 64: Excel


@pytest.mark.bad_input(64)
def test_cells_merged_down_stand_in_each_row_and_are_said(tmp_path: Path) -> None:
    """One enterprise over two parcels: the sheet shows its name beside both."""
    rows = [["企业", "地块", "税收"], ["甲公司", "K1", 5], [None, "K2", 6], ["乙公司", "K3", 7]]
    file = changed(book(tmp_path / "x.xlsx", rows), lambda s: s.merge_cells("A2:A3"))
    found = read_table_source(file)

    assert found.frame["企业"].tolist() == ["甲公司", "甲公司", "乙公司"]
    assert checks(found) == [("table.merged", "2")]
    assert "A2:A3 是合并单元格，每行都按“甲公司”读取" in said(found.findings[0])


@pytest.mark.bad_input(64)
def test_cells_merged_across_keep_one_value(tmp_path: Path) -> None:
    """What the second column would hold, nobody says."""
    rows = [["地块", "2023", "2024"], ["K1", 5, None], ["K2", 1, 2]]
    found = read_table_source(changed(book(tmp_path / "x.xlsx", rows), lambda s: s.merge_cells("B2:C2")))

    assert found.frame.iloc[0].tolist() == ["K1", 5, None]
    assert checks(found) == [("table.merged", "2")]


@pytest.mark.bad_input(64)
def test_hidden_rows_and_columns_are_read_and_said(tmp_path: Path) -> None:
    """A filter was left on."""

    def hide(sheet: Any) -> None:
        for row in (3, 4):
            sheet.row_dimensions[row].hidden = True
        sheet.column_dimensions["B"].hidden = True

    found = read_table_source(
        changed(book(tmp_path / "x.xlsx", [["a", "b"], *([i, "x"] for i in range(5))]), hide)
    )

    assert found.frame["a"].tolist() == [0, 1, 2, 3, 4]
    assert [said(f) for f in found.findings] == [
        "工作表“台账”：第 3-4 行被隐藏(共 2 行)，仍已读取",
        "工作表“台账”：第 B 列被隐藏，仍已读取",
    ]


@pytest.mark.bad_input(64)
def test_a_title_above_the_header_is_refused_and_header_row_reads_below_it(tmp_path: Path) -> None:
    """With its cells, and with what to write."""
    rows = [["2024年企业台账"], ["代码", "名称", "税收"], ["001", "甲", 3]]
    file = changed(book(tmp_path / "x.xlsx", rows), lambda s: s.merge_cells("A1:C1"))
    (tmp_path / "x.csv").write_text("2024年企业台账,,\n代码,名称,税收\n001,甲,3\n", encoding="utf-8")

    with refused(LayerError, "table_title", zh=r"A1:C1.*header_row = 2", en=r"A1:C1.*header_row = 2"):
        read_table(file)
    with refused(LayerError, "table_title", zh=r"A1.*header_row = 2", en=r"A1.*header_row = 2"):
        read_table(tmp_path / "x.csv")
    assert read_table_source(file, header_row=2).frame.to_dict("records") == [
        {"代码": "001", "名称": "甲", "税收": 3}
    ]
    assert read_table_source(file, header_row=2).lines == (3,)  # as the sheet numbers it


@pytest.mark.bad_input(64)
def test_a_header_of_two_rows_is_read_by_its_second(tmp_path: Path) -> None:
    """Names merged down from the first row stand in the second, too."""
    rows = [["代码", "税收", None], [None, "2023", "2024"], ["001", 3, 4]]

    def merge(sheet: Any) -> None:
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")

    file = changed(book(tmp_path / "x.xlsx", rows), merge)

    with refused(LayerError, "table_title", zh="header_row = 2", en="B1:C1"):
        read_table(file)
    assert read_table_source(file, header_row=2).frame.to_dict("records") == [
        {"代码": "001", "2023": 3, "2024": 4}
    ]


@pytest.mark.bad_input(64)
def test_a_row_of_units_under_the_header_is_said(tmp_path: Path) -> None:
    """It stays a row, and its words are no numbers: both are findings."""
    rows = [["parcel_id", "floor_area_m2"], [None, "(平方米)"], ["K1", 5], ["K2", 6]]
    found = read_table_source(book(tmp_path / "x.xlsx", rows))

    assert checks(found) == [("table.second_header", "2")]
    assert "header_row = 2" in said(found.findings[0])
    assert [f.check for f in ours(found.frame)[1]] == ["value.number"]


@pytest.mark.bad_input(64)
def test_formulas_without_a_value_and_with_an_error_are_named(tmp_path: Path) -> None:
    """openpyxl saves no values; #REF! is what a deleted sheet leaves.  Missing is not 0."""
    found = read_table_source(
        book(tmp_path / "x.xlsx", [["a", "b"], ["x", "=1+1"], ["y", "#REF!"], ["z", 3]])
    )

    assert found.frame["b"].tolist() == [None, None, 3]
    assert checks(found) == [("table.formula", "2"), ("table.formula", "3")]
    assert "B2 是公式" in said(found.findings[0])
    assert "B3 的公式结果是 #REF!" in said(found.findings[1])


def old_book(path: Path) -> Path:
    made = xlwt.Workbook()
    sheet = made.add_sheet("台账")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for number, row in enumerate(
        [["代码", "日期", "税收"], ["001", datetime.date(2020, 1, 2), 3.5], ["002", None, 4]]
    ):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(number, place, value, day if isinstance(value, datetime.date) else xlwt.easyxf())
    sheet.write_merge(3, 4, 0, 0, "003")
    sheet.write(4, 2, 9)
    made.save(str(path))
    return path


@pytest.mark.bad_input(64)
@pytest.mark.parametrize("suffix", [".xls", ".xlsx"])
def test_a_book_of_excel_97_is_read_whatever_its_suffix(tmp_path: Path, suffix: str) -> None:
    """Codes keep their zeros, days are days, merged cells stand in each row."""
    found = read_table_source(old_book(tmp_path / f"x{suffix}"))

    assert found.frame["代码"].tolist() == ["001", "002", "003", "003"]
    assert found.frame["日期"].tolist()[:2] == [datetime.date(2020, 1, 2), None]
    assert found.frame["税收"].tolist() == [3.5, 4, None, 9]
    assert checks(found) == [("table.merged", "4"), ("table.unseen", "")]


@pytest.mark.bad_input(64)
def test_a_book_with_a_password_says_that(tmp_path: Path) -> None:
    """An encrypted .xlsx is an OLE file with a stream of this name."""
    name = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "x.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1500 + name + b"\0" * 500)

    with refused(LayerError, "book_password", zh="有打开密码", en="password"):
        read_table(tmp_path / "x.xlsx")


@pytest.mark.bad_input(64)
def test_a_web_page_called_xls_says_that(tmp_path: Path) -> None:
    """What web systems export as "Excel"."""
    (tmp_path / "x.xls").write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")

    with refused(LayerError, "book_is_page", zh="实际是网页", en="web page"):
        read_table(tmp_path / "x.xls")


# --- 65, 105: days


@pytest.mark.bad_input(65)
@pytest.mark.parametrize(
    "cell", ["20260101", 20260101, 20260101.0, "2026.1.1", "2026年1月1日", "２０２６-１-１", "2026/1/1 0:00"]
)
def test_a_day_in_any_plain_form_is_that_day(cell: object) -> None:
    """No finding: there is one reading."""
    frame, found = ours(pd.DataFrame({"start_date": [cell]}, dtype="object"))

    assert frame["start_date"][0] == pd.Timestamp(2026, 1, 1)
    assert found == []


@pytest.mark.bad_input(65)
def test_a_number_of_excel_is_missing_and_its_day_is_said() -> None:
    """46023 is 2026-01-01 counted from 1900, and four years later counted from 1904: a person says which."""
    frame, (found,) = ours(pd.DataFrame({"start_date": [46023]}, dtype="object"))

    assert frame["start_date"].isna().all()
    assert (found.check, found.value) == ("value.date", "46023")
    assert "2026-01-01" in said(found)


@pytest.mark.bad_input(105)
@pytest.mark.parametrize("cell", ["民国109年3月1日", "民國109.3.1", "民国109-03-01"])
def test_years_of_the_republic_are_read_and_said(cell: str) -> None:
    """109 is 2020."""
    frame, (found,) = ours(pd.DataFrame({"start_date": [cell]}, dtype="object"))

    assert frame["start_date"][0] == pd.Timestamp(2020, 3, 1)
    assert found.check == "value.day_form"
    assert "读作 2020-03-01" in said(found)


@pytest.mark.bad_input(105)
@pytest.mark.parametrize("cell", ["1900-01-01", "1900/1/0", "1899-12-30", "0001-01-01", "9999-12-31"])
def test_days_that_fill_a_place_are_missing_and_said(cell: str) -> None:
    """A parcel idle since 1900 would be the gravest of all."""
    frame, (found,) = ours(pd.DataFrame({"start_date": [cell, None]}, dtype="object"))

    assert frame["start_date"].isna().all()
    assert (found.check, found.severity, found.value) == ("value.day_form", "warning", cell)


@pytest.mark.bad_input(105)
@pytest.mark.parametrize("cell", ["109/01/01", "21.3.4", "2026-02-30", "明年", "2026.1"])
def test_a_day_with_two_readings_or_none_is_missing_and_an_error(cell: str) -> None:
    """109 may be a year of the Republic and 21.3.4 many things."""
    frame, (found,) = ours(pd.DataFrame({"start_date": [cell]}, dtype="object"))

    assert frame["start_date"].isna().all()
    assert (found.check, found.severity) == ("value.date", "error")


# --- the study hears of it, and nothing is written or changed


@pytest.mark.bad_input(64)
def test_a_study_lists_what_was_odd_in_its_tables(tmp_path: Path) -> None:
    """In GBK and with a title above, as it comes from an office; the file stays as it was."""
    study = tiny_study(tmp_path / "s", spec={"enterprises": {"header_row": 2}})
    file = study / "enterprises.csv"
    file.write_bytes(("企业一览表,,,\n" + file.read_text(encoding="utf-8-sig")).encode("gbk"))
    before = file.read_bytes()
    found = landkit.check(study).table
    ours_ = found[found["layer"] == "enterprises"]

    assert "encoding.decided" in set(ours_["check"])
    assert file.read_bytes() == before
    assert not (study / "outputs").exists()


@pytest.mark.bad_input(47)
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("suffix", [".csv", ".txt", ".tsv"])
def test_a_text_table_reads_the_same_in_all_encodings(tmp_path: Path, encoding: str, suffix: str) -> None:
    """As Excel saves "CSV", "Unicode text" and "CSV UTF-8" in either China."""
    words = "名稱,用途,面積\n台灣電子公司,工業用地,12\n國立大學,教育用地,3\n"
    if encoding.startswith("gb"):
        words = "名称,用途,面积\n扬州电子公司,工业用地,12\n国立大学,教育用地,3\n"
    if suffix == ".tsv" or encoding == "utf-16":
        words = words.replace(",", "\t")
    (tmp_path / f"x{suffix}").write_bytes(words.encode(encoding))
    found = read_table(tmp_path / f"x{suffix}")

    assert [list(found.columns), *found.values.tolist()] == [
        line.replace(",", "\t").split("\t") for line in words.splitlines()
    ]


@pytest.mark.bad_input(47)
def test_a_line_that_does_not_decode_is_refused_with_its_number(tmp_path: Path) -> None:
    """A table pasted together from two files: the third line is GBK among UTF-8."""
    lines = ["名称,面积", "扬州市邗江区开发路,1", "仪征市", "高邮市经济开发区,2", "宝应县工业园区,3"]
    raw = [w.encode("gbk" if w == "仪征市" else "utf-8") for w in lines]
    (tmp_path / "x.csv").write_bytes(b"\n".join(raw))

    with refused(LayerError, "encoding_line", zh="第 3 行不能按 UTF-8", en="Line 3.*UTF-8"):
        read_table(tmp_path / "x.csv")


@pytest.mark.bad_input(64)
def test_layers_of_an_old_book_are_listed(tmp_path: Path) -> None:
    """`landkit layers` looks into it as into any table."""
    (header,) = describe_layers(old_book(tmp_path / "x.xls"))

    assert (header["rows"], header["fields"]) == (4, ["代码", "日期", "税收"])


@pytest.mark.bad_input(64)
def test_under_a_title_and_heads_of_groups_the_row_of_names_is_the_one_that_is_named(tmp_path: Path) -> None:
    """Seen: the message said row 2, and row 2 then "has cells beyond the header's 3 columns"."""
    rows = [
        ["2024年企业台账", None, None, None],
        ["代码", "名称", "税收", None],
        [None, None, "2023", "2024"],
        ["001", "甲", 3, 4],
    ]

    def merge(sheet: Any) -> None:
        for cells in ("A1:D1", "A2:A3", "B2:B3", "C2:D2"):
            sheet.merge_cells(cells)

    file = changed(book(tmp_path / "x.xlsx", rows), merge)

    with refused(LayerError, "table_title", zh=r"A1:D1.*header_row = 3", en=r"A1:D1.*header_row = 3"):
        read_table(file)
    with refused(LayerError, "table_title", zh=r"C2:D2.*header_row = 3", en=r"C2:D2.*header_row = 3"):
        read_table_source(file, header_row=2)
    assert read_table_source(file, header_row=3).frame.to_dict("records") == [
        {"代码": "001", "名称": "甲", "2023": 3, "2024": 4}
    ]


@pytest.mark.bad_input(64)
@pytest.mark.parametrize("table", ["enterprises", "enterprise_years", "occupancy"])
def test_a_total_and_a_signature_below_a_register_are_left_out_and_named(tmp_path: Path, table: str) -> None:
    """Seen: 合计 and 填报人 below a register became two enterprises without a code, and the run an internal error."""
    rows = pd.read_csv(tiny_study(tmp_path / "usual") / f"{table}.csv", dtype=str, encoding="utf-8-sig")
    first = next(c for c in rows.columns if c != "enterprise_id")

    def signed(frame: pd.DataFrame) -> pd.DataFrame:
        foot = pd.DataFrame({first: ["合计", "填报人：张三"]})
        return pd.concat([frame.astype("object"), foot.astype("object")], ignore_index=True)

    study = tiny_study(tmp_path / "signed", **{table: signed})
    found = landkit.check(study).table
    left = found[found["check"] == "ids.row_left_out"]
    answers = [landkit.intensity(s).table["tax_wan_yuan"].sum() for s in (tmp_path / "usual", study)]

    assert [(r.layer, r.row, r.severity) for r in left.itertuples()] == [
        (table, str(len(rows) + 2), "error"),  # as the sheet shows it: the header is its first row
        (table, str(len(rows) + 3), "error"),
    ]
    assert answers[0] == answers[1]
