"""KML in: what it refers to outside itself is refused before it is parsed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from landkit.errors import LayerError
from landkit.io.source import Asked

_LEADS_AWAY: Final = re.compile(rb"(?i)<!DOCTYPE|<!ENTITY|<(?:\w+:)?include\b|XInclude")
_LINK: Final = re.compile(rb"(?is)<(\w+:)?NetworkLink\b.*?(?:</(\w+:)?NetworkLink\s*>|\Z)")
_HREF: Final = re.compile(rb"(?is)<(?:\w+:)?href\s*>(.*?)</")


def refuse_leading_elsewhere(asked: Asked) -> None:
    """Raises: LayerError for a KML with a document type, entities, XInclude or links to elsewhere, or one too large.

    Inside a KMZ a link may name a file of that KMZ, as most programs write it; each is read as a layer of its own.
    """
    asked.limits.check("xml_bytes", asked.path.stat().st_size, path=asked.name)
    content = asked.path.read_bytes().replace(b"\0", b"")  # UTF-16 hides words from a search
    found = _LEADS_AWAY.search(content)
    what = found.group().decode("ascii").strip("<") if found else ""
    if not found and any(not _stays_inside(link.group(), asked) for link in _LINK.finditer(content)):
        what = "NetworkLink"
    if what:
        raise LayerError("xml_leads_elsewhere", path=asked.name, what=what)


def _stays_inside(link: bytes, asked: Asked) -> bool:
    """Whether all that a link names are files that were packed together with this one."""
    named = [h.decode("utf-8", "replace").strip() for h in _HREF.findall(link)]
    packed = asked.packed_in
    if packed is None or not named:
        return False
    plain = [n for n in named if not PurePosixPath(n).is_absolute() and ".." not in n and ":" not in n]
    return len(plain) == len(named) and all((packed / n).is_file() for n in plain)
