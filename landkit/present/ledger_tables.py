"""What goes into a ledger: finished tables and the facts of its first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Sheet:
    """One sheet of the ledger: a finished table, and how it is called.

    `labels` go before data/columns.toml; `totals` names the columns with a sum below; `summary` is one
    sentence for the list of sheets on the first page.  One `to_sign` is printed to its last row, with room to write;
    of others that would be a ream of paper the first page is.
    """

    name: str
    frame: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)
    totals: Sequence[str] = ()
    summary: str = ""
    to_sign: bool = False
    id: str = ""  # of its table, where its figures have ids


@dataclass(frozen=True)
class Summary:
    """What the first sheet says beside its title: facts (label, value), key figures, what was not checked."""

    facts: Sequence[tuple[str, str]] = ()
    figures: pd.DataFrame | None = None
    not_checked: Sequence[str] = ()
    synthetic: bool = False
