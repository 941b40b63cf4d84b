"""One sheet as a picture in memory, for documents that show maps (插图)."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from landkit.errors import PlaceError
from landkit.present.sheets.atlas import Atlas, Subject, sheet_figure
from landkit.present.sheets.legend import looks_of
from landkit.present.sheets.lettering import Font
from landkit.present.sheets.paper import Insert


@dataclass(frozen=True)
class Wish:
    """A picture that is wanted (插图): the theme of the parcels, and the subject to be shown."""

    theme: str
    subject: Subject


def draw_pictures(
    atlas: Atlas, wishes: Sequence[Wish], *, size_mm: tuple[float, float], dpi: int
) -> list[bytes]:
    """A PNG for each wish, to be shown in this size (width, height in mm), where the scale that is printed on it holds.

    Notes and sources stand in the document's text, not on the picture.  Equal bytes for equal input.

    Raises: as `draw_atlas`.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise PlaceError("export_needs_package", package="matplotlib", extra="report") from error
    paper, font = Insert("", *size_mm), Font()
    book = replace(
        atlas,
        study=replace(atlas.study, notes=()),
        subjects=[wish.subject for wish in wishes],
        sources=(),
    )
    looks = {theme: looks_of(book.study, theme) for theme in dict.fromkeys(wish.theme for wish in wishes)}
    drawn = []
    with mpl.rc_context({"hatch.linewidth": 0.4, "axes.unicode_minus": False}), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        for number, wish in enumerate(wishes, 1):
            figure, _ = sheet_figure(book, wish.subject, looks[wish.theme], number, (paper, font))
            out = io.BytesIO()
            figure.savefig(out, dpi=dpi, metadata={"Software": None})
            drawn.append(out.getvalue())
    return drawn
