"""The text of a shapefile: the encoding that it states; without one only ASCII is read."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from landkit.errors import LayerError
from landkit.io.shapefile_parts import Part


def told_encoding(parts: dict[str, Part]) -> str | None:
    """The encoding that a shapefile states (.cpg, or the language byte of the .dbf); None where it says nothing."""
    if ".cpg" in parts:
        said = parts[".cpg"].head.decode("ascii", "replace").strip()
        return _CPG.get(said.upper(), said) or None
    return _LANGUAGE_BYTE.get(parts[".dbf"].head[29])


_CPG = {
    "936": "GBK",
    "GBK": "GBK",
    "GB2312": "GBK",
    "ANSI 936": "GBK",
    "CP936": "GBK",
    "OEM 936": "GBK",
    "65001": "UTF-8",
    "UTF8": "UTF-8",
    "950": "Big5",
}
# 0x57 and 0x03 (Western Windows) are what many programs write whatever the text is: they state nothing
_LANGUAGE_BYTE = {0x4D: "GBK", 0x7A: "GBK", 0x4F: "Big5", 0x78: "Big5"}


def refuse_unknown_text(frame: gpd.GeoDataFrame, path: Path) -> None:
    """A shapefile that does not state its encoding may hold only ASCII text: anything else would be a guess."""
    columns = [c for c in frame.columns if c != frame.geometry.name]
    texts = [str(c) for c in columns]
    for column in columns:
        if frame[column].dtype.kind in "OTU" or str(frame[column].dtype) == "str":
            texts += [v for v in frame[column].dropna().unique() if isinstance(v, str)]
    odd = [t for t in texts if not t.isascii()]
    if odd:
        raw = max(odd, key=len).encode("latin-1", "replace")
        readings = [f"{e}: {_try(raw, e)}" for e in ("UTF-8", "GB18030", "Big5") if _try(raw, e)]
        raise LayerError("encoding_unknown", path=str(path), readings=" | ".join(readings) or repr(raw[:20]))


def _try(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)[:24]
    except UnicodeDecodeError:
        return ""
