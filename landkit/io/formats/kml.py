"""KML in: what it refers to outside itself is refused before it is parsed."""

from __future__ import annotations

import re
from typing import Final

from landkit.errors import LayerError
from landkit.io.source import Asked

_CHUNK: Final = 1 << 20
_KEPT: Final = 64  # bytes carried over, so that no word is cut between two chunks
_LEADS_AWAY: Final = re.compile(rb"(?i)<!DOCTYPE|<!ENTITY|<(?:\w+:)?(?:NetworkLink|include)\b|XInclude")


def refuse_leading_elsewhere(asked: Asked) -> None:
    """Raises: LayerError for a KML with a document type, entities, XInclude or network links, or one too large."""
    asked.limits.check("xml_bytes", asked.path.stat().st_size, path=asked.name)
    before = b""
    with asked.path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found = _LEADS_AWAY.search(before + chunk.replace(b"\0", b""))  # UTF-16 hides words from a search
            if found:
                what = found.group().decode("ascii").strip("<")
                raise LayerError("xml_leads_elsewhere", path=asked.name, what=what)
            before = chunk[-_KEPT:]
