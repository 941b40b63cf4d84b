"""Values as files hold them: text, whole numbers, numbers, flags and days.

A moment of a day is ISO text; codes are text; reasons are sentences.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import numpy as np
import pandas as pd

import geopandas as gpd
import shapely

from landkit.errors import ExportError
from landkit.model import Code, Reason, say_all
from landkit.text import Lang, term

_LAYER: Final = re.compile(r"(?!(?i:gpkg|sqlite|rtree|layer_styles))[A-Za-z][A-Za-z0-9_]{0,49}")
_UNHELD: Final = re.compile("[\x00\ud800-\udfff]")


def plain_frame(frame: pd.DataFrame, *, layer: str, lang: Lang = "zh") -> pd.DataFrame:
    """A new frame with columns of text, whole numbers, numbers, flags and days (`datetime64[ms]`) only.

    Moments (a time of day, a time zone) become ISO text; reasons become sentences; lists are joined.  Empty
    geometry becomes null; where some shapes have heights, those without get 0.

    Raises: ExportError for a bad layer name, two columns of one name, or a missing CRS.
    """
    if not _LAYER.fullmatch(layer):
        raise ExportError("export_layer_name", name=layer)
    spatial = isinstance(frame, gpd.GeoDataFrame)
    geometry = frame.geometry.name if spatial else None
    columns = [c for c in frame.columns if c != geometry]
    seen: set[str] = set()
    for column in map(str, columns):
        if column.casefold() in seen:
            raise ExportError("export_same_column", layer=layer, column=column)
        seen.add(column.casefold())
    table = pd.DataFrame(
        {str(c): _plain_column(frame[c], lang) for c in columns}, index=frame.index
    ).reset_index(drop=True)
    if not spatial:
        return table
    if frame.crs is None:
        raise ExportError("export_no_crs", layer=layer)
    shapes = np.asarray(frame.geometry.array, dtype=object).copy()
    shapes[shapely.is_empty(shapes)] = None
    if shapely.has_z(shapes).any():  # most formats hold heights for all shapes of a layer or for none
        shapes = np.asarray(shapely.force_3d(shapes), dtype=object)
    made: pd.DataFrame = gpd.GeoDataFrame(table, geometry=gpd.array.from_shapely(shapes, crs=frame.crs))
    return made


def settled(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with every column of one kind by all of its rows: its parts then become plain alike."""
    out = {}
    for column in frame.columns:
        values = frame[column]
        if values.dtype == object:
            out[column] = _inferred(values)
        elif values.dtype.kind == "M" and not _are_days(values):
            out[column] = _iso(values)
    return frame.assign(**out) if out else frame


def _plain_column(values: pd.Series[Any], lang: Lang) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    if values.dtype == object:
        values = _inferred(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean") if values.isna().any() else values.astype(bool)
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("Int64" if values.isna().any() else "int64")
    if pd.api.types.is_float_dtype(values.dtype):
        return values.astype("float64")
    if isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(values.dtype):
        return _days(values.to_numpy("datetime64[ms]"), values) if _are_days(values) else _iso(values)
    if pd.api.types.infer_dtype(values, skipna=True) == "string":  # most columns: each different text once
        codes, known = pd.factorize(values)
        said = np.array([*(_clean(str(v)) for v in known), None], dtype=object)[codes]
        return pd.Series(said, index=values.index, name=values.name, dtype=object)
    return pd.Series([_words(v, lang) for v in values], index=values.index, name=values.name, dtype=object)


def _inferred(values: pd.Series[Any]) -> pd.Series[Any]:
    """An object column as what it holds, where that is one thing."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "boolean":
        return values.astype("boolean")
    if kind == "integer" and all(abs(int(v)) < 2**63 for v in values.dropna()):
        return values.astype("Int64")
    if kind in ("floating", "mixed-integer-float", "decimal"):
        return values.astype("float64")
    if kind == "date":
        return _days(np.array([None if pd.isna(v) else v for v in values], "datetime64[D]"), values)
    return values


def _are_days(values: pd.Series[Any]) -> bool:
    known = values.dropna()
    return known.dt.tz is None and bool((known == known.dt.normalize()).all())


def _days(days: np.ndarray[Any, Any], like: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(days.astype("datetime64[ms]"), index=like.index, name=like.name)


def _iso(values: pd.Series[Any]) -> pd.Series[Any]:
    said = [None if pd.isna(v) else v.isoformat() for v in values]
    return pd.Series(said, index=values.index, name=values.name, dtype=object)


def days_as_text(plain: pd.DataFrame) -> pd.DataFrame:
    """A plain frame whose days are ISO text (`2020-02-29`), for formats without a type for them."""
    days = [c for c in plain.columns if plain[c].dtype.kind == "M"]
    said = {
        c: pd.Series(
            [None if pd.isna(v) else v.date().isoformat() for v in plain[c]], index=plain.index, dtype=object
        )
        for c in days
    }
    return plain.assign(**said)


def _words(value: Any, lang: Lang) -> str | None:
    if isinstance(value, Reason):
        return _clean(value.say(lang))
    if isinstance(value, Code):
        return _clean(term(value.group, value.code, lang))
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        if items and all(isinstance(v, Reason) for v in items):
            return _clean(say_all(items, lang))
        return _clean(";".join(w for w in (_words(v, lang) for v in items) if w is not None))
    if value is None or pd.isna(value):
        return None
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return _clean(str(value))


def _clean(words: str) -> str:
    """Without what no file format holds: NUL and halves of surrogate pairs."""
    return _UNHELD.sub("", words)
