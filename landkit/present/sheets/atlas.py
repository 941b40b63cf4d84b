"""An atlas: an overview and one sheet for each subject, as one PDF and, where asked, pictures (图集)."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from landkit.arrays import Bounds
from landkit.errors import ExportError, PlaceError
from landkit.present.maps import StudyMap
from landkit.present.sheets.legend import Look, looks_of
from landkit.present.sheets.lettering import Font
from landkit.present.sheets.page import draw_page, draw_title
from landkit.present.sheets.panel import Said
from landkit.present.sheets.paper import Paper
from landkit.present.sheets.press import Press
from landkit.text import text

_AROUND: Final = 0.15  # of a subject's size is shown on each side of it


@dataclass(frozen=True)
class Subject:
    """What one sheet is about (图幅主题): heading, facts as (label, value), and the ground to be shown, in the study CRS."""

    heading: str
    facts: Sequence[tuple[str, str]]
    ground: Any
    """a shapely geometry; its outline is drawn bold where `outlined`"""
    outlined: bool = False


@dataclass(frozen=True)
class Atlas:
    """The sheets of a study: its map, the theme of the parcels, an overview first, then one subject per sheet."""

    study: StudyMap
    theme: str
    subjects: Sequence[Subject]
    """the first is the overview"""
    sources: Sequence[str]
    size: str = "A3"
    synthetic: bool = False


def draw_atlas(
    atlas: Atlas, pdf: Path, png: Callable[[int], Path] | None, done: Callable[[int, int], None]
) -> list[int]:
    """Write the PDF, and a picture of page n at `png(n)`; gives the denominator of every page's scale.

    Raises: PlaceError where matplotlib or a Chinese font is missing, ExportError where a sheet cannot hold its subject
    or a character has no glyph.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_pdf import PdfPages
    except ImportError as error:
        raise PlaceError("export_needs_package", package="matplotlib", extra="sheets") from error
    paper, font = Paper(atlas.size), Font()
    scales = []
    with mpl.rc_context({"hatch.linewidth": 0.4, "axes.unicode_minus": False}), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        about = {"Title": atlas.study.title, "CreationDate": None, "ModDate": None}
        looks = looks_of(atlas.study, atlas.theme)
        written = io.BytesIO()  # a file that matplotlib opens stays open where the disk is full
        with PdfPages(written, metadata=about) as book, Press() as press:
            for number, subject in enumerate(atlas.subjects, 1):
                figure, scale = sheet_figure(atlas, subject, looks, number, (paper, font))
                book.savefig(figure)
                if png is not None:
                    press.print(figure, png(number))
                scales.append(scale)
                done(number, len(atlas.subjects))
    pdf.write_bytes(written.getvalue())
    return scales


def sheet_figure(
    atlas: Atlas, subject: Subject, looks: list[Look], number: int, means: tuple[Paper, Font]
) -> tuple[Any, int]:
    """One sheet as a matplotlib figure, and the denominator of its scale.   Raises: as `draw_atlas`."""
    study, lang = atlas.study, atlas.study.lang
    said = Said(subject.heading, subject.facts, _notes(study), atlas.sources, study.marks, lang)
    outline = [_outline(subject, study)] if subject.outlined else []
    ink, scale = draw_page(*means, [*looks, *outline], _bounds(subject), study.crs, said)
    warning = text("sheets.synthetic", lang) if atlas.synthetic else ""
    folio = text("sheets.folio", lang, number=number, of=len(atlas.subjects))
    draw_title(ink, study.title, study.subtitle, warning, folio)
    return ink.figure, scale


def _notes(study: StudyMap) -> list[str]:
    names = {layer.id: layer.id for layer in study.layers}
    coarse = [
        text("map.coarse", study.lang, layer=name, metres=f"{study.steps_m[name]:g}")
        for name in names
        if study.steps_m.get(name)
    ]
    return [*study.notes, *coarse]


def _outline(subject: Subject, study: StudyMap) -> Look:
    frame = gpd.GeoDataFrame(geometry=[subject.ground], crs=study.crs)
    look = {"edgecolor": "#161310", "facecolor": "none", "linewidth": 1.4}
    step = study.steps_m.get("parcels", 0.0)
    return Look(text("sheets.subject", study.lang), frame, look, step_m=step)


def _bounds(subject: Subject) -> Bounds:
    west, south, east, north = map(float, subject.ground.bounds)
    if not (east > west and north > south):
        raise ExportError("sheet_no_ground", heading=subject.heading)
    if subject.outlined:
        aside = _AROUND * max(east - west, north - south)
        west, south, east, north = west - aside, south - aside, east + aside, north + aside
    return west, south, east, north
