"""The words of an answer (结论): of a verdict, of stock, of layout."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Of one parcel against one control line (结论)."""

    CONFLICT = "conflict"
    WITHIN_ACCURACY = "within_accuracy"
    CLEAR = "clear"
    NOT_CHECKED = "not_checked"


class StockStatus(StrEnum):
    """How sure it is that a parcel is stock (认定状态)."""

    CONFIRMED = "confirmed"
    CANDIDATE = "candidate"
    UNDECIDED = "undecided"
    NOT_STOCK = "not_stock"


class LayoutVerdict(StrEnum):
    """Of a parcel or park against the plan's layout (布局契合)."""

    FITS = "fits"
    PARTLY = "partly"
    DOES_NOT_FIT = "does_not_fit"
    TEXT_DOES_NOT_DECIDE = "text_does_not_decide"
