"""Map sheets as tables of cells: the text of each page of a PDF, line by line, and a fingerprint of its drawing."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from landkit.errors import PlaceError
from landkit.printed import Printed

_TEXT: Final = re.compile(rb"\bBT\b.*?\bET\b", re.DOTALL)


def printed_pdf(path: Path) -> list[Printed]:
    """A table for each page with its lines of text, and one of all pages with what is drawn on each.

    Raises: PlaceError where pypdf is not installed.
    """
    try:
        import pypdf
    except ImportError as error:
        raise PlaceError("export_needs_package", package="pypdf", extra="sheets") from error
    pages, drawings = [], []
    try:
        for number, page in enumerate(pypdf.PdfReader(path).pages, 1):
            lines = [line for line in page.extract_text().split("\n") if line.strip()]
            pages.append(Printed(f"p{number}", {"text": lines}, [str(n) for n in range(1, len(lines) + 1)]))
            content = page.get_contents()
            drawn = _TEXT.sub(b"", content.get_data()) if content is not None else b""
            drawings.append(hashlib.blake2b(drawn, digest_size=8).hexdigest())
    except pypdf.errors.PyPdfError as error:
        raise ValueError(str(error)) from error
    rows = [str(n) for n in range(1, len(drawings) + 1)]
    return [*pages, Printed("drawing", {"drawing": drawings}, rows, shapes="drawing")]
