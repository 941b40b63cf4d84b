"""How the report's template looks: page, styles, fonts for Latin and Chinese, table lines, fields (版式)."""

from __future__ import annotations

from typing import Any, Final

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from landkit.text import Lang, data_toml

INK: Final = "1C3F57"
WARNING: Final = "8C2A20"
_LINE: Final = "9DB2BF"
_HEAD_FILL: Final = "E4EDF1"
# style: (font of report.toml, points, bold, space before, space after, colour)
_STYLES: Final = {
    "Normal": ("body", 11.0, False, 0, 4, ""),
    "Title": ("title", 22.0, True, 90, 8, INK),
    "Subtitle": ("heading", 14.0, False, 0, 18, INK),
    "Heading 1": ("heading", 15.0, True, 14, 6, INK),
    "Heading 2": ("heading", 12.0, True, 10, 4, INK),
    "Caption": ("heading", 9.5, False, 8, 3, INK),
    "List Bullet": ("body", 11.0, False, 0, 3, ""),
    "Header": ("table", 8.5, False, 0, 0, "5A5A5A"),
    "Footer": ("table", 8.5, False, 0, 0, "5A5A5A"),
}
_OWN_STYLES: Final = {
    "Report Cell": ("table", 8.5, False, 1, 1, ""),
    "Report Contents": ("body", 11.0, False, 0, 5, ""),
    "Report Warning": ("heading", 11.0, True, 6, 6, WARNING),
}


def style_document(document: Document, lang: Lang) -> None:
    """Page, margins and styles."""
    page = data_toml("report.toml")["page"]
    section = document.sections[0]
    section.page_width, section.page_height = Mm(page["width_mm"]), Mm(page["height_mm"])
    section.left_margin = section.right_margin = Mm(page["margin_mm"])
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)
    section.header_distance, section.footer_distance = Mm(11), Mm(9)
    for name in _OWN_STYLES:
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    for name, look in {**_STYLES, **_OWN_STYLES}.items():
        _style(document.styles[name], lang, *look)
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Subtitle"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name in ("Heading 1", "Heading 2", "Caption"):
        document.styles[name].paragraph_format.keep_with_next = True
    language = document.styles.element.find(".//" + qn("w:lang"))
    if language is not None:
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")


def _style(
    style: Any, lang: Lang, font: str, points: float, bold: bool, above: int, below: int, ink: str
) -> None:
    names = data_toml("report.toml")["fonts"][lang][font]
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for slot, name in (("ascii", "latin"), ("hAnsi", "latin"), ("cs", "latin"), ("eastAsia", "east")):
        fonts.set(qn(f"w:{slot}"), names[name])
    properties.insert(0, fonts)
    style.font.size, style.font.bold, style.font.italic = Pt(points), bold, False
    style.font.color.rgb = RGBColor.from_string(ink or "000000")
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
    borders = style.element.find(".//" + qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)


def rule_table(table: Any, widths_mm: list[float]) -> None:
    """Thin lines, fixed widths, centred; the first row is a head that is repeated on every page."""
    table.autofit = False
    table.alignment = 1
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color=_LINE))
    table._tbl.tblPr.append(borders)  # noqa: SLF001  python-docx has no borders
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="70", type="dxa"))
    table._tbl.tblPr.append(margins)  # noqa: SLF001
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)


def head_row(row: Any) -> None:
    """Repeat the row on every page, shaded."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
    for cell in row.cells:
        shade(cell)
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER


def shade(cell: Any) -> None:
    """The ground of a head."""
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=_HEAD_FILL))  # noqa: SLF001


def add_field(paragraph: Paragraph, code: str, shown: str = "1") -> None:
    """A field of Word such as PAGE, with what is shown until Word works it out."""
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            instruction = _element("w:instrText")
            instruction.text = f" {code} "
            instruction.set(qn("xml:space"), "preserve")
            paragraph.add_run()._r.append(instruction)  # noqa: SLF001
        paragraph.add_run()._r.append(_element("w:fldChar", fldCharType=kind))  # noqa: SLF001
        if kind == "separate":
            paragraph.add_run(shown)


def bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """A name for the place of a heading."""
    start = _element("w:bookmarkStart", id=str(number), name=name)
    first = next(i for i, e in enumerate(paragraph._p) if e.tag == qn("w:r"))  # noqa: SLF001
    paragraph._p.insert(first, start)  # noqa: SLF001
    paragraph._p.append(_element("w:bookmarkEnd", id=str(number)))  # noqa: SLF001


def link_to(paragraph: Paragraph, place: str) -> None:
    """Make what the paragraph holds a link to a bookmark."""
    link = _element("w:hyperlink", anchor=place, history="1")
    for run in paragraph._p.findall(qn("w:r")):  # noqa: SLF001
        link.append(run)
    paragraph._p.append(link)  # noqa: SLF001


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element
