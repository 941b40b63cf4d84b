"""Text on paper: a font of the system that has every character, and lines broken to a width (字体与排字)."""

from __future__ import annotations

import importlib
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
FALLBACKS: Final = (
    "SimSun-ExtB", "SimSun-ExtG", "MingLiU-ExtB", "Plangothic P1", "Plangothic P2", "HanaMinA", "HanaMinB",
    "BabelStone Han", "Segoe UI Symbol", "Noto Sans Symbols", "Noto Sans Symbols 2", "DejaVu Sans",
)  # fmt: skip
"""for what those lack: rare characters, symbols; the last comes with matplotlib"""
_EXTRA: Final = "noto_cjk_sans_otc"  # of `landkit[fonts]`
_WORD: Final = re.compile(
    r"[(（《“]?[\u2e80-\uffef][)）》”，。、；：！？]*|[^\s\u2e80-\uffef]+\s*[）》”，。、；：！？]*|\s+|.",
    re.DOTALL,
)
"""what is not torn: a Chinese character with its punctuation, a word of another script"""
_STEERING: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
MM_PER_POINT: Final = 25.4 / 72


class Font:
    """The fonts that a sheet is written in.   Raises: PlaceError where neither the system nor `landkit[fonts]` has Chinese.

    The first of `names` writes everything that it has glyphs for; what it lacks (rare characters, symbols) is written in the
    next font that has it.
    """

    def __init__(self, names: Iterable[str] = FONTS, others: Iterable[str] = FALLBACKS) -> None:
        """The first of these fonts that is there, the rest of them and `others` behind it."""
        wanted = list(names)
        known = _installed() if set(wanted) & _installed() else _installed() | _shipped()
        found = [n for n in wanted if n in known]
        if not found:
            raise PlaceError("sheet_no_font", fonts=", ".join(wanted[:5]))
        self.name = found[0]
        self._behind = [*found[1:], *(n for n in others if n in known)]
        self._faces = [_Face(self.name)]
        self._face_of: dict[str, _Face | None] = {}

    def families(self, words: str) -> list[str]:
        """The fonts that these words need, the first of them first.

        Raises: ExportError naming the characters that no font has: they would print as boxes.
        """
        letters = [c for c in dict.fromkeys(words) if c != "\n"]
        missing = sorted(c for c in letters if self._face(c) is None)
        if missing:
            named = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:10])
            tried = ", ".join([face.name for face in self._faces][:6])
            raise ExportError("sheet_no_glyph", font=tried, characters=named)
        used = [face.name for c in letters if (face := self._face(c)) is not None]
        return list(dict.fromkeys([self.name, *used]))

    def _face(self, letter: str) -> _Face | None:
        """The first font with a glyph for a letter; fonts behind the first are opened when they are needed."""
        if letter not in self._face_of:
            while not any(face.has(letter) for face in self._faces) and self._behind:
                self._faces.append(_Face(self._behind.pop(0)))
            self._face_of[letter] = next((face for face in self._faces if face.has(letter)), None)
        return self._face_of[letter]

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
        face = self._face(letter)
        return face.em(letter) if face is not None else 1.0  # refused when it is written


class _Face:
    """One font: which glyphs it has, how wide they are."""

    def __init__(self, name: str) -> None:
        from matplotlib import font_manager

        self.name = name
        properties = font_manager.FontProperties(family=name)
        self._font: Any = font_manager.get_font(font_manager.findfont(properties, fallback_to_default=False))
        self._glyphs = self._font.get_charmap()
        self._ems: dict[str, float] = {}

    def has(self, letter: str) -> bool:
        return ord(letter) in self._glyphs

    def em(self, letter: str) -> float:
        """Width of a letter, of its size."""
        if letter not in self._ems:
            self._font.set_size(100, 72)
            self._ems[letter] = self._font.load_char(ord(letter)).linearHoriAdvance / 65536 / 100
        return self._ems[letter]


def _installed() -> set[str]:
    """Names of the fonts that matplotlib finds."""
    from matplotlib import font_manager

    return {f.name for f in font_manager.fontManager.ttflist}


def _shipped() -> set[str]:
    """Names of the fonts of the optional extra (Noto Sans CJK, OFL), made known to matplotlib; none where it is not installed."""
    from matplotlib import font_manager

    try:
        package = importlib.import_module(_EXTRA)
    except ImportError:
        return set()
    before = len(font_manager.fontManager.ttflist)
    font_manager.fontManager.addfont(str(package.FONT_PATH))
    return {f.name for f in font_manager.fontManager.ttflist[before:]}


def plain(words: object) -> str:
    """Text of a file on one line, without what steers a printer."""
    return " ".join("".join(" " if unicodedata.category(c) in _STEERING else c for c in str(words)).split())
