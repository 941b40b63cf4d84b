"""What is handed over, and what became of it: values that all formats share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from landkit.io.certificate import Certificate
from landkit.io.changes import Change
from landkit.io.shapefile.dbf import Encoding
from landkit.io.styles.labels import describe, unit_word
from landkit.text import Lang

Place = Callable[[str], Path]  # where to write the file that is handed over under a name
FieldRow = tuple[str, str, str, str, str, str]  # short, name, zh, en, unit, part


@dataclass(frozen=True)
class Order:
    """Layers by name (交付图层) with their titles, and how they are wanted.

    `keys` names for a layer the column that tells its rows apart: drawings and coordinate text label with it.
    """

    layers: Mapping[str, pd.DataFrame]
    titles: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    encoding: Encoding = "UTF-8"
    lang: Lang = "zh"

    def title(self, layer: str) -> str:
        """A layer's title, or its name."""
        return self.titles.get(layer) or layer


class Handed(NamedTuple):
    """One layer in one file: its certificate, what the format changed, and its fields."""

    file: str
    format: str
    layer: str
    certificate: Certificate
    changes: tuple[Change, ...] = ()
    fields: tuple[FieldRow, ...] = ()


def field_rows(names: Mapping[str, str], lang: Lang) -> tuple[FieldRow, ...]:
    """The field list of a layer: the name in the file, ours, zh, en, unit."""
    rows = []
    for column, name in names.items():
        about = describe(column)
        rows.append(
            (name, column, about.get("zh", column), about.get("en", column), unit_word(about, lang), "")
        )
    return tuple(rows)
