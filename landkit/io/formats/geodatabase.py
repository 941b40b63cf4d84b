"""File geodatabase: the code lists (属性域) and subtypes of its fields, which GDAL's rows do not show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pandas as pd

import pyogrio

from landkit.errors import LayerError
from landkit.io.opener import gdal_path
from landkit.io.source import Asked
from landkit.model import Finding, finding, why

_ITEMS: Final = "GDB_Items"
_ROWS_NAMED: Final = 20


def look_into_geodatabase(
    asked: Asked, layer: str, frame: pd.DataFrame
) -> tuple[dict[str, Any], list[Finding]]:
    """Code lists by field as facts; values outside them, and locks, as findings.   Raises: nothing of its own."""
    findings = []
    locks = sorted(p.name for p in asked.path.glob("*.lock"))
    if locks:
        reason = why("locked_elsewhere", names=", ".join(locks[:3]))
        findings.append(finding("", "file.open_elsewhere", reason))
    lists = code_lists(asked.path, layer)
    for field, codes in lists.items():
        if field in frame.columns:
            findings += _outside(frame[field], codes, field)
    return ({"code_lists": lists} if lists else {}), findings


def code_lists(path: Path, layer: str) -> dict[str, dict[str, str]]:
    """The words of each code, by field: coded-value domains (属性域) and subtypes of a layer."""
    items = pyogrio.read_dataframe(
        gdal_path(path), layer=_ITEMS, read_geometry=False, columns=["Name", "Definition"]
    )
    said = items[items["Definition"].map(lambda v: isinstance(v, str))]
    return lists_in(dict(zip(said["Name"], said["Definition"], strict=True)), layer)


def lists_in(definitions: Mapping[str, str], layer: str) -> dict[str, dict[str, str]]:
    """The same from the definitions (XML) of a geodatabase's items by name."""
    trees = {name: _parsed(words) for name, words in definitions.items()}
    lists = {n: _codes(t, ".//CodedValue", "Code", "Name") for n, t in trees.items() if t is not None}
    own = trees.get(layer)
    if own is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for field in own.iter("GPFieldInfoEx"):
        name, domain = field.findtext("Name") or "", field.findtext("DomainName") or ""
        if lists.get(domain):
            found[name] = lists[domain]
    subtype = own.findtext("SubtypeFieldName")
    if subtype:
        found[subtype] = _codes(own, ".//Subtype", "SubtypeCode", "SubtypeName")
    return found


def refuse_links(asked: Asked) -> None:
    """Raises: LayerError where a file of the geodatabase is a link: it would be read from elsewhere."""
    for part in asked.path.iterdir():
        if part.is_symlink():
            raise LayerError("geodatabase_link", path=asked.name, name=part.name)


def _parsed(words: str) -> ElementTree.Element | None:
    if re.search(r"<!(DOCTYPE|ENTITY)", words, re.IGNORECASE):
        return None
    try:
        return ElementTree.fromstring(words)  # noqa: S314  no entities: see above
    except ElementTree.ParseError:
        return None


def _codes(tree: ElementTree.Element, each: str, code: str, name: str) -> dict[str, str]:
    return {(e.findtext(code) or ""): (e.findtext(name) or "") for e in tree.iterfind(each)}


def _outside(values: pd.Series[Any], codes: dict[str, str], field: str) -> list[Finding]:
    """One finding for the values of a field that its code list does not have."""
    said = values.dropna().map(lambda v: str(int(v)) if isinstance(v, float) and v.is_integer() else str(v))
    odd = said[~said.isin(codes)]
    if odd.empty:
        return []
    rows = [str(i + 1) for i in odd.index[:_ROWS_NAMED]]
    values_said = "/".join(sorted(set(odd))[:5])
    reason = why("code_outside_list", field=field, count=len(odd), values=values_said, rows=rows)
    return [finding("", "value.code_list", reason, row=rows[0], value=values_said)]
