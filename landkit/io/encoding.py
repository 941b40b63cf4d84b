"""In which encoding a text is written: what the file says, and whether that can be."""

from __future__ import annotations

from landkit.errors import LayerError


def decode(raw: bytes, encoding: str | None, *, path: str) -> tuple[str, str]:
    """The text of a whole file and its encoding.   Raises: LayerError where it does not decode."""
    for code in (encoding,) if encoding else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(code), code
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise LayerError("encoding_wrong", path=path, encoding=code) from error
    raise LayerError("encoding_wrong", path=path, encoding=encoding or "UTF-8")
