"""The template of the report that landkit brings (报告模板): a Word document with the places of everything a report says.

It is made from data/report.toml in one language; a planner changes a copy of it in Word and gives it with --template.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, Final

from docx import Document
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.shared import Mm, Pt

from landkit.present.reports.looks import (
    add_field,
    bookmark,
    head_row,
    link_to,
    rule_table,
    shade,
    style_document,
)
from landkit.present.reports.packing import packed_alike
from landkit.text import Lang, data_toml, known_columns, text

_TEXT_MM: Final = 166.0
_EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_RIGHT: Final = frozenset(
    {"m2", "mu", "ha", "m", "count", "share", "wan_yuan", "wan_yuan_per_mu", "year", "ratio"}
)
_HELP: Final = (
    "study.title", "study.id", "study.as_of", "study.rules_on", "study.profile", "study.crs", "study.prepared_by",
    "study.approval_number", "study.secrecy", "synthetic", "marks", "maps", "summary", "notes", "not_checked", "method",
    "table", "row", "total", "rest", "empty", "figure", "numbered", "loops", "safe",
)  # fmt: skip


def write_template(lang: Lang) -> bytes:
    """The template as a .docx: equal bytes every time."""
    return _Writer(lang).write()


class _Writer:
    """A template under way."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.plan = data_toml("report.toml")
        self.document: Any = Document()
        style_document(self.document, lang)
        self.cell_style: str = self.document.styles["Report Cell"].style_id

    def word(self, key: str) -> str:
        return text(f"report.{key}", self.lang)

    def say(self, words: str, style: str = "Normal") -> Any:
        return self.document.add_paragraph(words, style=style)

    def write(self) -> bytes:
        self._head_and_foot()
        self._cover()
        self._contents()
        for number, chapter in enumerate(self.plan["chapter"], 1):
            self._chapter(number, chapter)
        self._help()
        core = self.document.core_properties
        core.title, core.author, core.comments = "{{ study.title }}", "landkit", ""
        core.created = core.modified = _EPOCH.replace(tzinfo=None)
        core.last_modified_by = "landkit"
        out = io.BytesIO()
        self.document.save(out)
        return packed_alike(out.getvalue())

    def _head_and_foot(self) -> None:
        section = self.document.sections[0]
        head = section.header.paragraphs[0]
        head.text = f"{{{{ study.title }}}} · {{{{ study.id }}}}{{% if synthetic %}} · {self.word('synthetic_mark')}{{% endif %}}"
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        before, between, after = self.word("page").split("|")
        foot.add_run(before)
        add_field(foot, "PAGE")
        foot.add_run(between)
        add_field(foot, "NUMPAGES")
        foot.add_run(after)

    def _cover(self) -> None:
        self.say("{{ study.title }}", "Title")
        self.say(self.word("kind"), "Subtitle")
        self.say("{%p if synthetic %}")
        warning = self.say(self.word("synthetic"), "Report Warning")
        warning.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.say("{%p endif %}")
        table = self.document.add_table(rows=3, cols=2)
        self._cells(table.rows[0], ["{%tr for mark in marks %}", ""])
        self._cells(table.rows[1], ["{{ mark.label }}", "{{ mark.value }}"])
        self._cells(table.rows[2], ["{%tr endfor %}", ""])
        rule_table(table, [46, 90])
        shade(table.rows[1].cells[0])

    def _contents(self) -> None:
        """A written table of contents with a page number each, which Word brings up to date."""
        head = self.say(self.word("contents"), "Subtitle")
        head.paragraph_format.page_break_before = True
        for number, chapter in enumerate(self.plan["chapter"], 1):
            line = self.say("", "Report Contents")
            line.paragraph_format.tab_stops.add_tab_stop(
                Mm(_TEXT_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
            )
            line.add_run(f"{self._heading(number, chapter['id'])}\t")
            add_field(line, f"PAGEREF {_place(chapter['id'])} \\h", "")
            link_to(line, _place(chapter["id"]))

    def _heading(self, number: int, chapter: str) -> str:
        return f"{number}  {text(f'report_chapter.{chapter}', self.lang)}"

    def _chapter(self, number: int, chapter: dict[str, Any]) -> None:
        heading = self.say(self._heading(number, chapter["id"]), "Heading 1")
        bookmark(heading, _place(chapter["id"]), number)
        before = self.plan["chapter"][number - 2] if number > 1 else {"maps": ()}
        heading.paragraph_format.page_break_before = "maps" in chapter or "maps" in before
        if "maps" in chapter:
            self._maps()
        for name in chapter.get("lines", []):
            self._lines(name)
        for name in chapter.get("tables", []):
            self._table(name, self.plan["table"][name]["columns"])
        if chapter["id"] == "signatures":
            self._signatures()

    def _maps(self) -> None:
        self.say(self.word("map_note"), "Caption")
        self.say("{%p for map in maps %}")
        picture = self.say("{{ map.picture }}")
        picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
        picture.paragraph_format.keep_with_next = True
        caption = self.say(f"{self._numbered('map')}  {{{{ map.title }}}}", "Caption")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        caption.paragraph_format.keep_with_next = False
        self.say("{%p endfor %}")

    def _numbered(self, kind: str) -> str:
        return f"{self.word(kind)} {{{{ numbered('{kind}') }}}}"

    def _lines(self, name: str) -> None:
        about = text(f"report_lines.{name}", self.lang)
        self.say(f"{{%p if {name} %}}")
        self.say(about)
        self.say(f"{{%p for line in {name} %}}")
        self.say("{{ line }}", "List Bullet")
        self.say("{%p endfor %}")
        self.say("{%p else %}")
        self.say(text(f"report_lines_none.{name}", self.lang))
        self.say("{%p endif %}")

    def _table(self, name: str, columns: dict[str, float]) -> None:
        self.say(f"{{%p if {name}.rows %}}")
        self.say(f"{self._numbered('table')}  {{{{ {name}.title }}}}", "Caption")
        table = self.document.add_table(rows=7, cols=len(columns))
        blank = [""] * (len(columns) - 1)
        row, total = [f"{{{{ row.{c} }}}}" for c in columns], [f"{{{{ {name}.total.{c} }}}}" for c in columns]
        total[0] = self.word("total")
        rows: list[list[str]] = [
            [f"{{{{ {name}.label.{c} }}}}" for c in columns],
            [f"{{%tr for row in {name}.rows %}}", *blank],
            row,
            ["{%tr endfor %}", *blank],
            [f"{{%tr if {name}.total %}}", *blank],
            total,
            ["{%tr endif %}", *blank],
        ]
        for place, cells in enumerate(rows):
            right = [place in (2, 5) and known_columns().get(c, {}).get("unit") in _RIGHT for c in columns]
            self._cells(table.rows[place], cells, right=right, bold=place in (0, 5))
        rule_table(table, list(columns.values()))
        head_row(table.rows[0])
        self.say(f"{{%p if {name}.rest %}}")
        self.say(f"{{{{ {name}.rest }}}}", "Caption")
        self.say("{%p endif %}")
        self.say("{%p else %}")
        self.say(f"{{{{ {name}.title }}}}", "Caption")
        self.say(f"{{{{ {name}.empty }}}}")
        self.say("{%p endif %}")

    def _cells(
        self, row: Any, words: list[str], *, right: list[bool] | None = None, bold: bool = False
    ) -> None:
        for place, (cell, said) in enumerate(zip(row.cells, words, strict=True)):
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
            paragraph = cell.paragraphs[0]
            paragraph._p.style = self.cell_style  # noqa: SLF001  by name, python-docx looks through all styles each time
            paragraph.add_run(said).bold = bold or None
            if right and right[place]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _signatures(self) -> None:
        self.say(self.word("sign_about"))
        columns = self.word("sign_columns").split("|")
        people = self.word("sign_rows").split("|")
        table = self.document.add_table(rows=1 + len(people), cols=len(columns))
        self._cells(table.rows[0], columns, bold=True)
        for row, person in zip(table.rows[1:], people, strict=True):
            self._cells(row, [person, *[""] * (len(columns) - 1)])
            row.height = Mm(14)
        rule_table(table, [30, 44, 52, 40])
        head_row(table.rows[0])

    def _help(self) -> None:
        """The last page, for whoever changes the template: it is never printed."""
        self.say("{%p if template_help %}")
        heading = self.say(self.word("help_title"), "Heading 1")
        heading.paragraph_format.page_break_before = True
        self.say(self.word("help_about"))
        table = self.document.add_table(rows=len(_HELP), cols=2)
        for row, name in zip(table.rows, _HELP, strict=True):
            about = text(f"report_help.{name.replace('.', '_')}", self.lang)
            written, _, meaning = about.partition(" | ")
            self._cells(row, [_shown(written), meaning])
        rule_table(table, [62, 104])
        names = ", ".join(self.plan["table"])
        self.say(f"{self.word('help_tables')} {names}")
        self.say("{%p endif %}")
        self.document.paragraphs[-1].paragraph_format.space_after = Pt(0)


def _place(chapter: str) -> str:
    return f"_Chapter_{chapter}"


def _shown(written: str) -> str:
    """Braces of an example, which must stay words: an invisible space keeps them apart."""
    return (
        written.replace("{{", "{\u200b{")
        .replace("{%", "{\u200b%")
        .replace("}}", "}\u200b}")
        .replace("%}", "%\u200b}")
    )
