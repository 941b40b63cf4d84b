"""Text that was spoilt before it came here (乱码): decoded wrongly by another program and saved so, in any format.

`µØ¿é` stands for 地块 read as Western text, `鍦板潡` for 地块 in UTF-8 read as GBK.  Encoding it back and decoding it right gives
text that is far likelier: that is said, with both, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from landkit.io.encoding.models import bits_of
from landkit.model import Finding, finding, why
from landkit.text import data_toml

# how it was read by mistake, and how it should have been
_MISTAKES: Final = (
    ("cp1252", "gb18030"),
    ("latin-1", "gb18030"),
    ("gb18030", "utf-8"),
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
)
_LANGUAGES: Final = ("simplified", "traditional", "western")
_MOST_ROWS: Final = 5_000


def about_spoilt(frame: pd.DataFrame) -> list[Finding]:
    """An error for each column whose name or values are spoilt text, with one of them and what it should be."""
    found = []
    for place, column in enumerate(frame.columns):
        values = frame.iloc[:, place]
        texts: list[str] = []
        if values.dtype.kind in "OTU" or str(values.dtype) in ("str", "string"):
            some = values.iloc[:: 1 + len(values) // _MOST_ROWS]
            texts = [v for v in pd.unique(some) if isinstance(v, str)]
        meant = meant_by(texts) or meant_by([str(column)])
        if meant is not None:
            was, right = meant
            reason = why("text_spoilt", column=str(column)[:40], was=was[:40], meant=right[:40])
            found.append(finding("", "encoding.spoilt", reason, value=was[:60]))
    return found


def meant_by(texts: Iterable[str]) -> tuple[str, str] | None:
    """The longest of spoilt texts and what it should be; None where the texts are likelier as they are."""
    odd = [t for t in texts if not t.isascii()]
    if not odd:
        return None
    least: Any = data_toml("text_models.toml")["limits"]["nonsense_bits"]
    best: tuple[float, tuple[str, str]] | None = None
    for wrong, right in _MISTAKES:
        mended = [(t, m) for t in odd if (m := _mended(t, wrong, right)) is not None]
        if 10 * len(mended) < 9 * len(odd):
            continue
        bits = _bits([m for _, m in mended])
        if bits + least < _bits([t for t, _ in mended]) and (best is None or bits < best[0]):
            best = bits, max(mended, key=lambda pair: len(pair[0]))
    return best[1] if best else None


def _mended(words: str, wrong: str, right: str) -> str | None:
    try:
        return words.encode(wrong).decode(right)
    except UnicodeError:
        return None


def _bits(texts: list[str]) -> float:
    lines = "\n".join(texts)
    return min(bits_of(lines, language) for language in _LANGUAGES)
