"""How much of a long table the ledger lists (台账所列): a workbook of a province's every parcel opens nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from landkit.model import StockStatus, Verdict
from landkit.text import Lang, data_toml, text
from landkit.workflow.ask import Answers

_WHOLE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("stock", "conflicts", "sign_off", "layout", "intensity", "zonal"), "results.gpkg"),
    "coverage_matrix": "coverage.csv",
}
"""tables that stand whole in another file of the run, and in which"""
_GRAVEST: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "sign_off": ("", ()),  # is in that order
    "conflicts": ("verdict", tuple(map(str, (Verdict.CONFLICT, Verdict.WITHIN_ACCURACY)))),
    "stock": (
        "stock_status",
        tuple(map(str, (StockStatus.CONFIRMED, StockStatus.CANDIDATE, StockStatus.UNDECIDED))),
    ),
}


@dataclass(frozen=True)
class Listing:
    """What of its tables a ledger lists: all rows, or of long ones the first `most`, gravest first."""

    most: int | None
    lang: Lang

    def rows(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table that are listed."""
        if not self._is_cut(name, len(frame)):
            return frame
        column, order = _GRAVEST.get(name, ("", ()))
        if column:
            ranks: pd.Series[Any] = frame[column].astype(object).map({v: i for i, v in enumerate(order)})
            first = (
                ranks.fillna(len(order)).reset_index(drop=True).sort_values(kind="stable").index[: self.most]
            )
            return frame.iloc[first]
        return frame.iloc[: self.most].copy()

    def about(self, name: str, count: int) -> str:
        """What the list of sheets says of a table of so many rows beside its own words; "" where all are listed."""
        if not self._is_cut(name, count):
            return ""
        facts = {"rows": f"{count:,}", "listed": f"{self.most:,}", "file": _WHOLE[name]}
        return text(
            "ledger.listed_gravest" if name in _GRAVEST else "ledger.listed_first", self.lang, **facts
        )

    def is_whole(self, name: str, count: int) -> bool:
        """Whether all of so many rows are listed, so that they add up to their total."""
        return not self._is_cut(name, count)

    def _is_cut(self, name: str, count: int) -> bool:
        return self.most is not None and name in _WHOLE and count > self.most


def listing_of(answers: Answers) -> Listing:
    """The listing of a study: whole where a spreadsheet program opens it (data/listing.toml)."""
    most = {name: int(about["value"]) for name, about in data_toml("listing.toml").items()}
    conflicts = answers.conflicts.table
    open_rows = int((conflicts["verdict"] != Verdict.CLEAR).sum())
    cells = open_rows * len(conflicts.columns) + len(answers.parcels) * (len(answers.lines) + 1)
    tables = [answers.stock.table, answers.layout.table, answers.intensity.table]
    tables += [answers.zonal.table] if answers.ground.study.rasters else []
    cells += sum(t.size for t in tables)
    return Listing(most["rows"] if cells > most["cells"] else None, answers.lang)
