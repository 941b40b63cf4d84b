"""Why (理由): a key of messages.toml and its facts; words are found when the language is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from landkit.text import Lang, term, text


class Reason(NamedTuple):
    """Why, as a key of messages.toml [reason] and its facts; words are found when the language is known."""

    key: str
    facts: tuple[tuple[str, object], ...] = ()

    def say(self, lang: Lang) -> str:
        """The sentence in a language.  A fact that is itself a code is put into words by its group (`group:code`)."""
        said = {name: _fact(value, lang) for name, value in self.facts}
        return text(f"reason.{self.key}", lang, **said)


def why(key: str, /, **facts: object) -> Reason:
    """A Reason with its facts."""
    return Reason(key, tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in facts.items()))


class Code(NamedTuple):
    """A fact that is a code of a vocabulary group: said as its word."""

    group: str
    code: str


def _fact(value: object, lang: Lang) -> object:
    if isinstance(value, Code):
        if value.group == "plan":  # both languages stand in the plan file itself
            zh, _, en = value.code.partition("|")
            return zh if lang == "zh" else en
        return term(value.group, value.code, lang)
    if isinstance(value, Reason):
        return value.say(lang)
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(str(_fact(v, lang)) for v in value)
    return value


def plain_reason(reason: Reason) -> list[Any]:
    """A reason as plain values, for JSON."""
    return [reason.key, [[name, _plain(value)] for name, value in reason.facts]]


def reason_from(plain: Sequence[Any]) -> Reason:
    """The reason that `plain_reason` wrote."""
    key, facts = plain
    return Reason(key, tuple((name, _from_plain(value)) for name, value in facts))


def _plain(value: object) -> object:
    if isinstance(value, Reason):
        return {"reason": plain_reason(value)}
    if isinstance(value, Code):
        return {"code": list(value)}
    if isinstance(value, list | tuple):
        return {"each": [_plain(one) for one in value]}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _from_plain(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    if "reason" in value:
        return reason_from(value["reason"])
    return Code(*value["code"]) if "code" in value else tuple(_from_plain(one) for one in value["each"])


def column_of(reasons: Sequence[object], index: pd.Index[Any] | None = None) -> pd.Series[Any]:
    """Reasons (or tuples of them) as a column of objects."""
    return pd.Series(list(reasons), index=index, dtype="object")


def say_all(reasons: Iterable[Reason], lang: Lang) -> str:
    """Several reasons as one text."""
    return ("；" if lang == "zh" else "; ").join(r.say(lang) for r in reasons)
