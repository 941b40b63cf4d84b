"""A .docx packed so that equal content gives equal bytes (打包): fixed times, parts in one order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Final

_TIME: Final = (1980, 1, 1, 0, 0, 0)
_FIRST: Final = "[Content_Types].xml"


def packed_alike(document: bytes, change: Callable[[str, bytes], bytes] = lambda _, data: data) -> bytes:
    """The same document with fixed times; `change(name, data)` may put another content into a part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != _FIRST, n)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 0, 0
            new.writestr(entry, change(name, old.read(name)))
    return out.getvalue()
