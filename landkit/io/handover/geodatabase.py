"""A File Geodatabase (.gdb), zipped: layers and fields under Chinese names, ids with all their digits."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pandas as pd

import geopandas as gpd

from landkit.errors import ExportError
from landkit.io.certificate import compare
from landkit.io.changes import Change, changes
from landkit.io.gdal import fixed_day, gdal_faults, read_ogr, write_ogr
from landkit.io.handover.order import FieldRow, Handed, Order, Place, field_rows
from landkit.io.packing import zip_folder
from landkit.io.plain import plain_frame
from landkit.io.styles.labels import describe, unit_word
from landkit.text import Lang, data_toml, text

FILE: Final = "results.gdb.zip"
_LONGEST_NAME: Final = 60  # ArcGIS takes 64 characters
_EXACT_NUMBER: Final = 2**53
_SHORT_INTEGER: Final = 2**31
_GRID_METRES: Final = 2e-4  # ArcGIS's own grid is 0.1 mm; a point moves by less than one and a half steps
_GRID_DEGREES: Final = 2e-9


def write_geodatabase(order: Order, place: Place) -> list[Handed]:
    """All layers in one zipped geodatabase, with a table of fields; each read again and certified.

    Whole numbers beyond 2^53 make the layer one for ArcGIS Pro 3.2 and later, which the changes then say;
    all others open in ArcMap 10 too.

    Raises: ExportError.
    """
    path = place(FILE)
    plain = {n: plain_frame(f, layer=n, lang=order.lang) for n, f in order.layers.items()}
    called = unique_names((order.title(n) for n in plain), fallback="T")
    fields = {n: field_rows(field_names(f, order.lang), order.lang) for n, f in plain.items()}
    held = {n: _as_held(f, fields[n]) for n, f in plain.items()}
    with tempfile.TemporaryDirectory(
        prefix=".landkit-", dir=path.parent, ignore_cleanup_errors=True
    ) as scratch:
        base = Path(scratch) / "pack" / FILE.removesuffix(".zip")
        base.parent.mkdir()
        with fixed_day(), gdal_faults(path):
            for name, title in zip(plain, called, strict=True):
                write_ogr(base, held[name], driver="OpenFileGDB", layer=title, options=_options(held[name]))
            table = text("handover.fields", order.lang)
            write_ogr(base, _field_table(fields, called), driver="OpenFileGDB", layer=table, options={})
        zip_folder(base.parent, path)
    return [
        _handed(path, name, title, order.layers[name], held[name], fields[name])
        for name, title in zip(plain, called, strict=True)
    ]


def _handed(
    path: Path, name: str, title: str, meant: pd.DataFrame, held: pd.DataFrame, fields: tuple[FieldRow, ...]
) -> Handed:
    what = f"{path.name}:{title}"
    try:
        found = read_ogr(path, layer=title)
    except Exception as error:  # whatever a stranger's reader says, the file is not what was meant
        raise ExportError("export_roundtrip", path=what, detail=str(error)) from error
    grid = 0.0
    if isinstance(held, gpd.GeoDataFrame):
        grid = _GRID_METRES if held.crs.is_projected else _GRID_DEGREES
    certificate = compare(held, found, what=what, exact=True, grid_m=grid)
    found_changes = list(changes(meant, held, names={f[1]: [f[0]] for f in fields}))
    wide = [f[1] for f in fields if held[f[0]].dtype.kind == "i" and _beyond(held[f[0]], _EXACT_NUMBER)]
    found_changes += [Change(c, "wide_integer", int(held[n].notna().sum())) for n, c in _named(fields, wide)]
    if isinstance(held, gpd.GeoDataFrame) and held.geometry.notna().any():
        found_changes.append(Change("geometry", "grid", int(held.geometry.notna().sum()), f"{grid / 2:g}"))
    return Handed(path.name, "gdb", name, certificate, tuple(found_changes), fields)


def _named(fields: tuple[FieldRow, ...], columns: Iterable[str]) -> list[tuple[str, str]]:
    wanted = set(columns)
    return [(f[0], f[1]) for f in fields if f[1] in wanted]


def _options(frame: pd.DataFrame) -> dict[str, str]:
    """ArcMap's own kind of table, unless an id needs 64 bits."""
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    wide = any(
        frame[c].dtype.kind == "i" and _beyond(frame[c], _SHORT_INTEGER)
        for c in frame.columns
        if c != geometry
    )
    return {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER" if wide else "ALL"}


def _beyond(values: pd.Series[Any], limit: int) -> bool:
    return any(abs(int(v)) >= limit for v in values.dropna())


def _as_held(plain: pd.DataFrame, fields: tuple[FieldRow, ...]) -> pd.DataFrame:
    """The frame under its names in the geodatabase, with the types that it has there."""
    names = {f[1]: f[0] for f in fields}
    out = plain.rename(columns=names)
    return out.assign(**{n: _column(out[n]) for n in names.values()})


def _column(values: pd.Series[Any]) -> pd.Series[Any]:
    gaps = values.isna().any()
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("Int16" if gaps else "int16")
    if values.dtype.kind == "i" and not _beyond(values, _SHORT_INTEGER):
        return values.astype("Int32" if gaps else "int32")
    if values.dtype.kind == "i" and not _beyond(values, _EXACT_NUMBER):
        return values.astype("float64")
    return values


def field_names(plain: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """A field name for each column: its Chinese word (its unit after it where two share a word), or itself in English."""
    geometry = plain.geometry.name if isinstance(plain, gpd.GeoDataFrame) else None
    columns = [str(c) for c in plain.columns if c != geometry]
    if lang == "en":
        return dict(zip(columns, unique_names(columns, fallback="F"), strict=True))
    words = [str(describe(c).get("zh", c)) for c in columns]
    wanted = [
        f"{w}_{unit_word(describe(c))}" if words.count(w) > 1 and unit_word(describe(c)) else w
        for c, w in zip(columns, words, strict=True)
    ]
    return dict(zip(columns, unique_names(wanted, fallback="F"), strict=True))


def unique_names(wanted: Iterable[str], *, fallback: str) -> list[str]:
    """Names that ArcGIS takes: letters (Chinese too), digits, underscore; no reserved word; unique in any case."""
    names: list[str] = []
    taken = set(data_toml("fields/geodatabase.toml")["reserved"])
    for raw in wanted:
        plain = re.sub(r"[^0-9A-Za-z_\u3400-\u9fff]+", "_", raw).strip("_")[:_LONGEST_NAME]
        plain = plain if plain and not plain[0].isdigit() else f"{fallback}{plain}"
        candidate, number = plain, 0
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{plain[: _LONGEST_NAME - 4]}_{number}"
        taken.add(candidate.casefold())
        names.append(candidate)
    return names


def _field_table(fields: dict[str, tuple[FieldRow, ...]], called: list[str]) -> pd.DataFrame:
    rows = [(title, *f[:5]) for title, rows in zip(called, fields.values(), strict=True) for f in rows]
    table = pd.DataFrame(rows, columns=["layer", "field", "name", "zh", "en", "unit"], dtype=object)
    return table.where(table.notna(), None)
