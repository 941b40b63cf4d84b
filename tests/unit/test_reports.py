"""The Word report: figures as the ledger prints them, templates of strangers, documents read again."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from refusals import refused

from landkit.errors import ExportError
from landkit.io.printed.document import printed_document
from landkit.ledger.documents import compare_document, figure_places, with_figures_named
from landkit.ledger.registry import Difference, compare_file, fingerprints
from landkit.present.ledgers import Sheet
from landkit.present.reports import Printer, Wanted, plain, render_report, without_marks, write_template
from landkit.present.reports.marks import CLOSE, MIDDLE, OPEN
from landkit.present.reports.printing import said_cell
from landkit.printed import Printed
from landkit.text import data_toml

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000"
    "000301010018dd8db00000000049454e44ae426082"
)
SHEET = Sheet(
    name="园区",
    frame=pd.DataFrame(
        {"park_id": ["P1", "P2", "P3"], "stock_mu": [1.005, 2.005, 3.0], "enterprises": [1, 2, 3]}
    ),
    totals=("stock_mu",),
    id="parks",
)


def printer() -> Printer:
    return Printer([SHEET], "zh")


def template(*paragraphs: str) -> bytes:
    document = docx.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def filled(words: bytes, given: Printer | None = None, **context: Any) -> bytes:
    return render_report(
        words,
        context,
        [("图", PIXEL)],
        size_mm=(10.0, 10.0),
        day=dt.date(2020, 12, 31),
        printer=given or printer(),
        name="my.docx",
    )


def texts(document: bytes) -> list[str]:
    return list(printed_document(io.BytesIO(document))[0].columns["text"])


# --- figures


def test_a_table_prints_what_the_ledger_prints_and_its_parts_add_up() -> None:
    """1.005 + 2.005 + 3 = 6.01: one of the halves is rounded up, one down (largest remainder)."""
    table = printer().table(Wanted("parks", "parks", [0, 1, 2], 3, ["park_id", "stock_mu", "enterprises"]))
    cells = [re.sub(f"{OPEN}\\d+{MIDDLE}|{CLOSE}", "", row["stock_mu"]) for row in table["rows"]]

    assert sorted(cells) == ["1.00", "2.01", "3.00"] or sorted(cells) == ["1.01", "2.00", "3.00"]
    assert f"{MIDDLE}6.01{CLOSE}" in table["total"]["stock_mu"]
    assert table["total"]["enterprises"] == ""  # not summed in the ledger
    assert (table["rest"], table["count"], table["label"]["stock_mu"]) == ("", "3", "存量面积(亩)")


def test_a_table_that_is_cut_says_where_the_rest_is_and_has_no_total() -> None:
    table = printer().table(Wanted("parks", "parks", [2, 0], 3, ["park_id", "stock_mu"]))

    assert "共 3 条，此处列出 2 条" in table["rest"]
    assert "园区" in table["rest"]
    assert not table["total"]


def test_what_a_study_does_not_give_is_said_and_no_clean_bill() -> None:
    """Two kinds of nothing: no such sheet, and a sheet without such rows."""
    none = printer().table(Wanted("capacity", "capacity", [], 0, ["park_name"]))
    empty = printer().table(Wanted("parks", "parks", [], 0, ["park_name"]))

    assert "不代表没有问题" in none["empty"]
    assert "没有符合条件的记录" in empty["empty"]
    assert none["rows"] == empty["rows"] == []


def test_any_figure_is_found_by_its_id_and_a_wrong_id_names_the_nearest() -> None:
    known = printer()

    assert known.marks.figures_in(known.figure("parks.rows")) == [("parks.rows", "3")]
    assert known.marks.figures_in(known.figure("parks.stock_mu")) == [("parks.stock_mu", "6.01")]
    assert known.marks.figures_in(known.figure("parks.enterprises[P2]")) == [("parks.enterprises[P2]", "2")]
    for wrong, guess in (
        ("park.rows", "parks"),
        ("parks.stok_mu", "stock_mu"),
        ("parks.stock_mu[P4]", "P[1-3]"),
    ):
        with refused(ExportError, "report_figure", zh=guess, en=guess):
            known.figure(wrong)


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (-0.125, "0.0%", "-12.5%"),
        (12345, "General", "12,345"),
        (2020, "0", "2020"),
        (0.25, "General", "0.25"),
        (None, "General", "—"),
        (float("nan"), "0.00", "—"),
        (float("inf"), "0.00", "—"),
        (True, "General", "是"),
        (pd.Timestamp("2020-01-02").to_pydatetime(), "General", "2020-01-02"),
        ("", "General", "—"),
    ],
)
def test_a_cell_has_the_digits_of_its_column(value: object, number_format: str, words: str) -> None:
    assert said_cell(value, number_format, "zh") == words


# --- what comes from data stays text


HOSTILE = (
    "{{ 7*7 }}",
    "{% for x in y %}",
    "<w:p/>",
    "A & B <b>",
    "{_{ x }_}",
    "{%p if 1 %}",
    "]]>",
    "'\"",
    "居住&用地",
)


@pytest.mark.bad_input(84)
@pytest.mark.parametrize("words", HOSTILE)
def test_text_of_the_data_is_printed_as_it_stands(words: str) -> None:
    """Tags of Word, of Jinja and of docxtpl; the paragraphs after it are still there."""
    found = texts(filled(template("{{ name }}", "{%p for n in names %}", "{{ n }}", "{%p endfor %}", "end"),
                         name=words, names=[words, words]))  # fmt: skip

    assert found == [words, words, words, "end"]


def test_marks_and_steering_characters_in_the_data_are_gone() -> None:
    """A name that imitates a mark must not stand for a figure, and no bell starts a new paragraph."""
    words = plain(f"a{OPEN}0{MIDDLE}9{CLOSE}b\x07c\x0cd\u202ee")

    assert words == "a9bcde"
    assert texts(filled(template("{{ x }}"), x=words)) == ["a9bcde"]


# --- templates of strangers


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("{{ no_such }}", "no_such"),
        ("{{ study.no_such }}", "no_such"),
        ("{% if x %} never closed", "{% if x %} never closed"),
        ("{{ x|nofilter }}", "nofilter"),
        ("{{ x|safe }}", "safe"),
        ("{{ x.__class__.__mro__ }}", "__class__"),
        ("{{ figure.__self__ }}", "__self__"),
        ("{{ maps[0].picture._template }}", "_template"),
        ("{{ maps.append(1) }}", "append"),
        ("{{ '%s'|format(x.__class__) }}", "__class__"),
        ("{{ x / 0 }}", "ZeroDivision|unsupported"),
        ("{% include 'secret' %}", "include|loader"),
    ],
)
def test_a_wrong_template_is_told_in_one_sentence(words: str, named: str) -> None:
    with pytest.raises(ExportError) as error:
        filled(template("前言", words, "后文"), x="x", study={"title": "t"})

    said = error.value.say("zh")
    assert said.startswith("报告模板 my.docx 在")
    assert re.search(named.replace("{% if x %}", re.escape("{% if x %}")), said)
    assert "\n" not in said


def test_escaping_cannot_be_switched_off() -> None:
    found = texts(filled(template("{% autoescape false %}{{ x }}{% endautoescape %}"), x="<w:p/>&"))

    assert found == ["<w:p/>&"]


def changed(words: bytes, change: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(words)) as old, zipfile.ZipFile(out, "w") as new:
        for name in [*old.namelist(), *(n for n in change if n not in old.namelist())]:
            new.writestr(name, change.get(name) or old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"word/vbaProject.bin": b"x"}, "report_template_active"),
        ({"word/embeddings/oleObject1.bin": b"x"}, "report_template_active"),
        (
            {
                "word/_rels/settings.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/'
                b'2006/relationships"><Relationship Id="a" Type="x/attachedTemplate" Target="http://x/y.dotm" '
                b'TargetMode="External"/></Relationships>'
            },
            "report_template_active",
        ),
    ],
)
def test_a_template_with_a_program_or_a_link_to_elsewhere_is_refused(
    change: dict[str, bytes], key: str
) -> None:
    with refused(ExportError, key, zh="my.docx", en="my.docx"):
        filled(changed(template("x"), change))


@pytest.mark.parametrize("words", [b"", b"PK\x03\x04 nothing", b"<html>"])
def test_what_is_no_word_document_is_no_template(words: bytes) -> None:
    with refused(ExportError, "report_template_kind", zh=".docx", en=".docx"):
        filled(words)


@pytest.mark.bad_input(80)
def test_an_entity_in_a_template_is_not_read(tmp_path: Path) -> None:
    """XML that names a file of the machine."""
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(template("MARK"))) as packed:
        xml = packed.read("word/document.xml")
    head, rest = xml.split(b"<w:document", 1)
    xml = head + f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode() + b"<w:document" + rest
    spoilt = changed(template("MARK"), {"word/document.xml": xml.replace(b"MARK", b"&e;")})
    try:
        found = filled(spoilt)
    except ExportError:
        return
    assert b"SECRET" not in found


# --- the shipped template


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_shipped_template_is_the_same_bytes_each_time(lang: Any) -> None:
    """Repeated heads, Chinese fonts by the names that offices have, page numbers."""
    first = write_template(lang)
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        body, styles = packed.read("word/document.xml").decode(), packed.read("word/styles.xml").decode()
        foot = "".join(packed.read(n).decode() for n in packed.namelist() if "footer" in n)

    assert lang == "en" or first == write_template(lang)
    assert body.count("<w:tblHeader/>") == len(data_toml("report.toml")["table"]) + 1  # and the signatures
    assert f'w:eastAsia="{data_toml("report.toml")["fonts"][lang]["body"]["east"]}"' in styles
    assert "NUMPAGES" in foot


def test_every_table_of_the_report_is_as_wide_as_the_text() -> None:
    plan = data_toml("report.toml")
    width = plan["page"]["width_mm"] - 2 * plan["page"]["margin_mm"]

    assert {name: sum(t["columns"].values()) for name, t in plan["table"].items()} == dict.fromkeys(
        plan["table"], width
    )
    assert [t for c in plan["chapter"] for t in c.get("tables", [])] == list(plan["table"])


# --- read again


def test_a_document_is_read_as_text_tables_properties_and_pictures() -> None:
    document = docx.Document()
    document.add_paragraph("one\ttwo")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip((c for row in table.rows for c in row.cells), "abcd", strict=True):
        cell.text = words
    document.sections[0].header.paragraphs[0].text = "head"
    out = io.BytesIO()
    document.save(out)
    found = {t.name: t for t in printed_document(out)}

    assert found["text"].columns == {"text": ["one\ttwo"]}
    assert found["table 1"].columns == {"A": ["a", "c"], "B": ["b", "d"]}
    assert list(found["header1 text"].columns["text"]) == ["head"]
    assert "title" in found["properties"].rows
    assert list(found["pictures"].rows) == []


def test_figures_are_found_where_they_stand_and_named_when_they_change() -> None:
    """In a table by row and column, in a sentence too; the document that is handed over carries no mark."""
    known = printer()
    document = docx.Document()
    document.add_paragraph("共 {{ figure('parks.rows') }} 个园区、{{ figure('parks.stock_mu') }} 亩")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, (["{%tr for r in t.rows %}", ""], ["{{ r.park_id }}", "{{ r.stock_mu }}"],
                                       ["{%tr endfor %}", ""]), strict=True):  # fmt: skip
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    out = io.BytesIO()
    document.save(out)
    rows = known.table(Wanted("parks", "parks", [0, 1, 2], 3, ["park_id", "stock_mu"]))
    marked = filled(out.getvalue(), known, t=rows)
    places = figure_places(printed_document(io.BytesIO(marked)), known.marks.figures_in)
    clean = without_marks(marked)
    tables = printed_document(io.BytesIO(clean))
    spoilt = [
        Printed(t.name, {**t.columns, "B": ["1.01", "9.99", "3.00"]}, t.rows) if t.name == "table 1" else t
        for t in tables
    ]
    found = compare_file("report.docx", spoilt, {t.name: fingerprints(t) for t in tables})

    assert places == {
        "text": {"text1": ["parks.rows", "parks.stock_mu"]},
        "table 1": {f"B{i}": [f"parks.stock_mu[P{i}]"] for i in (1, 2, 3)},
    }
    assert texts(clean)[0] == "共 3 个园区、6.01 亩"
    assert OPEN not in "".join(texts(clean))
    assert [(d.row, d.column, d.figure) for d in with_figures_named(found, places) if d.row == "2"] == [
        ("2", "B", "parks.stock_mu[P2]")
    ]


@pytest.mark.parametrize(("value", "same"), [(1118.0, True), (1119.0, False)])
def test_a_sentence_with_one_figure_says_it_among_words(value: float, same: bool) -> None:
    """As what was not checked does: its figure stands before a full stop."""
    said = "100-year floodplain: not checked, parcels: 1,118."
    places = {"text": {"text1": ["conflicts_by_line.parcels[k]"]}}
    meant = {"conflicts_by_line.parcels[k]": value}
    found = list(
        compare_document("r.docx", [Printed("text", {"text": [said]}, ["1"])], places, meant, of="l")
    )

    assert not found if same else [d.found for d in found] == [said]


@pytest.mark.parametrize(
    ("cell", "value", "same"),
    [
        ("1,234.57", 1234.565, True),
        ("1,234.56", 1234.567, False),
        ("12.5%", 0.12545, True),
        ("12.5%", 0.1256, False),
        ("3", 3.4, True),
        ("3", 3.6, False),
        ("three", 3.0, False),
    ],
)
def test_a_cell_that_prints_another_number_than_the_ledger_is_told(
    cell: str, value: float, same: bool
) -> None:
    """To the last digit that it prints."""
    tables = [Printed("table 1", {"A": [cell]}, ["1"])]
    found = list(
        compare_document(
            "r.docx", tables, {"table 1": {"A1": ["s.c[k]"]}}, {"s.c[k]": value}, of="ledger.xlsx"
        )
    )

    meant = Difference(
        "r.docx", "figure", figure="s.c[k]", found=cell, meant=f"{value:.15g}", other="ledger.xlsx"
    )
    assert found == ([] if same else [meant])
