"""`with refused(StudyError, "study_unknown_key", zh=..., en=...)`: an error says the same thing in both languages.

Each is one sentence for a person: one line, no name of a class, no brace left unfilled, and the words of either
language that tell what is wrong or what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from landkit.errors import LandkitError

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@contextmanager
def refused(kind: type[LandkitError], key: str, *, zh: str = "", en: str = "") -> Iterator[Any]:
    """The block must raise this error with this key; `zh` and `en` are patterns that its sentences must hold."""
    with pytest.raises(kind) as caught:
        yield caught

    assert caught.value.key == key, str(caught.value)
    said = {"zh": caught.value.say("zh"), "en": caught.value.say("en")}
    for lang, pattern in (("zh", zh), ("en", en)):
        assert re.search(pattern, said[lang], re.IGNORECASE), said[lang]
    assert_one_sentence(said["zh"])
    assert_one_sentence(said["en"])
    assert CHINESE.search(said["zh"])


def assert_one_sentence(words: str) -> None:
    """One line without traces of the program."""
    assert "\n" not in words
    assert not re.search(r"Traceback|<class|object at 0x|\{\w+\}", words)
    assert words.strip()
