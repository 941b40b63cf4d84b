"""Words for users by key, in zh (default) and en; they live in data/terms.toml and data/messages.toml."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import string
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final, Literal, cast

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")


def data_text(name: str) -> str:
    """Text of a file under landkit/data, e.g. `data_text("fields/roles.toml")`."""
    return resources.files("landkit").joinpath("data", *name.split("/")).read_text(encoding="utf-8")


@functools.cache
def data_toml(name: str) -> dict[str, Any]:
    """A TOML file under landkit/data, read once."""
    return tomllib.loads(data_text(name))


@functools.cache
def known_columns() -> dict[str, dict[str, Any]]:
    """What is known of each column (zh, en, short, unit, format, terms): data/fields/roles.toml, data/columns.toml on top."""
    known: dict[str, dict[str, Any]] = {}
    for role in data_toml("fields/roles.toml").values():
        for name, about in role.get("fields", {}).items():
            known.setdefault(name, about)
    return known | {name: known.get(name, {}) | about for name, about in data_toml("columns.toml").items()}


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}

    def collect(prefix: str, node: dict[str, Any]) -> None:
        for key, value in node.items():
            if not isinstance(value, dict):
                raise TypeError(f"{prefix}{key} is not a pair of zh and en")
            if set(value) == set(LANGS):
                words[prefix + key] = cast("dict[str, str]", value)
            else:
                collect(f"{prefix}{key}.", value)

    for name in ("terms.toml", *_message_files()):
        collect("", data_toml(name))
    for role, about in data_toml("fields/roles.toml").items():
        words[f"role.{role}"] = {lang: about[lang] for lang in LANGS}
    for name, about in data_toml("limits.toml").items():
        words[f"reason.limit.{name}"] = {lang: about[lang] for lang in LANGS}
    for column, about in known_columns().items():
        if set(LANGS) <= set(about):
            words[f"column.{column}"] = {lang: about[lang] for lang in LANGS}
    return words


def _message_files() -> list[str]:
    """The files of sentences: data/messages.toml and one for each part that has many of its own."""
    folder = resources.files("landkit").joinpath("data")
    return sorted(
        f.name for f in folder.iterdir() if f.name.startswith("messages") and f.name.endswith(".toml")
    )


_CURRENCY: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("currency", default=None)
_MONEY_UNITS: Final = {
    "unit.wan_yuan": {"zh": "元", "en": "yuan"},
    "unit.wan_yuan_per_mu": {"zh": "元", "en": "yuan"},
}


@contextlib.contextmanager
def currency(zh: str, en: str) -> Iterator[None]:
    """Inside it, units of money are said in this currency (`万美元/亩`): the figures are the source's, none is converted."""
    token = _CURRENCY.set({"zh": zh, "en": en})
    try:
        yield
    finally:
        _CURRENCY.reset(token)


def text(key: str, lang: Lang = "zh", /, **facts: object) -> str:
    """The words of `key` in a language, with facts filled in.  An unknown key is a fault of ours: KeyError."""
    words = _words()[key][lang]
    money = _CURRENCY.get()
    if money and key in _MONEY_UNITS:
        words = words.replace(_MONEY_UNITS[key][lang], money[lang])
    if not facts:
        return words
    return _COUNTED.vformat(words, (), facts) if "|" in words else words.format(**facts)


class _Counted(string.Formatter):
    """`{rows:row|rows}` says the number and its word: 1 row, 2 rows (单复数); `{n:row has|rows have}` with the verb."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return f"{value} {one if str(value) == '1' else many}" if bar else format(value, format_spec)


_COUNTED: Final = _Counted()


def column_label(column: str, lang: Lang = "zh", /) -> str:
    """A column's word with its unit, for a header: `椭球面积(亩)`, `ellipsoidal area (mu)`."""
    about = known_columns().get(column, {})
    return with_unit(term("column", column, lang), about.get("unit", ""), lang)


def with_unit(label: str, unit: str, lang: Lang = "zh", /) -> str:
    """A label with the word of a unit, unless it says it already; what is no unit (code, text, share) has none."""
    word = text(f"unit.{unit}", lang) if has_text(f"unit.{unit}") else ""
    if not word or label.endswith(f"({word})"):
        return label
    return f"{label}({word})" if lang == "zh" else f"{label} ({word})"


def has_text(key: str) -> bool:
    """Whether there are words for this key."""
    return key in _words()


def term(group: str, code: object, lang: Lang = "zh", /) -> str:
    """The word for a code of a group (`term("verdict", "clear")`); a code without a word is given back as it is."""
    key = f"{group}.{code}"
    return _words()[key][lang] if key in _words() else ("" if code is None else str(code))
