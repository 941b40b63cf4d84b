"""Tables as CSV for Excel (UTF-8 with its mark): attributes only, no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd

import geopandas as gpd

from landkit.errors import ExportError
from landkit.io.certificate import compare
from landkit.io.changes import changes
from landkit.io.handover.order import Handed, Order, Place, field_rows
from landkit.io.packing import defused
from landkit.io.plain import days_as_text, plain_frame


def write_csv(order: Order, place: Place) -> list[Handed]:
    """The attributes of each layer as `csv/<layer>.csv`, read again cell by cell.   Raises: ExportError."""
    return [_write(order, name, place) for name in order.layers]


def _write(order: Order, name: str, place: Place) -> Handed:
    plain = plain_frame(order.layers[name], layer=name, lang=order.lang)
    table = days_as_text(
        pd.DataFrame(plain.drop(columns=plain.geometry.name) if _is_spatial(plain) else plain)
    )
    held = pd.DataFrame({c: _cells(table[c]) for c in table.columns}, index=table.index, dtype=object)
    file = f"csv/{name}.csv"
    path = place(file)
    path.write_bytes(_text(held).encode("utf-8-sig"))
    certificate = compare(held, _read(path), what=file, exact=True)
    fields = field_rows({str(c): str(c) for c in held.columns}, order.lang)
    # what a number says in the file is the number again: the changes are those of texts, nulls and shapes
    said = held.assign(**{c: table[c] for c in table.columns if table[c].dtype.kind in "iuf"})
    return Handed(file, "csv", name, certificate, changes(order.layers[name], said), fields)


def _is_spatial(frame: pd.DataFrame) -> bool:
    return isinstance(frame, gpd.GeoDataFrame)


def _cells(values: pd.Series[Any]) -> list[str]:
    """A column as text: nulls empty, flags 1 and 0, numbers with all their digits, text defused."""
    if values.dtype == object:
        return ["" if v is None else defused(v) for v in values]
    if pd.api.types.is_bool_dtype(values.dtype):
        return ["" if pd.isna(v) else str(int(v)) for v in values]
    return ["" if pd.isna(v) else repr(v.item() if hasattr(v, "item") else v) for v in values]


def _text(table: pd.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([defused(str(c)) for c in table.columns])
    writer.writerows(table.itertuples(index=False, name=None))
    return out.getvalue()


def _read(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if not rows:
        raise ExportError("export_roundtrip", path=path.name, detail="0 rows")
    heads = [h.removeprefix("'") for h in rows[0]]
    return pd.DataFrame(rows[1:], columns=heads, dtype=object)
