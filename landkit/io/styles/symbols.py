"""How a result layer is drawn (图例): its classes with colour and label, from data/styles and data/palettes.toml."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from landkit.text import Lang, data_toml, term, text


@dataclass(frozen=True)
class Symbol:
    """One class: the code or the range it stands for (both None: the rest), its label and look."""

    label: str
    colour: str
    hatched: bool = False
    code: str | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_rest(self) -> bool:
        """Whether it stands for everything that no other class holds."""
        return self.code is None and self.low is None and self.high is None


def outline_colour() -> str:
    """The colour of every outline."""
    return str(data_toml("palettes.toml")["outline"])


def symbols_of(
    layer: str, columns: Iterable[str], *, lang: Lang, words: Mapping[str, str] | None = None
) -> tuple[str, list[Symbol]] | None:
    """The column that colours a layer and its classes, the rest last; None where the layer has no style.

    `words` gives a label for a code (or the number of a class) and goes before terms.toml.
    """
    spec = data_toml("styles/layers.toml").get(layer)
    if spec is None or spec["column"] not in list(columns):
        return None
    column = str(spec["column"])
    draw = _by_code if spec["by"] == "code" else _by_amount
    return column, draw(column, lang, words or {})


def _by_code(column: str, lang: Lang, words: Mapping[str, str]) -> list[Symbol]:
    palette = data_toml("palettes.toml")
    shown = [
        Symbol(words.get(code, term(column, code, lang)), colour, code in palette["hatched"], code=code)
        for code, colour in palette[column].items()
    ]
    return [*shown, Symbol(text("style.other", lang), palette["other"])]


def _by_amount(column: str, lang: Lang, words: Mapping[str, str]) -> list[Symbol]:
    palette = data_toml("palettes.toml")
    breaks, colours = palette["ramp"][column]["breaks"], palette["ramp"][column]["colours"]
    shown = [
        Symbol(words.get(str(i), _range(low, high)), colours[i], low=low, high=high)
        for i, (low, high) in enumerate(itertools.pairwise([None, *breaks, None]))
    ]
    return [*shown, Symbol(words.get("", text("style.none", lang)), palette["missing"], hatched=True)]


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"< {high:g}"
    return f">= {low:g}" if high is None else f"{low:g} - {high:g}"
