"""In which encoding text is written (文字编码): what its file says, tested against the text; without that, the text itself.

The bytes are read in each encoding and the readings compared as text: the one that costs fewest bits (text_models) is the
text's, and how much more the next one costs is how sure that is.  What nobody can tell is refused with all readings.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from landkit.errors import LayerError
from landkit.io.encoding.models import bits_of
from landkit.model import Finding, finding, why
from landkit.text import data_toml

USUAL: Final = "UTF-8"  # of text files that say nothing
_MARKS: Final = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class Text(NamedTuple):
    """A value as bytes, and whether it fills its field, so that it may end inside a character."""

    raw: bytes
    is_full: bool = False


class Reading(NamedTuple):
    """The bytes in one encoding: what they cost as text, and how the longest value that is not ASCII reads."""

    encoding: str
    bits: float
    sample: str
    damaged: int = 0  # places that do not decode


@dataclass(frozen=True)
class Decision:
    """The encoding of a text (编码判定): by what it was decided, how sure that is (0 to 1), and all readings, best first.

    `by` is "given", "cpg", "dbf", "mark", "text", or "ascii" where all encodings read the same.
    """

    encoding: str
    by: str
    confidence: float = 1.0
    readings: tuple[Reading, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """For `Reading.facts`: the readings by name, likeliest first; how the unlikely ones read is nothing to hand on."""
        return {
            "encoding": self.encoding,
            "encoding_by": self.by,
            "encoding_confidence": round(self.confidence, 6),
            "encoding_readings": [r.encoding for r in self.readings],
        }


def spelt(said: str) -> str:
    """The encoding that a spelling means (`936` is GB18030, of which GBK is a part); "" for words that say nothing.

    Raises: LookupError for a spelling that nobody knows.
    """
    plain = " ".join(said.upper().split())
    for encoding, spellings in data_toml("text_models.toml")["spellings"].items():
        if plain in spellings:
            return str(encoding)
    return codecs.lookup(said.strip()).name


def read_as(texts: Iterable[Text], also: str = "") -> list[Reading]:
    """All readings of the texts, the likeliest first, with one in the encoding `also`; [] where all texts are ASCII."""
    odd = list({t for t in texts if not t.raw.isascii()})
    if not odd:
        return []
    best: dict[str, Reading] = {}
    longest = max(odd, key=lambda t: (len(t.raw) - len(t.raw.translate(None, _HIGH)), t.raw)).raw
    about = data_toml("text_models.toml")
    known = list(about["candidates"])
    if also and also not in {c["encoding"] for c in known}:
        known += [
            {"encoding": also, "language": w, "bits": 0.0} for w in ("simplified", "traditional", "western")
        ]
    for encoding in dict.fromkeys(c["encoding"] for c in known):
        words, cut = _lines(odd, encoding)
        bits = min(bits_of(words, c["language"]) + c["bits"] for c in known if c["encoding"] == encoding)
        sample = _shown(longest.decode(codec_of(encoding), "replace"), about["limits"]["sample_chars"])
        bits += cut * about["limits"]["cut_bits"]
        best[encoding] = Reading(encoding, bits, sample, words.count("\ufffd"))
    return sorted(best.values(), key=lambda r: r.bits)


_HIGH: Final = bytes(range(0x80, 0x100))


def _lines(texts: Sequence[Text], encoding: str) -> tuple[str, int]:
    """The texts as lines, and how many of them end inside a character where their field ends."""
    whole = b"\n".join(t.raw for t in texts if not t.is_full).decode(codec_of(encoding), "replace")
    ends = [decode_cut(t.raw, encoding) for t in texts if t.is_full]
    return "\n".join([whole, *(words for words, _ in ends)]), sum(is_cut for _, is_cut in ends)


def decode_cut(raw: bytes, encoding: str) -> tuple[str, bool]:
    """A value that fills its field, without the part of a character at its end; and whether there was one."""
    words = codecs.getincrementaldecoder(codec_of(encoding))("replace").decode(raw, final=False)
    return words, words != raw.decode(codec_of(encoding), "replace")


def _shown(words: str, length: int) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in words[:length])


def confidence(readings: Sequence[Reading]) -> float:
    """How sure the first reading is: its probability beside the second's."""
    if len(readings) < 2:
        return 1.0
    ahead = max(
        -1000.0, min(readings[1].bits - readings[0].bits, 1000.0)
    )  # farther than that a power is no number
    return float(1 / (1 + 2.0**-ahead))


