"""Marks around figures while a report is made (数字标记): characters of private use, gone before the document is saved.

A figure is printed as `<open>n<middle>1,234.56<close>`, n its place in the list of ids.  The finished document is read
again with the marks in it, so that the reader that verifies says where each figure stands.
"""

from __future__ import annotations

import re
from typing import Final

from landkit.present.cells import printable
from landkit.present.reports.packing import packed_alike

OPEN, MIDDLE, CLOSE = "\ue0f0", "\ue0f1", "\ue0f2"
_MARKED: Final = re.compile(f"{OPEN}(\\d+){MIDDLE}([^{CLOSE}]*){CLOSE}")
_MARKS: Final = re.compile(f"{OPEN}\\d+{MIDDLE}|[{OPEN}{MIDDLE}{CLOSE}]")


class Marks:
    """The figures printed so far, by number."""

    def __init__(self) -> None:
        """None yet."""
        self.ids: list[str] = []

    def mark(self, figure: str, words: str) -> str:
        """The words of a figure with its number around them."""
        self.ids.append(figure)
        return f"{OPEN}{len(self.ids) - 1}{MIDDLE}{words}{CLOSE}"

    def figures_in(self, words: str) -> list[tuple[str, str]]:
        """The figures in a marked text: (id, what is printed)."""
        return [(self.ids[int(n)], said) for n, said in _MARKED.findall(words)]


def unmarked(words: str) -> str:
    """The text as it is printed."""
    return _MARKS.sub("", words)


def without_marks(document: bytes) -> bytes:
    """The document as it is handed over: the same, without marks."""

    def clean(name: str, data: bytes) -> bytes:
        return unmarked(data.decode("utf-8")).encode("utf-8") if name.endswith(".xml") else data

    return packed_alike(document, clean)


def plain(words: object) -> str:
    """A text from data: printable, and without anything that could be taken for a mark."""
    return _MARKS.sub("", printable(str(words)))
