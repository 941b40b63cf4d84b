"""Tables in: CSV and Excel, every cell as text first, so that codes keep their zeros; and joins with a match report."""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import openpyxl
import pandas as pd

from landkit.errors import LayerError, nearest
from landkit.io.opener import check_path


def read_table(path: str | Path, *, sheet: str | None = None, encoding: str | None = None) -> pd.DataFrame:
    """A CSV or .xlsx table (表) with its own column names; CSV cells are text, Excel cells keep numbers and dates.

    Raises: LayerError where the file, its encoding or the sheet cannot be read.
    """
    found = check_path(path)
    suffix = found.suffix.lower()
    if suffix in (".csv", ".txt", ".tsv"):
        return _read_csv(found, encoding)
    if suffix in (".xlsx", ".xlsm"):
        return _read_xlsx(found, sheet)
    if suffix == ".xls":
        raise LayerError("xls", path=str(found))
    raise LayerError("kind_unknown", path=str(found), known=".csv/.xlsx")


def _read_csv(path: Path, encoding: str | None) -> pd.DataFrame:
    try:
        with path.open(encoding=encoding or "utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, delimiter="\t" if path.suffix.lower() == ".tsv" else ","))
    except UnicodeDecodeError as error:
        raise LayerError("csv_encoding", path=str(path), encoding=encoding or "UTF-8") from error
    except LookupError as error:
        raise LayerError("encoding_wrong", path=str(path), encoding=encoding or "") from error
    except csv.Error as error:
        raise LayerError("file_unreadable", path=str(path), detail=str(error)) from error
    return _frame(rows, path)


# what openpyxl says of a file that is cut, has a password or is no workbook; a ParseError is a SyntaxError
_DAMAGED = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    SyntaxError,
    zlib.error,
)


def _read_xlsx(path: Path, sheet: str | None) -> pd.DataFrame:
    with path.open("rb") as stream:
        return _frame(_rows_of(stream, path, sheet), path)


def _rows_of(stream: BinaryIO, path: Path, sheet: str | None) -> list[list[Any]]:
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except _DAMAGED as error:
        raise LayerError("xlsx_unreadable", path=str(path)) from error
    try:
        names = book.sheetnames
        if sheet is None and len(names) > 1:
            raise LayerError("layer_not_named", path=str(path), names="/".join(names))
        chosen = sheet or names[0]
        if chosen not in names:
            raise LayerError(
                "layer_missing", path=str(path), layer=chosen, guess=nearest(chosen, names) or "/".join(names)
            )
        rows = [list(r) for r in book[chosen].iter_rows(values_only=True)]
    except _DAMAGED as error:  # sheets are read only now
        raise LayerError("xlsx_unreadable", path=str(path)) from error
    finally:
        book.close()
    return [r for r in rows if any(v is not None for v in r)]


def _frame(rows: list[list[Any]], path: Path) -> pd.DataFrame:
    if not rows or not any(rows[0]):
        raise LayerError("table_empty", path=str(path))
    header = [str(v).strip() if v is not None else "" for v in rows[0]]
    while header and not header[-1]:
        header.pop()  # Excel keeps empty columns that were once formatted; cells under them make the row ragged
    width = len(header)
    if any(len(r) > width and any(v not in (None, "") for v in r[width:]) for r in rows[1:]):
        line = next(
            i
            for i, r in enumerate(rows[1:], 2)
            if len(r) > width and any(v not in (None, "") for v in r[width:])
        )
        raise LayerError("table_ragged", path=str(path), line=line, width=width)
    if len(set(header)) < width:
        raise LayerError(
            "column_twice", layer=path.name, column=next(h for h in header if header.count(h) > 1)
        )
    cells = [[None if v == "" else v for v in r] for r in rows[1:]]
    body = [(r + [None] * width)[:width] for r in cells if any(v is not None for v in r)]
    return pd.DataFrame(body, columns=header, dtype="object")


