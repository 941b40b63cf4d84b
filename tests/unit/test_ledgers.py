"""The ledger: what Excel shows is what was found, and nothing in it runs."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from landkit.errors import ExportError
from landkit.io.printed.workbook import printed_workbook
from landkit.present import ledger_pages, ledgers
from landkit.present.cells import LONGEST_CELL
from landkit.present.ledgers import Sheet, Summary, sheet_names, write_ledger

CREATED = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def made(*sheets: Sheet, lang: Any = "zh", title: str = "台账", summary: Summary | None = None) -> bytes:
    return write_ledger(list(sheets), lang=lang, title=title, notes=["注"], created=CREATED, summary=summary)


def opened(data: bytes, *, formulas: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=not formulas)


def only(frame: pd.DataFrame, **more: Any) -> Worksheet:
    return opened(made(Sheet("表", frame, **more)))["表"]


def stock() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parcel_id": ["0012", "0013", None],
            "area_m2": [1000.004, 2000.004, np.nan],
            "parcel_share": [0.25, 1.0, np.nan],
            "synthetic": [True, False, None],
            "supply_date": pd.to_datetime(["2020-02-29", None, "2026-11-01"]),
            "reason": ["约定动工日期已过。" * 9, "", None],
        }
    )


def test_header_has_label_and_unit_and_codes_keep_their_zeros() -> None:
    page = only(stock(), totals=("area_m2",))

    assert [c.value for c in page[1]] == [
        "宗地代码",
        "椭球面积(平方米)",
        "占地块比例",
        "合成数据",
        "合同签订日期",
        "理由",
    ]
    assert [c.value for c in page["A"]] == ["宗地代码", "0012", "0013", None, "合计"]
    assert (page["A2"].number_format, page["B2"].number_format, page["C2"].number_format) == (
        "@",
        "#,##0.00",
        "0.00%",
    )
    assert page["D2"].value == "是"
    assert page["E2"].value == pd.Timestamp(2020, 2, 29)


def test_labels_of_the_caller_and_english_words_are_used() -> None:
    page = opened(made(Sheet("s", stock(), labels={"parcel_id": "Lot"}), lang="en"))["s"]

    assert [c.value for c in page[1]][:2] == ["Lot", "ellipsoidal area (m²)"]
    assert page["D2"].value == "yes"


def test_the_total_is_a_formula_with_its_value_beside_it() -> None:
    data = made(Sheet("表", stock(), totals=("area_m2",)))

    whole = made(Sheet("表", stock().iloc[:2], totals=("area_m2",)))

    assert opened(whole, formulas=True)["表"]["B4"].value == "=SUBTOTAL(109,B2:B3)"
    assert opened(whole)["表"]["B4"].value == opened(data)["表"]["B5"].value == 3000.01


def test_a_total_of_what_nobody_knows_is_not_nought() -> None:
    """Seen: 0.00 below a column without a single figure; rows that a filter leaves are asked the same."""
    one = made(Sheet("表", stock(), totals=("area_m2",)))
    none = made(Sheet("表", stock().iloc[2:], totals=("area_m2",)))

    for data, cell, rows in ((one, "B5", "B2:B4"), (none, "B3", "B2:B2")):
        formula = f'=IF(SUBTOTAL(102,{rows})=0,"—",SUBTOTAL(109,{rows}))'
        assert opened(data, formulas=True)["表"][cell].value == formula
    assert opened(none)["表"]["B3"].value == "—"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e7, 1e7) | st.just(float("nan")), min_size=1, max_size=25))
def test_shown_parts_add_up_to_the_shown_total(values: list[float]) -> None:
    """强制调平: each cell is within one cent of its value, and the cells sum to the rounded sum."""
    page = only(pd.DataFrame({"area_m2": values}), totals=("area_m2",))
    shown = [page.cell(i + 2, 1).value for i in range(len(values))]
    known = [v for v in values if not np.isnan(v)]

    assert [v is None for v in shown] == [bool(np.isnan(v)) for v in values]
    assert all(abs(s - v) < 0.0101 for s, v in zip([s for s in shown if s is not None], known, strict=True))
    total = page.cell(len(values) + 2, 1).value
    if not known:
        assert total == "—"
        return
    assert total == pytest.approx(round(sum(known), 2), abs=0.0101)
    assert total == pytest.approx(sum(s for s in shown if s is not None), abs=1e-6)


PAYLOADS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
    "http://evil.example",
    "\t=1",
    "\r=1",
    "{=1}",
    "1e5",
    "007",
    "1/2",
    "TRUE",
    "internal:'表'!A1",
    "mailto:a@b.c",
]


@pytest.mark.bad_input(81)
def test_no_text_becomes_a_formula_a_link_or_a_number() -> None:
    """81: in cells, headers, sheet names, title, summary."""
    data = made(
        Sheet("=1+1", pd.DataFrame({"=2+2": PAYLOADS}), summary="=3+3"),
        title="=4+4",
        summary=Summary(
            facts=[("=5", "=6")], figures=pd.DataFrame([["=7", "=8", "=9"]]), not_checked=["=10"]
        ),
    )
    book = opened(data, formulas=True)
    page = book["=1+1"]
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        sheets = {
            n: packed.read(n).decode() for n in packed.namelist() if n.startswith("xl/worksheets/sheet")
        }
        relations = [packed.read(n).decode() for n in packed.namelist() if "_rels/sheet" in n]

    assert [page.cell(i + 2, 1).value for i in range(len(PAYLOADS))] == [
        p.replace("\r", "\n") for p in PAYLOADS
    ]
    assert {c.data_type for row in page.iter_rows() for c in row} == {"s"}
    assert all("<f>" not in xml for xml in sheets.values())
    assert not any("http" in target for r in relations for target in re.findall(r'Target="([^"]*)"', r))


def test_control_characters_and_direction_marks_are_taken_out() -> None:
    """88, 89: openpyxl refuses control characters, Excel repairs the file."""
    page = only(
        pd.DataFrame(
            {"a": pd.Series(["x\x00\x07\x1by", "a\u202eb", "坏\ud800", "_x0041_", "𠮷㙍"], dtype=object)}
        )
    )

    assert [c.value for c in page["A"]][1:] == ["xy", "ab", "坏", "_x0041_", "𠮷㙍"]


def test_whole_numbers_that_excel_would_round_are_text() -> None:
    page = only(pd.DataFrame({"编号": [2**60, 1], "n": [5, 6]}))

    assert [c.value for c in page["A"]][1:] == [str(2**60), "1"]
    assert page["B2"].value == 5


def test_missing_is_an_empty_cell_and_infinity_is_said() -> None:
    page = only(pd.DataFrame({"a": [np.nan, np.inf, 0.0], "b": pd.array([None, 1, 2], dtype="Int64")}))

    assert [c.value for c in page["A"]][1:] == [None, "inf", 0]
    assert page["B2"].value is None


def test_text_longer_than_a_cell_goes_on_elsewhere_and_nothing_is_lost() -> None:
    words = "".join(chr(0x4E00 + i % 5000) for i in range(40_000)) + "𠮷" * 20_000
    book = opened(made(Sheet("表", pd.DataFrame({"a": [words]}))))
    cell = book["表"]["A2"].value
    rest = [row[4].value for row in book["长文本"].iter_rows(min_row=2)]
    first = cell[: cell.rindex(" …")]

    assert first + "".join(rest) == words
    assert all(len(t.encode("utf-16-le")) // 2 <= LONGEST_CELL for t in [cell, *rest])
    assert [c.value for c in book["长文本"][2]][:4] == [1, "表", "A2", 1]


def test_more_rows_than_excel_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "MOST_ROWS", 4)
    made(Sheet("s", stock()))
    with pytest.raises(ExportError) as caught:
        made(Sheet("s", stock(), totals=("area_m2",)))

    assert (caught.value.key, caught.value.rows, caught.value.limit) == ("ledger_too_many_rows", 3, 2)


def test_every_row_of_a_real_limit_is_counted() -> None:
    frame = pd.DataFrame({"a": np.zeros(1_048_576, dtype=np.int8)})
    with pytest.raises(ExportError):
        made(Sheet("s", frame))


@given(st.lists(st.text(max_size=50), max_size=12))
def test_sheet_names_are_legal_short_and_unique(wanted: list[str]) -> None:
    names = sheet_names(wanted)

    assert len({n.casefold() for n in names}) == len(wanted)
    assert all(1 <= len(n.encode("utf-16-le")) // 2 <= 31 for n in names)
    assert not any(
        re.search(r"[\[\]:*?/\\]", n) or n[0] == "'" or n[-1] == "'" or n.casefold() == "history"
        for n in names
    )


def test_the_same_tables_give_the_same_bytes_and_hold_no_other_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = made(Sheet("表", stock(), totals=("area_m2",)))
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        core = packed.read("docProps/core.xml").decode()

    assert first == made(Sheet("表", stock(), totals=("area_m2",)))
    assert set(re.findall(r"\d{4}-\d{2}-\d{2}T[\d:]+Z", core)) == {"2026-11-01T00:00:00Z"}


def test_an_empty_table_has_its_header_and_a_total_of_nothing() -> None:
    page = only(stock().iloc[:0], totals=("area_m2",))

    assert (page.max_row, page["A2"].value, page["B2"].value) == (2, "合计", 0)


def test_a_table_without_columns_is_a_sheet_too() -> None:
    """70."""
    assert only(pd.DataFrame()).max_row == 1


def test_the_page_is_set_up_for_reading_and_printing() -> None:
    page = only(stock(), totals=("area_m2",))

    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref == "A1:F4"
    assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$1:$1"
    assert "第 &P 页，共 &N 页" in page.oddFooter.right.text
    assert page["F2"].alignment.wrap_text
    assert page.row_dimensions[2].height > 20


def test_a_wide_sheet_is_printed_on_larger_paper_side_by_side() -> None:
    """30 columns on one page across would be printed one millimetre high."""
    wide = only(pd.DataFrame({f"c{i}": ["文字" * 6] for i in range(30)}))
    narrow = only(stock())

    assert (wide.page_setup.paperSize, wide.page_setup.fitToWidth, wide.print_title_cols) == (8, 4, "$A:$A")
    assert (narrow.page_setup.paperSize, narrow.page_setup.fitToWidth or 1, narrow.print_title_cols) == (
        9,
        1,
        None,
    )


def test_the_first_sheet_says_what_it_is_and_what_was_not_checked() -> None:
    figures = pd.DataFrame([["存量用地(亩)", 12.5, "已确认"]])
    summary = Summary(
        facts=[("数据日期", "2026-11-01")], figures=figures, not_checked=["仪征市未覆盖"], synthetic=True
    )
    book = opened(made(Sheet("存量", stock(), summary="每宗一行"), summary=summary))
    page = book[book.sheetnames[0]]
    said = [c.value for row in page.iter_rows() for c in row if c.value is not None]

    assert book.sheetnames == ["汇总", "存量"]
    assert said[0] == "台账"
    assert said[1].startswith("合成数据")
    assert {"2026-11-01", "存量用地(亩)", 12.5, "每宗一行", 3, "仪征市未覆盖", "注"} <= set(said)
    assert "合成数据" in book["存量"].oddFooter.center.text


def test_a_sheet_called_like_the_summary_gets_another_name() -> None:
    assert opened(made(Sheet("汇总", stock()), Sheet("汇总", stock()))).sheetnames == [
        "汇总",
        "汇总_2",
        "汇总_3",
    ]


def test_data_bars_stand_behind_shares_only() -> None:
    page = only(stock())

    assert [str(r.sqref) for r in page.conditional_formatting] == ["C2:C4"]


def test_the_callers_table_is_not_changed() -> None:
    frame = stock()
    made(Sheet("表", frame, totals=("area_m2",)))

    pd.testing.assert_frame_equal(frame, stock())


def test_keys_lead_to_their_row_on_the_sheet_that_lists_them() -> None:
    """A parcel in the conflicts to its row in the stock, a park to its row in the parks; codes keep their zeros as text."""
    parks = Sheet("园区", pd.DataFrame({"park_id": ["01", "02"], "park_name": ["甲", "乙"]}))
    stocks = Sheet("存量's", pd.DataFrame({"parcel_id": ["0012", "0013"], "park_id": ["02", None]}))
    conflicts = Sheet("冲突", pd.DataFrame({"conflict_id": ["c1", "c2"], "parcel_id": ["0013", "none"]}))
    book = opened(made(parks, stocks, conflicts))
    links = {s.title: {c.coordinate: c.hyperlink.location for r in s for c in r if c.hyperlink} for s in book}

    assert links["存量's"] == {"A1": "'汇总'!A1", "B2": "'园区'!A3"}
    assert links["冲突"] == {"A1": "'汇总'!A1", "B2": "'存量''s'!A3"}
    assert (book["冲突"]["B2"].value, book["冲突"]["B2"].data_type) == ("0013", "s")


def test_a_sheet_of_very_many_rows_has_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel ends at 65,530 links a sheet."""
    monkeypatch.setattr(ledger_pages, "MOST_LINKED_ROWS", 1)
    parks = Sheet("园区", pd.DataFrame({"park_id": ["01", "02"]}))
    book = opened(
        made(parks, Sheet("存量", pd.DataFrame({"parcel_id": ["1", "2"], "park_id": ["01", "02"]})))
    )

    assert [c.coordinate for r in book["存量"] for c in r if c.hyperlink] == ["A1"]


