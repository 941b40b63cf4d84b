"""Text on paper: a font of the system that has every character, and lines broken to a width (字体与排字)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from landkit.errors import ExportError, PlaceError

FONTS: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "SimHei", "PingFang SC",
    "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimSun", "NSimSun", "Noto Serif CJK SC",
    "Noto Sans CJK JP",
)  # fmt: skip
"""in the order in which they are taken"""
_WORD: Final = re.compile(
    r"[(（《“]?[\u2e80-\uffef][)）》”，。、；：！？]*|[^\s\u2e80-\uffef]+\s*[）》”，。、；：！？]*|\s+|.",
    re.DOTALL,
)
"""what is not torn: a Chinese character with its punctuation, a word of another script"""
_STEERING: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
MM_PER_POINT: Final = 25.4 / 72


class Font:
    """The font that a sheet is written in.   Raises: PlaceError where the system has none for Chinese."""

    def __init__(self, names: Iterable[str] = FONTS) -> None:
        """The first of these fonts that the system has."""
        from matplotlib import font_manager

        known = {f.name for f in font_manager.fontManager.ttflist}
        wanted = list(names)
        self.name = next((n for n in wanted if n in known), "")
        if not self.name:
            raise PlaceError("sheet_no_font", fonts=", ".join(wanted[:5]))
        found = font_manager.findfont(
            font_manager.FontProperties(family=self.name), fallback_to_default=False
        )
        self._face: Any = font_manager.get_font(found)
        self._glyphs = self._face.get_charmap()
        self._ems: dict[str, float] = {}

    def check(self, words: str) -> None:
        """Raises ExportError naming the characters that the font does not have: they would print as boxes."""
        missing = sorted({c for c in words if c != "\n" and ord(c) not in self._glyphs})
        if missing:
            named = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:10])
            raise ExportError("sheet_no_glyph", font=self.name, characters=named)

    def width_mm(self, words: str, points: float) -> float:
        """How wide a line stands on paper."""
        return sum(map(self._em, words)) * points * MM_PER_POINT

    def wrapped(self, words: str, points: float, width_mm: float) -> list[str]:
        """The words as lines that are no wider than this; words are kept whole where they can be."""
        lines = [""]
        for word in _WORD.findall(plain(words)):
            if self.width_mm(lines[-1] + word.rstrip(), points) <= width_mm:
                lines[-1] += word
                continue
            lines.append("")
            for letter in word:
                if lines[-1] and self.width_mm(lines[-1] + letter, points) > width_mm:
                    lines.append("")
                lines[-1] += letter
        return [line.strip() for line in lines if line.strip()]

    def _em(self, letter: str) -> float:
        if ord(letter) not in self._glyphs:
            return 1.0  # refused when it is written
        if letter not in self._ems:
            self._face.set_size(100, 72)
            self._ems[letter] = self._face.load_char(ord(letter)).linearHoriAdvance / 65536 / 100
        return self._ems[letter]


def plain(words: object) -> str:
    """Text of a file on one line, without what steers a printer."""
    return " ".join("".join(" " if unicodedata.category(c) in _STEERING else c for c in str(words)).split())
