"""What a question answers: a table, what it rests on, and further tables by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from landkit.model.law import ControlLine, Rule
from landkit.model.reasons import Reason


@dataclass(frozen=True)
class Result:
    """Base of all results: a table, what it rests on, and further tables by name.

    `table` is a (Geo)DataFrame with a plain index; `rules` are the rule values used; `layers` the ids and versions of the
    layers used; `tables` holds what stands beside the main table (summaries, pieces).
    """

    table: pd.DataFrame
    rules: tuple[Rule, ...] = ()
    layers: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()
    drawn: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    """how a notebook shows it: HTML, made when it is wanted"""

    def _repr_html_(self) -> str:
        """A map where there is one, else the table."""
        if self.drawn:
            return self.drawn()
        plain = pd.DataFrame(self.table.drop(columns=["geometry"], errors="ignore"))
        return str(plain.to_html(max_rows=20))

    def replace(self, **changes: Any) -> Any:
        """The same result with some parts changed."""
        return dataclasses.replace(self, **changes)


class Stock(Result):
    """Redevelopment stock (存量), one row per parcel; `tables`: by_park, by_county, by_cluster, by_class, assemblies."""


@dataclass(frozen=True)
class Conflicts(Result):
    """Conflicts (冲突), one row per parcel x control line; `tables`: by_line, coverage, lines, parks.

    `lines` are the control lines asked about, by id.
    """

    lines: Mapping[str, ControlLine] = field(default_factory=dict)


class Layout(Result):
    """Layout (布局), one row per parcel; `tables`: parks."""


class Intensity(Result):
    """Output intensity (强度), one row per parcel; `tables`: enterprises, conservation."""


class Zonal(Result):
    """Zonal statistics (分区统计), one row per parcel x raster; `tables`: by_raster."""


class Parks(Result):
    """Parks (园区), one row per park."""


class Capacity(Result):
    """Capacity (增量), one row per park."""


class Findings(Result):
    """Findings (质检), one row per finding."""


class Repairs(Result):
    """Repairs of shapes (图形修复), one row per repair, applied or waiting for a decision."""


@dataclass(frozen=True)
class Layers(Result):
    """What files hold (图层概况), one row per layer and one per file that cannot be read."""
