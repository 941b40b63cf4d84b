"""Tables in: CSV and Excel, every cell as text first, so that codes keep their zeros; what is odd in a cell is a finding."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from landkit.errors import LayerError
from landkit.io.encoding.detect import USUAL, about_decision, decode
from landkit.io.encoding.mojibake import about_spoilt
from landkit.io.limits import Limits
from landkit.io.opener import check_path
from landkit.io.tables.rows import table_of
from landkit.io.tables.sheet_parts import SheetParts
from landkit.io.tables.workbooks import read_sheet
from landkit.io.zips import names_in_zip
from landkit.model import Finding

TEXT: Final = (".csv", ".txt", ".tsv")
BOOKS: Final = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class TableReading:
    """A table as its file gave it (表): its rows, complaints with sheet and cell, and how it was read.

    `layer` of the findings is ""; whoever asked for the table names it.  `lines` are the numbers of the rows in the sheet or
    text, the header counted, as the user sees them.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[int, ...] = ()


def _reading(frame: pd.DataFrame, findings: tuple[Finding, ...], facts: Mapping[str, Any]) -> TableReading:
    found = (*findings, *about_spoilt(frame))
    return TableReading(frame.reset_index(drop=True), found, facts, tuple(frame.index))


def read_table(
    path: str | Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """A CSV or Excel table (表) with its own column names; CSV cells are text, Excel cells keep numbers and dates.

    Raises: LayerError where the file, its encoding or the sheet cannot be read.
    """
    return read_table_source(path, sheet=sheet, encoding=encoding, limits=limits).frame


def read_table_source(
    path: str | Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """What `read_table` gives, with what was found in its cells and how its text was read.

    `header_row` is the row of the column names, counted from 1 as Excel counts; without it, the first that is not empty.

    Raises: as `read_table`.
    """
    found = check_path(path)
    suffix = found.suffix.lower()
    if suffix in TEXT:
        words, decision = decode(found.read_bytes(), encoding, path=str(found))
        frame, findings = table_of(_lines(words, found), SheetParts(), path=str(found), header_row=header_row)
        said = about_decision(decision, usual=USUAL)
        return _reading(frame, (*said, *findings), decision.facts)
    if suffix in BOOKS:
        _refuse_bomb(found, limits or Limits())
        one = read_sheet(found, sheet)
        frame, findings = table_of(
            one.rows, one.parts, path=str(found), sheet=one.name, header_row=header_row
        )
        return _reading(frame, tuple(findings), {"sheet": one.name})
    raise LayerError("table_kind_unknown", path=str(found), known="/".join((*TEXT, *BOOKS)))


def _refuse_bomb(path: Path, limits: Limits) -> None:
    """A workbook is a zip, and unpacked in memory.   Raises: LayerError for one over the limits, or with odd names."""
    if path.suffix.lower() == ".xls":
        return
    try:
        names_in_zip(path, limits)
    except LayerError as error:
        if error.key not in ("content_not_as_named", "zip_password"):  # of those the reader says more
            raise


def _lines(words: str, path: Path) -> dict[int, list[Any]]:
    """The rows of a text table by their number; cells are split by what splits the first line most."""
    first = next((line for line in words.splitlines() if line.strip()), "")
    mark = "\t" if path.suffix.lower() == ".tsv" else max(",\t;|", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(words, newline=""), delimiter=mark))
    except csv.Error as error:
        raise LayerError("file_unreadable", path=str(path), detail=str(error)) from error
    return {n: list(row) for n, row in enumerate(rows, 1) if row}