def test_a_long_name_of_a_key_figure_has_a_row_for_all_of_its_lines() -> None:
    """Wrapped text in a row of usual height lies over its neighbours."""
    names = ["Stock", "Conflicts · 0.2 % annual chance floodplain · within accuracy"]
    figures = pd.DataFrame({"name": names, "value": [1.0, 2.0], "words": ["ha", "ha"]})
    page = opened(made(Sheet("a", stock()), summary=Summary(figures=figures))).worksheets[0]
    row = {cell.value: cell.row for cell in page["A"]}

    assert page.row_dimensions[row[names[0]]].height is None or page.row_dimensions[row[names[0]]].height < 20
    assert page.row_dimensions[row[names[1]]].height >= 2 * 14.5


def test_a_list_of_every_parcel_prints_its_first_page_and_says_so() -> None:
    """A ledger of 4,624 parcels printed on 1,006 pages; what is signed are the totals and the list to sign."""
    parcels = pd.DataFrame({"parcel_id": [f"{i:05d}" for i in range(4624)], "area_m2": 1.5})
    book = opened(made(Sheet("明细", parcels, totals=("area_m2",)), Sheet("短表", parcels.head(200))))

    area = re.fullmatch(r"'明细'!\$A\$1:\$B\$(\d+)", book["明细"].print_area)
    assert area
    assert 20 <= int(area[1]) <= 60
    assert f"只打印前 {int(area[1]) - 1} 行，共 4,624 行" in book["明细"].oddHeader.left.text
    assert not book["短表"].print_area, "200 rows are some pages"
    assert not book["短表"].oddHeader.left.text