@dataclass(frozen=True)
class Match:
    """How a table met a layer (匹配报告): keys on either side, matched and not, and what several rows of a key became."""

    table: str
    layer: str
    key: str
    rows: int
    matched_keys: int
    table_only: tuple[str, ...]
    layer_only: tuple[str, ...]
    repeated_keys: int
    shared_keys: int
    keyless: int
    sums: Mapping[str, tuple[float, float]]

    @property
    def unmatched_share(self) -> float:
        """Share of the table's keys that no row of the layer has."""
        keys = self.matched_keys + len(self.table_only)
        return len(self.table_only) / keys if keys else 0.0


def join_table(
    frame: pd.DataFrame,
    table: pd.DataFrame,
    *,
    key: str,
    combine: Mapping[str, str],
    names: tuple[str, str],
    weight: str = "area_m2",
) -> tuple[pd.DataFrame, Match]:
    """The layer with the table's columns joined by key; index and row order as they were.

    Rows of the table that share a key become one, each column by its `combine` way (sum, first, max, min, distinct).  Rows
    of the layer that share a key share a summed column by `weight`, so that totals are kept.

    Raises: LayerError where the key or a column is not there, a column would be overwritten, or what is summed is text.
    """
    _check_join(frame, table, key=key, combine=combine, names=names)
    keyed = table.dropna(subset=[key])
    groups = keyed.groupby(key, sort=True)
    merged = pd.DataFrame({c: _combine(keyed[c], keyed[key], how) for c, how in combine.items()})
    own = frame[key]
    out = frame.copy()
    holders = own.dropna().value_counts()
    for column, how in combine.items():
        values = own.map(merged[column])
        if how == "sum":
            weights = pd.to_numeric(frame[weight]).astype(float)
            total = weights.groupby(own).transform("sum")
            values = values.astype(float) * np.where(own.map(holders) > 1, weights / total, 1.0)
        out[column] = values
    in_layer, in_table = set(own.dropna()), set(merged.index)
    sums = {
        c: (float(pd.to_numeric(table[c]).sum()), float(out[c].astype(float).sum()))
        for c, how in combine.items()
        if how == "sum"
    }
    return out, Match(
        table=names[0],
        layer=names[1],
        key=key,
        rows=len(table),
        matched_keys=len(in_layer & in_table),
        table_only=tuple(sorted(map(str, in_table - in_layer))),
        layer_only=tuple(sorted(map(str, in_layer - in_table))),
        repeated_keys=int((groups.size() > 1).sum()),
        shared_keys=int((holders > 1).sum()),
        keyless=int(table[key].isna().sum()),
        sums=sums,
    )


def _check_join(
    frame: pd.DataFrame, table: pd.DataFrame, *, key: str, combine: Mapping[str, str], names: tuple[str, str]
) -> None:
    for name, side in ((names[0], table), (names[1], frame)):
        if key not in side.columns:
            raise LayerError(
                "column_not_in_file",
                layer=name,
                column=key,
                guess=nearest(key, [str(c) for c in side.columns]) or "?",
            )
    for column in combine:
        if column not in table.columns:
            raise LayerError(
                "column_not_in_file",
                layer=names[0],
                column=column,
                guess=nearest(column, [str(c) for c in table.columns]) or "?",
            )
        if column in frame.columns:
            raise LayerError("column_twice", layer=names[1], column=column)
        if combine[column] == "sum":
            odd = table[column].notna() & _numbers(table[column]).isna()
            if odd.any():
                raise LayerError(
                    "not_a_number", layer=names[0], column=column, value=str(table.loc[odd, column].iloc[0])
                )


def _numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(pd.to_numeric(values, errors="coerce"), index=values.index)


def _combine(values: pd.Series[Any], keys: pd.Series[Any], how: str) -> pd.Series[Any]:
    out: pd.Series[Any]
    if how == "sum":
        out = pd.Series(pd.to_numeric(values)).groupby(keys, sort=True).sum(min_count=1)
    elif (
        how in ("max", "min")
        and values.dtype == object
        and (_numbers(values).notna() == values.notna()).all()
    ):
        out = getattr(_numbers(values).groupby(keys, sort=True), how)()  # as text, 9 would be more than 10
    elif how == "distinct":
        out = values.groupby(keys, sort=True).agg(
            lambda v: ";".join(sorted(set(map(str, v.dropna())))) or None
        )
    else:
        out = getattr(values.groupby(keys, sort=True), how)()
    return out
