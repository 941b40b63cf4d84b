"""Joins of a table to a layer by key, with a report of what met (匹配报告); sums are kept, nothing is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landkit.errors import LayerError, nearest


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
