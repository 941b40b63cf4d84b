"""Labels that do not tell one parcel or zone from another: those that are empty, and those that several have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class OddLabels:
    """How many labels are empty and how many stand more than once (编号空缺与重复), with the first of each."""

    empty: int = 0
    first_empty: int = -1  # its position
    repeated: int = 0
    first_repeated: str = ""

    def and_later(self, later: OddLabels) -> OddLabels:
        """Both together, of two runs of rows one after the other; a label that stands in both is not seen."""
        return OddLabels(
            self.empty + later.empty,
            self.first_empty if self.empty else later.first_empty,
            self.repeated + later.repeated,
            self.first_repeated if self.repeated else later.first_repeated,
        )


def odd_labels(labels: pd.Series[Any]) -> OddLabels:
    """What is odd of the labels of some rows; text of blanks alone is empty."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        labels = labels.astype(labels.cat.categories.dtype)
    blank = labels.isna().to_numpy(bool)
    if isinstance(labels.dtype, pd.StringDtype):
        blank = blank | (labels.str.strip() == "").to_numpy(bool, na_value=False)
    elif labels.dtype == object:
        blank = blank | labels.map(lambda one: isinstance(one, str) and not one.strip()).to_numpy(bool)
    again = labels[labels.duplicated().to_numpy(bool) & ~blank].drop_duplicates()
    return OddLabels(
        int(blank.sum()),
        int(blank.argmax()) if blank.any() else -1,
        len(again),
        str(again.iloc[0]) if len(again) else "",
    )
