"""A template filled in (报告生成): docxtpl in a sandbox, every value escaped, a mistake told in one sentence with its place.

Templates come from planners and sometimes from strangers: they may print what is given to them and nothing else.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jinja2
import lxml.etree
from docx.opc.exceptions import OpcError
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from landkit.errors import ExportError
from landkit.present.reports.marks import plain
from landkit.present.reports.packing import packed_alike
from landkit.present.reports.printing import Printer

_AS_XML: Final = ("safe", "xmlattr", "tojson", "urlize")  # filters whose output is not escaped
_PLACE: Final = 80  # characters of the template that are quoted where it is wrong
_TAGS: Final = re.compile(r"<[^>]+>")
_SPECIAL: Final = str.maketrans({"{": "&#123;", "}": "&#125;"})  # docxtpl rewrites {_{ and the like
_EXTERNAL: Final = re.compile(
    rb'<Relationship\b(?=[^>]*TargetMode\s*=\s*"External")(?![^>]*/hyperlink")[^>]*>'
)
_ACTIVE: Final = ("vbaProject.bin", "activeX", "embeddings/")


class _Picture:
    """A picture at its place in the document; nothing of it can be reached from the template."""

    def __init__(self, template: DocxTemplate, png: bytes, size_mm: tuple[float, float]) -> None:
        self._template, self._png, self._size_mm = template, png, size_mm

    def __html__(self) -> str:
        part = self._template.current_rendering_part
        width, height = map(Mm, self._size_mm)
        drawing = part.new_pic_inline(io.BytesIO(self._png), width, height).xml
        return f'</w:t></w:r><w:r><w:drawing>{drawing}</w:drawing></w:r><w:r><w:t xml:space="preserve">'


class _Template(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """A template whose result must be whole: docxtpl alone drops what it cannot parse, without a word."""

    def build_xml(self, context: Any, jinja_env: Any = None) -> str:
        words = str(super().build_xml(context, jinja_env))
        lxml.etree.fromstring(words, lxml.etree.XMLParser(resolve_entities=False, huge_tree=True))
        return words


def render_report(
    template: bytes,
    context: Mapping[str, Any],
    pictures: Sequence[tuple[str, bytes]],
    *,
    size_mm: tuple[float, float],
    day: dt.date,
    printer: Printer,
    name: str,
) -> bytes:
    """Fill in a template; the figures still carry their marks (marks.py), so that the document can be read with them.

    `context` holds texts, lists and tables, `pictures` the maps (title, PNG); `name` is the template's.

    Raises: ExportError naming the template and the place where it is wrong.
    """
    _check_parts(template, name)
    document = _Template(io.BytesIO(template))
    maps = [{"title": plain(title), "picture": _Picture(document, png, size_mm)} for title, png in pictures]
    numbers: Counter[str] = Counter()

    def numbered(kind: str) -> int:
        numbers[str(kind)] += 1
        return numbers[str(kind)]

    given = {**context, "maps": maps, "numbered": numbered, "figure": printer.figure, "template_help": False}
    out = io.BytesIO()
    try:
        document.render(given, _environment(), autoescape=True)
        _date(document, day)
        document.save(out)
    except jinja2.TemplateError as error:
        raise ExportError(
            "report_template", path=name, place=_place_of(error), detail=_words(error)
        ) from error
    except lxml.etree.XMLSyntaxError as error:
        raise ExportError("report_template", path=name, place="—", detail=_words(error)) from error
    except (OpcError, KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        detail = f"{type(error).__name__}: {_words(error)}"
        raise ExportError("report_template", path=name, place="—", detail=detail) from error
    return packed_alike(out.getvalue())


def _environment() -> ImmutableSandboxedEnvironment:
    """What a template may use: no attribute that begins with _, no change of what it is given, nothing unescaped."""
    env = ImmutableSandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)
    env.finalize = _escaped
    for unsafe in _AS_XML:
        del env.filters[unsafe]
    return env


def _escaped(value: object) -> Markup:
    """A value as text of the document, or a picture; never a tag of the document or of a template."""
    if isinstance(value, _Picture):
        return Markup(value.__html__())  # noqa: S704  made here, of bytes that were drawn here
    words = "" if value is None else str(value)
    return Markup(str(escape(words)).translate(_SPECIAL))  # noqa: S704  escaped in the same line


def _check_parts(template: bytes, name: str) -> None:
    """A template brings no program, and asks for nothing from elsewhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as packed:
            parts = packed.namelist()
            links = [_EXTERNAL.search(packed.read(n)) for n in parts if n.endswith(".rels")]
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise ExportError("report_template_kind", path=name) from error
    if "word/document.xml" not in parts:
        raise ExportError("report_template_kind", path=name)
    active = [n for n in parts if any(a in n for a in _ACTIVE)]
    if active or any(links):
        raise ExportError("report_template_active", path=name, part=(active or ["TargetMode=External"])[0])


def _date(document: DocxTemplate, day: dt.date) -> None:
    """The study's own day is the only time in the document."""
    core = document.docx.core_properties
    core.created = core.modified = dt.datetime.combine(day, dt.time())
    core.last_modified_by, core.revision = "landkit", 1


def _place_of(error: jinja2.TemplateError) -> str:
    """The words of the template around a mistake."""
    lines = [" ".join(str(line).split()) for line in getattr(error, "docx_context", ())]
    found = [line for line in lines if "{" in line] or [line for line in lines if line]
    return " … ".join(found)[:_PLACE] or "—"


def _words(error: Exception) -> str:
    return " ".join(_TAGS.sub(" ", str(error)).split())[:160]
