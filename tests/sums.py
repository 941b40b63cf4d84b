"""What the outputs of a run print, read as people read them: the sheets of the ledger as frames, the cards of the map."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import openpyxl
import pandas as pd

from landkit.present.webmap.reread import printed_map


class Ledger:
    """The sheets of a ledger by id, with our column names; and what its totals say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts = json.loads((folder / "figures.json").read_text(encoding="utf-8"))["sheets"]
        self.names = {about["id"]: name for name, about in self.facts.items()}
        self._book = openpyxl.load_workbook(folder / "ledger.xlsx", data_only=True, read_only=True)

    @functools.cache  # noqa: B019  one ledger a test
    def rows(self, sheet: str) -> list[tuple[object, ...]]:
        """The cells of a sheet below its header, the total last where there is one."""
        return list(self._book[self.names[sheet]].iter_rows(min_row=2, values_only=True))

    def frame(self, sheet: str) -> pd.DataFrame:
        """Its rows."""
        about = self.facts[self.names[sheet]]
        columns = list(about["columns"].values())
        return pd.DataFrame([r[: len(columns)] for r in self.rows(sheet)[: about["rows"]]], columns=columns)

    def total(self, sheet: str) -> pd.Series:
        """What its last line says."""
        about = self.facts[self.names[sheet]]
        return pd.Series(self.rows(sheet)[about["rows"]], index=list(about["columns"].values()))

    def summary(self) -> dict[str, float]:
        """The key figures of the first sheet by name."""
        cells = self._book.worksheets[0].iter_rows(values_only=True)
        return {str(a): float(b) for a, b, *_ in cells if a and isinstance(b, int | float)}


def areas_on_cards(folder: Path, label: str) -> dict[str, float]:
    """Mu by parcel on the cards of the map: `label` is what the card calls the area."""
    table = next(t for t in printed_map(folder / "map.html") if label in t.columns)
    said = [float(re.match(r"[\d,.]+", cell)[0].replace(",", "")) for cell in table.columns[label]]
    return dict(zip(table.rows, said, strict=True))