def test_a_list_to_sign_is_printed_to_its_last_row_with_room_to_write() -> None:
    parcels = pd.DataFrame({"parcel_id": [f"{i:05d}" for i in range(4624)], "decision": None})
    page = only(parcels, to_sign=True, widths={"decision": 22.0})

    assert not page.print_area
    assert page.print_options.gridLines
    assert page.row_dimensions[4625].height == pytest.approx(22.0, abs=0.5)
    assert page.column_dimensions["B"].width == pytest.approx(22.0, abs=1)


def test_a_ledger_written_row_by_row_says_the_same(tmp_path, monkeypatch) -> None:
    """Cells, formulas, links, widths, heights, print areas; a text that is longer than a cell; the same bytes each time."""
    long = stock().assign(reason=["x" * (LONGEST_CELL + 50), "短", None])
    sheets = (
        Sheet("地块", long, totals=["area_m2"], id="stock"),
        Sheet("签", stock(), to_sign=True),
        Sheet("空", stock()[:0], totals=["area_m2"]),
        Sheet("无列", pd.DataFrame(index=range(2))),
    )
    usual = made(*sheets, summary=Summary(facts=[("甲", "乙")], not_checked=["丙" * 200], synthetic=True))
    monkeypatch.setattr(ledgers, "MOST_HELD", 0)
    again = [
        made(*sheets, summary=Summary(facts=[("甲", "乙")], not_checked=["丙" * 200], synthetic=True))
        for _ in range(2)
    ]
    assert again[0] == again[1] != usual
    (tmp_path / "a.xlsx").write_bytes(usual)
    (tmp_path / "b.xlsx").write_bytes(again[0])
    assert printed_workbook(tmp_path / "a.xlsx") == printed_workbook(tmp_path / "b.xlsx")
    for one, other in zip(*(opened(data, formulas=True) for data in (usual, again[0])), strict=True):
        assert [c.hyperlink and c.hyperlink.location for r in one for c in r] == [
            c.hyperlink and c.hyperlink.location for r in other for c in r
        ]
        assert [c.number_format for r in one for c in r] == [c.number_format for r in other for c in r]
        for of in (one, other):
            of.heights = {k: d.height for k, d in of.row_dimensions.items() if d.height}
            of.widths = {k: d.width for k, d in of.column_dimensions.items()}
        assert (one.heights, one.widths) == (other.heights, other.widths)
        assert (one.print_area, one.auto_filter.ref) == (other.print_area, other.auto_filter.ref)
