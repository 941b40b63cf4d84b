"""The text of a shapefile: its encoding by .cpg, language byte and all its text; values and names decoded one by one.

GDAL hands the bytes over as they are (as ISO-8859-1), because it gives nonsense for a wrong encoding, and for a value that
was cut inside a character nothing at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd

from landkit.errors import LayerError
from landkit.io.encoding.detect import Decision, Text, about_decision, codec_of, decide, decode_cut, spelt
from landkit.io.shapefile.dbf_text import table_at, texts_of
from landkit.io.shapefile.parts import Part, parts_of
from landkit.io.tables.cells import alike_names
from landkit.model import Finding, finding, why
from landkit.text import data_toml

AS_BYTES: Final = "ISO-8859-1"  # reads every byte as one character


def decide_shapefile(
    path: Path, stem: str, *, given: str | None, name: str
) -> tuple[Decision, list[Finding]]:
    """The encoding of a shapefile (字符编码): what was given, its .cpg, its language byte, each tested against all its text.

    Raises: LayerError where what is said cannot be, or nothing is said and the text does not tell; and where two fields have
    one name, of which GDAL would give the values of the second for both.
    """
    parts = parts_of(path, stem)
    said, by = (given, "given") if given else _said(parts)
    table = table_at(next(p for p in path.parent.iterdir() if p.stem == stem and p.suffix.lower() == ".dbf"))
    decision = decide(texts_of(table), said=said, by=by, path=name)
    names = [f.name.decode(codec_of(decision.encoding), "replace") for f in table.fields]
    twice = next((n for n, f in zip(names, table.fields, strict=True) if table.names.count(f.name) > 1), None)
    if twice is not None:
        raise LayerError("field_twice", path=name, column=twice)
    found = about_decision(decision) + alike_names(names)
    if by == "cpg" and said and decision.by in ("text", "ascii") and not _is_spelling(said):
        found.append(finding("", "encoding.doubtful", why("encoding_passed_over", said=said[:40])))
    return decision, found


def _said(parts: dict[str, Part]) -> tuple[str | None, str]:
    """What a shapefile says of its encoding, and where."""
    if ".cpg" in parts:
        said = parts[".cpg"].head.decode("ascii", "replace").strip().strip("\0\ufeff")
        if said:
            return said, "cpg"
    bytes_of = data_toml("text_models.toml")["language_bytes"]
    head = parts[".dbf"].head
    byte = head[29] if len(head) > 29 else 0
    return next((name for name, known in bytes_of.items() if byte in known), None), "dbf"


def _is_spelling(said: str) -> bool:
    try:
        return bool(spelt(said)) or said == ""
    except LookupError:
        return False


def decide_frame(frame: gpd.GeoDataFrame, *, name: str) -> Decision:
    """The encoding of a frame whose text came as bytes and whose file says nothing.   Raises: LayerError."""
    columns = [c for c in frame.columns if c != frame.geometry.name and _holds_text(frame[c])]
    values = {v for c in columns for v in frame[c].dropna().unique() if isinstance(v, str)}
    return decide([Text(v.encode(AS_BYTES, "replace")) for v in values], said=None, by="text", path=name)


def in_words(
    frame: gpd.GeoDataFrame, decision: Decision, *, first_row: int = 1
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A frame whose text came as bytes, in words; what was cut or damaged is a finding with its row."""
    codec = codec_of(decision.encoding)
    names, found = _names([str(c) for c in frame.columns], codec)
    columns: dict[str, Any] = {}
    for place, (old, new) in enumerate(zip(frame.columns, names, strict=True)):
        values = frame.iloc[:, place]
        if old == frame.geometry.name or not _holds_text(values):
            continue
        decoded, complaints = _values(values, new, decision.encoding, first_row)
        found += complaints
        if decoded is not None:
            columns[new] = decoded
    if names != list(frame.columns):
        frame = frame.rename(columns=dict(zip(frame.columns, names, strict=True)))
    return (frame.assign(**columns) if columns else frame), found


def words_of(name: str, decision: Decision | None) -> str:
    """The name of a field that came as bytes, in words; as it is where nothing was decided."""
    return _decoded(name, codec_of(decision.encoding))[0] if decision else name


def _holds_text(values: pd.Series[Any]) -> bool:
    return values.dtype.kind in "OTU" or str(values.dtype) in ("str", "string")


def _names(names: list[str], codec: str) -> tuple[list[str], list[Finding]]:
    """Names of fields in words; one that was cut to that of another gets a number."""
    out: list[str] = []
    found: list[Finding] = []
    for name in names:
        words, cut, _ = _decoded(name, codec)
        if cut:
            taken, number, whole = set(out), 2, words
            while words in taken:
                words, number = f"{whole}_{number}", number + 1
            found.append(finding("", "encoding.cut", why("encoding_cut_name", name=words), value=words))
        out.append(words)
    return out, found


def _values(
    values: pd.Series[Any], column: str, encoding: str, first_row: int
) -> tuple[pd.Series[Any] | None, list[Finding]]:
    """The values of a column in words; None where all of them are ASCII."""
    codec = codec_of(encoding)
    places, known = pd.factorize(values)
    odd = [i for i, v in enumerate(known) if isinstance(v, str) and not v.isascii()]
    if not odd:
        return None, []
    words = np.array([*known, None], dtype=object)
    found: list[Finding] = []
    for i in odd:
        words[i], cut, damaged = _decoded(known[i], codec)
        if cut or damaged:
            key = "encoding_damaged" if damaged else "encoding_cut"
            reason = why(key, column=column, encoding=encoding, value=_end(words[i], damaged=damaged))
            check = "encoding.damaged" if damaged else "encoding.cut"
            row = first_row + int((places == i).argmax())
            found.append(finding("", check, reason, row, value=words[i][:60]))
    return pd.Series(words[places], index=values.index, name=values.name, dtype=values.dtype), found


def _decoded(value: str, codec: str) -> tuple[str, bool, bool]:
    """A value in words, whether it was cut inside a character, whether bytes in it do not decode."""
    raw = value.encode(AS_BYTES, "replace")
    try:
        return raw.decode(codec), False, False
    except UnicodeDecodeError:
        words, cut = decode_cut(raw, codec)
        return words, cut, "\ufffd" in words


def _end(words: str, *, damaged: bool) -> str:
    """The part of a value that a reader must look at."""
    at = words.find("\ufffd") if damaged else len(words)
    return words[max(0, at - 12) : at + 12]
