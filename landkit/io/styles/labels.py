"""What is known of a column, and the word of its unit, for field lists and styles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from landkit.text import Lang, has_text, known_columns, text


def describe(column: str, labels: Mapping[str, Mapping[str, str]] | None = None) -> Mapping[str, Any]:
    """Names, unit and format of a column from the data, the given labels on top."""
    return {**known_columns().get(column, {}), **(labels or {}).get(column, {})}


def unit_word(about: Mapping[str, Any], lang: Lang = "zh") -> str:
    """The unit's word; what is no unit (code, text, share) has none."""
    key = f"unit.{about.get('unit', '')}"
    return text(key, lang) if has_text(key) else ""
