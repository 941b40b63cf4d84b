"""How likely a reading of bytes is as text: costs in bits, from data/text_models.toml; the cheapest reading is the text's."""

from __future__ import annotations

import functools
import unicodedata
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from landkit.text import data_toml

Floats = npt.NDArray[np.float32]
_LAST: Final = 0x32400  # the last extension of the Han block ends below it


class Model(NamedTuple):
    """A language: bits of each character, and of a change from class to class."""

    characters: Floats
    changes: Floats


def bits_of(words: str, language: str) -> float:
    """What lines of text cost in bits as text of a language (simplified, traditional, western); less is likelier."""
    codes = np.frombuffer(f"\n{words}\n".encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = np.minimum(codes, _LAST - 1)
    kinds = _classes()[codes]
    model = _model(language)
    return float(model.characters[codes].sum() + model.changes[kinds[:-1], kinds[1:]].sum())


@functools.cache
def _classes() -> npt.NDArray[np.uint8]:
    """The class of each character, as its place in `classes.names`."""
    about = data_toml("text_models.toml")["classes"]
    place = {name: i for i, name in enumerate(about["names"])}
    kinds = np.full(_LAST, place["none"], dtype=np.uint8)
    for code in range(0xA0, 0x10000):
        if unicodedata.category(chr(code))[0] not in "C":
            kinds[code] = place["other"]
    kinds[0x20:0x7F] = place["plain"]
    kinds[[0x09, 0x0D]] = place["plain"]
    for first, last in (("A", "Z"), ("a", "z")):
        kinds[ord(first) : ord(last) + 1] = place["ascii"]
    for code in range(0xC0, 0x250):
        if unicodedata.category(chr(code))[0] == "L":
            kinds[code] = place["accented"]
    for low, high in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, _LAST)):
        kinds[low:high] = place["han"]
    for low, high in ((0x3000, 0x3040), (0xFF01, 0xFF5F)):
        kinds[low:high] = place["cjk"]
    kinds[[ord(c) for c in about["marks"]]] = place["mark"]
    kinds[0x0A] = place["end"]
    kinds[[0xFFFD, 0xFFFE, 0xFFFF]] = place["none"]
    return kinds


@functools.cache
def _model(language: str) -> Model:
    about = data_toml("text_models.toml")
    names = about["classes"]["names"]
    bits = about["characters"]
    kinds = _classes()
    plain: dict[str, float] = {
        "end": 0.0,
        "han": bits["han_other"],
        "cjk": bits["cjk_rare"],
        "accented": bits["accented_rare"],
        **{k: bits[k] for k in ("ascii", "plain", "mark", "other", "none")},
    }
    characters = np.array([plain[n] for n in names], dtype=np.float32)[kinds]
    characters[[ord(c) for c in about["classes"]["common_accented"]]] = bits["accented_common"]
    characters[[ord(c) for c in bits["common_cjk"]]] = bits["cjk_common"]
    han = kinds == names.index("han")
    han[0x4E00:0xA000] = False
    characters[han] = bits["han_rare"]
    if language != "western":
        _han(characters, language, bits)
    changes = about["changes"]["western" if language == "western" else "chinese"]
    return Model(characters, np.array([changes[n] for n in names], dtype=np.float32))


def _han(characters: Floats, language: str, bits: dict[str, Any]) -> None:
    """Costs of Han characters: by the standard's class, then by the table."""
    codec, split = ("gb2312", b"\xd8") if language == "simplified" else ("big5", b"\xc9")
    for code in range(0x4E00, 0xA000):
        try:
            raw = chr(code).encode(codec)
        except UnicodeEncodeError:
            continue
        characters[code] = bits["han_first" if raw < split else "han_second"]
    for cost, same in data_toml("text_models.toml")["han"][language].items():
        characters[[ord(c) for c in same]] = float(cost)