def decide(texts: Iterable[Text], *, said: str | None, by: str, path: str) -> Decision:
    """The encoding of texts of which `said` is said (None or "": nothing) by "given", "cpg" or "dbf".

    A person's word stands if the bytes decode; a .cpg must read as text, too; a language byte that does not is passed over.

    Raises: LayerError where what was said cannot be, or nothing was said and two readings are as likely.
    """
    limits = data_toml("text_models.toml")["limits"]
    told = _told(said, by, path)
    readings = read_as(texts, told)
    if not readings:
        return Decision(told or "UTF-8", by if told else "ascii")
    best = readings[0]
    mine = next((r for r in readings if r.encoding == told), None)
    if mine is not None and mine is not best:
        if by == "given" and mine.damaged > best.damaged:
            raise LayerError("encoding_wrong", path=path, encoding=said)
        if mine.damaged > best.damaged or mine.bits - best.bits > limits["nonsense_bits"]:
            if by == "cpg":
                raise LayerError("encoding_denied", path=path, encoding=said, readings=_said(readings))
            mine = None if by == "dbf" else mine
    if mine is not None:
        ordered = [mine, *(r for r in readings if r is not mine)]
        return Decision(mine.encoding, by, confidence(ordered), tuple(ordered))
    if len(readings) > 1 and readings[1].bits - best.bits < limits["least_bits"]:
        raise LayerError("encoding_unknown", path=path, readings=_said(readings))
    return Decision(best.encoding, "text", confidence(readings), tuple(readings))


def about_decision(decision: Decision, *, usual: str = "") -> list[Finding]:
    """What people should look at: an encoding that only the text tells, or one that another reading contests.

    `usual` is the encoding that files of this kind have when they say nothing; it is not worth a word.
    """
    if len(decision.readings) < 2 or decision.by == "mark":
        return []
    limits = data_toml("text_models.toml")["limits"]
    mine, other = decision.readings[:2]
    ahead = other.bits - mine.bits
    told = decision.by in ("given", "cpg", "dbf")
    if told and ahead > -limits["nonsense_bits"]:
        return []
    if decision.encoding == usual and ahead >= limits["sure_bits"]:
        return []
    reason = why(
        "encoding_contested" if told else "encoding_decided",
        encoding=mine.encoding,
        sample=mine.sample,
        other=other.encoding,
        instead=other.sample,
        percent=f"{decision.confidence * 100:.2f}",
    )
    return [finding("", "encoding.doubtful" if ahead < limits["sure_bits"] else "encoding.decided", reason)]


def decode(raw: bytes, encoding: str | None, *, path: str) -> tuple[str, Decision]:
    """The words of a whole text file, and its encoding as decided: by its mark, what was said, or its text.

    Raises: LayerError where that cannot be told, or a line does not decode.
    """
    mark = next((m for m in _MARKS if raw.startswith(m)), None)
    if mark is not None and not encoding:
        decision = Decision(_MARKS[mark], "mark")
    else:
        lines = [Text(line) for line in raw.removeprefix(b"\xef\xbb\xbf").splitlines()]
        decision = decide(lines, said=encoding, by="given", path=path)
    try:
        words = raw.decode(codec_of(decision.encoding))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise LayerError(
            "encoding_line", path=path, encoding=encoding or decision.encoding, line=line
        ) from error
    return words.removeprefix("\ufeff"), decision


def codec_of(encoding: str) -> str:
    """What Python calls an encoding of ours: Big5 as Windows writes it, all others as they are called."""
    return {"Big5": "cp950"}.get(encoding, encoding)


def _told(said: str | None, by: str, path: str) -> str:
    if not said:
        return ""
    try:
        return spelt(said)
    except LookupError as error:
        if by == "cpg":
            return ""  # whatever it is, the text decides
        raise LayerError("encoding_wrong", path=path, encoding=said) from error


def _said(readings: Sequence[Reading]) -> str:
    """The two likeliest readings that hold no damage, for an error."""
    return " | ".join(f"{r.encoding}: {r.sample}" for r in [r for r in readings if not r.damaged][:2])
